"""A contact's numbers: whose turn it is, when a number is done, and which number speaks for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.core.ids import CampaignId, ContactId
from omni.core.terms import AttemptOutcome
from omni.dialer.engine.followup import Again, Finished, Tried, after_attempt, number_done
from omni.dialer.engine.gates import Facts, Gate, choose, facts_in_turn, first_closed, of_person
from omni.dialer.engine.intake import numbers_of, sort_out
from omni.dialer.engine.turns import in_turn
from omni.dialer.model import Contact, ContactNumber, NumberKind, RetryRule
from tests.dialer.calling import START, contact, plan
from tests.dialer.test_gates import HERE, OPEN

MOBILE = ContactNumber("+1", NumberKind.MOBILE)
HOME = ContactNumber("+2", NumberKind.HOME)
WORK = ContactNumber("+3", NumberKind.WORK)
ALL = (HOME, WORK, MOBILE)


def test_the_campaign_says_which_kind_comes_first_and_the_list_the_rest() -> None:
    assert in_turn(ALL, ()) == [HOME, WORK, MOBILE]
    assert in_turn(ALL, (NumberKind.MOBILE,)) == [MOBILE, HOME, WORK]
    assert in_turn(ALL, (NumberKind.WORK, NumberKind.MOBILE)) == [WORK, MOBILE, HOME]


@given(st.permutations(ALL), st.permutations(list(NumberKind)), st.sampled_from(ALL))
def test_the_turn_goes_round_all_numbers(
    numbers: list[ContactNumber], order: list[NumberKind], first: ContactNumber
) -> None:
    whole = in_turn(numbers, order)
    turned = in_turn(numbers, order, first.number)
    assert turned[0] == first
    assert sorted(turned, key=lambda one: one.number) == sorted(ALL, key=lambda one: one.number)
    place = whole.index(first)
    assert turned == whole[place:] + whole[:place]


BUSY, NO_ANSWER, INVALID = (
    AttemptOutcome.BUSY,
    AttemptOutcome.NO_ANSWER,
    AttemptOutcome.INVALID_NUMBER,
)
CAMPAIGN = plan(
    retries=(RetryRule(BUSY, 600, 3), RetryRule(NO_ANSWER, 7200, 2, True)), next_number_s=30
)


def tried(outcome: AttemptOutcome, times: int, *turns: ContactNumber) -> Tried:
    return Tried(outcome, times, turns)


@pytest.mark.parametrize(
    ("attempt", "follow", "done"),
    [
        # The rule keeps to the number, or passes the turn on.
        (tried(BUSY, 1, replace(MOBILE, attempts=1), HOME), (600, ""), False),
        (tried(NO_ANSWER, 1, replace(MOBILE, attempts=1), HOME), (30, "+2"), False),
        # All had their turn: the rule's delay. One is enough to hurry for.
        (
            tried(NO_ANSWER, 1, replace(MOBILE, attempts=1), replace(HOME, attempts=1)),
            (7200, "+2"),
            False,
        ),
        (
            tried(NO_ANSWER, 1, replace(MOBILE, attempts=1), replace(HOME, attempts=1), WORK),
            (30, "+3"),
            False,
        ),
        # A single number waits; without a rule, or with its attempts used up, it is done.
        (tried(NO_ANSWER, 1, replace(MOBILE, attempts=1)), (7200, ""), False),
        (tried(NO_ANSWER, 2, replace(MOBILE, attempts=2)), None, True),
        (tried(INVALID, 1, replace(MOBILE, attempts=1)), None, True),
        # A done number leaves its turn to the others, as long as there are any.
        (tried(INVALID, 1, replace(MOBILE, attempts=1), HOME), (30, "+2"), True),
        (tried(BUSY, 3, replace(MOBILE, attempts=3), replace(HOME, attempts=3)), (600, "+2"), True),
        (
            tried(INVALID, 1, replace(MOBILE, attempts=1), replace(HOME, attempts=2)),
            (7200, "+2"),
            True,
        ),
        (
            tried(INVALID, 1, replace(MOBILE, attempts=1), replace(HOME, finished="fax")),
            None,
            True,
        ),
    ],
)
def test_what_follows_an_attempt(
    attempt: Tried, follow: tuple[int, str] | None, done: bool
) -> None:
    found = after_attempt(CAMPAIGN, attempt, START)
    if follow is None:
        assert found == Finished(attempt.outcome.value)
    else:
        assert found == Again(START + timedelta(seconds=follow[0]), follow[1])
    assert number_done(CAMPAIGN, attempt) is done


def test_a_number_at_its_cap_is_not_next() -> None:
    capped = replace(CAMPAIGN, max_attempts_number=1)
    attempt = tried(NO_ANSWER, 1, replace(MOBILE, attempts=1), replace(HOME, attempts=1))
    assert after_attempt(capped, attempt, START) == Again(START + timedelta(seconds=7200))


def one(number: str, **facts: object) -> Facts:
    return replace(OPEN, number=number, **facts)  # type: ignore[arg-type]  # test shorthand


def test_the_first_number_in_turn_that_is_open_is_dialled() -> None:
    numbers = [one("+1", do_not_call=True), one("+2"), one("+3")]
    assert choose(numbers, HERE).number == "+2"
    assert choose(numbers[:1], HERE).number == "+1"
    locked = one("+4", locked_until=HERE.now + timedelta(hours=2))
    sooner = one("+5", locked_until=HERE.now + timedelta(hours=1))
    assert choose([numbers[0], locked, sooner], HERE).number == "+5"


def test_a_contact_is_done_only_when_no_number_is_left() -> None:
    finished = one("+1", number_finished="invalid_number")
    capped = one("+2", number_attempts=3)
    assert first_closed(choose([finished, capped], HERE), HERE) is None
    here = replace(HERE, max_attempts_number=3)
    assert first_closed(choose([finished, capped], here), here) is Gate.ATTEMPTS_NUMBER
    busy = one("+3", number_busy=True)
    assert first_closed(choose([finished, busy], here), here) is Gate.IN_PROGRESS
    promised = one("+1", number_finished="busy", callback_at=HERE.now)
    assert first_closed(promised, here) is None


def test_a_contact_nobody_tried_begins_with_the_campaigns_first_number() -> None:
    facts = [one(each.number, kind=each.kind) for each in ALL]
    fresh = replace(contact(1, CampaignId("campaign1"), numbers=ALL), number="+2")
    mobile_first = plan(number_order=(NumberKind.MOBILE,))

    def turns(person: Contact) -> list[str]:
        return [each.number for each in facts_in_turn(facts, person, mobile_first)]

    assert turns(fresh) == ["+1", "+2", "+3"]
    assert turns(replace(fresh, attempts=1)) == ["+2", "+3", "+1"]
    assert turns(replace(fresh, callback_at=START)) == ["+2", "+3", "+1"]


PHONES = st.lists(st.sampled_from([f"+{n}" for n in range(8)]), min_size=1, max_size=3)


@given(st.lists(PHONES, max_size=8), st.sets(st.sampled_from([f"+{n}" for n in range(8)])))
def test_a_campaign_has_each_number_once(rows: list[list[str]], before: set[str]) -> None:
    contacts = [
        replace(
            contact(place, CampaignId("campaign1")),
            number=phones[0],
            numbers=tuple(ContactNumber(phone) for phone in phones),
        )
        for place, phones in enumerate(rows)
    ]
    old = ContactId("old")
    found = sort_out(contacts, dict.fromkeys(before, old))
    taken = numbers_of(found.fresh)
    assert len(set(taken)) == len(taken)
    assert not set(taken) & before
    # In the list's order: whoever was not taken in shares a number with somebody before.
    owners = dict.fromkeys(before, old)
    for each in contacts:
        mine = [owners[one.number] for one in each.all_numbers if one.number in owners]
        known = [owner for person, owner in found.known if person is each]
        assert known == mine[:1]
        if not known:
            owners.update({one.number: each.contact_id for one in each.all_numbers})
    assert len(found.fresh) + len(found.known) == len(contacts)


def test_what_the_law_counts_is_counted_by_person() -> None:
    later, latest = START + timedelta(days=1), START + timedelta(days=7)
    numbers = [
        replace(OPEN, number="+1", attempts_24h=1, attempts_7d=4, locked_until=later),
        replace(OPEN, number="+2", attempts_24h=2, attempts_7d=2, number_busy=True),
        replace(OPEN, number="+3", locked_until=latest, do_not_call=True),
    ]
    found = of_person(numbers)
    assert {(one.attempts_24h, one.attempts_7d, one.locked_until) for one in found} == {
        (3, 6, latest)
    }
    assert all(one.number_busy for one in found)
    # What is said of a number stays with it.
    assert [one.do_not_call for one in found] == [False, False, True]
