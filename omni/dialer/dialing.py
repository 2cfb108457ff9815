"""Campaigns at work: contacts out of the hopper onto lines, answers to the ACD, outcomes kept.

Rules:
1. An attempt is in the database before its number is dialled, and gets exactly one outcome: the
   first `AttemptStore.end` wins, whoever else comes later is ignored.
2. An attempt, its call and its interaction have the same id.
3. A person who answers goes to the ACD at once. The ACD alone decides about agents, also about the
   race between the last agent and the drop: `drop` returns whether we were in time.
4. The ACD holds agents for the lines that ring, and for new ones before they are dialled
   (`omni.acd.engine.pledges`). Lines whose worst case is no longer paid all the same (a phone
   went down, a supervisor signed somebody out) are withdrawn. An agent's own call
   (`own_calls`) has its agent and needs no other; without them it is withdrawn.
5. All that is remembered here can be lost: `recover` brings every open attempt to its outcome.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from omni.core.clock import Clock, Identities
from omni.core.errors import Conflict
from omni.core.events.base import Event, Recorded
from omni.core.events.outbound import DoNotCallChanged
from omni.core.events.routing import (
    AgentStateChanged,
    InteractionAccepted,
    InteractionEnded,
    InteractionWrappedUp,
    OwnCallChanged,
)
from omni.core.events.voice import (
    AgentPhoneChanged,
    AnswerClassified,
    CallAnswered,
    CallDigit,
    CallEnded,
    CallFailed,
)
from omni.core.ids import AttemptId, CampaignId
from omni.core.journal import Journal
from omni.core.terms import AttemptOutcome
from omni.dialer.announcing import calls_due
from omni.dialer.attempts import Attempts
from omni.dialer.by_hand import ByHand
from omni.dialer.calls import CallParts, Calls
from omni.dialer.detection import Detection
from omni.dialer.engine.budget import DropBudget, HourCount
from omni.dialer.engine.detection import lost_share
from omni.dialer.engine.forecast import Crew
from omni.dialer.engine.gates import Room
from omni.dialer.engine.life import Order
from omni.dialer.engine.pacing import Habits, LineDialled, MessageDialled, Pacer
from omni.dialer.engine.profiles import (
    RuleProfile,
    effective_drop_limit_pct,
    effective_ring_s,
    profile_of,
)
from omni.dialer.handover import Handover
from omni.dialer.hopper import Hopper
from omni.dialer.lines import (
    Line,
    Run,
    attempt_at,
    budget_rules,
    closes_s,
    line_life_s,
    plan_of,
    share_of,
    started,
    traits_now,
    treatments,
)
from omni.dialer.list_ports import ListStore
from omni.dialer.model import Attempt, Campaign, CampaignState, Contact, Mode
from omni.dialer.own_calls import OwnCalls
from omni.dialer.ports import (
    AttemptStore,
    ContactStore,
    DialRequest,
    DoNotCallStore,
    Queueing,
    Telephone,
)
from omni.dialer.promised import Promised
from omni.dialer.service import Campaigns
from omni.dialer.staffing import Desk
from omni.dialer.standing import Standing
from omni.dialer.telling import Telling
from omni.dialer.withdrawals import Withdrawals

log = logging.getLogger(__name__)

EVENTS: tuple[type[Event], ...] = (
    AgentStateChanged,
    OwnCallChanged,
    AgentPhoneChanged,
    AnswerClassified,
    CallAnswered,
    CallFailed,
    CallEnded,
    CallDigit,
    InteractionAccepted,
    InteractionEnded,
    InteractionWrappedUp,
    DoNotCallChanged,
)
TICK_S = 1.0
QUIET_S = 0.05  # between two decisions: a burst of events is decided on once
HISTORY = timedelta(days=32)
AT_WORK = (CampaignState.RUNNING, CampaignState.DRAINING)


@dataclass(frozen=True, slots=True)
class DialingParts:
    """What `Dialing` works with."""

    campaigns: Campaigns
    contacts: ContactStore
    attempt_store: AttemptStore
    attempts: Attempts
    by_hand: ByHand
    telephone: Telephone
    acd: Queueing
    journal: Journal
    clock: Clock
    identities: Identities
    zone: ZoneInfo
    do_not_call: DoNotCallStore
    lists: ListStore


class Dialing:
    """The dialling of all campaigns of a site. `start` it, then keep `run` running."""

    def __init__(self, parts: DialingParts) -> None:
        self._parts = parts
        self._runs: dict[CampaignId, Run] = {}
        self._desk = Desk(parts.acd)
        self._own_calls = OwnCalls(parts.acd, parts.clock)
        self._promised = Promised(parts.by_hand, self._own_calls)
        self._calls = Calls(
            CallParts(
                self._runs,
                parts.attempt_store,
                parts.attempts,
                parts.telephone,
                Handover(parts.acd, parts.clock),
                self._own_calls,
                parts.clock,
            )
        )
        detection = Detection(parts.campaigns, parts.attempt_store)
        self._telling = Telling(
            self._runs, self._calls.announced, detection, parts.journal, parts.clock
        )
        self._withdrawals = Withdrawals(
            self._calls, parts.by_hand, self._own_calls, parts.do_not_call
        )
        self._forbidden = False  # numbers were put on the do-not-call list
        self._doubtful = False  # attempts may have been saved although that failed
        self._wake = asyncio.Event()
        parts.campaigns.changed = self._campaign_changed
        parts.campaigns.room = self._room_of
        parts.campaigns.free_agents = self._free_agents

    # ---- life

    async def start(self) -> None:
        """End what an earlier process left open, then take up the running campaigns."""
        await self._parts.attempts.recover()
        for campaign in await self._parts.campaigns.all():
            await self._parts.by_hand.recover(campaign)
            await self._campaign_changed(campaign)

    async def run(self) -> None:
        """Dial until cancelled: on every event, and at least once a second."""
        async with asyncio.TaskGroup() as tasks:
            self._calls.tasks = tasks
            tasks.create_task(self._tick(), name="dialer tick")
            tasks.create_task(self._telling.standings(), name="dialer standings")
            tasks.create_task(self._telling.paces(), name="dialer paces")
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._decide()
                await self._parts.clock.sleep(QUIET_S)

    async def _tick(self) -> None:
        while True:
            await self._parts.clock.sleep(TICK_S)
            self._wake.set()

    async def _decide(self) -> None:
        if self._doubtful:
            try:
                await self._parts.attempts.recover(
                    self._calls.lines.keys() | self._calls.ending.keys()
                )
            except Exception:
                log.exception("attempts in doubt cannot be looked at yet")
                return
            self._doubtful = False
        if self._forbidden:
            self._forbidden = False
            for run in list(self._runs.values()):
                await self._withdrawals.forbidden(run)
        for run in list(self._runs.values()):
            try:
                await self.step(run.campaign.campaign_id)
            except Exception:  # one campaign's trouble must not stop the others
                log.exception("dialling failed", extra={"campaign": run.campaign.campaign_id})

    # ---- campaigns

    async def _campaign_changed(self, campaign: Campaign) -> None:
        run = self._runs.get(campaign.campaign_id)
        if run is None:
            if campaign.state not in AT_WORK:
                return
            await self._begin_run(campaign)
        elif run.campaign != campaign:
            await self._change_run(run, campaign)
        if campaign.state is CampaignState.STOPPED:
            await self._calls.withdraw(self._calls.ringing(campaign.campaign_id))
        self._wake.set()

    async def _begin_run(self, campaign: Campaign) -> None:
        profile = profile_of(campaign.profile, campaign.profile_version)
        since = self._parts.clock.now() - HISTORY
        agentless = campaign.mode is Mode.AGENTLESS
        history = await self._parts.attempt_store.hourly(
            campaign.campaign_id, since, agentless=agentless
        )
        pacer = Pacer(plan_of(campaign, profile), self._budget(campaign, profile, history))
        pacer.believe(lost_share())
        self._runs[campaign.campaign_id] = Run(
            campaign,
            profile,
            pacer,
            Hopper(self._parts.contacts, self._parts.lists),
            Standing(self._parts.campaigns, self._parts.journal),
        )

    async def _change_run(self, run: Run, campaign: Campaign) -> None:
        """Go on otherwise. What rings is treated as was settled when it was dialled."""
        before, run.campaign = run.campaign, campaign
        run.profile = profile_of(campaign.profile, campaign.profile_version)
        run.hopper.clear()
        if campaign.state is not CampaignState.RUNNING:
            await self._parts.by_hand.withdraw(campaign.campaign_id)
        same = budget_rules(before) == budget_rules(campaign)
        # Not from the database: what has just come to its end is still on its way there.
        counted = run.pacer.counted()
        budget = None if same else self._budget(campaign, run.profile, counted)
        run.pacer.replan(plan_of(campaign, run.profile), budget)

    def _budget(
        self, campaign: Campaign, profile: RuleProfile, history: list[HourCount]
    ) -> DropBudget:
        return DropBudget(
            effective_drop_limit_pct(profile, campaign.drop_limit_pct),
            profile.windows,
            self._parts.zone,
            line_life_s(campaign, profile),
            history,
        )

    def _room_of(self, campaign: Campaign) -> Room:
        run = self._runs.get(campaign.campaign_id)
        return run.room if run else Room()

    # ---- deciding

    async def step(self, campaign_id: CampaignId) -> int:
        """Decide for one campaign and dial; return how many numbers were dialled."""
        run = self._runs.get(campaign_id)
        if run is None:
            return 0
        now = self._parts.clock.now()
        self._desk.crew(run.campaign, self._calls.seen_with_agent)
        await self._hold(run, self._relying(run))
        crew = self._desk.crew(run.campaign, self._calls.seen_with_agent)
        await self._withdrawals.unpaid(run, crew, now)
        await self._withdrawals.deserted(run)
        await self._parts.by_hand.look(run.campaign, now)
        if run.campaign.state is not CampaignState.RUNNING:
            await self._run_out(run)
            return 0
        trunks = await self._parts.telephone.trunk_room(
            run.campaign.trunk_id,
            run.campaign.caller_id,
            caller_id_needed=run.profile.caller_id_needed,
        )
        looking = len(self._parts.by_hand.shown(campaign_id))
        run.room = Room(trunks.lines, trunks.dials, crew.size + looking, trunks.closed)
        if run.campaign.mode is Mode.AGENTLESS:
            await self._announce(run, now)
        share = share_of(run, self._runs.values())
        if share < 1.0:
            crew = self._desk.part(run.campaign, crew, share)
        run.crew = crew
        local = now.astimezone(self._parts.zone)
        run.pacer.closes_s = closes_s(run.campaign, run.profile, local)
        wanted = run.pacer.decide(now.timestamp(), crew, trunks.dials)
        await self._withdrawals.stale(run, now)
        by_hand = self._parts.by_hand
        if not (wanted or by_hand.asked(campaign_id) or run.hopper.asks_promises(now)):
            return 0
        situation = self._parts.campaigns.situation(run.campaign, now)
        if run.campaign.mode is Mode.PREVIEW:
            await by_hand.show(run.campaign, situation, run.hopper)
        spare = min(trunks.dials, run.pacer.spare(now.timestamp(), crew))
        own, contacts = await self._promised.due(run, situation, spare)
        rest = await self._covered(run, crew, len(own), max(wanted - len(own), len(contacts)))
        contacts = contacts[:rest]
        if rest > len(contacts):
            contacts += await run.hopper.take(run.campaign, situation, rest - len(contacts))
        dialled = await self._dial_own(run, own)
        dialled += await self._dial(run, contacts)
        if dialled < len(own) + rest:
            await self._hold(run, self._relying(run))
        return dialled

    async def _announce(self, run: Run, now: datetime) -> None:
        """Dial people for the campaign's message."""
        count = calls_due(run, self._calls.announced(run.campaign.campaign_id), now)
        if count:
            situation = self._parts.campaigns.situation(run.campaign, now)
            contacts = await run.hopper.take(run.campaign, situation, count)
            await self._dial(run, contacts, announced=True)

    async def _run_out(self, run: Run) -> None:
        """A campaign that dials no more is forgotten when nothing of it is in the air."""
        campaign = run.campaign
        if self._calls.in_the_air(campaign.campaign_id):
            return
        if campaign.state is CampaignState.DRAINING:
            if self._desk.at_work(campaign):
                return
            try:
                await self._parts.campaigns.order(campaign.campaign_id, Order.DRAINED, "drained")
            except Conflict:
                return  # somebody decided otherwise a moment ago
        del self._runs[campaign.campaign_id]

    def habits_of(self, campaign_id: CampaignId) -> Habits | None:
        """Return what the pacing of a running campaign has learned."""
        run = self._runs.get(campaign_id)
        return run.pacer.habits(self._parts.clock.now().timestamp()) if run else None

    def _free_agents(self, campaign: Campaign) -> frozenset[str]:
        """Return who could take a call now, but for those whom a promised call is ringing for."""
        spoken_for = {line.agent_id for line in self._calls.lines.values() if line.agent_id}
        return self._desk.free_agents(campaign) - spoken_for

    async def _hold(self, run: Run, lines: int) -> int:
        """Have agents held for so many lines; return how many new lines may count on."""
        if not lines and not run.lines_told:
            return 0
        run.lines_told = lines
        life_s = line_life_s(run.campaign, run.profile)
        campaign = run.campaign
        return await self._parts.acd.hold(
            campaign.campaign_id, campaign.queue_id, lines, life_s, campaign.needs
        )

    async def _dial_own(self, run: Run, contacts: list[Contact]) -> int:
        """Dial contacts for which their agents wait."""
        campaign_id = run.campaign.campaign_id
        try:
            dialled = await self._dial(run, contacts, own=True)
        except Exception:  # not when we stop: the ACD may be gone before us
            await self._promised.over(contacts, self._calls.own(campaign_id))
            raise
        await self._promised.over(contacts, self._calls.own(campaign_id))
        return dialled

    def _relying(self, run: Run) -> int:
        """Return how many lines rely on any agent of the crew."""
        own = self._calls.own(run.campaign.campaign_id)
        return max(0, run.pacer.ringing + run.pacer.waiting - len(own))

    async def _covered(self, run: Run, crew: Crew, own: int, wanted: int) -> int:
        """Hold agents for the lines to be dialled; return how many may be, now that they are held.

        Somebody the decision counted on may have got other work meanwhile.

        Args:
            own: how many more of the crew will wait for calls of their own.
        """
        if not wanted:
            return 0
        lines = self._relying(run) + wanted
        held = await self._hold(run, lines)
        free = crew.free - own - len(self._calls.own(run.campaign.campaign_id))
        return max(0, wanted - max(0, min(lines, free) - held))

    # ---- dialling

    async def _dial(
        self, run: Run, contacts: list[Contact], *, announced: bool = False, own: bool = False
    ) -> int:
        if not contacts:
            return 0
        try:
            attempts = await self._write_attempts(run, contacts, announced=announced)
        except Exception:
            self._doubtful = True
            raise
        promised = {contact.contact_id: contact.callback_agent for contact in contacts}
        local = self._parts.clock.now().astimezone(self._parts.zone)
        traits = {contact.contact_id: traits_now(contact, local) for contact in contacts}
        ring_s = effective_ring_s(run.profile, run.campaign.ring_s)
        for attempt in attempts:
            line = Line(attempt, dialled_at=self._parts.clock.now(), announced=announced, own=own)
            line.agent_id = promised[attempt.contact_id]
            self._calls.lines[attempt.attempt_id] = line
            if announced:
                run.announced.append(attempt.started_at)
                run.pacer.handle(MessageDialled(attempt.attempt_id, line.costly))
            else:
                known, at_s = traits[attempt.contact_id], attempt.started_at.timestamp()
                run.pacer.handle(LineDialled(at_s, attempt.attempt_id, known, line.costly))
            request = DialRequest(
                attempt.attempt_id,
                attempt.campaign_id,
                attempt.number,
                run.campaign.trunk_id,
                run.campaign.caller_id,
                ring_s,
                run.profile.caller_id_needed,
                line.detect,
            )
            try:
                await self._parts.telephone.dial(request)
            except Exception as fault:  # whatever it is: this attempt needs its outcome
                log.warning("could not dial", extra={"fault": repr(fault)})
                self._calls.failed(line, AttemptOutcome.FAILED, 0.0)
        return len(attempts)

    async def _write_attempts(
        self, run: Run, contacts: list[Contact], *, announced: bool
    ) -> list[Attempt]:
        now = self._parts.clock.now()
        async with self._parts.journal.transaction() as tx:
            taken = set(await self._parts.contacts.set_dialing(contacts, now))
            going = [contact for contact in contacts if contact.contact_id in taken]
            on_machine = treatments(run, going, now.timestamp(), announced=announced)
            attempts = [
                attempt_at(
                    run.campaign, contact, AttemptId(self._parts.identities.new()), now, done
                )
                for contact, done in zip(going, on_machine, strict=True)
            ]
            if attempts:
                await self._parts.attempt_store.add(attempts)
            for attempt in attempts:
                tx.emit(started(attempt))
        return attempts

    # ---- what happens (routed by omni.app)

    async def on_event(self, recorded: Recorded[Event]) -> None:
        """React to the telephone, the ACD and the agents."""
        event = recorded.event
        match event:
            case InteractionAccepted():
                self._calls.connected(event.attempt_id)
            case InteractionEnded():
                self._calls.talked(event)
            case InteractionWrappedUp():
                self._calls.wrapped_up(event)
            case DoNotCallChanged():
                self._forbidden = self._forbidden or event.forbidden
            case _:
                self._calls.hear(event, recorded.at)
        self._wake.set()

    async def on_wrapped_up(self, recorded: Recorded[Event]) -> None:
        """Let the disposition decide about the contact; a durable consumer, repeatable."""
        event = recorded.event
        if isinstance(event, InteractionWrappedUp) and event.attempt_id is not None:
            await self._parts.attempts.disposed(event, recorded.at)

    async def on_key(self, recorded: Recorded[Event]) -> None:
        """Keep what people answer to a message; a durable consumer, repeatable."""
        if isinstance(recorded.event, CallDigit):
            await self._parts.attempts.key_pressed(recorded.event, recorded.at)
