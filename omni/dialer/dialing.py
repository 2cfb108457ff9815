"""Campaigns at work: contacts out of the hopper onto lines, answers to the ACD, outcomes kept.

Rules:
1. An attempt is in the database before its number is dialled, and gets exactly one outcome: the
   first `AttemptStore.end` wins, whoever else comes later is ignored.
2. An attempt, its call and its interaction have the same id.
3. A person who answers goes to the ACD at once. The ACD alone decides about agents, also about the
   race between the last agent and the drop: `drop` returns whether we were in time.
4. The ACD holds agents for the lines that ring, and for new ones before they are dialled
   (`omni.acd.engine.pledges`). Lines whose worst case is no longer paid all the same (a phone
   went down, a supervisor signed somebody out) are withdrawn.
5. All that is remembered here can be lost: `recover` brings every open attempt to its outcome.
"""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from omni.acd.model import Arrival
from omni.core.clock import Clock, Identities
from omni.core.events.base import Event, Recorded
from omni.core.events.routing import (
    AgentStateChanged,
    InteractionAccepted,
    InteractionEnded,
    InteractionWrappedUp,
)
from omni.core.events.voice import AgentPhoneChanged, CallAnswered, CallEnded, CallFailed
from omni.core.ids import AttemptId, CampaignId, InteractionId, TrunkId
from omni.core.journal import Journal
from omni.core.terms import AttemptOutcome, Direction, Medium
from omni.dialer.attempts import Attempts
from omni.dialer.engine.budget import DropBudget, HourCount
from omni.dialer.engine.pacing import (
    CallResolved,
    Crew,
    LineAnswered,
    LineDialled,
    LineFailed,
    Pacer,
    TalkEnded,
    WrapUpEnded,
)
from omni.dialer.engine.profiles import (
    RuleProfile,
    effective_drop_limit_pct,
    effective_ring_s,
    profile_of,
)
from omni.dialer.handover import Handover
from omni.dialer.hopper import Hopper
from omni.dialer.lines import Line, LineState, Rate, Run, line_life_s, plan_of, started
from omni.dialer.model import Attempt, Campaign, CampaignState, Contact
from omni.dialer.ports import AttemptStore, ContactStore, DialRequest, Queueing, Telephone
from omni.dialer.service import Campaigns
from omni.dialer.staffing import Desk
from omni.dialer.standing import Standing

log = logging.getLogger(__name__)

EVENTS: tuple[type[Event], ...] = (
    AgentStateChanged,
    AgentPhoneChanged,
    CallAnswered,
    CallFailed,
    CallEnded,
    InteractionAccepted,
    InteractionEnded,
    InteractionWrappedUp,
)
TICK_S = 1.0
QUIET_S = 0.05  # between two decisions: a burst of events is decided on once
WITHDRAW_AFTER_S = 0.5  # an agent between two states is not an agent who has left
END_AGAIN_S, END_AGAIN_MAX_S = 0.2, 10.0
HISTORY = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class DialingParts:
    """What `Dialing` works with."""

    campaigns: Campaigns
    contacts: ContactStore
    attempt_store: AttemptStore
    attempts: Attempts
    telephone: Telephone
    acd: Queueing
    journal: Journal
    clock: Clock
    identities: Identities
    zone: ZoneInfo


class Dialing:
    """The dialling of all campaigns of a site. `start` it, then keep `run` running."""

    def __init__(self, parts: DialingParts) -> None:
        self._parts = parts
        self._runs: dict[CampaignId, Run] = {}
        self._lines: dict[AttemptId, Line] = {}
        self._rates: dict[TrunkId | None, Rate] = {}
        self._desk = Desk(parts.acd)
        self._acd = Handover(parts.acd, parts.clock)
        self._ending: set[AttemptId] = set()
        self._doubtful = False  # attempts may have been saved although that failed
        self._wake = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None
        parts.campaigns.changed = self._campaign_changed
        parts.campaigns.room = self._room_of

    # ---- life

    async def start(self) -> None:
        """End what an earlier process left open, then take up the running campaigns."""
        await self._parts.attempts.recover()
        for campaign in await self._parts.campaigns.all():
            if campaign.state is CampaignState.RUNNING:
                await self._campaign_changed(campaign)

    async def run(self) -> None:
        """Dial until cancelled: on every event, and at least once a second."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            tasks.create_task(self._tick(), name="dialer tick")
            tasks.create_task(self._tell_standings(), name="dialer standings")
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._decide()
                await self._parts.clock.sleep(QUIET_S)

    async def _tick(self) -> None:
        while True:
            await self._parts.clock.sleep(TICK_S)
            self._wake.set()

    async def _tell_standings(self) -> None:
        """Tell how the lists stand, beside the dialling: on a large list that takes a while."""
        while True:
            await self._parts.clock.sleep(TICK_S)
            for run in list(self._runs.values()):
                if run.campaign.state is not CampaignState.RUNNING:
                    continue
                try:
                    await run.standing.look(run.campaign, idle=run.hopper.empty())
                except Exception:
                    log.exception("looking at a list failed")

    async def _decide(self) -> None:
        if self._doubtful:
            try:
                await self._parts.attempts.recover(self._lines.keys() | self._ending)
            except Exception:
                log.exception("attempts in doubt cannot be looked at yet")
                return
            self._doubtful = False
        for run in list(self._runs.values()):
            try:
                await self.step(run.campaign.campaign_id)
            except Exception:  # one campaign's trouble must not stop the others
                log.exception("dialling failed", extra={"campaign": run.campaign.campaign_id})

    # ---- campaigns

    async def _campaign_changed(self, campaign: Campaign) -> None:
        run = self._runs.get(campaign.campaign_id)
        if run is None:
            if campaign.state is not CampaignState.RUNNING:
                return
            await self._begin_run(campaign)
        elif run.campaign != campaign:
            await self._change_run(run, campaign)
        self._wake.set()

    async def _begin_run(self, campaign: Campaign) -> None:
        profile = profile_of(campaign.profile, campaign.profile_version)
        pacer = Pacer(plan_of(campaign, profile), await self._budget(campaign, profile))
        self._runs[campaign.campaign_id] = Run(
            campaign,
            profile,
            pacer,
            Hopper(self._parts.contacts),
            Standing(self._parts.campaigns, self._parts.journal),
        )

    async def _change_run(self, run: Run, campaign: Campaign) -> None:
        before, run.campaign = run.campaign, campaign
        run.profile = profile_of(campaign.profile, campaign.profile_version)
        run.hopper.clear()
        rules = (before.profile, before.profile_version, before.drop_limit_pct, before.ring_s)
        now = (campaign.profile, campaign.profile_version, campaign.drop_limit_pct, campaign.ring_s)
        budget = await self._budget(campaign, run.profile) if rules != now else None
        run.pacer.replan(plan_of(campaign, run.profile), budget)

    async def _budget(self, campaign: Campaign, profile: RuleProfile) -> DropBudget:
        since = self._parts.clock.now() - HISTORY
        hours = await self._parts.attempt_store.hourly(campaign.campaign_id, since)
        return DropBudget(
            effective_drop_limit_pct(profile, campaign.drop_limit_pct),
            profile.windows,
            self._parts.zone,
            line_life_s(campaign, profile),
            [HourCount(hour.timestamp(), answered, dropped) for hour, answered, dropped in hours],
        )

    def _room_of(self, campaign: Campaign) -> tuple[int, int, int]:
        run = self._runs.get(campaign.campaign_id)
        return run.room if run else (1, 1, 1)

    # ---- deciding

    async def step(self, campaign_id: CampaignId) -> int:
        """Decide for one campaign and dial; return how many numbers were dialled."""
        run = self._runs.get(campaign_id)
        if run is None:
            return 0
        now = self._parts.clock.now()
        self._desk.crew(run.campaign, self._connected_by_acd)
        await self._hold(run, run.pacer.ringing + run.pacer.waiting)
        crew = self._desk.crew(run.campaign, self._connected_by_acd)
        await self._withdraw_unpaid(run, crew, now)
        if run.campaign.state is not CampaignState.RUNNING:
            if not run.pacer.ringing and not run.pacer.waiting:
                del self._runs[campaign_id]
            return 0
        lines_free, per_second = await self._parts.telephone.trunk_room(run.campaign.trunk_id)
        rate = self._rates.setdefault(run.campaign.trunk_id, Rate())
        run.room = (lines_free, rate.left(per_second, now), crew.size)
        wanted = run.pacer.decide(now.timestamp(), crew, min(run.room[:2]))
        wanted = await self._covered(run, crew, wanted)
        dialled = 0
        if wanted:
            situation = self._parts.campaigns.situation(run.campaign, now)
            contacts = await run.hopper.take(run.campaign, situation, wanted)
            dialled = await self._dial(run, contacts, rate)
            if dialled < wanted:
                await self._hold(run, run.pacer.ringing + run.pacer.waiting)
        return dialled

    async def _hold(self, run: Run, lines: int) -> int:
        """Have agents held for so many lines; return how many new lines may count on."""
        if not lines and not run.lines_told:
            return 0
        run.lines_told = lines
        life_s = line_life_s(run.campaign, run.profile)
        campaign = run.campaign
        return await self._parts.acd.hold(campaign.campaign_id, campaign.queue_id, lines, life_s)

    async def _covered(self, run: Run, crew: Crew, wanted: int) -> int:
        """Hold agents for the lines to be dialled; return how many may be, now that they are held.

        Somebody the decision counted on may have got other work meanwhile.
        """
        if not wanted:
            return 0
        lines = run.pacer.ringing + run.pacer.waiting + wanted
        held = await self._hold(run, lines)
        return max(0, wanted - max(0, min(lines, crew.free) - held))

    async def _withdraw_unpaid(self, run: Run, crew: Crew, now: datetime) -> None:
        unpaid = run.pacer.unpaid(now.timestamp(), crew)
        if not unpaid:
            run.unpaid_since = None
            return
        if run.unpaid_since is None:
            run.unpaid_since = now
        if (now - run.unpaid_since).total_seconds() < WITHDRAW_AFTER_S:
            return
        run.unpaid_since = None
        mine = run.campaign.campaign_id
        ringing = [
            line
            for line in self._lines.values()
            if line.state is LineState.RINGING and line.attempt.campaign_id == mine
        ]
        for line in ringing[-unpaid:]:  # the youngest
            await self._parts.telephone.hang_up(line.attempt.attempt_id)

    # ---- dialling

    async def _dial(self, run: Run, contacts: list[Contact], rate: Rate) -> int:
        if not contacts:
            return 0
        try:
            attempts = await self._write_attempts(run, contacts)
        except Exception:
            self._doubtful = True
            raise
        ring_s = effective_ring_s(run.profile, run.campaign.ring_s)
        for attempt in attempts:
            line = Line(attempt, dialled_at=self._parts.clock.now())
            self._lines[attempt.attempt_id] = line
            rate.dials.append(attempt.started_at)
            run.pacer.handle(LineDialled(attempt.started_at.timestamp(), attempt.attempt_id))
            request = DialRequest(
                attempt.attempt_id,
                attempt.campaign_id,
                attempt.number,
                run.campaign.trunk_id,
                run.campaign.caller_id,
                ring_s,
            )
            try:
                await self._parts.telephone.dial(request)
            except Exception as fault:  # whatever it is: this attempt needs its outcome
                log.warning("could not dial", extra={"fault": repr(fault)})
                self._failed(line, AttemptOutcome.FAILED, 0.0)
        return len(attempts)

    async def _write_attempts(self, run: Run, contacts: list[Contact]) -> list[Attempt]:
        now = self._parts.clock.now()
        async with self._parts.journal.transaction() as tx:
            ids = [contact.contact_id for contact in contacts]
            taken = set(await self._parts.contacts.set_dialing(ids, now))
            attempts = [
                Attempt(
                    attempt_id=AttemptId(self._parts.identities.new()),
                    campaign_id=run.campaign.campaign_id,
                    contact_id=contact.contact_id,
                    number=contact.number,
                    started_at=now,
                    attempt_no=contact.attempts + 1,
                    name=contact.name,
                    trunk_id=run.campaign.trunk_id,
                    profile=run.campaign.profile,
                    profile_version=run.campaign.profile_version,
                )
                for contact in contacts
                if contact.contact_id in taken
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
            case CallAnswered():
                self._answered(event, recorded.at)
            case CallFailed():
                line = self._line(event.attempt_id)
                if line is not None:
                    self._failed(line, event.outcome, event.ring_s)
            case CallEnded():
                self._hung_up(event.attempt_id)
            case InteractionAccepted():
                self._connected(event.attempt_id)
            case InteractionEnded():
                self._talked(event)
            case InteractionWrappedUp():
                self._wrapped_up(event)
            case _:
                pass
        self._wake.set()

    async def on_wrapped_up(self, recorded: Recorded[Event]) -> None:
        """Let the disposition decide about the contact; a durable consumer, repeatable."""
        event = recorded.event
        if isinstance(event, InteractionWrappedUp) and event.attempt_id is not None:
            await self._parts.attempts.disposed(event, recorded.at)

    def _line(self, attempt_id: AttemptId | None) -> Line | None:
        return self._lines.get(attempt_id) if attempt_id is not None else None

    def _pacer(self, line: Line) -> Pacer | None:
        run = self._runs.get(line.attempt.campaign_id)
        return run.pacer if run else None

    def _now_s(self) -> float:
        return self._parts.clock.now().timestamp()

    def _answered(self, event: CallAnswered, at: datetime) -> None:
        line = self._line(event.attempt_id)
        if line is None or line.state is not LineState.RINGING:
            return
        line.state, line.ring_s = LineState.WAITING, event.ring_s
        if pacer := self._pacer(line):
            pacer.handle(LineAnswered(at.timestamp(), line.attempt.attempt_id))
        self._spawn(self._hand_over(line, at))
        self._spawn(self._note_answer(line, at))

    async def _hand_over(self, line: Line, at: datetime) -> None:
        """Give the person to the ACD; if no agent has them in time, play the message."""
        attempt, run = line.attempt, self._runs[line.attempt.campaign_id]
        message_at = at + timedelta(seconds=run.profile.message_after_s)
        interaction_id = InteractionId(attempt.attempt_id)
        queued = await self._arrive(line, run.campaign, message_at)
        if line.state is LineState.OVER:  # hung up while we handed over
            await self._acd.left(interaction_id)
            return
        if queued:
            left_s = (message_at - self._parts.clock.now()).total_seconds()
            await self._parts.clock.sleep(max(0.0, left_s))
            if line.state is not LineState.WAITING:
                return
            if not await self._acd.drop(interaction_id):
                return  # an agent got them, or they have left: its event says which
        if line.state is LineState.WAITING:
            self._resolve(line, AttemptOutcome.DROPPED)
            await self._parts.telephone.play_drop_message(attempt.attempt_id)

    async def _arrive(self, line: Line, campaign: Campaign, until: datetime) -> bool:
        """Let the person into the ACD; False when it does not take them."""
        attempt = line.attempt
        arrival = Arrival(
            interaction_id=InteractionId(attempt.attempt_id),
            medium=Medium.VOICE,
            direction=Direction.OUTBOUND,
            queue_id=campaign.queue_id,
            address=attempt.number,
            name=attempt.name,
            campaign_id=attempt.campaign_id,
            contact_id=attempt.contact_id,
            attempt_id=attempt.attempt_id,
            auto_accept=True,
        )
        return await self._acd.arrive(arrival, until, lambda: line.state is not LineState.OVER)

    async def _note_answer(self, line: Line, at: datetime) -> None:
        await self._parts.attempt_store.answered(line.attempt.attempt_id, at, line.ring_s)

    def _connected_by_acd(self, interaction_id: InteractionId) -> None:
        """An agent was seen with this call, before its event came here."""
        self._connected(AttemptId(interaction_id))

    def _connected(self, attempt_id: AttemptId | None) -> None:
        line = self._line(attempt_id)
        if line is not None and line.state is LineState.WAITING:
            self._resolve(line, AttemptOutcome.ANSWERED)

    def _hung_up(self, attempt_id: AttemptId | None) -> None:
        line = self._line(attempt_id)
        if line is not None and line.state is LineState.WAITING:
            self._resolve(line, AttemptOutcome.HUNG_UP)

    def _failed(self, line: Line, outcome: AttemptOutcome, ring_s: float) -> None:
        if line.state is not LineState.RINGING:
            return
        line.state, line.ring_s = LineState.OVER, ring_s
        if pacer := self._pacer(line):
            pacer.handle(LineFailed(self._now_s(), line.attempt.attempt_id))
        self._close(line, outcome)

    def _resolve(self, line: Line, outcome: AttemptOutcome) -> None:
        """An answered line has its outcome."""
        dropped = outcome is AttemptOutcome.DROPPED
        answered = outcome is AttemptOutcome.ANSWERED
        line.state = LineState.CONNECTED if answered else LineState.OVER
        if pacer := self._pacer(line):
            pacer.handle(CallResolved(self._now_s(), line.attempt.attempt_id, dropped))
        self._close(line, outcome)

    def _close(self, line: Line, outcome: AttemptOutcome) -> None:
        self._lines.pop(line.attempt.attempt_id, None)
        self._ending.add(line.attempt.attempt_id)
        self._spawn(self._end_patiently(line, outcome))

    async def _end_patiently(self, line: Line, outcome: AttemptOutcome) -> None:
        """Write the outcome, again and again when the database is away."""
        pause_s = END_AGAIN_S
        while True:
            try:
                await self._parts.attempts.end(line.attempt, outcome, line.ring_s)
                self._ending.discard(line.attempt.attempt_id)
                return
            except Exception:
                log.exception("an outcome could not be written; trying again")
                await self._parts.clock.sleep(pause_s)
                pause_s = min(2 * pause_s, END_AGAIN_MAX_S)

    def _talked(self, event: InteractionEnded) -> None:
        run = self._runs.get(event.campaign_id) if event.campaign_id else None
        if run is not None and event.agent_id is not None:
            run.pacer.handle(TalkEnded(event.handled_s))

    def _wrapped_up(self, event: InteractionWrappedUp) -> None:
        run = self._runs.get(event.campaign_id) if event.campaign_id else None
        if run is not None:
            run.pacer.handle(WrapUpEnded(event.wrap_up_s))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._tasks is not None, "run() must be running before events come"
        self._tasks.create_task(_guarded(work))


async def _guarded(work: Coroutine[Any, Any, None]) -> None:
    """Keep one call's trouble from ending all."""
    try:
        await work
    except Exception:
        log.exception("a call could not be handled to its end")
