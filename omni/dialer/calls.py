"""The calls of campaigns: from the first ring to the outcome that is written down.

What an event says of a line is noted at once and without waiting; what takes time (the ACD, the
message, the database) goes on beside.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from omni.acd.model import Arrival
from omni.core.clock import Clock
from omni.core.events.base import Event
from omni.core.events.routing import InteractionEnded, InteractionWrappedUp
from omni.core.events.voice import (
    AnswerClassified,
    CallAnswered,
    CallDigit,
    CallEnded,
    CallFailed,
)
from omni.core.ids import AgentId, AttemptId, CampaignId, ContactId, InteractionId
from omni.core.terms import AnswerKind, AttemptOutcome, Direction, Medium
from omni.dialer.announcing import LISTEN_S, outcome_of
from omni.dialer.attempts import Attempts
from omni.dialer.engine.detection import goes_on, seconds_from
from omni.dialer.engine.pacing import (
    CallResolved,
    LineAnswered,
    LineFailed,
    MachineEnded,
    MessageOver,
    PacingEvent,
    TalkEnded,
    WrapUpEnded,
)
from omni.dialer.engine.trace import MACHINES
from omni.dialer.handover import Handover
from omni.dialer.lines import Line, LineState, Run
from omni.dialer.model import CONNECT_KEY, Campaign, OnMachine
from omni.dialer.own_calls import OwnCalls
from omni.dialer.ports import AttemptStore, Said, Telephone

log = logging.getLogger(__name__)

END_AGAIN_S, END_AGAIN_MAX_S = 0.2, 10.0
CONNECT_PATIENCE_S = 10.0  # with an ACD that is being built anew


@dataclass(frozen=True, slots=True)
class CallParts:
    """What `Calls` works with. `runs`: the campaigns that dial, kept by the dialling."""

    runs: dict[CampaignId, Run]
    attempt_store: AttemptStore
    attempts: Attempts
    telephone: Telephone
    acd: Handover
    own_calls: OwnCalls
    clock: Clock


class Calls:
    """The lines that are going on. `tasks` must be set before events come."""

    def __init__(self, parts: CallParts) -> None:
        self._parts = parts
        self.lines: dict[AttemptId, Line] = {}
        self.ending: dict[AttemptId, CampaignId] = {}  # outcomes on their way to the database
        self._leaving: dict[AttemptId, CampaignId] = {}  # messages on machines
        self.tasks: asyncio.TaskGroup | None = None

    def line(self, attempt_id: AttemptId | None) -> Line | None:
        return self.lines.get(attempt_id) if attempt_id is not None else None

    def ringing(self, campaign_id: CampaignId) -> list[Line]:
        """Return a campaign's lines that ring, the oldest first."""
        return [
            line
            for line in self.lines.values()
            if line.state is LineState.RINGING and line.attempt.campaign_id == campaign_id
        ]

    def own(self, campaign_id: CampaignId) -> set[ContactId]:
        """Return the contacts of a campaign for which their agents wait."""
        return {
            line.attempt.contact_id
            for line in self.lines.values()
            if line.own and line.attempt.campaign_id == campaign_id
        }

    async def withdraw(self, lines: Iterable[Line]) -> None:
        """End lines that ring."""
        for line in lines:
            line.withdrawn = True
            await self._parts.telephone.hang_up(line.attempt.attempt_id)

    def in_the_air(self, campaign_id: CampaignId) -> bool:
        """Tell whether a line of the campaign has no outcome in the database yet."""
        going_on = (line.attempt.campaign_id for line in self.lines.values())
        return campaign_id in self.ending.values() or campaign_id in going_on

    def announced(self, campaign_id: CampaignId) -> int:
        """Count an agentless campaign's lines: on each its message is, or is to be, heard."""
        left_on_machines = sum(one == campaign_id for one in self._leaving.values())
        return left_on_machines + sum(
            line.announced and line.attempt.campaign_id == campaign_id
            for line in self.lines.values()
        )

    def _tell(self, line: Line, event: PacingEvent) -> None:
        """Tell the pacing of the line's campaign."""
        if run := self._parts.runs.get(line.attempt.campaign_id):
            run.pacer.handle(event)

    def _now_s(self) -> float:
        return self._parts.clock.now().timestamp()

    def hear(self, event: Event, at: datetime) -> None:
        """React to what the telephone says of a call."""
        match event:
            case CallAnswered():
                self.answered(event, at)
            case AnswerClassified():
                self.classified(event, at)
            case CallFailed():
                line = self.line(event.attempt_id)
                if line is not None:
                    self.failed(line, event.outcome, event.ring_s)
            case CallEnded():
                self.hung_up(event)
            case CallDigit():
                self.pressed(event)
            case _:
                pass

    def answered(self, event: CallAnswered, at: datetime) -> None:
        line = self.line(event.attempt_id)
        if line is None or line.state is not LineState.RINGING:
            return
        line.ring_s, line.answered_at = event.ring_s, at
        if line.detect:
            line.state = LineState.LISTENING
        else:
            self._person(line, at, at)

    def classified(self, event: AnswerClassified, at: datetime) -> None:
        """It is known what answered."""
        line = self.line(event.attempt_id)
        if line is None or line.state is not LineState.LISTENING:
            return
        run, attempt_id = self._parts.runs[line.attempt.campaign_id], line.attempt.attempt_id
        self._spawn(self._parts.attempt_store.classified(attempt_id, event.kind))
        if goes_on(line.attempt, event.kind, announced=line.announced):
            begin = seconds_from(run.profile, line.answered_at or at, at, event.quiet_s)
            self._person(line, at, begin, found=event.kind is AnswerKind.HUMAN)
            return
        line.state = LineState.OVER
        machine = event.kind is AnswerKind.MACHINE
        ended = MachineEnded if machine and line.costly else LineFailed
        self._tell(line, ended(self._now_s(), attempt_id))
        self._close(line, MACHINES[event.kind])
        if machine and line.attempt.on_machine is OnMachine.MESSAGE:
            said = Said(run.campaign.message, run.campaign.queue_id)
            self._leaving[attempt_id] = run.campaign.campaign_id
            self._spawn(self._parts.telephone.leave_message(attempt_id, said))
        else:
            self._spawn(self._parts.telephone.hang_up(attempt_id))

    def _person(self, line: Line, at: datetime, begin: datetime, *, found: bool = False) -> None:
        """A person is on the line since `at`; the seconds until the message run from `begin`.

        `found`: the detector found them to be one.
        """
        self._reached(line, at.timestamp(), found=found)
        self._spawn(self._announce(line) if line.announced else self._hand_over(line, begin))
        self._spawn(self._note_answer(line, line.answered_at or at))

    def _reached(self, line: Line, at_s: float, *, found: bool = False) -> None:
        """Somebody is on the line, and nobody of ours."""
        line.state = LineState.WAITING
        attempt_id = line.attempt.attempt_id
        heard = MessageOver(at_s, attempt_id, found)
        self._tell(line, heard if line.announced else LineAnswered(at_s, attempt_id))

    async def _announce(self, line: Line) -> None:
        """Play the campaign's message, and listen."""
        campaign = self._parts.runs[line.attempt.campaign_id].campaign
        said = Said(campaign.message, campaign.queue_id)
        await self._parts.telephone.play_message(line.attempt.attempt_id, said, LISTEN_S)

    def pressed(self, event: CallDigit) -> None:
        """Somebody answers the message with a key."""
        line = self.line(event.attempt_id)
        if line is None or line.state is not LineState.WAITING or line.pressed:
            return
        campaign = self._parts.runs[line.attempt.campaign_id].campaign
        if not campaign.offers(event.digit):
            return
        line.pressed = event.digit
        if event.digit == CONNECT_KEY:
            self._spawn(self._connect(line, campaign))
        else:
            self._spawn(self._parts.telephone.hang_up(line.attempt.attempt_id))

    async def _connect(self, line: Line, campaign: Campaign) -> None:
        """Let who wants an agent wait for one; the line is hung up when the queue is closed."""
        attempt_id = line.attempt.attempt_id
        await self._parts.telephone.let_wait(attempt_id)
        until = self._parts.clock.now() + timedelta(seconds=CONNECT_PATIENCE_S)
        queued = await self._arrive(line, campaign, until)
        if line.state is LineState.OVER:
            await self._parts.acd.left(InteractionId(attempt_id))
        elif not queued:
            await self._parts.telephone.hang_up(attempt_id)

    async def _hand_over(self, line: Line, begin: datetime) -> None:
        """Give the person to the ACD; if no agent has them in time, play the message."""
        attempt, run = line.attempt, self._parts.runs[line.attempt.campaign_id]
        message_at = begin + timedelta(seconds=run.profile.message_after_s)
        interaction_id = InteractionId(attempt.attempt_id)
        queued = await self._arrive(line, run.campaign, message_at)
        if line.state is LineState.OVER:  # hung up while we handed over
            await self._parts.acd.left(interaction_id)
            return
        if queued:
            left_s = (message_at - self._parts.clock.now()).total_seconds()
            await self._parts.clock.sleep(max(0.0, left_s))
            if line.state is not LineState.WAITING:
                return
            if not await self._parts.acd.drop(interaction_id):
                return  # an agent got them, or they have left: its event says which
        if line.state is LineState.WAITING:
            self._resolve(line, AttemptOutcome.DROPPED)
            said = Said(run.campaign.drop_message, run.campaign.queue_id)
            await self._parts.telephone.play_drop_message(attempt.attempt_id, said)

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
            needs=campaign.needs,
            owner=AgentId(line.agent_id) if line.agent_id else None,
        )
        acd = self._parts.acd
        return await acd.arrive(arrival, until, lambda: line.state is not LineState.OVER)

    async def _note_answer(self, line: Line, at: datetime) -> None:
        await self._parts.attempt_store.answered(line.attempt.attempt_id, at, line.ring_s)

    def seen_with_agent(self, interaction_id: InteractionId) -> None:
        """An agent was seen with this call, before its event came here."""
        self.connected(AttemptId(interaction_id))

    def connected(self, attempt_id: AttemptId | None) -> None:
        line = self.line(attempt_id)
        if line is not None and line.state is LineState.WAITING:
            self._resolve(line, AttemptOutcome.ANSWERED)

    def hung_up(self, event: CallEnded) -> None:
        if event.attempt_id is not None:
            self._leaving.pop(event.attempt_id, None)
        line = self.line(event.attempt_id)
        if line is not None and line.state is LineState.LISTENING:
            self._reached(line, self._now_s())  # machines do not hang up so soon
        if line is not None and line.state is LineState.WAITING:
            self._resolve(line, outcome_of(line, event))

    def failed(self, line: Line, outcome: AttemptOutcome, ring_s: float) -> None:
        if line.state is not LineState.RINGING:
            return
        if line.given_up and outcome is AttemptOutcome.CANCELLED:
            outcome = AttemptOutcome.NO_ANSWER  # it rang as long as it must
        line.state, line.ring_s = LineState.OVER, ring_s
        self._tell(line, LineFailed(self._now_s(), line.attempt.attempt_id))
        self._close(line, outcome)

    def _resolve(self, line: Line, outcome: AttemptOutcome) -> None:
        """An answered line has its outcome."""
        dropped = outcome is AttemptOutcome.DROPPED
        answered = outcome is AttemptOutcome.ANSWERED
        line.state = LineState.CONNECTED if answered else LineState.OVER
        self._tell(line, CallResolved(self._now_s(), line.attempt.attempt_id, dropped))
        self._close(line, outcome)

    def _close(self, line: Line, outcome: AttemptOutcome) -> None:
        self.lines.pop(line.attempt.attempt_id, None)
        if line.own and outcome is not AttemptOutcome.ANSWERED:
            agent_id, contact_id = AgentId(line.agent_id), line.attempt.contact_id
            self._spawn(self._parts.own_calls.over(agent_id, contact_id))
        self.ending[line.attempt.attempt_id] = line.attempt.campaign_id
        self._spawn(self._end_patiently(line, outcome))

    async def _end_patiently(self, line: Line, outcome: AttemptOutcome) -> None:
        """Write the outcome, again and again when the database is away."""
        pause_s = END_AGAIN_S
        while True:
            try:
                await self._parts.attempts.end(line.attempt, outcome, line.ring_s)
                self.ending.pop(line.attempt.attempt_id, None)
                return
            except Exception:
                log.exception("an outcome could not be written; trying again")
                await self._parts.clock.sleep(pause_s)
                pause_s = min(2 * pause_s, END_AGAIN_MAX_S)

    def talked(self, event: InteractionEnded) -> None:
        run = self._parts.runs.get(event.campaign_id) if event.campaign_id else None
        if run is not None and event.agent_id is not None:
            run.pacer.handle(TalkEnded(event.handled_s))

    def wrapped_up(self, event: InteractionWrappedUp) -> None:
        run = self._parts.runs.get(event.campaign_id) if event.campaign_id else None
        if run is not None:
            run.pacer.handle(WrapUpEnded(event.wrap_up_s))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        assert self.tasks is not None, "run() must be running before events come"
        self.tasks.create_task(_guarded(work))


async def _guarded(work: Coroutine[Any, Any, None]) -> None:
    """Keep one call's trouble from ending all."""
    try:
        await work
    except Exception:
        log.exception("a call could not be handled to its end")
