"""What crosses the wire for lists: an uploaded file, its mapping, its import."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from omni.core.endpoint import Wire
from omni.dialer.list_model import ImportMode, ImportState
from omni.dialer.listfile import NUMBERS_MAX
from omni.dialer.model import ListOrder, NumberKind, Operator


class PreviewColumn(Wire):
    """A column of an uploaded file, from 0."""

    index: int
    name: str


class NumberColumnBody(Wire):
    """A column with telephone numbers, and what they reach."""

    column: str
    kind: NumberKind = NumberKind.OTHER


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


class SavedMappingNew(Wire):
    """Keep a mapping by name; the one of that name is replaced."""

    name: str = Field(min_length=1, max_length=100)
    mapping: Mapping
    default_region: str = Field(default="US", pattern=r"^[A-Z]{2}$")
    mode: ImportMode = ImportMode.APPEND


class SavedMappingOut(SavedMappingNew):
    """A mapping that was kept by name."""

    mapping_id: str
    saved_at: datetime


class PreviewOut(Wire):
    """What an uploaded file seems to be; `fitting`: saved mappings that it has all columns for.

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
    fitting: list[SavedMappingOut]


class ImportNew(Wire):
    """Take an uploaded file into the list. `default_region` completes national numbers.

    `mode`: append leaves contacts that are there as they are, merge brings them up to date, replace
    does so and ends the others, but for those who were promised a call.
    """

    upload_id: str
    mapping: Mapping
    default_region: str = Field(default="US", pattern=r"^[A-Z]{2}$")
    mode: ImportMode = ImportMode.APPEND


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
    mode: ImportMode
    reason: str
    started_at: datetime
    finished_at: datetime | None


class ContactFilter(Wire):
    """A filter. `field`: name, external_id, number, zone, list, consent_source, or `extra.` …"""

    field: str = Field(min_length=1, max_length=200)
    operator: Operator
    value: str = Field(default="", max_length=200)


class QuotaBody(Wire):
    """Of the contacts whose field has this value, at most `limit` end with this disposition."""

    field: str = Field(min_length=1, max_length=200)
    value: str = Field(max_length=200)
    disposition: str = Field(min_length=1, max_length=64)
    limit: int = Field(ge=0, le=10_000_000)


class ListPlanBody(Wire):
    """Which contacts are dialled in which order, and up to which quotas.

    `by_field`, `descending`: for the order `field`. `weights`: import id → its part of the mix
    (0 = not dialled); the lists that are not named share one part of 1.
    """

    order: ListOrder = ListOrder.IMPORTED
    by_field: str = Field(default="", max_length=200)
    descending: bool = False
    seed: int = Field(default=1, ge=0, le=2**31 - 1)
    retries_first: bool = False
    weights: dict[str, Annotated[int, Field(ge=0, le=100)]] = Field(
        default_factory=dict, max_length=200
    )
    filters: list[ContactFilter] = Field(default_factory=list, max_length=20)
    quotas: list[QuotaBody] = Field(default_factory=list, max_length=50)


class QuotaOut(QuotaBody):
    """A quota and how far it is filled; `in_flight`: its contacts that are dialled now."""

    results: int
    in_flight: int


class ListPlanOut(Wire):
    """A campaign's list plan; `arranging`: a change is still being put into effect."""

    order: ListOrder
    by_field: str
    descending: bool
    seed: int
    retries_first: bool
    weights: dict[str, int]
    filters: list[ContactFilter]
    quotas: list[QuotaOut]
    arranging: bool


class FiltersBody(Wire):
    """Filters whose contacts are to be counted."""

    filters: list[ContactFilter] = Field(default_factory=list, max_length=20)


class MatchingOut(Wire):
    """How many contacts a campaign has, and how many pass the filters."""

    contacts: int
    matching: int


class PenetrationOut(Wire):
    """How far a list has been worked through. Counts are of contacts.

    `file_name` "": added by hand. `weight` null: not named in the mix. `untouched`: never tried;
    `reached`: an agent spoke with them; `stopped`: kept back by filter, weight 0 or quota.
    """

    import_id: str
    file_name: str
    weight: int | None
    contacts: int
    untouched: int
    open: int
    done: int
    reached: int
    stopped: int
    attempts: int
