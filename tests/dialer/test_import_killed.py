"""A list import as a real process, killed in the middle: whole, once, every row accounted for."""

import asyncio
import csv
import io
import sys
from pathlib import Path

import pytest
from tortoise.connection import get_connection

from omni.app.timekeeping import RandomIdentities
from omni.core.ids import CampaignId
from omni.dialer.list_model import ColumnMapping, ImportState, ListImport, NumberColumn
from tests.dialer.calling import Lists, upload

ROOT = Path(__file__).parents[2]
ROWS, KILLS = 15_000, 2
PATIENCE_S = 120


def row(n: int) -> str:
    """Return a row: a third is broken, every tenth has a number of the row nine before."""
    if n % 3 == 0:
        return f"call me,,{n}\n"
    mobile, home = f"212{5550000 + n:07d}", f"310{5550000 + n:07d}"
    return f"{mobile},{f'310{5550000 + n - 9:07d}' if n % 10 == 0 else home},{n}\n"


async def only(lists: Lists, campaign_id: CampaignId) -> ListImport:
    [item] = await lists.imports.of_campaign(campaign_id)
    return item


async def count(sql: str) -> int:
    _, rows = await get_connection("default").execute_query(sql)
    return int(rows[0]["n"])


@pytest.mark.timeout(300)
async def test_a_killed_import_goes_on_where_it_was(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path, identities=RandomIdentities())
    campaign = await lists.campaign()
    content = "Mobile,Home,Id\n" + "".join(row(n) for n in range(1, ROWS + 1))
    preview = await lists.imports.preview(campaign.campaign_id, upload(content))
    mapping = ColumnMapping("Mobile", other_numbers=(NumberColumn("Home"),), external_id="Id")
    item = await lists.imports.begin(campaign.campaign_id, preview.upload_id, mapping, "US")
    for kill in range(1, KILLS + 1):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.dialer.import_worker", database, str(tmp_path),
            item.import_id, cwd=ROOT,
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE_S):
            while (await only(lists, campaign.campaign_id)).rows_read < kill * ROWS // 4:
                await asyncio.sleep(0.01)
        process.kill()
        await process.wait()
    torn = await only(lists, campaign.campaign_id)
    assert torn.state is ImportState.RUNNING
    assert 0 < torn.rows_read < ROWS
    assert await count("SELECT count(*) AS n FROM contact") == torn.imported

    await lists.imports.resume()
    await lists.imports.run(item.import_id)
    done = await only(lists, campaign.campaign_id)
    broken = ROWS // 3
    assert (done.state, done.rows_read) == (ImportState.FINISHED, ROWS)
    assert done.rejected == broken
    assert done.imported + done.duplicates == ROWS - broken
    assert await count("SELECT count(*) AS n FROM contact") == done.imported
    assert await count("SELECT count(DISTINCT external_id) AS n FROM contact") == done.imported
    assert await count("SELECT count(*) AS n FROM import_rejection") == broken
    _, chunks = await lists.imports.rejected(item.import_id)
    text = b"".join([chunk async for chunk in chunks]).decode("utf-8-sig")
    told = list(csv.reader(io.StringIO(text)))[1:]
    lines = [(n + 1, row(n).strip()) for n in range(1, ROWS + 1) if n % 3 == 0]
    assert [(int(line), raw) for line, _, *_, raw in told] == lines, (
        "each once, in order, as it was"
    )
    orphans = "SELECT count(*) AS n FROM contact_number WHERE contact_id NOT IN "
    assert await count(f"{orphans}(SELECT id FROM contact)") == 0
    # The same list at one go comes to the same.
    other = await lists.campaign()
    preview = await lists.imports.preview(other.campaign_id, upload(content))
    item = await lists.imports.begin(other.campaign_id, preview.upload_id, mapping, "US")
    await lists.imports.run(item.import_id)
    whole = await only(lists, other.campaign_id)
    assert (whole.imported, whole.duplicates) == (done.imported, done.duplicates)
