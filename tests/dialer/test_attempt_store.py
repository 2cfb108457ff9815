"""Attempts as stored: an answer counts whichever is written first, the answer or the outcome."""

from datetime import UTC, datetime

import pytest

from omni.core.ids import AttemptId, CampaignId, ContactId
from omni.core.terms import AttemptOutcome
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.model import Attempt

pytestmark = pytest.mark.usefixtures("database")
T0 = datetime(2026, 1, 5, 15, tzinfo=UTC)
CAMPAIGN = CampaignId("c")


async def one(table: AttemptTable) -> AttemptId:
    attempt = Attempt(
        attempt_id=AttemptId("a"),
        campaign_id=CAMPAIGN,
        contact_id=ContactId("k"),
        number="+12025550101",
        started_at=T0,
        attempt_no=1,
    )
    await table.add([attempt])
    return attempt.attempt_id


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (AttemptOutcome.ANSWERED, (1, 0)),
        (AttemptOutcome.DROPPED, (1, 1)),
        (AttemptOutcome.HUNG_UP, (1, 0)),
    ],
)
async def test_an_outcome_after_pick_up_is_an_answer(
    outcome: AttemptOutcome, counts: tuple[int, int]
) -> None:
    table = AttemptTable()
    attempt_id = await one(table)
    assert await table.end(attempt_id, T0, outcome, None, 3.0)
    assert not await table.answered(attempt_id, T0, 3.0), "it is over"
    [hour] = await table.hourly(CAMPAIGN, T0, agentless=False)
    answered, dropped = hour.answered, hour.dropped
    assert (answered, dropped) == counts


async def test_an_ended_machine_is_counted_beside_the_answers() -> None:
    table = AttemptTable()
    assert await table.end(await one(table), T0, AttemptOutcome.MACHINE, None, 3.0)
    [hour] = await table.hourly(CAMPAIGN, T0, agentless=False)
    assert (hour.answered, hour.dropped, hour.machines) == (0, 0, 1)


async def test_a_busy_line_is_no_answer() -> None:
    table = AttemptTable()
    assert await table.end(await one(table), T0, AttemptOutcome.BUSY, None, 0.0)
    assert await table.hourly(CAMPAIGN, T0, agentless=False) == []
