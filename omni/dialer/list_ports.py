"""What lists need of the outside: their stores, kept mappings, and the uploaded files."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from omni.core.endpoint import Upload
from omni.core.ids import CampaignId, ContactId
from omni.dialer.list_model import ImportMode, ListImport, Penetration, Rejection, SavedMapping
from omni.dialer.model import (
    Campaign,
    Contact,
    ListPlan,
    QuotaStand,
)


@dataclass(frozen=True, slots=True)
class ReadyAsked:
    """Whom the hopper asks for.

    Attributes:
        lanes: the parts of the mix to take from, up to `take` of each.
        zones: the sets of zones in which calls are allowed.
        skip_ids: who is in the hopper already.
    """

    lanes: Sequence[str]
    zones: Sequence[tuple[str, ...]]
    skip_ids: Sequence[ContactId]
    take: int


@dataclass(frozen=True, slots=True)
class Front:
    """How far a part of the list was looked through for whom a new plan stops.

    `begun`, `after`: the places between which contacts were looked at last. `passing`: how many
    were found in all who are not stopped.
    """

    lane: str
    zones: tuple[str, ...]
    begun: str
    after: str
    passing: int = 0


class ListStore(Protocol):
    """Lists as the hopper and the list plan see them. What the hopper asks does not grow."""

    async def places(self, campaign_id: CampaignId) -> list[tuple[str, tuple[str, ...]]]:
        """Return the lanes and sets of zones in which contacts are ready or promised a call."""
        ...

    async def promote(self, campaign: Campaign, now: datetime, take: int) -> int:
        """Give contacts whose time has come their place in the list; return how many."""
        ...

    async def ready(self, campaign: Campaign, asked: ReadyAsked) -> list[Contact]:
        """Return contacts that are ready, those of each lane in list order."""
        ...

    async def quota_stands(self, campaign: Campaign) -> list[QuotaStand]:
        """Return how far the campaign's quotas are filled."""
        ...

    async def add_result(self, campaign: Campaign, contact: Contact, disposition: str) -> None:
        """Count a conversation's result for the quotas it belongs to, once for a contact."""
        ...

    async def recount(self, campaign: Campaign) -> None:
        """Count the results that are there already for the campaign's quotas."""
        ...

    async def alone(self, campaign_id: CampaignId) -> None:
        """Let nobody else add contacts or change the plan until the transaction ends."""
        ...

    async def arrange(self, campaign: Campaign, after: str, take: int) -> str:
        """Put the list plan into effect for the next contacts; return the last one's id."""
        ...

    async def fronts(self, campaign: Campaign) -> list[Front]:
        """Return where each part of the list begins; none when the plan stops nobody."""
        ...

    async def stop_front(self, campaign: Campaign, fronts: Sequence[Front]) -> list[Front]:
        """Stop those whom the plan stops, of some contacts that are next in each part.

        Returns:
            The parts in which it is worth while to go on: few were found who pass.
        """
        ...

    async def arranged(self, campaign: Campaign) -> bool:
        """Note that the plan is in effect; False when it has been changed meanwhile."""
        ...

    async def count_matching(self, campaign_id: CampaignId, plan: ListPlan) -> tuple[int, int]:
        """Return (all contacts, those that pass the plan's filters)."""
        ...

    async def field_names(self, campaign_id: CampaignId) -> list[str]:
        """Return the fields that the campaign's contacts have besides the fixed ones."""
        ...

    async def penetration(self, campaign_id: CampaignId) -> list[Penetration]:
        """Return how far each list of the campaign has been worked through."""
        ...


class ImportStore(Protocol):
    """List imports, durably."""

    async def add(
        self, item: ListImport, upload_id: str, mapping: Mapping[str, object]
    ) -> None: ...
    async def get(self, import_id: str) -> ListImport | None: ...
    async def plan(self, import_id: str) -> tuple[str, Mapping[str, object]]:
        """Return the upload and the mapping of an import."""
        ...

    async def of_campaign(self, campaign_id: CampaignId) -> list[ListImport]: ...
    async def unfinished(self) -> list[str]: ...
    async def insert_contacts(
        self,
        import_id: str,
        contacts: Sequence[Contact],
        mode: ImportMode = ImportMode.APPEND,
    ) -> int:
        """Insert those of whom the campaign has no number yet; return how many.

        Of the others `mode` says what becomes.
        """
        ...

    async def end_others(
        self, campaign_id: CampaignId, import_id: str, after: str, take: int
    ) -> str:
        """End contacts that are not this import's, of the next `take`; return the last one's id.

        Whom we promised a call stays.
        """
        ...

    async def insert_rejections(self, import_id: str, rejections: Sequence[Rejection]) -> None: ...
    async def count_anew(self) -> None:
        """Have the database count contacts anew: until then it reads long lists whole."""
        ...

    async def save(self, item: ListImport) -> None: ...
    def rejections(self, import_id: str) -> AsyncIterator[Rejection]: ...


class MappingStore(Protocol):
    """Mappings of lists' columns, durably, by name."""

    async def all(self) -> list[SavedMapping]:
        """Return them, last saved first."""
        ...

    async def save(self, mapping: SavedMapping) -> None:
        """Keep a mapping; the one of that name is replaced."""
        ...

    async def remove(self, mapping_id: str) -> bool: ...


class Uploads(Protocol):
    """Files that people send, kept until they are used."""

    async def keep(self, upload_id: str, upload: Upload, max_bytes: int) -> int:
        """Write a file; return its size in bytes. Raises `TooLarge` and keeps nothing."""
        ...

    def file_name(self, upload_id: str) -> str:
        """Return the name under which the file was sent."""
        ...

    def path(self, upload_id: str) -> Path:
        """Return where a file is. Raises `NotFound`."""
        ...
