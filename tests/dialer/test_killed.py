"""The campaign service as a real process, killed in the middle of dialling, again and again."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from omni.app.timekeeping import RandomIdentities
from omni.core.events.outbound import AttemptEnded, AttemptStarted
from omni.core.ids import CampaignId
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.model import CampaignState, Mode
from omni.dialer.store import CampaignTable
from tests.dialer.calling import Lists, contact

ROOT = Path(__file__).parents[2]
CONTACTS, KILLS = 100, 3
PATIENCE_S = 90


@asynccontextmanager
async def worker(url: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the process that dials; it is killed, not asked, at the end."""
    said = (folder / "said").open("ab")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.dialer.campaign_worker", url, str(folder),
        cwd=ROOT, stdout=said, stderr=said,
    )  # fmt: skip
    said.close()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def dials(folder: Path) -> list[tuple[str, str]]:
    """Return (attempt, number) of all that reached the carrier."""
    file = folder / "carrier"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(line.split()[0], line.split()[1]) for line in lines]


async def becomes(campaign_id: CampaignId, state: CampaignState) -> None:
    """Wait until a campaign has the state."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            campaign = await CampaignTable().get(campaign_id)
            if campaign is not None and campaign.state is state:
                return
            await asyncio.sleep(0.05)


async def check_books(lists: Lists, campaign_id: CampaignId, folder: Path) -> int:
    """Check that every attempt began once and ended once, and nobody was dialled twice."""
    attempts = [one async for one in AttemptTable().of_campaign(campaign_id)]
    assert not [one for one in attempts if one.outcome is None]
    assert Counter(one.contact_id for one in attempts).most_common(1)[0][1] == 1
    dialled = dials(folder)
    assert len({number for _, number in dialled}) == len(dialled)
    assert {attempt for attempt, _ in dialled} <= {one.attempt_id for one in attempts}
    told: Counter[tuple[str, str]] = Counter()
    types = [AttemptStarted.TYPE, AttemptEnded.TYPE]
    async for recorded in lists.journal.read(0, types=types):
        told[recorded.event.TYPE, recorded.event.key] += 1
    assert len(told) == 2 * len(attempts)
    assert set(told.values()) == {1}
    return len(attempts)


@pytest.mark.timeout(300)
async def test_a_killed_campaign_loses_no_attempt_and_dials_nobody_twice(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path, identities=RandomIdentities())
    # Without retries every contact is dialled at most once in its life.
    campaign = await lists.campaign(mode=Mode.PROGRESSIVE, retries=())
    campaign_id = campaign.campaign_id
    rows = (contact(number, campaign_id) for number in range(CONTACTS))
    await lists.add_contacts(campaign_id, *rows)
    await lists.campaigns.start(campaign_id)
    for kill in range(1, KILLS + 1):
        async with worker(database, tmp_path), asyncio.timeout(PATIENCE_S):
            while len(dials(tmp_path)) < kill * CONTACTS // (KILLS + 1):
                await asyncio.sleep(0.02)
    assert any(not attempt.ended_at for attempt in await AttemptTable().open())
    async with worker(database, tmp_path):
        await becomes(campaign_id, CampaignState.FINISHED)
    assert await check_books(lists, campaign_id, tmp_path) == CONTACTS


@pytest.mark.timeout(300)
async def test_a_drain_that_is_killed_ends_in_the_next_process(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path, identities=RandomIdentities())
    campaign = await lists.campaign(mode=Mode.PROGRESSIVE, retries=())
    campaign_id = campaign.campaign_id
    rows = (contact(number, campaign_id) for number in range(CONTACTS))
    await lists.add_contacts(campaign_id, *rows)
    await lists.campaigns.start(campaign_id)
    async with worker(database, tmp_path), asyncio.timeout(PATIENCE_S):
        while len(dials(tmp_path)) < CONTACTS // 4:
            await asyncio.sleep(0.02)
        (tmp_path / "drain").touch()
        await becomes(campaign_id, CampaignState.DRAINING)
    dialled = len(dials(tmp_path))
    async with worker(database, tmp_path):
        await becomes(campaign_id, CampaignState.STOPPED)
    assert await check_books(lists, campaign_id, tmp_path) < CONTACTS
    assert len(dials(tmp_path)) == dialled
