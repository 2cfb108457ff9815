"""A process of its own that takes a list in: run by `test_import_killed.py`, which kills it.

Arguments: the database's address, the folder of uploads, the import.
"""

import asyncio
import sys
from pathlib import Path

from omni.app.database import opened
from omni.app.timekeeping import RandomIdentities
from tests.dialer.calling import Lists


async def main(url: str, folder: Path, import_id: str) -> None:
    async with opened(url):
        await Lists(folder, identities=RandomIdentities()).imports.run(import_id)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
