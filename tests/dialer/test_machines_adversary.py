"""Machines that are ended, against somebody who decides what answers and when settings change.

The real lines and the real pacing, with a telephone and a database that say nothing: of the
machines that are hung up on the share `LOST` is persons, and the limit is never passed.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omni.core.events.voice import AnswerClassified, CallAnswered, CallEnded, CallFailed
from omni.core.ids import AttemptId, CallId
from omni.core.terms import AnswerKind, AttemptOutcome, Direction
from omni.dialer.calls import CallParts, Calls
from omni.dialer.engine.budget import DropBudget
from omni.dialer.engine.pacing import LineDialled, MessageDialled, Pacer
from omni.dialer.engine.profiles import Window, newest
from omni.dialer.lines import Line, LineState, Run, attempt_at, plan_of, treatments
from omni.dialer.model import Mode, OnMachine
from tests.dialer.calling import START, OwnClock, contact, plan
from tests.effort import effort

LOST = 0.4  # of the machines that are ended, the share believed to be persons: high, so that few do
LIFE_S = 40.0


class Silence:
    """A telephone, a database and an ACD that take everything and say nothing."""

    async def classified(self, attempt_id: AttemptId, kind: AnswerKind) -> None: ...
    async def answered(self, *of_an_attempt: object) -> None: ...
    async def end(self, *of_an_attempt: object) -> None: ...
    async def play_message(self, *of_a_call: object) -> None: ...
    async def left(self, interaction_id: object) -> None: ...
    async def drop(self, interaction_id: object) -> bool:
        return False

    async def arrive(self, *of_a_call: object) -> bool:
        return True

    def __init__(self) -> None:
        self.hung_up: set[AttemptId] = set()
        self.left_on_machines: set[AttemptId] = set()

    async def hang_up(self, attempt_id: AttemptId) -> None:
        self.hung_up.add(attempt_id)

    async def leave_message(self, attempt_id: AttemptId, _: object) -> None:
        self.left_on_machines.add(attempt_id)


@dataclass
class Play:
    """A campaign whose lines do what the adversary says."""

    mode: Mode
    tasks: asyncio.TaskGroup

    def __post_init__(self) -> None:
        profile = newest("NONE")
        assert profile is not None
        self.announced = self.mode is Mode.AGENTLESS
        self.campaign = plan(mode=self.mode, answer_detection=True)
        pacer = Pacer(plan_of(self.campaign, profile), self._budget())
        pacer.believe(LOST)
        self.silence = Silence()
        self.run = Run(self.campaign, profile, pacer, None, None)  # type: ignore[arg-type]  # unused
        any_part: Any = self.silence
        self.calls = Calls(
            CallParts(
                {self.campaign.campaign_id: self.run},
                attempt_store=any_part,
                attempts=any_part,
                telephone=any_part,
                acd=any_part,
                own_calls=any_part,
                clock=OwnClock(),
            )
        )
        self.calls.tasks = self.tasks
        self.dialled = self.people = 0
        self.machines: set[AttemptId] = set()

    def _budget(self, counted: object = ()) -> DropBudget:
        windows, zone = (Window.CALENDAR_DAY,), ZoneInfo("UTC")
        return DropBudget(3.0, windows, zone, LIFE_S, counted)  # type: ignore[arg-type]

    def dial(self, number: int) -> None:
        """As `Dialing` does; agents are enough for all who are dialled."""
        rows = [contact(self.dialled + n, self.campaign.campaign_id) for n in range(number)]
        done = treatments(self.run, rows, START.timestamp(), announced=self.announced)
        for row, on_machine in zip(rows, done, strict=True):
            attempt_id = AttemptId(f"a{self.dialled}")
            self.dialled += 1
            attempt = attempt_at(self.run.campaign, row, attempt_id, START, on_machine)
            line = self.calls.lines[attempt_id] = Line(attempt, announced=self.announced)
            self.run.pacer.handle(
                MessageDialled(attempt_id, line.costly)
                if self.announced
                else LineDialled(START.timestamp(), attempt_id, (), line.costly)
            )

    def change(self, number: int) -> None:
        self.run.campaign = replace(self.run.campaign, on_machine=list(OnMachine)[number % 3])

    def new_rules(self, _: int) -> None:
        """A change that makes the budget anew."""
        pacer = self.run.pacer
        pacer.replan(pacer.plan, self._budget(pacer.counted()))

    def answer(self, number: int, kind: AnswerKind | None) -> None:
        """Let lines be answered by this; None: by who hangs up before it is known."""
        ringing = [one for one in self.calls.lines.values() if one.state is LineState.RINGING]
        for line in ringing[:number]:
            attempt_id = line.attempt.attempt_id
            call_id = CallId(attempt_id)
            heard = line.detect
            self.calls.hear(CallAnswered(call_id=call_id, attempt_id=attempt_id, ring_s=3.0), START)
            if kind is None:
                ended = CallEnded(
                    call_id=call_id,
                    attempt_id=attempt_id,
                    direction=Direction.OUTBOUND,
                    by="customer",
                    cause=16,
                    talk_s=0.0,
                )
                self.calls.hear(ended, START)
            else:
                said = AnswerClassified(
                    call_id=call_id, attempt_id=attempt_id, kind=kind, took_s=1.0, quiet_s=0.5
                )
                self.calls.hear(said, START)
            if line.state is LineState.WAITING and not self.announced:
                self.calls.connected(attempt_id)
            ended_as_one = line.state is LineState.OVER and heard and kind is not None
            if ended_as_one and kind is AnswerKind.MACHINE:
                self.machines.add(attempt_id)
            found = heard and kind is AnswerKind.HUMAN
            # Agents find out; without them only the detector says who is a person.
            self.people += found if self.announced else not ended_as_one

    def fail(self, number: int) -> None:
        ringing = [one for one in self.calls.lines.values() if one.state is LineState.RINGING]
        for line in ringing[:number]:
            attempt_id = line.attempt.attempt_id
            failed = CallFailed(
                call_id=CallId(attempt_id),
                attempt_id=attempt_id,
                outcome=AttemptOutcome.BUSY,
                cause=17,
                sip_code=486,
                ring_s=3.0,
            )
            self.calls.hear(failed, START)

    def move(self, what: str, number: int) -> None:
        self.dial(20)
        match what:
            case "change":
                self.change(number)
            case "rules":
                self.new_rules(number)
            case "fail":
                self.fail(number)
            case "leaves":
                self.answer(number, None)
            case _:
                self.answer(number, AnswerKind(what))

    def lost(self) -> float:
        """Return how many persons were dropped as machines."""
        ended = self.machines & self.silence.hung_up
        if not self.announced:  # an agent was to come: a message is none
            ended |= self.machines & self.silence.left_on_machines
        return LOST * len(ended)


MOVES = st.tuples(
    st.sampled_from([*AnswerKind, AnswerKind.MACHINE, "change", "rules", "fail", "leaves"]),
    st.sampled_from([1, 2, 5, 20, 60]),
)


MESSAGES_ON_MACHINES = [("change", 1), ("machine", 60), ("machine", 60)]
SPENT_AND_COUNTED_ANEW = [("machine", 60), ("rules", 1), ("machine", 60)]


@pytest.mark.parametrize("mode", [Mode.AGENTLESS, Mode.PROGRESSIVE])
@example(moves=SPENT_AND_COUNTED_ANEW, people=150)
@example(moves=MESSAGES_ON_MACHINES, people=30)
@given(moves=st.lists(MOVES, min_size=5, max_size=30), people=st.sampled_from([0, 30, 150]))
@effort(100)
async def test_no_order_of_answers_and_changes_passes_the_limit(
    mode: Mode, moves: list[tuple[str, int]], people: int
) -> None:
    async with asyncio.TaskGroup() as tasks:
        play = Play(mode, tasks)
        play.dial(people)
        play.answer(people, AnswerKind.HUMAN)
        for move in moves:
            play.move(*move)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            lost = play.lost()
            assert 100 * lost <= 3 * (play.people + lost) + 1e-6
