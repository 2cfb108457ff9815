"""What crosses the wire for lists: an uploaded file, its mapping, its import."""

from datetime import datetime

from pydantic import Field

from omni.core.endpoint import Wire
from omni.dialer.listfile import NUMBERS_MAX
from omni.dialer.model import ImportState, NumberKind


class PreviewColumn(Wire):
    """A column of an uploaded file, from 0."""

    index: int
    name: str


class NumberColumnBody(Wire):
    """A column with telephone numbers, and what they reach."""

    column: str
    kind: NumberKind = NumberKind.OTHER


class PreviewOut(Wire):
    """What an uploaded file seems to be.

    `suggested_mapping`: field → column name. `suggested_numbers`: columns with telephone numbers,
    the one of the mapping first.
    """

    upload_id: str
    file_name: str
    size_bytes: int
    encoding: str
    delimiter: str
    has_header: bool
    columns: list[PreviewColumn]
    sample_rows: list[list[str]]
    suggested_mapping: dict[str, str]
    suggested_numbers: list[NumberColumnBody]


class Mapping(Wire):
    """Which column gives which field, by column name; `extra`: field name → column name.

    `number`: of the numbers that come first; `other_numbers`: of the others, in order.
    """

    number: str
    number_kind: NumberKind = NumberKind.OTHER
    other_numbers: list[NumberColumnBody] = Field(default_factory=list, max_length=NUMBERS_MAX - 1)
    name: str | None = None
    external_id: str | None = None
    time_zone: str | None = None
    consent_at: str | None = None
    consent_source: str | None = None
    extra: dict[str, str] = Field(default_factory=dict)


class ImportNew(Wire):
    """Take an uploaded file into the list. `default_region` completes national numbers."""

    upload_id: str
    mapping: Mapping
    default_region: str = Field(default="US", pattern=r"^[A-Z]{2}$")


class ImportStarted(Wire):
    """The import runs in the background from now on."""

    import_id: str


class ImportOut(Wire):
    """An import and how far it has come; `incomplete`: imported without a bad further number."""

    import_id: str
    campaign_id: str
    file_name: str
    state: ImportState
    rows_read: int
    imported: int
    duplicates: int
    rejected: int
    incomplete: int
    reason: str
    started_at: datetime
    finished_at: datetime | None
