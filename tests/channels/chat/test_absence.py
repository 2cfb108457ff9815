"""Absences, the waiting room and the allowance: small engines that are told the time."""

from hypothesis import given
from hypothesis import strategies as st

from omni.channels.chat.engine.absence import Absences, Overdue, Unseen
from omni.channels.chat.engine.allowance import Allowance
from omni.channels.chat.engine.waiting import WaitingRoom
from omni.core.ids import InteractionId, QueueId, VisitorId

WHO, WHAT = VisitorId("v"), InteractionId("i")


def test_a_reload_is_told_to_nobody() -> None:
    absences = Absences(grace_s=5, end_s=300)
    absences.left(WHO, WHAT, 10)
    assert absences.due(14.9) == []
    assert absences.back(WHO) is False
    assert absences.due(1000) == []


def test_a_visitor_who_stays_away_is_told_and_then_ended() -> None:
    absences = Absences(grace_s=5, end_s=300)
    absences.left(WHO, WHAT, 10)
    assert absences.due(15) == [Unseen(WHO, WHAT)]
    assert absences.due(16) == []
    assert absences.due(310) == [Overdue(WHO, WHAT)]
    assert len(absences) == 0
    assert absences.due(10_000) == []


def test_who_comes_back_in_between_starts_anew() -> None:
    absences = Absences(grace_s=5, end_s=300)
    absences.left(WHO, WHAT, 0)
    assert absences.due(6) == [Unseen(WHO, WHAT)]
    assert absences.back(WHO) is True
    absences.left(WHO, WHAT, 200)
    assert absences.due(301) == [Unseen(WHO, WHAT)]
    assert absences.due(499) == []
    assert absences.due(500) == [Overdue(WHO, WHAT)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 400))))
def test_nobody_who_is_there_is_ended(moves: list[tuple[str, bool, int]]) -> None:
    absences, away, at_s = Absences(5, 300), dict[str, int](), 0
    for name, leaves, after_s in moves:
        at_s += after_s
        for command in absences.due(at_s):
            since_s = away[command.visitor_id]
            if isinstance(command, Overdue):
                assert at_s - since_s >= 300
                del away[command.visitor_id]
            else:
                assert at_s - since_s >= 5
        if leaves and name not in away:
            absences.left(VisitorId(name), WHAT, at_s)
            away[name] = at_s
        elif not leaves:
            absences.back(VisitorId(name))
            away.pop(name, None)
        assert len(absences) == len(away)


def test_places_in_the_waiting_room_follow_arrival() -> None:
    room = WaitingRoom()
    for name in "abc":
        room.enter(InteractionId(name), QueueId("q"))
    room.enter(InteractionId("x"), QueueId("other"))
    room.enter(InteractionId("a"), QueueId("q"))
    assert sorted(room.changes()) == [("a", 1), ("b", 2), ("c", 3), ("x", 1)]
    assert list(room.changes()) == []
    room.leave(InteractionId("b"))
    room.leave(InteractionId("b"))
    assert list(room.changes()) == [("a", 1), ("c", 2)]
    assert (room.place(InteractionId("c")), room.place(InteractionId("b"))) == (2, 0)
    for name in "ac":
        room.leave(InteractionId(name))
    assert list(room.changes()) == []


def test_an_allowance_lets_a_burst_through_and_then_its_rate() -> None:
    allowance = Allowance(rate_per_s=2, burst=3, at_s=0)
    assert [allowance.take(0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert allowance.take(0.5) == 0
    assert allowance.take(0.4) > 0  # a clock that steps back gives nothing
    assert [allowance.take(100) for _ in range(4)] == [0, 0, 0, 0.5]
