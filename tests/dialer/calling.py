"""What the dialer's tests share: a clock, readable ids, a campaign, files to import."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from omni.acd.service import Acd
from omni.acd.store import PostgresAcdStore
from omni.app.journal import PostgresJournal
from omni.core.clock import Identities
from omni.core.endpoint import Upload
from omni.core.events.base import Event, Recorded
from omni.core.ids import CampaignId, ContactId, QueueId
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.by_hand import ByHand, ByHandParts
from omni.dialer.callbacks import Callbacks
from omni.dialer.contact_store import ContactTable
from omni.dialer.holidays import Holidays
from omni.dialer.import_store import ImportTable
from omni.dialer.imports import ImportParts, Imports
from omni.dialer.list_plans import JOB as ARRANGE_JOB
from omni.dialer.list_plans import Arranging, ListPlans
from omni.dialer.list_store import ListTable
from omni.dialer.mapping_store import MappingTable
from omni.dialer.mappings import Mappings
from omni.dialer.model import Campaign, CampaignState, Contact
from omni.dialer.service import CampaignParts, Campaigns
from omni.dialer.store import CampaignTable, HolidayTable
from omni.dialer.trial import TrialPlan, TrialResult, simulate
from omni.dialer.trials import Trials
from omni.dialer.uploads import FolderUploads

E = TypeVar("E", bound=Event)
START = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)  # a Wednesday, 12:00 in New York


@dataclass
class OwnClock:
    """A clock that a test sets."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return (self.at - START).total_seconds()

    async def sleep(self, delay_s: float) -> None:
        self.at += timedelta(seconds=delay_s)

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class CountingIdentities:
    """Ids in order: readable in a failing test."""

    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new(self) -> str:
        return f"id{next(self.numbers):024d}"


class HeldJobs:
    """Jobs that run when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, str]] = []

    async def enqueue(self, job: str, argument: str) -> None:
        if (job, argument) not in self.waiting:
            self.waiting.append((job, argument))


class OwnLaboratory:
    """Simulates in the test's own process."""

    async def try_out(self, plan: TrialPlan) -> TrialResult:
        return simulate(plan)


class Lists:
    """Campaigns and their lists on a real database."""

    def __init__(
        self, folder: Path, clock: OwnClock | None = None, identities: Identities | None = None
    ) -> None:
        self.clock = clock or OwnClock()
        self.identities = identities or CountingIdentities()
        self.log: list[Recorded[Event]] = []
        self.journal = PostgresJournal(self.clock, self.log.extend)
        self.acd = Acd(self.journal, PostgresAcdStore(), self.clock)
        self.jobs = HeldJobs()
        self.uploads = FolderUploads(folder)
        self.contacts = ContactTable()
        self.holidays = Holidays(HolidayTable(), self.journal, self.identities)
        self.campaigns = Campaigns(
            CampaignParts(
                CampaignTable(),
                self.contacts,
                AttemptTable(),
                self.journal,
                self.clock,
                self.identities,
                self.holidays,
                ListTable(),
            )
        )
        self.trials = Trials(self.campaigns, AttemptTable(), OwnLaboratory(), self.clock)
        self.callbacks = Callbacks(self.contacts, AttemptTable(), self.journal, self.clock)
        self.import_store = ImportTable()
        self.list_plans = ListPlans(self.campaigns, ListTable(), self.import_store, self.jobs)
        self.mappings = Mappings(MappingTable(), self.journal, self.clock, self.identities)
        self.arranging = Arranging(CampaignTable(), ListTable(), self.journal)
        self.by_hand = ByHand(
            ByHandParts(
                self.campaigns,
                self.contacts,
                self.import_store,
                self.journal,
                self.clock,
                self.identities,
                self.acd,
            )
        )
        self.imports = Imports(
            ImportParts(
                self.journal,
                self.clock,
                self.identities,
                CampaignTable(),
                self.import_store,
                self.uploads,
                self.jobs,
            )
        )

    async def campaign(self, **fields: Any) -> Campaign:
        return await self.campaigns.create(name="Spring", queue_id="queue1", **fields)

    async def add_contacts(self, campaign_id: CampaignId, *contacts: Contact) -> None:
        await self.import_store.insert_contacts("import0", contacts)

    async def arrange(self) -> None:
        """Do the work of changed list plans."""
        for job, argument in list(self.jobs.waiting):
            if job == ARRANGE_JOB:
                self.jobs.waiting.remove((job, argument))
                await self.arranging.run(argument)

    def events(self, kind: type[E]) -> list[E]:
        return [recorded.event for recorded in self.log if isinstance(recorded.event, kind)]


def upload(content: str | bytes, name: str = "list.csv") -> Upload:
    """Return a file as the API hands it on, in small chunks."""
    raw = content if isinstance(content, bytes) else content.encode()

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(raw), 65536):
            yield raw[start : start + 65536]

    return Upload(name, "text/csv", chunks())


def contact(number: int, campaign_id: CampaignId, **fields: object) -> Contact:
    """Return a contact in New York; numbers 0 … 99 give different ones."""
    values: dict[str, object] = {
        "contact_id": ContactId(f"contact{number:019d}"),
        "campaign_id": campaign_id,
        "number": f"+1212555{number + 100:04d}",
        "name": f"Example Person {number}",
        "zones": ("America/New_York",),
    }
    return Contact(**{**values, **fields})  # type: ignore[arg-type]  # test shorthand


def plan(**fields: object) -> Campaign:
    """Return a running campaign that is nowhere stored."""
    values: dict[str, object] = {
        "campaign_id": CampaignId("campaign1"),
        "name": "Spring",
        "queue_id": QueueId("queue1"),
        "created_at": START,
        "state": CampaignState.RUNNING,
    }
    return Campaign(**{**values, **fields})  # type: ignore[arg-type]  # test shorthand
