"""Campaigns of the whole product on real Asterisks: made from a list, watched, their books checked.

`books` holds the facts that the database and the journal keep against the rules of the campaign; it
asks nobody who was there.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from random import Random

from omni.app.composition import Omni
from omni.app.demo import census
from omni.app.demo.robots import Pace, Robot
from omni.app.demo.seed import OUTBOUND
from omni.app.demo.stage import Stage
from omni.app.demo.world import PASSWORD, numbers
from omni.core.endpoint import Upload
from omni.core.events.base import Event
from omni.core.events.outbound import AttemptEnded, AttemptStarted
from omni.core.events.voice import CallEnded, CallFailed, CallStarted
from omni.core.ids import CampaignId, ContactId
from omni.core.terms import AttemptOutcome
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.compliance import compliance_file, verify
from omni.dialer.list_model import ColumnMapping, ImportState
from omni.dialer.model import Attempt, Campaign
from tests.channels.voice.tones import tone, upload
from tests.e2e.test_restarts import until

QUICK = Pace(talk_s=(1.0, 3.0), wrap_up_s=(0.2, 0.5))
MAPPING = ColumnMapping("Phone", name="Name", consent_at="Agreed", consent_source="Where")


@dataclass(frozen=True, slots=True)
class Books:
    """What became of a campaign's attempts."""

    attempts: list[Attempt]
    outcomes: Counter[AttemptOutcome]


@asynccontextmanager
async def at_work(on_stage: Stage, pace: Pace = QUICK) -> AsyncIterator[list[Robot]]:
    """Have the stage's robots at their desks."""
    async with asyncio.TaskGroup() as tasks:
        robots = [
            Robot(on_stage.address, person.email, PASSWORD, Random(person.email), pace)
            for person in on_stage.robots
        ]
        staff = [tasks.create_task(robot.run()) for robot in robots]
        yield robots
        for task in staff:
            task.cancel()


async def make(omni: Omni, name: str, phones: Sequence[str], **fields: object) -> CampaignId:
    """Make a campaign whose list, as a file, has these numbers."""
    campaign = await omni.campaigns.create(name=name, queue_id=OUTBOUND, **fields)
    rows = ["Name,Phone,Agreed,Where"]
    rows += [f"Person {n},{phone},2026-01-01,letter" for n, phone in enumerate(phones)]

    async def chunks() -> AsyncIterator[bytes]:
        yield "\r\n".join(rows).encode()

    preview = await omni.imports.preview(
        campaign.campaign_id, Upload("list.csv", "text/csv", chunks())
    )
    item = await omni.imports.begin(campaign.campaign_id, preview.upload_id, MAPPING, "US")
    async with asyncio.timeout(30):
        while item.state is ImportState.RUNNING:
            await asyncio.sleep(0.1)
            [item] = await omni.imports.of_campaign(campaign.campaign_id)
    assert (item.imported, item.rejected) == (len(phones), 0)
    return campaign.campaign_id


async def announcement(omni: Omni, seconds: float) -> str:
    """Record a message of this length (a tone); return its id."""
    made = await omni.announcements.add(f"A tone of {seconds} s")
    await omni.announcements.set_sound(made.announcement_id, "en", upload(tone(seconds)))
    return made.announcement_id


def some_numbers(count: int, seed: int = 1) -> list[str]:
    """Return so many different numbers."""
    return numbers(count, Random(seed))


async def attempts_of(campaign_id: CampaignId) -> list[Attempt]:
    """Return a campaign's attempts, oldest first."""
    return [one async for one in AttemptTable().of_campaign(campaign_id)]


async def all_over(on_stage: Stage, campaign_ids: Iterable[CampaignId]) -> None:
    """Pause the campaigns and wait until nothing is open any more."""
    omni = on_stage.omni
    for campaign_id in campaign_ids:
        await omni.campaigns.pause(campaign_id)
    await until(
        lambda: omni.acd.oldest_open() is None and not omni.voice.live_calls(), 90, "work is stuck"
    )
    async with asyncio.timeout(30):
        while await AttemptTable().open():
            await asyncio.sleep(0.2)
    await asyncio.sleep(2.0)  # the last consumers


async def books(omni: Omni, campaign_id: CampaignId) -> Books:
    """Check what a campaign has done; return it."""
    campaign = await omni.campaigns.get(campaign_id)
    attempts = await attempts_of(campaign_id)
    assert not [one for one in attempts if one.outcome is None or one.ended_at is None]
    started, ended = await _told(omni, campaign_id)
    ids = {str(one.attempt_id) for one in attempts}
    assert started == Counter(ids), "each attempt began once"
    assert ended == Counter(ids), "each attempt has one outcome"
    await _one_call_each(omni, ids)
    by_contact: dict[ContactId, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_contact[attempt.contact_id].append(attempt)
    for history in by_contact.values():
        _check_rules(campaign, history)
    keys, now = omni.foundation.seal, omni.foundation.clock.now()
    file = compliance_file(campaign, _each(attempts), keys, now)
    text = b"".join([chunk async for chunk in file])
    assert verify(campaign_id, text.decode(), keys) is None
    figures = await census.count(omni, campaign.created_at, 0)
    assert figures["invariants_ok"] is True, figures
    assert figures["contacts_without_ticket"] == 0, figures
    outcomes = Counter(one.outcome for one in attempts if one.outcome is not None)
    answered = sum(one.answered_at is not None for one in attempts)
    assert 100 * outcomes[AttemptOutcome.DROPPED] <= campaign.drop_limit_pct * answered, outcomes
    return Books(attempts, outcomes)


async def _each(attempts: Iterable[Attempt]) -> AsyncIterator[Attempt]:
    for attempt in attempts:
        yield attempt


async def _told(omni: Omni, campaign_id: CampaignId) -> tuple[Counter[str], Counter[str]]:
    """Count the beginnings and the ends in the journal, attempt by attempt."""
    started: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    types = [AttemptStarted.TYPE, AttemptEnded.TYPE]
    async for recorded in omni.foundation.journal.read(0, types=types):
        event = recorded.event
        if isinstance(event, AttemptStarted) and event.campaign_id == campaign_id:
            started[event.attempt_id] += 1
        if isinstance(event, AttemptEnded) and event.campaign_id == campaign_id:
            ended[event.attempt_id] += 1
    return started, ended


async def _one_call_each(omni: Omni, attempts: set[str]) -> None:
    """Every dialled attempt is one call, and every call has one end."""
    begun: Counter[str] = Counter()
    over: Counter[str] = Counter()
    types: list[type[Event]] = [CallStarted, CallFailed, CallEnded]
    async for recorded in omni.foundation.journal.read(0, types=[one.TYPE for one in types]):
        event = recorded.event
        if isinstance(event, CallStarted) and event.attempt_id in attempts:
            begun[event.call_id] += 1
        if isinstance(event, CallFailed | CallEnded) and event.attempt_id in attempts:
            over[event.call_id] += 1
    assert begun == over
    assert set(begun.values()) <= {1}


def _check_rules(campaign: Campaign, history: Sequence[Attempt]) -> None:
    """One person is dialled after the pause of the rule, as often as allowed, never twice at once.

    Nobody is dialled again after a conversation: the robots promise no call of this hour.
    """
    assert len(history) <= campaign.max_attempts
    rules = {rule.outcome: rule for rule in campaign.retries}
    for before, after in pairwise(history):
        assert before.ended_at is not None
        assert before.outcome in rules, f"{before.outcome} is not tried again"
        pause = timedelta(seconds=rules[before.outcome].delay_s)
        assert after.started_at >= before.ended_at + pause, (before, after)
    times = Counter(one.outcome for one in history[:-1])
    for outcome, count in times.items():
        assert outcome is not None
        assert count < rules[outcome].attempts
