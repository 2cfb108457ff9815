"""People who answered while routing is being built anew."""

from datetime import timedelta

from omni.acd.model import Arrival, ArrivalResult, Queued, Refused
from omni.core.errors import Unavailable
from omni.core.ids import InteractionId, QueueId
from omni.core.terms import Direction, Medium
from omni.dialer.handover import Handover
from tests.dialer.calling import START, OwnClock

PERSON = InteractionId("person")
TAKEN = Queued(QueueId("queue"))
ARRIVAL = Arrival(PERSON, Medium.VOICE, Direction.OUTBOUND, queue_id=QueueId("queue"))


class RecoveringAcd:
    """An ACD that is away until an instant; it remembers what it was told."""

    def __init__(self, clock: OwnClock, away_s: float, answer: ArrivalResult) -> None:
        self.clock = clock
        self.back_at = clock.now() + timedelta(seconds=away_s)
        self.answer = answer
        self.left: list[InteractionId] = []

    def _ask(self) -> None:
        if self.clock.now() < self.back_at:
            raise Unavailable("acd_not_ready")

    async def arrive(self, arrival: Arrival) -> ArrivalResult:
        self._ask()
        return self.answer

    async def drop(self, interaction_id: InteractionId) -> bool:
        self._ask()
        return False

    async def customer_left(self, interaction_id: InteractionId) -> None:
        self._ask()
        self.left.append(interaction_id)


def handover(
    away_s: float, answer: ArrivalResult = TAKEN
) -> tuple[Handover, OwnClock, RecoveringAcd]:
    clock = OwnClock()
    acd = RecoveringAcd(clock, away_s, answer)
    return Handover(acd, clock), clock, acd  # type: ignore[arg-type]  # what it uses of it


async def test_a_short_recovery_costs_nobody() -> None:
    people, _, _ = handover(1.0)
    assert await people.arrive(ARRIVAL, START + timedelta(seconds=2), lambda: True)


async def test_nobody_waits_longer_than_the_law_allows() -> None:
    people, clock, _ = handover(60.0)
    assert not await people.arrive(ARRIVAL, START + timedelta(seconds=2), lambda: True)
    assert timedelta(seconds=2) <= clock.now() - START < timedelta(seconds=2.2)


async def test_for_someone_who_has_gone_nobody_is_asked_again() -> None:
    people, clock, _ = handover(60.0)
    assert not await people.arrive(ARRIVAL, START + timedelta(seconds=2), lambda: False)
    assert clock.now() == START


async def test_a_refusal_is_not_asked_again() -> None:
    people, clock, _ = handover(0.0, Refused("closed"))
    assert not await people.arrive(ARRIVAL, START + timedelta(seconds=2), lambda: True)
    assert clock.now() == START


async def test_while_it_recovers_a_person_can_be_dropped_and_the_message_played() -> None:
    people, _, _ = handover(60.0)
    assert await people.drop(PERSON)
    people, _, _ = handover(0.0)
    assert not await people.drop(PERSON), "an agent has them"


async def test_that_they_left_is_said_until_it_is_heard() -> None:
    people, _, acd = handover(5.0)
    await people.left(PERSON)
    assert acd.left == [PERSON]
