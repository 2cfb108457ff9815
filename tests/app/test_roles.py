"""A process that only does background jobs takes in a list that the site was given."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from omni.app.bootstrap import serve_jobs
from omni.app.composition import foundation, list_imports
from omni.app.database import opened
from omni.app.jobs import ArqJobs
from omni.app.settings import load
from omni.core.endpoint import Upload
from omni.core.ids import CampaignId, QueueId
from omni.dialer.list_model import ColumnMapping
from omni.dialer.model import Campaign
from omni.dialer.store import CampaignTable


async def chunks() -> AsyncIterator[bytes]:
    yield b"Phone,Name\n+12025550101,Demo 1\nnot a number,Demo 2\n"


async def test_jobs_alone_take_a_list_in(database_url: str, redis_url: str, tmp_path: Path) -> None:
    environ = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "OMNI_DATA": str(tmp_path)}
    settings = load(environ, tmp_path)
    async with opened(settings.database()):
        base = foundation(settings)
        queue = ArqJobs(settings.redis())
        campaign = Campaign(CampaignId("c"), "Test", QueueId("q"), base.clock.now())
        await CampaignTable().save(campaign)
        imports = list_imports(base, queue)
        upload = Upload("list.csv", "text/csv", chunks())
        preview = await imports.preview(campaign.campaign_id, upload)
        mapping = ColumnMapping(number="Phone", name="Name")
        await imports.begin(campaign.campaign_id, preview.upload_id, mapping, "US")
        await queue.close()
    worker = asyncio.create_task(serve_jobs(settings))
    async with asyncio.timeout(30):
        while True:
            await asyncio.sleep(0.2)
            with contextlib.suppress(Exception):
                [item] = await imports.of_campaign(campaign.campaign_id)
                if item.state.value != "running":
                    break
    worker.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await worker
    assert (item.state.value, item.imported, item.rejected) == ("finished", 1, 1)
