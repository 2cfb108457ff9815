"""The router against its state machine, and the state machine against seeded bugs.

A property test is worth what it catches. Each bug below was planted on purpose; the machine must
find every one of them, else this file fails.
"""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from omni.acd.engine.board import Bench, Lane, Seat, Work
from omni.acd.engine.capacity import Room
from omni.acd.engine.happenings import LinesTold, SignOutAsked
from omni.acd.engine.matcher import Matcher
from omni.acd.engine.openings import Openings
from omni.acd.engine.pledges import Pledges
from omni.acd.engine.reopening import Reopening
from omni.acd.engine.router import Router
from omni.acd.model import GroupLink, Load
from omni.core.ids import GroupId
from omni.core.terms import AgentState, InteractionState
from tests.acd.machine import RouterMachine

pytestmark = pytest.mark.timeout(600)  # a busy machine takes minutes for what takes seconds
Patch = Callable[[pytest.MonkeyPatch], None]

GATE = settings(
    derandomize=True,
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
HUNT = settings(
    GATE,
    # Many short hunts instead of a long one: Hypothesis begins each long one with small examples,
    # in which little happens.
    max_examples=5,
    phases=[Phase.generate],
    print_blob=False,
    report_multiple_bugs=False,
)
"""For the seeded bugs: finding is enough, no shrinking."""
HUNTS = 300


def test_the_router_keeps_its_promises() -> None:
    run_state_machine_as_test(RouterMachine, settings=GATE)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_router_keeps_its_promises_at_length() -> None:
    soak = settings(GATE, derandomize=False, max_examples=5_000, stateful_step_count=80)
    run_state_machine_as_test(RouterMachine, settings=soak)


class LosesReturnedWork(Router):
    """Work that comes back is forgotten when nobody is free."""

    def _seek(self, work: Work) -> None:
        if self.matcher.place(work) is not None or work.token == 0:
            super()._seek(work)


class SendsReturnedWorkToTheEnd(Router):
    """Work that comes back queues up anew."""

    def _take_back(self, work: Work, reason: str) -> None:
        super()._take_back(work, reason)
        self._number(work)
        work.key = self.now_s + 60.0 * work.priority


class ForgetsToWithdrawOnSignOut(Router):
    """Open offers stay with an agent who has gone."""

    def _withdraw(self, seat: Seat, reason: str, only_medium: int | None = None) -> None:
        if only_medium is not None:
            super()._withdraw(seat, reason, only_medium)


class ForgivesNoAnswer(Router):
    """An agent who lets an offer lapse stays ready."""

    def _go_on_break(self, seat: Seat, reason: str, source: str) -> None:
        if reason != "no_answer":
            super()._go_on_break(seat, reason, source)


class FreedAgentStaysIdle(Router):
    """A closed wrap-up does not give the agent the next work."""

    def _close(self, work: Work, disposition: str, note: str) -> None:
        settle, self._settle = self._settle, self._reseat  # type: ignore[method-assign]
        super()._close(work, disposition, note)
        self._settle = settle  # type: ignore[method-assign]


class WrapUpHoldsNothing(Router):
    """A call in wrap-up does not count against capacity."""

    def _begin_wrap_up(self, work: Work, seat: Seat) -> None:
        super()._begin_wrap_up(work, seat)
        if work.state is InteractionState.WRAP_UP:
            seat.held[work.medium] -= 1
            self._settle(seat)

    def _release(self, work: Work, seat: Seat) -> None:
        if work.state is InteractionState.ENDED:
            seat.held[work.medium] += 1
        super()._release(work, seat)


class BreakAtOnce(Router):
    """A break asked for with work in hand begins at once and is shown so."""

    def _go_on_break(self, seat: Seat, reason: str, source: str) -> None:
        seat.presence = AgentState.BREAK
        seat.works, works = {}, seat.works
        self._show(seat)
        seat.works = works


class ReadyIgnoresLeaving(Router):
    """An agent who asked for a break is still given work."""

    def _settle(self, seat: Seat) -> None:
        leaving, seat.leaving = seat.leaving, None
        super()._settle(seat)
        seat.leaving = leaving if seat.works else None


class ForgetsRest(Router):
    """A rejected offer comes straight back."""

    def _settle(self, seat: Seat) -> None:
        seat.resting = False
        super()._settle(seat)


class BreakLetsLinesDown(Router):
    """A break takes a held agent away at once."""

    def _go_on_break(self, seat: Seat, reason: str, source: str) -> None:
        if seat.pledge is not None:
            self.pledges.end(seat)
        super()._go_on_break(seat, reason, source)


class HoldsForEver(Router):
    """A hold does not run out."""

    def _pledge_ran_out(self, seat: Seat) -> None:
        return None


class SignOutLetsLinesDown(Router):
    """A held agent signs out at once."""

    def _sign_out_asked(self, asked: SignOutAsked) -> None:
        super()._sign_out_asked(asked._replace(source="supervisor"))


class DialledCallsIgnoreHolds(Router):
    """A dialled call looks for free agents only."""

    def _held_for(self, work: Work) -> tuple[Seat, GroupId] | None:
        return self.matcher.place(work)


class HoldsTheUnskilled(Router):
    """Agents are held who cannot have the call."""

    def _lines_told(self, told: LinesTold) -> None:
        super()._lines_told(told._replace(needs=()))


class BreakLetsOwnCallDown(Router):
    """A break takes away an agent whose own call is being dialled."""

    def _own_call_fits(self, seat: Seat) -> bool:
        return seat.leaving is None and super()._own_call_fits(seat)


class ShownToTheAbsent(Router):
    """What is shown stays with an agent who goes."""

    def _own_call_fits(self, seat: Seat) -> bool:
        return True


class OwnCallsForEver(Router):
    """An own call has no end of its own."""

    def _own_call_ran_out(self, seat: Seat) -> None:
        return None


class OwnCallToAnybody(Router):
    """Who answers an own call gets the best agent, as everybody."""

    def _answered_own_call(self, work: Work) -> tuple[Seat, GroupId] | None:
        return None


class OwnCallBesideIt(Router):
    """The own call stays when it has become a call."""

    def _take_its_place(self, work: Work, seat: Seat) -> None:
        return None


def own_calls_without_room(patch: pytest.MonkeyPatch) -> None:
    """Agents get calls of their own whatever they do."""
    patch.setattr(Room, "own_call_gates", lambda self, seat, holder: [])


def own_calls_bar_nothing(patch: pytest.MonkeyPatch) -> None:
    """Agents with an own call get anything else."""
    patch.setattr(Room, "_own_call_bars", lambda self, seat, medium: False)


def held_agents_get_work(patch: pytest.MonkeyPatch) -> None:
    """Agents who are held get other work."""

    def mask(self: Room, seat: Seat) -> int:
        return 0 if seat.leaving is not None else self.unheld_mask(seat)

    patch.setattr(Room, "mask", mask)


def too_many_held(patch: pytest.MonkeyPatch) -> None:
    """Nobody is let go when there are fewer lines."""
    patch.setattr(Pledges, "surplus", lambda self, pledge, queue_id, lines: [])


def holds_given_twice(patch: pytest.MonkeyPatch) -> None:
    """More are counted on than are held."""

    def held(self: Pledges, holder: str) -> int:
        pledge = self._by_holder.get(holder)
        return len(pledge.seats) + 1 if pledge else 0

    patch.setattr(Pledges, "held", held)


def help_never_ends(patch: pytest.MonkeyPatch) -> None:
    """Who helps once helps for ever, even when closed."""
    patch.setattr(Openings, "_end_aids", lambda self: None)


def closed_groups_work(patch: pytest.MonkeyPatch) -> None:
    """A group out of its hours gets new work."""
    patch.setattr(Openings, "shut", lambda self, groups: None)


def help_is_not_asked_for(patch: pytest.MonkeyPatch) -> None:
    """A group that may help does so always."""
    cells = Openings.cells

    def all_cells(self: Openings) -> Iterator[GroupLink]:
        self._aids = dict.fromkeys(((c.queue_id, c.group_id) for c in self._plan.group_links), 0.0)
        return cells(self)

    patch.setattr(Openings, "cells", all_cells)


def no_hysteresis(patch: pytest.MonkeyPatch) -> None:
    """Help ends below the upper limit."""
    asks = Load.asks
    patch.setattr(Load, "asks", lambda self, on, *load: asks(self, False, *load))


def nobody_looks(patch: pytest.MonkeyPatch) -> None:
    """The load is looked at once only."""
    patch.setattr(Reopening, "_keep_looking", lambda self: None)


def nobody_is_told(patch: pytest.MonkeyPatch) -> None:
    """Who helps gets nothing of what waits already."""
    patch.setattr(Matcher, "relink", lambda self, queue_ids, group_ids: None)


def stale_bench(patch: pytest.MonkeyPatch) -> None:
    """A seat stays on the benches it has left."""
    sit = Matcher.sit

    def sat(self: Matcher, seat: Seat, mask: int) -> None:
        sit(self, seat, mask | seat.mask)

    patch.setattr(Matcher, "rise", lambda self, seat: None)
    patch.setattr(Matcher, "sit", sat)


def lane_keeps_picked(patch: pytest.MonkeyPatch) -> None:
    """Picked work stays in its lane."""

    def take(self: Lane) -> Work:
        self.live -= 1
        return self.first()

    patch.setattr(Lane, "take", take)


def last_in_first_out(patch: pytest.MonkeyPatch) -> None:
    """The youngest is served first."""
    push = Lane.push

    def pushed(self: Lane, work: Work) -> None:
        work.seq = -work.seq
        push(self, work)

    patch.setattr(Lane, "push", pushed)


def no_capacity(patch: pytest.MonkeyPatch) -> None:
    """One more than the capacity."""

    def full(self: Room, seat: Seat, medium: int) -> bool:
        return (
            seat.held[medium] > seat.capacity[medium]
            or seat.pending[medium] > 0
            or self._barred(seat, medium)
        )

    patch.setattr(Room, "_full", full)


def no_interruption_table(patch: pytest.MonkeyPatch) -> None:
    """Anything beside anything."""
    patch.setattr(Room, "_barred", lambda self, seat, medium: False)


def no_phone_gate(patch: pytest.MonkeyPatch) -> None:
    """Calls for agents without a phone."""
    mask = Room.mask

    def masked(self: Room, seat: Seat) -> int:
        phone, seat.phone = seat.phone, True
        result = mask(self, seat)
        seat.phone = phone
        return result

    patch.setattr(Room, "mask", masked)


def timers_never_stale(patch: pytest.MonkeyPatch) -> None:
    """An offer that was accepted in time lapses all the same."""
    patch.setattr("omni.acd.engine.timers.stale", lambda due: False)


def timers_always_stale(patch: pytest.MonkeyPatch) -> None:
    """No deadline is ever kept."""
    patch.setattr("omni.acd.engine.timers.stale", lambda due: True)


def skills_ignored(patch: pytest.MonkeyPatch) -> None:
    """Nobody has any skill."""
    patch.setattr("omni.acd.engine.board.Profile.has", lambda self, needs: not needs)


def bench_forgets(patch: pytest.MonkeyPatch) -> None:
    """Only the first agent of a bench is remembered."""
    sit = Bench.sit

    def sat(self: Bench, seat: Seat) -> None:
        if not any(entry[2].stamp == entry[3] for entry in self.heap):
            sit(self, seat)

    patch.setattr(Bench, "sit", sat)


ROUTERS: dict[type[Router], int] = {
    LosesReturnedWork: 2,
    SendsReturnedWorkToTheEnd: 0,
    ForgetsToWithdrawOnSignOut: 7,
    ForgivesNoAnswer: 2,
    FreedAgentStaysIdle: 4,
    WrapUpHoldsNothing: 0,
    BreakAtOnce: 0,
    ReadyIgnoresLeaving: 0,
    ForgetsRest: 1,
    BreakLetsLinesDown: 12,
    HoldsForEver: 1,
    SignOutLetsLinesDown: 6,
    DialledCallsIgnoreHolds: 3,
    HoldsTheUnskilled: 18,
    BreakLetsOwnCallDown: 32,
    ShownToTheAbsent: 31,
    OwnCallsForEver: 12,
    OwnCallToAnybody: 41,
    OwnCallBesideIt: 11,
}
PATCHES: dict[Patch, int] = {
    holds_given_twice: 11,
    help_never_ends: 1,
    closed_groups_work: 0,
    help_is_not_asked_for: 0,
    no_hysteresis: 0,
    nobody_looks: 0,
    nobody_is_told: 0,
    stale_bench: 0,
    lane_keeps_picked: 0,
    last_in_first_out: 0,
    no_capacity: 0,
    no_interruption_table: 0,
    no_phone_gate: 0,
    timers_never_stale: 3,
    timers_always_stale: 0,
    skills_ignored: 57,
    bench_forgets: 0,
    held_agents_get_work: 45,
    too_many_held: 6,
    own_calls_without_room: 0,
    own_calls_bar_nothing: 16,
}


def hunt(start: int, **seeded: object) -> None:
    """Let the machine find a bug; any way of failing will do.

    Args:
        start: the hunt with which to begin: one that found the bug when it was chosen. What it
            draws changes with the machine's rules (and, a little, with the modules that are
            loaded); then another hunt finds it, some seconds later.
    """
    with pytest.raises(Exception):  # noqa: B017, PT011
        for number in range(start, start + HUNTS):
            machine = seed(number)(type("Seeded", (RouterMachine,), seeded))
            run_state_machine_as_test(machine, settings=HUNT)


@pytest.mark.parametrize("bug", ROUTERS, ids=lambda bug: bug.__name__)
def test_the_machine_finds_a_wrong_router(bug: type[Router]) -> None:
    hunt(ROUTERS[bug], router_type=bug)


@pytest.mark.parametrize("bug", PATCHES, ids=lambda bug: bug.__name__)
def test_the_machine_finds_a_broken_part(bug: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    hunt(PATCHES[bug])
