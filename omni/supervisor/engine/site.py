"""All that the floor shows, by table and key, made when first named, and what was touched of it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from omni.core.ids import AgentId, CampaignId, EntryPointId, GroupId, QueueId, TrunkId
from omni.core.live import Row
from omni.supervisor.engine.tally import (
    AgentTally,
    CampaignTally,
    EntryPointTally,
    GroupTally,
    OpenCall,
    QueueTally,
    TrunkTally,
)

Tally = EntryPointTally | QueueTally | GroupTally | AgentTally | TrunkTally | CampaignTally
Place = tuple[str, str]  # table, key

K = TypeVar("K", bound=str)
T = TypeVar("T")


class Site:
    """The tallies. Asking for one by name marks its row as touched."""

    def __init__(self) -> None:
        self.touched: dict[Place, None] = {}
        self._entry_points: dict[EntryPointId, EntryPointTally] = {}
        self._queues: dict[QueueId, QueueTally] = {}
        self._groups: dict[GroupId, GroupTally] = {}
        self._agents: dict[AgentId, AgentTally] = {}
        self._trunks: dict[TrunkId, TrunkTally] = {}
        self._campaigns: dict[CampaignId, CampaignTally] = {}
        self._tables: dict[str, Mapping[Any, Tally]] = {
            "entry_point": self._entry_points,
            "queue": self._queues,
            "group": self._groups,
            "agent": self._agents,
            "trunk": self._trunks,
            "campaign": self._campaigns,
        }

    def touch(self, table: str, key: str) -> None:
        """Mark a row as changed."""
        self.touched[table, key] = None

    def take_touched(self) -> list[Place]:
        """Return the rows touched since the last time, in order."""
        touched, self.touched = self.touched, {}
        return list(touched)

    def places(self) -> Iterator[Place]:
        """Yield every table and key."""
        for table, tallies in self._tables.items():
            for key in tallies:
                yield table, key

    def row(self, table: str, key: str) -> Row | None:
        """Return a row as it stands, None when it is not to be shown."""
        tally = self._tables[table][key]
        if isinstance(tally, AgentTally) and not tally.shown:
            return None
        return tally.row()

    def balanced(self, table: str, key: str) -> bool:
        """Tell whether the sums of a row agree (those that have none do)."""
        match self._tables[table][key]:
            case EntryPointTally() | QueueTally() as tally:
                return tally.flow.balanced
            case CampaignTally() as campaign:
                return campaign.balanced
            case _:
                return True

    def new_day(self, midnight: datetime) -> None:
        """Begin a new day everywhere."""
        for table, key in self.places():
            self._tables[table][key].new_day(midnight)
            self.touch(table, key)

    def entry_point(self, id_: EntryPointId) -> EntryPointTally:
        self.touch("entry_point", id_)
        return _get(self._entry_points, id_, lambda: EntryPointTally(id_, name=id_))

    def queue(self, id_: QueueId) -> QueueTally:
        self.touch("queue", id_)
        return _get(self._queues, id_, lambda: QueueTally(id_, name=id_))

    def group(self, id_: GroupId) -> GroupTally:
        self.touch("group", id_)
        return _get(self._groups, id_, lambda: GroupTally(id_, name=id_))

    def agent(self, id_: AgentId) -> AgentTally:
        self.touch("agent", id_)
        return _get(self._agents, id_, lambda: AgentTally(id_, name=id_))

    def trunk(self, id_: TrunkId) -> TrunkTally:
        self.touch("trunk", id_)
        return _get(self._trunks, id_, lambda: TrunkTally(id_, name=id_))

    def use_line(self, call: OpenCall, lines: int) -> None:
        """A call uses a line of its trunk (`lines` 1), or no longer (-1)."""
        self.trunk(call.trunk_id).busy += lines
        if call.campaign_id is not None:
            self.campaign(call.campaign_id).trunk_lines[call.trunk_id] += lines

    def campaign(self, id_: CampaignId) -> CampaignTally:
        self.touch("campaign", id_)
        return _get(self._campaigns, id_, lambda: CampaignTally(id_, id_, QueueId("")))


def _get(tallies: dict[K, T], key: K, make: Callable[[], T]) -> T:
    tally = tallies.get(key)
    if tally is None:
        tally = tallies[key] = make()
    return tally
