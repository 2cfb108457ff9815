"""Which column of a list is what, and each row as a contact.

Of several numbers one good one is enough: the row becomes a contact without the others, and its
problem is told beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from omni.core.errors import Invalid
from omni.core.ids import CampaignId, ContactId
from omni.dialer.engine.numbers import Number, normalise, zones_with
from omni.dialer.list_model import ColumnMapping, NumberColumn
from omni.dialer.listfile import Dialect, Row
from omni.dialer.model import Contact, ContactNumber, NumberKind

NAME_MAX, ID_MAX, EXTRA_MAX = 200, 100, 2000


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns rows into contacts."""

    campaign_id: CampaignId
    region: str
    numbers: Sequence[tuple[int, NumberKind]]
    name: int | None
    external_id: int | None
    time_zone: int | None
    consent_at: int | None
    consent_source: int | None
    extra: Mapping[str, int]

    def read(self, row: Row, contact_id: ContactId) -> tuple[Contact | None, str]:
        """Return the row's contact, and what is wrong with the row ("" = nothing)."""
        if row.problem:
            return None, row.problem
        found, wrong = self._numbers(row)
        if not found:
            return None, "number_invalid" if wrong else "number_missing"
        zones = self._zones(row, found)
        if zones is None:
            return None, "time_zone_unknown"
        consent = _cell(row, self.consent_at)
        consent_at = instant_of(consent) if consent else None
        if consent and consent_at is None:
            return None, "consent_invalid"
        contact = Contact(
            contact_id=contact_id,
            campaign_id=self.campaign_id,
            number=found[0][0].e164,
            numbers=tuple(ContactNumber(number.e164, kind) for number, kind in found),
            name=_cell(row, self.name)[:NAME_MAX],
            external_id=_cell(row, self.external_id)[:ID_MAX],
            zones=zones,
            consent_at=consent_at,
            consent_source=_cell(row, self.consent_source)[:NAME_MAX],
            extra={
                name: value[:EXTRA_MAX]
                for name, index in self.extra.items()
                if (value := _cell(row, index))
            },
        )
        return contact, "other_number_invalid" if wrong else ""

    def _numbers(self, row: Row) -> tuple[list[tuple[Number, NumberKind]], bool]:
        """Return the row's numbers with their kinds, and whether a cell holds none."""
        found: list[tuple[Number, NumberKind]] = []
        wrong = False
        for index, kind in self.numbers:
            if text := _cell(row, index):
                number = normalise(text, self.region)
                if number is None:
                    wrong = True
                else:
                    found.append((number, kind))
        return found, wrong

    def _zones(self, row: Row, found: list[tuple[Number, NumberKind]]) -> tuple[str, ...] | None:
        """Return where the person may be: in the zones of any number, unless the list knows."""
        listed = _cell(row, self.time_zone)
        each = [zones_with(number.zones, listed) for number, _ in found]
        known = [zones for zones in each if zones is not None]
        if len(known) < len(each):
            return None
        return known[0] if len(known) == 1 else tuple(sorted({zone for zs in known for zone in zs}))


def reader_of(
    campaign_id: CampaignId, region: str, mapping: ColumnMapping, dialect: Dialect
) -> Reader:
    """Return what reads a file's rows.

    Raises:
        Invalid: the mapping names a column that is not there (`list.mapping`).
    """
    places = {name: index for index, name in enumerate(dialect.columns)}

    def place(column: str) -> int:
        if column not in places:
            raise Invalid("list.mapping", "the file has no such column", column=column)
        return places[column]

    def optional(column: str | None) -> int | None:
        return place(column) if column else None

    return Reader(
        campaign_id=campaign_id,
        region=region,
        numbers=[
            (place(each.column), each.kind)
            for each in (NumberColumn(mapping.number, mapping.number_kind), *mapping.other_numbers)
        ],
        name=optional(mapping.name),
        external_id=optional(mapping.external_id),
        time_zone=optional(mapping.time_zone),
        consent_at=optional(mapping.consent_at),
        consent_source=optional(mapping.consent_source),
        extra={name: place(column) for name, column in mapping.extra.items()},
    )


def mapping_of(plan: Any) -> ColumnMapping:
    """Return the mapping that was kept as JSON."""
    others = tuple(
        NumberColumn(each["column"], NumberKind(each["kind"]))
        for each in plan.get("other_numbers", ())
    )
    kind = NumberKind(plan.get("number_kind", NumberKind.OTHER))
    return ColumnMapping(**{**plan, "number_kind": kind, "other_numbers": others})


def instant_of(text: str) -> datetime | None:
    """Return the instant that a cell names, None when it names none; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text.replace("/", "-").replace(".", "-", 2))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _cell(row: Row, index: int | None) -> str:
    if index is None or index >= len(row.cells):
        return ""
    return row.cells[index]
