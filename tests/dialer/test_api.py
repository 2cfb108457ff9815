"""The API as the browser uses it, through its own types."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from omni.app.keys import KeyRing, new_key
from omni.core.endpoint import Actor, Call, Download, Endpoint
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.ids import AttemptId, CampaignId, ContactId, UserId
from omni.core.terms import AttemptOutcome, Role
from omni.dialer.api import DialerServices, endpoints
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.do_not_call import DoNotCallList
from omni.dialer.do_not_call_store import DoNotCallTable
from omni.dialer.engine.gates import Room
from omni.dialer.engine.pacing import Habits
from omni.dialer.model import Attempt
from omni.dialer.wire import CampaignNew
from tests.dialer.calling import Lists, contact, upload

KEYS = KeyRing([new_key()])
MANAGER = Actor(UserId("manager1"), "Mia", frozenset({Role.MANAGER}))


class OneManager:
    """`omni.dialer.ports.People` with one person."""

    async def names(self, user_ids: Collection[str]) -> Mapping[str, str]:
        return {MANAGER.user_id: MANAGER.name} if MANAGER.user_id in user_ids else {}


class Client:
    """Calls endpoints as the web layer does: JSON in, JSON out."""

    def __init__(self, folder: Path) -> None:
        self.lists = Lists(folder)
        dnc = DoNotCallList(
            DoNotCallTable(),
            self.lists.uploads,
            self.lists.journal,
            self.lists.clock,
            self.lists.identities,
        )
        self.rows = {
            (row.method, row.path): row
            for row in endpoints(
                DialerServices(
                    self.lists.campaigns,
                    self.lists.imports,
                    self.lists.list_plans,
                    self.lists.mappings,
                    dnc,
                    self.lists.holidays,
                    self.lists.callbacks,
                    self.lists.trials,
                    self.lists.by_hand,
                    OneManager(),
                    KEYS,
                )
            )
        }

    async def __call__(
        self, method: str, path: str, body: Any = None, query: Any = None, **ids: str
    ) -> Any:
        row: Endpoint = self.rows[method, path]
        if isinstance(body, dict):
            body = TypeAdapter(row.body).validate_json(json.dumps(body))
        asked = row.query.model_validate(query or {}) if row.query else None
        result = await row.handler(Call(MANAGER, ids, asked, body))
        if row.result is None or row.result is Download:
            return result
        return json.loads(TypeAdapter(row.result).dump_json(result))


ONE = "/api/campaigns/{campaign_id}"


async def test_a_campaign_is_made_changed_and_run(database: str, tmp_path: Path) -> None:
    api = Client(tmp_path)
    made = await api(
        "POST",
        "/api/campaigns",
        {
            "name": "Spring",
            "queue_id": "queue1",
            "profile": "US-TSR",
            "hours": [{"weekdays": [1, 2], "start": "09:00", "end": "24:00"}],
            "needs": [{"name": "german", "level": 3}],
        },
    )
    assert made["needs"] == [{"name": "german", "level": 3, "preferred": False}]
    assert (made["state"], made["mode"], made["contacts"]) == ("draft", "predictive", 0)
    assert made["hours"] == [{"weekdays": [1, 2], "start": "09:00", "end": "24:00"}]
    of_it = {"campaign_id": made["campaign_id"]}
    changed = await api("PATCH", ONE, {"mode": "progressive", "drop_limit_pct": 1.5}, **of_it)
    assert (changed["mode"], changed["drop_limit_pct"]) == ("progressive", 1.5)
    assert changed["hours"] == made["hours"]
    started = await api("POST", f"{ONE}/start", **of_it)
    assert started["state"] == "running"
    with pytest.raises(Conflict):
        await api("POST", f"{ONE}/start", **of_it)
    assert (await api("POST", f"{ONE}/pause", **of_it))["state"] == "paused"
    assert (await api("POST", f"{ONE}/stop", **of_it))["state"] == "stopped"
    assert [row["name"] for row in await api("GET", "/api/campaigns")] == ["Spring"]


async def test_mistakes_are_told(database: str, tmp_path: Path) -> None:
    api = Client(tmp_path)
    with pytest.raises(Invalid):
        await api("POST", "/api/campaigns", {"name": "A", "queue_id": "q", "profile": "MARS"})
    with pytest.raises(ValidationError):
        await api("POST", "/api/campaigns", {"name": "A", "queue_id": "q", "speed": 9})
    with pytest.raises(NotFound):
        await api("GET", ONE, campaign_id="none")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hours": [{"weekdays": [1], "start": "20:00", "end": "09:00"}]}, "hours_backwards"),
        ({"caller_id": "hello"}, "string_pattern_mismatch"),
    ],
)
def test_what_would_never_dial_or_show_nobody_is_refused(
    change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        CampaignNew.model_validate({"name": "A", "queue_id": "q", **change})
    assert [fault["type"] for fault in refused.value.errors()] == [reason]


async def test_a_list_goes_from_preview_to_contacts(database: str, tmp_path: Path) -> None:
    api = Client(tmp_path)
    made = await api("POST", "/api/campaigns", {"name": "A", "queue_id": "q"})
    of_it = {"campaign_id": made["campaign_id"]}
    preview = await api(
        "POST", f"{ONE}/lists/preview", upload("Name,Phone\nAda,2125550101\n,1\n"), **of_it
    )
    assert preview["suggested_mapping"] == {"number": "Phone", "name": "Name"}
    started = await api(
        "POST",
        f"{ONE}/lists",
        {"upload_id": preview["upload_id"], "mapping": preview["suggested_mapping"]},
        **of_it,
    )
    await api.lists.imports.run(started["import_id"])
    [listed] = await api("GET", f"{ONE}/imports", **of_it)
    assert (listed["imported"], listed["rejected"], listed["file_name"]) == (1, 1, "list.csv")
    page = await api("GET", f"{ONE}/contacts", query={"q": "ada"}, **of_it)
    assert (page["total"], page["rows"][0]["number"]) == (1, "+12125550101")
    blocked = await api("GET", f"{ONE}/blocked", **of_it)
    assert blocked["gates"] == [{"gate": "campaign_active", "count": 1}]
    await api("POST", f"{ONE}/start", **of_it)
    assert (await api("GET", f"{ONE}/blocked", **of_it))["dialable"] == 1
    why = await api(
        "GET", "/api/contacts/{contact_id}/blocked", contact_id=page["rows"][0]["contact_id"]
    )
    assert why["dialable"]


async def test_numbers_nobody_may_dial(database: str, tmp_path: Path) -> None:
    api = Client(tmp_path)
    at = "/api/do-not-call"
    entry = await api("POST", at, {"number": "(212) 555-0101", "reason": "asked"})
    again = await api("POST", at, {"number": "+12125550101"})
    assert again["entry_id"] == entry["entry_id"]
    assert entry["added_by"] == "manager1"
    sent = await api("POST", f"{at}/upload", upload("2125550101\n2125550102\nnot a number\n"))
    assert sent == {"added": 1, "duplicates": 1, "rejected": 1}
    with pytest.raises(Invalid):
        await api("POST", at, {"number": "twelve"})

    campaign = await api.lists.campaign()
    await api.lists.add_contacts(
        campaign.campaign_id, *(contact(n, campaign.campaign_id) for n in range(4))
    )
    await api.lists.campaigns.start(campaign.campaign_id)
    blocked = await api.lists.campaigns.blocked(campaign.campaign_id)
    assert blocked.gates == {"do_not_call": 2}
    assert blocked.dialable == 2

    page = await api("GET", at)
    assert page["total"] == 2
    off = f"{at}/{{entry_id}}/removal"
    for row in page["rows"]:
        await api("POST", off, {"reason": "a mistake"}, entry_id=row["entry_id"])
    with pytest.raises(NotFound):
        await api("POST", off, {"reason": "again"}, entry_id=entry["entry_id"])
    with pytest.raises(ValidationError):
        await api("POST", off, {"reason": ""}, entry_id=entry["entry_id"])
    assert (await api("GET", at))["total"] == 0
    gone = (await api("GET", f"{at}/removed", query={"q": "0101"}))["rows"]
    assert [(row["reason"], row["removed_reason"]) for row in gone] == [("asked", "a mistake")]
    assert gone[0]["added_by_name"] == gone[0]["removed_by_name"] == "Mia"


async def test_a_campaign_can_be_tried_before_it_dials(database: str, tmp_path: Path) -> None:
    api = Client(tmp_path)
    made = await api("POST", "/api/campaigns", {"name": "A", "queue_id": "q", "profile": "UK-2017"})
    of_it = {"campaign_id": made["campaign_id"]}
    wish = {"agents": 4, "hours": 0.5, "seeds": 2, "answer_rate_pct": 40, "contacts": 30}
    tried = await api("POST", f"{ONE}/try", wish, **of_it)
    assert tried["worst_drop_pct"] == 0  # UK-2017 allows no drops
    assert tried["penetration_pct"]["mean"] == 100
    assert 0 < tried["finish_h"]["high"] < 0.5
    assert tried == await api("POST", f"{ONE}/try", wish, **of_it)  # seeded


async def test_a_prefix_forbids_all_numbers_that_begin_so(database: str, tmp_path: Path) -> None:
    api = Client(tmp_path)
    at = "/api/do-not-call"
    entry = await api("POST", at, {"number": "+1 (212) 555-010*"})
    assert entry["number"] == "+1212555010*"
    with pytest.raises(Invalid):
        await api("POST", at, {"number": "*"})
    campaign = await api.lists.campaign()
    await api.lists.add_contacts(
        campaign.campaign_id, *(contact(n, campaign.campaign_id) for n in range(12))
    )
    await api.lists.campaigns.start(campaign.campaign_id)
    blocked = await api.lists.campaigns.blocked(campaign.campaign_id)
    assert (blocked.gates, blocked.dialable) == ({"do_not_call": 10}, 2)
    rows = (await api("GET", f"{ONE}/contacts", campaign_id=campaign.campaign_id))["rows"]
    why = [
        await api("GET", "/api/contacts/{contact_id}/blocked", contact_id=row["contact_id"])
        for row in rows
    ]
    assert [one["dialable"] for one in why] == [False] * 10 + [True] * 2


async def test_a_list_may_be_forbidden_to_one_campaign(database: str, tmp_path: Path) -> None:
    api = Client(tmp_path)
    campaigns = [await api.lists.campaign(), await api.lists.campaign()]
    for number, campaign in enumerate(campaigns):
        row = contact(0, campaign.campaign_id, contact_id=f"contact{number}")
        await api.lists.add_contacts(campaign.campaign_id, row)
        await api.lists.campaigns.start(campaign.campaign_id)
    only = {"campaign_id": campaigns[0].campaign_id}
    await api("POST", "/api/do-not-call/upload", upload("+12125550100\n"), query=only)
    blocked = [await api.lists.campaigns.blocked(one.campaign_id) for one in campaigns]
    assert [one.gates for one in blocked] == [{"do_not_call": 1}, {}]
    found = [
        (await api("GET", "/api/do-not-call", query=query))["total"]
        for query in (only, {"campaign_id": ""}, {})
    ]
    assert found == [1, 0, 1]


async def test_holidays_are_kept_by_the_campaigns_of_the_region(
    database: str, tmp_path: Path
) -> None:
    api = Client(tmp_path)
    at, today = "/api/holidays", "2026-06-10"
    await api("POST", at, {"region": "US-LA", "day": today, "name": "Local"})
    await api("POST", at, {"region": "US-LA", "day": today, "name": "Local day"})
    await api("POST", at, {"region": "US", "day": "2026-07-04", "name": "Independence Day"})
    listed = await api("GET", at)
    assert [(row["region"], row["name"]) for row in listed] == [
        ("US-LA", "Local day"),
        ("US", "Independence Day"),
    ]
    keeping = await api.lists.campaign(holiday_region="US-LA")
    other = await api.lists.campaign(holiday_region="US")
    for number, campaign in enumerate((keeping, other)):
        await api.lists.add_contacts(campaign.campaign_id, contact(number, campaign.campaign_id))
        await api.lists.campaigns.start(campaign.campaign_id)
    blocked = await api.lists.campaigns.blocked(keeping.campaign_id)
    assert blocked.gates == {"holiday": 1}
    assert (await api.lists.campaigns.blocked(other.campaign_id)).dialable == 1
    await api("DELETE", f"{at}/{{holiday_id}}", holiday_id=listed[0]["holiday_id"])
    with pytest.raises(NotFound):
        await api("DELETE", f"{at}/{{holiday_id}}", holiday_id=listed[0]["holiday_id"])
    assert (await api.lists.campaigns.blocked(keeping.campaign_id)).dialable == 1


async def test_consent_comes_with_the_list_or_by_hand(database: str, tmp_path: Path) -> None:
    api = Client(tmp_path)
    made = await api(
        "POST", "/api/campaigns", {"name": "A", "queue_id": "q", "consent_required": True}
    )
    of_it = {"campaign_id": made["campaign_id"]}
    file = (
        "Phone,Consent date,Consent source\n"
        "2125550101,2026-05-01,web form\n2125550102,,\n2125550103,yesterday,phone\n"
    )
    preview = await api("POST", f"{ONE}/lists/preview", upload(file), **of_it)
    mapping = preview["suggested_mapping"]
    assert mapping == {
        "number": "Phone",
        "consent_at": "Consent date",
        "consent_source": "Consent source",
    }
    body = {"upload_id": preview["upload_id"], "mapping": mapping}
    started = await api("POST", f"{ONE}/lists", body, **of_it)
    await api.lists.imports.run(started["import_id"])
    [listed] = await api("GET", f"{ONE}/imports", **of_it)
    assert (listed["imported"], listed["rejected"]) == (2, 1)
    await api("POST", f"{ONE}/start", **of_it)
    blocked = await api("GET", f"{ONE}/blocked", **of_it)
    assert (blocked["dialable"], blocked["gates"]) == (1, [{"gate": "consent", "count": 1}])
    rows = (await api("GET", f"{ONE}/contacts", **of_it))["rows"]
    assert rows[0]["consent_at"] == "2026-05-01T00:00:00Z"
    assert rows[0]["consent_source"] == "web form"
    to = {"contact_id": rows[1]["contact_id"]}
    path = "/api/contacts/{contact_id}/consent"
    given = await api("PUT", path, {"at": "2026-06-01T12:00:00Z", "source": "letter"}, **to)
    assert given["consent_source"] == "letter"
    assert (await api("GET", f"{ONE}/blocked", **of_it))["dialable"] == 2
    await api("PUT", path, {"at": None, "source": "withdrawn"}, **to)
    assert (await api("GET", f"{ONE}/blocked", **of_it))["dialable"] == 1
    with pytest.raises(NotFound):
        await api("PUT", path, {"at": None}, contact_id="nobody")


async def test_a_trial_takes_the_campaigns_past_and_says_what_it_took(
    database: str, tmp_path: Path
) -> None:
    api = Client(tmp_path)
    made = await api("POST", "/api/campaigns", {"name": "A", "queue_id": "q"})
    of_it = {"campaign_id": made["campaign_id"]}
    wish = {"agents": 2, "hours": 0.2, "seeds": 1}
    assumed = (await api("POST", f"{ONE}/try", wish, **of_it))["assumed"]
    assert (assumed["answer_rate_pct"], assumed["talk_mean_s"]) == (30, 120)
    api.lists.trials.habits = lambda _: Habits(0.5, 60.0, 10.0)
    assumed = (await api("POST", f"{ONE}/try", wish, **of_it))["assumed"]
    assert (assumed["answer_rate_pct"], assumed["talk_mean_s"]) == (50, 60)
    with pytest.raises(Invalid):
        await api("POST", f"{ONE}/try", {**wish, "replay_from": "2026-06-10T00:00:00Z"}, **of_it)
    await past_hours(made["campaign_id"])
    replayed = await api(
        "POST", f"{ONE}/try", {**wish, "replay_from": "2026-06-10T00:00:00Z"}, **of_it
    )
    assert (replayed["assumed"]["hours"], replayed["assumed"]["answer_rate_pct"]) == (2, 45)
    assert replayed["penetration_pct"] is None


async def past_hours(campaign_id: str) -> None:
    """Have 10 attempts from 9 and from 10 o'clock, of which 4 and 5 were answered."""
    store = AttemptTable()
    for hour, answered in ((9, 4), (10, 5)):
        at = datetime(2026, 6, 10, hour, 30, tzinfo=UTC)
        for number in range(10):
            attempt_id = AttemptId(f"attempt{hour}{number}")
            contact_id = ContactId("contact")
            await store.add(
                [Attempt(attempt_id, CampaignId(campaign_id), contact_id, "+12125550101", at)]
            )
            if number < answered:
                await store.answered(attempt_id, at, 5.0)
            await store.end(attempt_id, at, AttemptOutcome.BUSY, None, 5.0)


async def test_what_predicting_gains_is_shown_while_it_predicts(
    database: str, tmp_path: Path
) -> None:
    api = Client(tmp_path)
    made = await api("POST", "/api/campaigns", {"name": "A", "queue_id": "q"})
    of_it = {"campaign_id": made["campaign_id"]}
    assert (await api("GET", f"{ONE}/gain", **of_it))["predictive_gain_pct"] is None
    await api("POST", f"{ONE}/start", **of_it)
    api.lists.campaigns.room = lambda _: Room(10, 10, 12)
    found = await api("GET", f"{ONE}/gain", **of_it)
    assert found["agents"] == 12
    assert found["predictive_gain_pct"] > 5
    assert found == await api("GET", f"{ONE}/gain", **of_it)


async def test_promised_calls_are_listed_by_campaign_agent_and_time(
    database: str, tmp_path: Path
) -> None:
    api = Client(tmp_path)
    now = api.lists.clock.now()
    campaigns = [await api.lists.campaign(), await api.lists.campaign()]
    promises = (("manager1", 1), ("", 2), ("agent7", 3), ("manager1", 4))
    for place, (agent_id, hours) in enumerate(promises):
        row = contact(place, campaigns[place % 2].campaign_id, contact_id=f"contact{place}")
        await api.lists.add_contacts(row.campaign_id, row)
        at = (now + timedelta(hours=hours)).isoformat()
        body = {"at": at, "agent_id": agent_id or None, "note": f"about {place}"}
        await api("PUT", "/api/contacts/{contact_id}/callback", body, contact_id=row.contact_id)

    async def found(**query: object) -> list[str]:
        page = await api("GET", "/api/callbacks", query=query)
        assert page["total"] == len(page["rows"])
        return [row["contact_id"] for row in page["rows"]]

    assert await found() == ["contact0", "contact1", "contact2", "contact3"]  # the earliest first
    assert await found(campaign_id=campaigns[1].campaign_id) == ["contact1", "contact3"]
    assert await found(agent_id="manager1") == ["contact0", "contact3"]
    assert await found(agent_id="") == ["contact1"]
    assert await found(overdue=True) == []
    api.lists.clock.pass_s(2.5 * 3600)
    assert await found(overdue=True) == ["contact0", "contact1"]
    rows = (await api("GET", "/api/callbacks"))["rows"]
    assert [row["overdue"] for row in rows] == [True, True, False, False]
    assert (rows[0]["agent_name"], rows[1]["agent_id"], rows[2]["note"]) == ("Mia", None, "about 2")
    await api("DELETE", "/api/contacts/{contact_id}/callback", contact_id="contact0")
    assert await found(agent_id="manager1") == ["contact3"]
