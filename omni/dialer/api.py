"""The API of campaigns, their lists and the do-not-call list. Types stand in `wire.py`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from omni.core.endpoint import Call, Download, Endpoint
from omni.core.ids import CampaignId, ContactId
from omni.core.seal import Signer
from omni.core.terms import MANAGERS, STAFF
from omni.dialer import conversions as to
from omni.dialer import wire
from omni.dialer.agent_api import endpoints as agent_rows
from omni.dialer.by_hand import ByHand
from omni.dialer.callback_api import endpoints as callback_rows
from omni.dialer.callbacks import Callbacks
from omni.dialer.compliance import compliance_file
from omni.dialer.do_not_call import DoNotCallList
from omni.dialer.do_not_call_api import endpoints as do_not_call_rows
from omni.dialer.engine.life import Order
from omni.dialer.engine.profiles import all_newest
from omni.dialer.holidays import Holidays
from omni.dialer.imports import Imports
from omni.dialer.list_api import endpoints as list_rows
from omni.dialer.list_plan_api import endpoints as list_plan_rows
from omni.dialer.list_plans import ListPlans
from omni.dialer.mappings import Mappings
from omni.dialer.ports import People
from omni.dialer.service import NEVER_AGAIN, Campaigns
from omni.dialer.trials import Trials

PAGE_ROWS = 50
PATIENCE_S = 1.5  # how long somebody waits for a long list's counts: then they see what there is
CSV = "text/csv; charset=utf-8"
ORDERS = (
    (Order.START, "Start a campaign"),
    (Order.PAUSE, "Pause a campaign"),
    (Order.DRAIN, "Stop a campaign when nothing is in the air any more"),
    (Order.STOP, "Stop a campaign and withdraw what rings"),
)


@dataclass(frozen=True, slots=True)
class DialerServices:
    """What the rows call."""

    campaigns: Campaigns
    imports: Imports
    list_plans: ListPlans
    mappings: Mappings
    do_not_call: DoNotCallList
    holidays: Holidays
    callbacks: Callbacks
    trials: Trials
    by_hand: ByHand
    people: People
    signer: Signer


def endpoints(services: DialerServices) -> list[Endpoint]:
    """Return the rows of the dialer."""
    campaigns = services.campaigns
    return [
        *_campaign_rows(campaigns),
        *_rule_rows(campaigns, services.signer),
        *_trial_rows(services.trials),
        *_contact_rows(campaigns),
        *list_rows(services.imports, services.mappings),
        *list_plan_rows(services.list_plans),
        *do_not_call_rows(services.do_not_call, services.people),
        *_holiday_rows(services.holidays),
        *callback_rows(services.callbacks, services.people),
        *agent_rows(services.callbacks, services.by_hand),
    ]


def _id(call: Call) -> CampaignId:
    return CampaignId(call.path["campaign_id"])


def _campaign_rows(campaigns: Campaigns) -> list[Endpoint]:
    async def one(campaign_id: CampaignId) -> wire.CampaignOut:
        campaign = await campaigns.get(campaign_id)
        return to.campaign_out(campaign, await campaigns.counts(campaign_id))

    async def listing(_: Call) -> list[wire.CampaignOut]:
        return [await one(campaign.campaign_id) for campaign in await campaigns.all()]

    async def get(call: Call) -> wire.CampaignOut:
        return await one(_id(call))

    async def create(call: Call) -> wire.CampaignOut:
        campaign = await campaigns.create(**to.campaign_fields(call.body))
        return await one(campaign.campaign_id)

    async def change(call: Call) -> wire.CampaignOut:
        await campaigns.change(_id(call), **to.campaign_fields(call.body))
        return await one(_id(call))

    def order(command: Order) -> Callable[[Call], Awaitable[wire.CampaignOut]]:
        async def obey(call: Call) -> wire.CampaignOut:
            await campaigns.order(_id(call), command)
            return await one(_id(call))

        return obey

    at, of_one = "/api/campaigns", "/api/campaigns/{campaign_id}"
    return [
        Endpoint("GET", at, "List campaigns", listing, STAFF, result=list[wire.CampaignOut]),
        Endpoint(
            "POST",
            at,
            "Make a campaign",
            create,
            MANAGERS,
            body=wire.CampaignNew,
            result=wire.CampaignOut,
        ),
        Endpoint("GET", of_one, "Get a campaign", get, STAFF, result=wire.CampaignOut),
        Endpoint(
            "PATCH",
            of_one,
            "Change a campaign",
            change,
            MANAGERS,
            body=wire.CampaignChanges,
            result=wire.CampaignOut,
        ),
        *(
            Endpoint(
                "POST",
                f"{of_one}/{command}",
                summary,
                order(command),
                MANAGERS,
                result=wire.CampaignOut,
            )
            for command, summary in ORDERS
        ),
    ]


def _rule_rows(campaigns: Campaigns, signer: Signer) -> list[Endpoint]:
    async def profiles(_: Call) -> list[wire.RuleProfileOut]:
        return [to.profile_out(profile) for profile in all_newest()]

    async def compliance(call: Call) -> Download:
        campaign = await campaigns.get(_id(call))
        chunks = compliance_file(
            campaign, campaigns.attempts(campaign.campaign_id), signer, campaigns.now()
        )
        return Download(f"compliance-{campaign.campaign_id}.csv", CSV, chunks)

    async def adopt(call: Call) -> wire.CampaignOut:
        campaign = await campaigns.adopt_rules(_id(call))
        return to.campaign_out(campaign, await campaigns.counts(campaign.campaign_id))

    of_one = "/api/campaigns/{campaign_id}"
    return [
        Endpoint(
            "POST",
            f"{of_one}/rules",
            "Go on under the newest version of the campaign's rules",
            adopt,
            MANAGERS,
            result=wire.CampaignOut,
        ),
        Endpoint(
            "GET",
            f"{of_one}/compliance",
            "Download the record of every attempt and the rules it was made under",
            compliance,
            MANAGERS,
            result=Download,
        ),
        Endpoint(
            "GET",
            "/api/rule-profiles",
            "List the rule profiles",
            profiles,
            STAFF,
            result=list[wire.RuleProfileOut],
        ),
    ]


def _trial_rows(trials: Trials) -> list[Endpoint]:
    async def try_out(call: Call) -> wire.TrialOut:
        return to.trial_out(await trials.try_out(_id(call), to.trial_wish(call.body)))

    async def gain(call: Call) -> wire.GainOut:
        found = await trials.gain(_id(call))
        return wire.GainOut(
            at=found.at, agents=found.agents, predictive_gain_pct=found.predictive_gain_pct
        )

    of_one = "/api/campaigns/{campaign_id}"
    return [
        Endpoint(
            "POST",
            f"{of_one}/try",
            "Simulate a campaign's next shift, or replay a day",
            try_out,
            MANAGERS,
            body=wire.TrialNew,
            result=wire.TrialOut,
        ),
        Endpoint(
            "GET",
            f"{of_one}/gain",
            "Say what predicting gains at this moment",
            gain,
            STAFF,
            result=wire.GainOut,
        ),
    ]


def _contact_rows(campaigns: Campaigns) -> list[Endpoint]:
    async def contacts(call: Call) -> wire.ContactPage:
        query: wire.ContactQuery = call.query
        total, rows = await campaigns.contacts(
            _id(call), q=query.q, state=query.state, page=query.page, page_rows=PAGE_ROWS
        )
        return wire.ContactPage(
            page=query.page,
            page_size=PAGE_ROWS,
            total=total,
            rows=[to.contact_out(row) for row in rows],
        )

    async def blocked(call: Call) -> wire.BlockedOut:
        return to.blocked_out(await campaigns.blocked_lately(_id(call), PATIENCE_S))

    async def consent(call: Call) -> wire.ContactOut:
        body: wire.ConsentBody = call.body
        contact_id = ContactId(call.path["contact_id"])
        return to.contact_out(await campaigns.record_consent(contact_id, body.at, body.source))

    async def finish_reasons(call: Call) -> list[wire.FinishReason]:
        counts = await campaigns.finish_reasons(_id(call))
        return [
            wire.FinishReason(reason=reason, count=count, again=reason not in NEVER_AGAIN)
            for reason, count in counts.items()
        ]

    async def recycle(call: Call) -> wire.Recycled:
        return wire.Recycled(recycled=await campaigns.recycle(_id(call), call.body.reasons))

    async def contact_blocked(call: Call) -> wire.ContactBlockedOut:
        contact_id = ContactId(call.path["contact_id"])
        return to.contact_blocked_out(await campaigns.contact_blocked(contact_id))

    of_one = "/api/campaigns/{campaign_id}"
    return [
        Endpoint(
            "GET",
            f"{of_one}/contacts",
            "List a campaign's contacts",
            contacts,
            STAFF,
            query=wire.ContactQuery,
            result=wire.ContactPage,
        ),
        Endpoint(
            "GET",
            f"{of_one}/blocked",
            "Say why contacts are not dialled",
            blocked,
            STAFF,
            result=wire.BlockedOut,
        ),
        Endpoint(
            "GET",
            f"{of_one}/finished",
            "Count finished contacts by the reason",
            finish_reasons,
            STAFF,
            result=list[wire.FinishReason],
        ),
        Endpoint(
            "POST",
            f"{of_one}/recycle",
            "Let finished contacts be dialled again",
            recycle,
            MANAGERS,
            body=wire.RecycleBody,
            result=wire.Recycled,
        ),
        Endpoint(
            "GET",
            "/api/contacts/{contact_id}/blocked",
            "Say why a contact is not dialled",
            contact_blocked,
            STAFF,
            result=wire.ContactBlockedOut,
        ),
        Endpoint(
            "PUT",
            "/api/contacts/{contact_id}/consent",
            "Note a contact's consent to be called, or its withdrawal",
            consent,
            MANAGERS,
            body=wire.ConsentBody,
            result=wire.ContactOut,
        ),
    ]


def _holiday_rows(holidays: Holidays) -> list[Endpoint]:
    async def listing(_: Call) -> list[wire.HolidayOut]:
        return [to.holiday_out(holiday) for holiday in await holidays.all()]

    async def add(call: Call) -> None:
        body: wire.HolidayNew = call.body
        await holidays.add(body.region, body.day, body.name)

    async def remove(call: Call) -> None:
        await holidays.remove(call.path["holiday_id"])

    at = "/api/holidays"
    return [
        Endpoint("GET", at, "List the holidays", listing, STAFF, result=list[wire.HolidayOut]),
        Endpoint("POST", at, "Keep a day as a holiday", add, MANAGERS, body=wire.HolidayNew),
        Endpoint("DELETE", f"{at}/{{holiday_id}}", "Keep a holiday no more", remove, MANAGERS),
    ]
