"""Lists as they come in: the columns of a file, its mapping, and what became of the import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from omni.core.ids import CampaignId
from omni.dialer.model import NumberKind


class ImportState(StrEnum):
    """The life of a list import."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


class ImportMode(StrEnum):
    """What a list does with contacts that the campaign has already."""

    APPEND = "append"  # leaves them as they are
    MERGE = "merge"  # brings them up to date
    REPLACE = "replace"  # brings them up to date, and ends those that it does not name


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column with telephone numbers, and what they reach."""

    column: str
    kind: NumberKind = NumberKind.OTHER


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which column gives which field, by column name; `extra`: field name → column name.

    `number`: of the numbers that come first; `other_numbers`: of the others, in order.
    """

    number: str
    number_kind: NumberKind = NumberKind.OTHER
    other_numbers: Sequence[NumberColumn] = ()
    name: str | None = None
    external_id: str | None = None
    time_zone: str | None = None
    consent_at: str | None = None
    consent_source: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the file must have."""
        single = (
            self.number,
            self.name,
            self.external_id,
            self.time_zone,
            self.consent_at,
            self.consent_source,
        )
        others = (each.column for each in self.other_numbers)
        return frozenset(
            column for column in (*single, *others, *self.extra.values()) if column is not None
        )


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A mapping of a list's columns, kept by name."""

    mapping_id: str
    name: str
    mapping: ColumnMapping
    region: str
    mode: ImportMode
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class ListImport:
    """One file on its way into a campaign's list. Counts are of data rows.

    `duplicates`: rows of contacts that the campaign had; `mode` says what became of them.
    `incomplete`: of the imported, those of which a number was left out as it is none.
    """

    import_id: str
    campaign_id: CampaignId
    file_name: str
    state: ImportState
    started_at: datetime
    rows_read: int = 0
    imported: int = 0
    duplicates: int = 0
    rejected: int = 0
    incomplete: int = 0
    mode: ImportMode = ImportMode.APPEND
    reason: str = ""
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Penetration:
    """How far a list has been worked through. Counts are of contacts.

    `untouched`: never tried; `reached`: an agent spoke with them; `stopped`: the list plan keeps
    them from being dialled; `attempts`: in all.
    """

    import_id: str
    contacts: int
    untouched: int
    open: int
    done: int
    reached: int
    stopped: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was not imported; `line` is where it begins in the file, from 1."""

    line: int
    reason: str
    row: str
