"""What the dialer needs from outside: stores, the telephone, the ACD's staffing, files, jobs."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from omni.acd.codes import Code
from omni.acd.model import Arrival, ArrivalResult, Skill, Staffing
from omni.acd.own_call import OwnCall
from omni.core.ids import AgentId, AttemptId, CampaignId, ContactId, InteractionId, QueueId, TrunkId
from omni.core.terms import AnswerKind, AttemptOutcome
from omni.dialer.engine.budget import HourCount
from omni.dialer.engine.detection import Truth, VerdictCount
from omni.dialer.engine.gates import Facts
from omni.dialer.model import (
    Attempt,
    Callback,
    CallbackSearch,
    Campaign,
    Contact,
    ContactState,
    Counts,
    DoNotCall,
    DoNotCallSearch,
    Holiday,
    Removal,
)
from omni.dialer.trial import TrialPlan, TrialResult


@dataclass(frozen=True, slots=True)
class DialRequest:
    """Dial one number. The interaction, once a person answers, has the attempt's id as its own.

    `trunk_id` None: the telephone chooses. `caller_id` "": that of the trunk; if it has none and
    `caller_id_needed`, the call is not made. `detect`: find out what answers. `ring_s`: give up
    (NO_ANSWER) after so long.
    """

    attempt_id: AttemptId
    campaign_id: CampaignId
    number: str
    trunk_id: TrunkId | None
    caller_id: str
    ring_s: int
    caller_id_needed: bool = False
    detect: bool = False


@dataclass(frozen=True, slots=True)
class TrunkRoom:
    """How many calls may be dialled now: free `lines`, and `dials` at this instant.

    `closed`: why no trunk can be used at all: none | down | no_caller_id; "" when one can.
    """

    lines: int
    dials: int
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """An announcement ("": the usual regret), in the languages of a queue's callers."""

    announcement_id: str
    queue_id: QueueId


class Telephone(Protocol):
    """The voice channel. What becomes of a call is told by events (CallAnswered …)."""

    async def dial(self, request: DialRequest) -> None:
        """Begin to dial; returns when the switch has taken the order.

        Raises:
            Unavailable: the switch cannot be reached; no call was made, no event will come.
        """
        ...

    async def hang_up(self, attempt_id: AttemptId) -> None:
        """End the call of an attempt, ringing or up; nothing when there is none."""
        ...

    async def play_drop_message(self, attempt_id: AttemptId, said: Said) -> None:
        """Play the recorded message to the answered call and then hang up."""
        ...

    async def play_message(self, attempt_id: AttemptId, said: Said, listen_s: float) -> None:
        """Play a campaign's message; it ends `listen_s` after that. Keys come as CallDigit."""
        ...

    async def let_wait(self, attempt_id: AttemptId) -> None:
        """Stop the message: who heard it waits with music for an agent."""
        ...

    async def leave_message(self, attempt_id: AttemptId, said: Said) -> None:
        """Play a message to the machine that answered; hang up after it."""
        ...

    async def live_attempts(self) -> frozenset[AttemptId]:
        """Return the attempts that have a call on the switch at this moment."""
        ...

    async def trunk_room(
        self, trunk_id: TrunkId | None, caller_id: str, *, caller_id_needed: bool
    ) -> TrunkRoom:
        """Return what may be dialled now over a trunk, or over all for None."""
        ...


class Queueing(Protocol):
    """What the dialer uses of the ACD."""

    async def arrive(self, arrival: Arrival) -> ArrivalResult: ...
    async def drop(self, interaction_id: InteractionId) -> bool: ...
    async def customer_left(self, interaction_id: InteractionId) -> None: ...
    def staffing(self, queue_id: QueueId, needs: tuple[Skill, ...] = ()) -> Staffing: ...
    def serves(
        self, agent_id: AgentId, queue_id: QueueId, needs: tuple[Skill, ...] = ()
    ) -> bool: ...
    async def hold(
        self,
        campaign_id: CampaignId,
        queue_id: QueueId,
        lines: int,
        life_s: float,
        needs: tuple[Skill, ...] = (),
    ) -> int: ...
    def own_calls(self) -> Mapping[AgentId, OwnCall]: ...
    async def give_own_call(self, agent_id: AgentId, own_call: OwnCall, life_s: float) -> None: ...
    async def own_call_over(self, agent_id: AgentId, contact_id: ContactId) -> None: ...
    def codes(self, kind: str) -> list[Code]: ...


class CampaignStore(Protocol):
    """Campaigns, durably."""

    async def all(self) -> list[Campaign]: ...
    async def get(self, campaign_id: CampaignId) -> Campaign | None: ...
    async def save(self, campaign: Campaign) -> None: ...


@dataclass(frozen=True, slots=True)
class PromisesAsked:
    """Which promises may be kept now.

    Attributes:
        zones: the sets of zones in which calls are allowed.
        agents: who is free: promises of one agent are for them alone,
        waited_since: or were made for before this and are for anybody by now.
        take: at most so many.
    """

    now: datetime
    zones: Sequence[tuple[str, ...]]
    agents: Collection[str]
    waited_since: datetime
    take: int


class ContactStore(Protocol):
    """Contacts, durably, and what the gates need to know of them."""

    async def counts(self, campaign_id: CampaignId) -> Counts: ...
    async def get(self, contact_id: ContactId) -> Contact | None: ...
    async def page(
        self, campaign_id: CampaignId, *, q: str, state: ContactState | None, skip: int, take: int
    ) -> tuple[int, list[Contact]]: ...
    async def promised(self, campaign_id: CampaignId, asked: PromisesAsked) -> list[Contact]:
        """Return open contacts whose promised time has come, oldest promise first."""
        ...

    async def callback_page(
        self, search: CallbackSearch, skip: int, take: int
    ) -> tuple[int, list[Contact]]:
        """Return the count and some of these unkept promises, the earliest first."""
        ...

    async def plan_callback(self, contact_id: ContactId, callback: Callback) -> None:
        """Note a promise; the contact's state stays."""
        ...

    async def promise(self, contact_id: ContactId, at: datetime) -> None:
        """Put a contact back to be dialled at `at`, before the list."""
        ...

    async def finish_reasons(self, campaign_id: CampaignId) -> dict[str, int]:
        """Count a campaign's finished contacts by the reason."""
        ...

    async def recycle(self, campaign_id: CampaignId, reasons: Sequence[str], now: datetime) -> int:
        """Open the contacts again that finished for one of these reasons; return how many.

        Attempts before `now` do not count for them any more.
        """
        ...

    async def requested_over(self, contact_id: ContactId) -> bool:
        """Forget that an agent asked for a call of this contact; False when nobody did."""
        ...

    async def withdraw_requests(self, campaign_id: CampaignId) -> None:
        """Forget what agents asked for and what is not dialled yet."""
        ...

    async def with_number(self, campaign_id: CampaignId, number: str) -> Contact | None:
        """Return the campaign's contact that has this number; its `number` is this one."""
        ...

    async def turn_to(self, contact_id: ContactId, number: str) -> None:
        """Give one of an open contact's numbers the next turn."""
        ...

    async def kept(self, contact_id: ContactId) -> bool:
        """Forget a contact's promise; False when there was none."""
        ...

    async def facts(
        self, contacts: Sequence[Contact], now: datetime
    ) -> dict[ContactId, list[Facts]]:
        """Return what the gates need to know of each number of these contacts, in list order."""
        ...

    def classes(
        self, campaign_id: CampaignId, now: datetime
    ) -> AsyncIterator[list[tuple[Sequence[Facts], int]]]:
        """Group contacts by the facts of their numbers and count each group.

        Yields:
            The groups of one slice of the campaign's contacts after the other; each takes little,
            however long the list is, and any time may pass between two.
        """
        ...

    async def some_left(self, campaign_id: CampaignId) -> bool:
        """Tell whether a contact is talked to, or open and not stopped by the list plan."""
        ...

    async def set_dialing(self, contacts: Sequence[Contact], now: datetime) -> list[ContactId]:
        """Mark open contacts as being dialled on their `number`, which has one attempt more.

        Returns:
            Those that were open, and whose number no other contact is being dialled on.
        """
        ...

    async def reopen(
        self,
        contact_id: ContactId,
        outcome: AttemptOutcome | None,
        next_at: datetime,
        number: str = "",
    ) -> None:
        """Put a contact back to be dialled from `next_at` on, on `number` ("": the same)."""
        ...

    async def finish_number(self, contact_id: ContactId, number: str, reason: str) -> None:
        """Dial one of a contact's numbers no more."""
        ...

    async def postpone(self, contact_ids: Sequence[ContactId], until: datetime) -> None:
        """Let open contacts wait until then."""
        ...

    async def finish(
        self, contact_id: ContactId, reason: str, outcome: AttemptOutcome | None = None
    ) -> bool:
        """A contact is not dialled any more; True when a promise was given up by it."""
        ...

    async def outcome_count(
        self, contact_id: ContactId, number: str, outcome: AttemptOutcome
    ) -> int:
        """Return how many of the number's attempts for this contact ended like this."""
        ...

    async def talked(self, contact_id: ContactId, disposition: str) -> None:
        """Note that an agent talked with the person, and what came of it."""
        ...

    async def set_consent(self, contact_id: ContactId, at: datetime | None, source: str) -> bool:
        """Note when and where the person agreed (None: withdrawn); False: no such contact."""
        ...

    async def lock_number(self, number: str, until: datetime, reason: str) -> None: ...


class AttemptStore(Protocol):
    """Attempts, durably: the record from which budgets and caps are counted."""

    async def add(self, attempts: Sequence[Attempt]) -> None: ...
    async def get(self, attempt_id: AttemptId) -> Attempt | None: ...
    async def answered(self, attempt_id: AttemptId, at: datetime, ring_s: float) -> bool:
        """Note the answer; False when it was noted before or the attempt is over."""
        ...

    async def end(
        self,
        attempt_id: AttemptId,
        at: datetime,
        outcome: AttemptOutcome,
        interaction_id: InteractionId | None,
        ring_s: float,
    ) -> bool:
        """Note the outcome; False when there was one already."""
        ...

    async def classified(self, attempt_id: AttemptId, kind: AnswerKind) -> None:
        """Note what the detector heard."""
        ...

    async def judged(self, attempt_id: AttemptId, truth: Truth) -> None:
        """Note what an agent found, if a detector had heard the call."""
        ...

    async def verdicts(self, campaign_id: CampaignId, since: datetime) -> list[VerdictCount]:
        """Count the campaign's attempts that a detector has heard, by what was found."""
        ...

    async def open(self) -> list[Attempt]:
        """Return all attempts without an outcome."""
        ...

    def of_campaign(self, campaign_id: CampaignId) -> AsyncIterator[Attempt]:
        """Yield a campaign's attempts, oldest first."""
        ...

    async def answers(self, campaign_id: CampaignId, latest: int) -> tuple[int, int]:
        """Return (dialled, answered) of the campaign's latest attempts that were carried."""
        ...

    async def dialled_hourly(
        self, campaign_id: CampaignId, since: datetime, until: datetime
    ) -> list[tuple[datetime, int, int]]:
        """Return (hour, dialled, answered) between two instants, empty hours left out."""
        ...

    async def hourly(
        self, campaign_id: CampaignId, since: datetime, *, agentless: bool
    ) -> list[HourCount]:
        """Count answered, dropped and machines since an instant, hours without any left out.

        Args:
            agentless: only who is known to be a person has answered, and machines that the message
                was for were not ended (`omni.dialer.engine.budget`, rule 6).
        """
        ...


class DoNotCallStore(Protocol):
    """The do-not-call list, durably."""

    async def add(self, entries: Sequence[DoNotCall]) -> int:
        """Add those that are not there yet; return how many."""
        ...

    async def give_up_promises(self, number: str) -> list[tuple[ContactId, CampaignId]]:
        """End contacts with a promise none of whose numbers may be dialled; return them.

        Args:
            number: look at those that it forbids, "" = at all.
        """
        ...

    async def forbidden(self, numbers: Sequence[str], campaign_id: CampaignId) -> frozenset[str]:
        """Return which of these numbers a campaign may not dial."""
        ...

    async def find(self, number: str, campaign_id: str) -> DoNotCall | None: ...
    async def remove(self, entry_id: str, removal: Removal) -> DoNotCall | None:
        """Take an entry off and remember that; None when there was none."""
        ...

    async def page(
        self, search: DoNotCallSearch, skip: int, take: int
    ) -> tuple[int, list[DoNotCall]]: ...
    async def removed(
        self, search: DoNotCallSearch, skip: int, take: int
    ) -> tuple[int, list[tuple[DoNotCall, Removal]]]:
        """Return what was taken off, the latest first."""
        ...


class People(Protocol):
    """Who the users are."""

    async def names(self, user_ids: Collection[str]) -> Mapping[str, str]:
        """Return the names of those that are known."""
        ...


class HolidayStore(Protocol):
    """Holidays, durably."""

    async def all(self) -> list[Holiday]:
        """Return them by day."""
        ...

    async def save(self, holiday: Holiday) -> None:
        """Keep a holiday; the region's day that is there already gets the new name."""
        ...

    async def remove(self, holiday_id: str) -> bool: ...


class Jobs(Protocol):
    """Work that goes on after the request: at least once, one at a time per name."""

    async def enqueue(self, job: str, argument: str) -> None:
        """Have `job` done with this argument; the same pair again is not done twice at once."""
        ...


class Laboratory(Protocol):
    """Does long calculations without holding up calls."""

    async def try_out(self, plan: TrialPlan) -> TrialResult:
        """Simulate a plan. Raises `Unavailable` when it takes too long."""
        ...
