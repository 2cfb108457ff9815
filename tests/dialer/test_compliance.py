"""The compliance file: whatever is done to it afterwards is found."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from omni.core.ids import AttemptId, CampaignId, ContactId
from omni.core.terms import AttemptOutcome
from omni.dialer.compliance import COLUMNS, compliance_file, verify
from omni.dialer.listfile import csv_line
from omni.dialer.model import Attempt
from tests.dialer.calling import START, plan

CAMPAIGN = CampaignId("campaign1")


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


async def file_of(attempts: list[Attempt]) -> str:
    async def stored() -> AsyncIterator[Attempt]:
        for one in attempts:
            yield one

    chunks = [chunk async for chunk in compliance_file(plan(campaign_id=CAMPAIGN), stored())]
    return b"".join(chunks).decode()


OUTCOMES = st.lists(st.none() | st.sampled_from(AttemptOutcome), max_size=6)


@given(outcomes=OUTCOMES)
async def test_an_untouched_file_is_right(outcomes: list[AttemptOutcome | None]) -> None:
    text = await file_of([attempt(*one) for one in enumerate(outcomes)])
    assert verify(CAMPAIGN, text) == 0
    assert verify("another", text) == 2


@given(outcomes=OUTCOMES, data=st.data())
async def test_whatever_is_done_to_a_line_is_found(
    outcomes: list[AttemptOutcome | None], data: st.DataObject
) -> None:
    text = await file_of([attempt(*one) for one in enumerate(outcomes)])
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    place = data.draw(st.integers(0, len(rows) - 1), label="line")
    done = data.draw(st.sampled_from(["cell", "gone", "twice", "cut"]), label="done")
    if done == "cell":
        column = data.draw(st.integers(0, len(COLUMNS) - 1), label="column")
        rows[place][column] += "1"
    elif done == "gone":
        del rows[place]
    elif done == "twice":
        rows.insert(place, rows[place])
    else:
        del rows[place:]
    found = verify(CAMPAIGN, "".join(csv_line(row) for row in rows))
    assert 0 < found <= place + 2
