"""Saved mappings of lists' columns in the database."""

from dataclasses import asdict
from typing import Any

from omni.dialer.columns import mapping_of
from omni.dialer.list_model import ImportMode, SavedMapping
from omni.dialer.store import ListMappingRecord


class MappingTable:
    """See `omni.dialer.ports.MappingStore`."""

    async def all(self) -> list[SavedMapping]:
        return [_saved(row) for row in await ListMappingRecord.all().order_by("-saved_at", "-id")]

    async def save(self, mapping: SavedMapping) -> None:
        values: dict[str, Any] = {
            "mapping": asdict(mapping.mapping),
            "region": mapping.region,
            "mode": mapping.mode.value,
            "saved_at": mapping.saved_at,
        }
        if not await ListMappingRecord.filter(name=mapping.name).update(**values):
            await ListMappingRecord.create(id=mapping.mapping_id, name=mapping.name, **values)

    async def remove(self, mapping_id: str) -> bool:
        return bool(await ListMappingRecord.filter(id=mapping_id).delete())


def _saved(row: ListMappingRecord) -> SavedMapping:
    return SavedMapping(
        row.id, row.name, mapping_of(row.mapping), row.region, ImportMode(row.mode), row.saved_at
    )
