"""Building the router from what was saved: no interaction is lost, doubled or moved in its queue.

Waiting work waits at its place by arrival; open offers and wrap-ups keep their agent and their
deadline (one that has passed meanwhile lapses at once, by the ordinary rules); active
conversations stay with their agent, as do calls that agents are to make. Agents' phones are down
until the voice channel says otherwise.
"""

from dataclasses import dataclass, field

from omni.acd.engine.board import Seat, Work
from omni.acd.engine.conversation import OVER
from omni.acd.engine.grid import MEDIUM_NO, combined
from omni.acd.engine.happenings import Command
from omni.acd.engine.openings import Cause, Shown
from omni.acd.engine.router import Router
from omni.acd.engine.timers import Kind
from omni.acd.model import Agent, Plan, Queue, Skill
from omni.acd.overflow import ASKING, Action, Condition
from omni.acd.own_call import OwnCall
from omni.core.errors import Defect
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import AgentState, InteractionState, Medium


@dataclass(frozen=True, slots=True)
class StandingWork:
    """An open interaction as saved. `until_s`: end of the offer, wrap-up or time aside.

    `used`: the overflow rules used for it, queue and place there.
    """

    interaction_id: InteractionId
    medium: Medium
    queue_id: QueueId
    state: InteractionState
    priority: int
    arrived_s: float
    needs: tuple[Skill, ...] = ()
    auto_accept: bool = False
    holder: str = ""
    agent_id: AgentId | None = None
    group_id: GroupId | None = None
    accepted_s: float = 0.0
    ended_s: float = 0.0
    until_s: float = 0.0
    absent: bool = False
    used: tuple[tuple[QueueId, int], ...] = ()


@dataclass(frozen=True, slots=True)
class StandingAgent:
    """An agent's presence as saved, and the call that they are to make by then."""

    agent_id: AgentId
    state: AgentState
    reason: str
    since_s: float
    break_pending: bool
    requested: str = ""
    own_call: OwnCall | None = None
    own_call_until_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """All that was saved."""

    plan: Plan
    agents: tuple[Agent, ...] = ()
    presences: tuple[StandingAgent, ...] = ()
    works: tuple[StandingWork, ...] = ()
    out_of_hours: frozenset[QueueId] = frozenset()
    groups_out_of_hours: frozenset[GroupId] = frozenset()
    shown: Shown = field(default_factory=Shown)


def restored(standing: Standing, now_s: float) -> tuple[Router, list[Command]]:
    """Return a router in the saved state and the commands that follow from it now."""
    return Restoring(standing.plan).run(standing, now_s)


class Restoring(Router):
    """A router that can be filled."""

    def run(self, standing: Standing, now_s: float) -> tuple[Router, list[Command]]:
        """Fill the router and settle everybody."""
        self.now_s = now_s
        self._commands = []
        self._reopen_as(standing)
        for agent in standing.agents:
            self.matcher.put(agent)
        for presence in standing.presences:
            if presence.agent_id in self.matcher.seats:
                self._place_agent(self.matcher.seats[presence.agent_id], presence)
        for work in sorted(standing.works, key=lambda work: (work.arrived_s, work.interaction_id)):
            self._place_work(work)
        for seat in sorted(
            self.matcher.seats.values(), key=lambda seat: (seat.since_s, seat.number)
        ):
            self._touch(seat)
            self._settle(seat)
        self._review_waiting(standing.out_of_hours, Condition.CLOSED)
        self._run_timers()
        self._show_openings()
        commands = self._commands
        self._commands = []
        return self, commands

    def _reopen_as(self, standing: Standing) -> None:
        shown = standing.shown
        needed = [id for id, cause in shown.groups.items() if cause is Cause.NEEDED]
        self.matcher.openings.shut(standing.groups_out_of_hours)
        self.matcher.openings.resume(needed, shown.aids)
        self.matcher.grid.out_of_hours = standing.out_of_hours
        self.matcher.grid.reopen()
        self._shown = shown

    def _place_agent(self, seat: Seat, saved: StandingAgent) -> None:
        seat.shown = saved.state
        seat.shown_reason = saved.reason
        seat.shown_leaving = saved.break_pending
        seat.requested = seat.shown_requested = saved.requested
        seat.since_s = saved.since_s
        seat.leaving = saved.reason if saved.break_pending else None
        rests = saved.state in (AgentState.BREAK, AgentState.SIGNED_OUT)
        seat.reason = saved.reason if rests and not saved.break_pending else ""
        seat.presence = saved.state if rests else AgentState.READY
        if saved.own_call is not None:
            seat.own_call, seat.own_call_until_s = saved.own_call, saved.own_call_until_s
            self._timers.set(saved.own_call_until_s, Kind.OWN_CALL, seat, seat.own_call_token)

    def _place_work(self, saved: StandingWork) -> None:
        queue = self.matcher.grid.queues.get(saved.queue_id)
        if queue is None:
            raise Defect("an open interaction is in a queue that does not exist")
        medium = MEDIUM_NO[saved.medium]
        work = Work(saved.interaction_id, medium, saved.queue_id, saved.arrived_s)
        work.priority = saved.priority
        work.auto_accept = saved.auto_accept
        work.holder = saved.holder
        work.asked = saved.needs
        work.needs = combined(queue.needs, saved.needs)
        work.accepted_s = saved.accepted_s
        work.ended_s = saved.ended_s
        self._remember_rules(work, saved, queue)
        self._number(work)
        self.works[work.id] = work
        self._settle_in(work, queue)
        self._watch_limits(work, queue)
        seat = self.matcher.seats.get(saved.agent_id) if saved.agent_id else None
        if seat is None or saved.state is InteractionState.WAITING:
            self.matcher.wait(work)
        else:
            self._hand_over(work, seat, saved)

    @staticmethod
    def _remember_rules(work: Work, saved: StandingWork, queue: Queue) -> None:
        """Restore what the rules used so far have left: another group, or an open choice."""
        work.absent = saved.absent
        work.used = saved.used
        here = [n for queue_id, n in saved.used if queue_id == queue.id and n < len(queue.overflow)]
        for number in here:
            step = queue.overflow[number].step
            if step.action is Action.GROUP:
                work.also = step.group_id
            elif step.action in ASKING and not saved.absent:
                work.menu = (queue.id, number)

    def _hand_over(self, work: Work, seat: Seat, saved: StandingWork) -> None:
        """Give the work back to the agent who had it."""
        work.state = saved.state
        work.seat = seat
        work.group_id = saved.group_id or GroupId("")
        work.until_s = saved.until_s
        if saved.state is not InteractionState.OFFERED:
            work.ring = OVER
        seat.works[work.id] = work
        seat.held[work.medium] += 1
        if saved.state is InteractionState.ACTIVE and saved.until_s:
            self._lay_aside(work, seat, saved.until_s)
        if saved.state is InteractionState.OFFERED:
            seat.pending[work.medium] += 1
            self._timers.set(saved.until_s, Kind.OFFER, work, work.token)
        elif saved.state is InteractionState.WRAP_UP:
            self._timers.set(saved.until_s, Kind.WRAP_UP, work, work.token)
