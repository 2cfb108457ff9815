"""The compliance file: whatever is done to it afterwards is found, and said where and what."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.app.keys import KeyRing, new_key
from omni.core.ids import AttemptId, CampaignId, ContactId
from omni.core.terms import AttemptOutcome
from omni.dialer.compliance import (
    COLUMNS,
    WORDS,
    Finding,
    Wrong,
    compliance_file,
    first_link,
    next_link,
    verify,
)
from omni.dialer.listfile import csv_line
from omni.dialer.model import Attempt
from tests.dialer.calling import START, plan

CAMPAIGN = CampaignId("campaign1")
OLD, KEY = new_key(), new_key()
KEYS = KeyRing([KEY, OLD])
Rows = list[list[str]]


def attempt(number: int, outcome: AttemptOutcome | None) -> Attempt:
    started_at = START + timedelta(seconds=number)
    return Attempt(
        attempt_id=AttemptId(f"attempt{number}"),
        campaign_id=CAMPAIGN,
        contact_id=ContactId(f"contact{number}"),
        number=f"+1212555{number:04d}",
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=20) if outcome else None,
        outcome=outcome,
        ring_s=20.0,
    )


async def file_of(attempts: list[Attempt], keys: KeyRing = KEYS) -> str:
    async def stored() -> AsyncIterator[Attempt]:
        for one in attempts:
            yield one

    file = compliance_file(plan(campaign_id=CAMPAIGN), stored(), keys, START)
    return b"".join([chunk async for chunk in file]).decode()


def read(text: str) -> Rows:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def written(rows: Rows) -> str:
    return "".join(csv_line(row) for row in rows)


def linked_anew(rows: Rows) -> Rows:
    """Return the rows with every hash right again: what anybody can do who has no key."""
    made, link = rows[:1], first_link(CAMPAIGN)
    for row in rows[1:-1]:
        link = next_link(link, row[:-1])
        made.append([*row[:-1], link])
    return [*made, rows[-1]]


def cell(rows: Rows) -> Rows:
    rows[3][6] = "answered"
    return rows


def moved(rows: Rows, old: int, new: int) -> Rows:
    rows.insert(new - 1, rows.pop(old - 1))
    return rows


def forged(rows: Rows) -> Rows:
    """Write the whole file anew, without a call that should not have been, and count right."""
    del rows[3]
    rows[-2][1] = str(len(rows) - 3)
    return linked_anew(rows)


def redated(rows: Rows) -> Rows:
    rows[-1][2] = "2027-01-01T00:00:00.000+00:00"
    return rows


# Six attempts: the heading is line 1, they are 2 … 7, `end` is 8, `seal` 9.
@pytest.mark.parametrize(
    ("done", "wrong", "line"),
    [
        (lambda rows: rows, None, 0),
        (cell, Wrong.CHANGED, 4),
        (lambda rows: rows[:3] + rows[4:], Wrong.REMOVED, 4),
        (lambda rows: rows[:6] + rows[7:], Wrong.REMOVED, 7),
        (lambda rows: rows[:1] + rows[4:], Wrong.REMOVED, 2),
        (lambda rows: rows[:4] + [rows[3]] + rows[4:], Wrong.ADDED, 5),  # noqa: RUF005
        (lambda rows: [*rows[:4], [*rows[5][:-1], "f" * 64], *rows[4:]], Wrong.ADDED, 5),
        (lambda rows: moved(rows, 4, 5), Wrong.MOVED, 4),
        (lambda rows: moved(rows, 3, 6), Wrong.MOVED, 3),
        (lambda rows: moved(rows, 6, 3), Wrong.MOVED, 3),
        (lambda rows: rows[:5], Wrong.CUT, 6),
        (lambda rows: [*rows[:7], ["end"]], Wrong.CHANGED, 8),
        (lambda rows: [*rows[:4], [], *rows[4:]], Wrong.ADDED, 5),
        (lambda rows: rows[:1], Wrong.CUT, 2),
        (lambda rows: rows[1:], Wrong.HEADER, 1),
        (lambda _: [], Wrong.HEADER, 1),
        (lambda rows: rows[:-1], Wrong.UNSEALED, 9),
        (lambda rows: [*rows, rows[-1]], Wrong.TRAILING, 10),
        (lambda rows: [*rows[:-1], rows[3], rows[-1]], Wrong.TRAILING, 9),
        (forged, Wrong.FORGED, 8),
        (redated, Wrong.FORGED, 9),
        (lambda rows: linked_anew(cell(rows)), Wrong.FORGED, 9),
        (lambda rows: linked_anew(rows[:3] + rows[4:]), Wrong.MISCOUNTED, 7),
    ],
)
async def test_what_was_done_is_said_in_words(
    done: Callable[[Rows], Rows], wrong: Wrong | None, line: int
) -> None:
    text = await file_of([attempt(n, AttemptOutcome.BUSY) for n in range(6)])
    found = verify(CAMPAIGN, written(done(read(text))), KEYS)
    assert found == (Finding(wrong, line) if wrong else None)
    assert found is None or str(line) in str(found)


async def test_only_the_installation_s_keys_seal() -> None:
    text = await file_of([attempt(1, None)], KeyRing([OLD]))
    assert verify(CAMPAIGN, text, KEYS) is None, "a key of before, that is still there"
    found = verify(CAMPAIGN, text, KeyRing([new_key()]))
    assert found is not None
    assert found.wrong is Wrong.FORGED
    found = verify(CAMPAIGN, text, None)
    assert found is not None
    assert found.wrong is Wrong.KEYLESS


def test_what_is_sealed_at_somebody_s_wish_is_no_signature() -> None:
    assert not KEYS.signed("text", KEYS.close("text"))
    assert not KEYS.signed("text", "nämlich")
    assert KEYS.signed("text", KEYS.sign("text"))


def test_every_fault_has_its_words() -> None:
    assert set(WORDS) == set(Wrong)


OUTCOMES = st.lists(st.none() | st.sampled_from(AttemptOutcome), max_size=6)


@given(outcomes=OUTCOMES)
async def test_an_untouched_file_is_right(outcomes: list[AttemptOutcome | None]) -> None:
    text = await file_of([attempt(*one) for one in enumerate(outcomes)])
    assert verify(CAMPAIGN, text, KEYS) is None
    other = verify("another", text, KEYS)
    assert other is not None
    assert other.line == 2


@given(outcomes=OUTCOMES, anew=st.booleans(), data=st.data())
async def test_whatever_is_done_to_a_line_is_found(
    outcomes: list[AttemptOutcome | None], anew: bool, data: st.DataObject
) -> None:
    """Whether the hashes are made right afterwards or not."""
    rows = read(await file_of([attempt(*one) for one in enumerate(outcomes)]))
    place = data.draw(st.integers(0, len(rows) - 1), label="line")
    done = data.draw(st.sampled_from(["cell", "gone", "twice", "cut", "moved"]), label="done")
    before = [list(row) for row in rows]
    if done == "cell":
        column = data.draw(st.integers(0, len(COLUMNS) - 1), label="column")
        rows[place][column] += "1"
    elif done == "gone":
        del rows[place]
    elif done == "twice":
        rows.insert(place, rows[place])
    elif done == "moved":
        rows.insert(data.draw(st.integers(0, len(rows) - 1), label="to"), rows.pop(place))
    else:
        del rows[place:]
    if anew and len(rows) > 1:
        rows = linked_anew(rows)
    found = verify(CAMPAIGN, written(rows), KEYS)
    if rows == before:
        assert found is None
    else:
        assert found is not None
        assert anew or 0 < found.line <= place + 2 or done == "moved"
