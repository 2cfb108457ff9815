"""The floor: a pure fold of the journal into the live tables that supervisors watch.

Rules:
1. `snapshot` after any prefix of the journal equals an earlier snapshot with the changes of the
   events between applied (property-tested).
2. No event costs more when there are more agents, longer queues or more history: each touches the
   rows it names. Only midnight touches every row.
3. An event is taken once: numbers at or below the last one are ignored. Number 0 tells what exists
   already (`omni.app.rebuild`).
4. The day turns when an event, or `roll`, comes after local midnight of the site.
5. The sums are checked with every event: an agent's `previous` must be the state known here, what
   came in must be somewhere. A failed check is shown (`invariants_ok`), never repaired in silence.
6. The fold may begin in the middle of the journal. What was under way by then is met for the first
   time in the middle of its life and counts as carried over, as at midnight.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any, TypeVar

from omni.core.events.base import Event, Recorded
from omni.core.events.outbound import (
    AttemptEnded,
    AttemptStarted,
    CampaignPaced,
    CampaignSaved,
    CampaignStateChanged,
    DialableChanged,
    ImportProgressed,
)
from omni.core.events.routing import (
    AgentSaved,
    AgentStateChanged,
    AidChanged,
    EntryPointSaved,
    GroupOpeningChanged,
    GroupSaved,
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionRefused,
    InteractionWrappedUp,
    QueueSaved,
    QueueServedChanged,
)
from omni.core.events.voice import (
    AgentPhoneChanged,
    CallAnswered,
    CallEnded,
    CallFailed,
    CallRerouted,
    CallRinging,
    CallStarted,
    TrunkSaved,
    TrunkStateChanged,
)
from omni.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    InteractionId,
)
from omni.core.live import Change, Row
from omni.core.terms import AgentState, AttemptOutcome, Direction, Outcome, begins_anew
from omni.supervisor.engine.day import midnight_after, midnight_before
from omni.supervisor.engine.site import Site
from omni.supervisor.engine.tally import (
    Flow,
    OpenAttempt,
    OpenCall,
    OpenWork,
    Presence,
)
from omni.supervisor.model import TOPIC, TotalRow

TOTAL_KEY = "site"

K = TypeVar("K", bound=str)
T = TypeVar("T")


class FloorView:
    """Fold of the journal into topic `floor` (a `View`)."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._seq = 0
        self._day_begins: datetime | None = None
        self._day_ends: datetime | None = None
        self._site = Site()
        self._flow = Flow()
        self._presence = Presence()
        self._signed_in = 0
        self._drifted = False
        self._unbalanced: set[tuple[str, str]] = set()
        self._open: dict[InteractionId, OpenWork] = {}
        self._attempts: dict[AttemptId, OpenAttempt] = {}
        self._calls: dict[CallId, OpenCall] = {}
        self._handlers: dict[type[Event], Callable[[Any, datetime], None]] = {
            EntryPointSaved: self._on_entry_point,
            QueueSaved: self._on_queue,
            GroupSaved: self._on_group,
            GroupOpeningChanged: self._on_group_opening,
            AidChanged: self._on_aid,
            QueueServedChanged: self._on_served,
            AgentSaved: self._on_agent,
            AgentStateChanged: self._on_agent_state,
            AgentPhoneChanged: self._on_phone,
            InteractionArrived: self._on_arrived,
            InteractionRefused: self._on_refused,
            InteractionAccepted: self._on_accepted,
            InteractionEnded: self._on_ended,
            InteractionWrappedUp: self._on_wrapped_up,
            TrunkSaved: self._on_trunk,
            TrunkStateChanged: self._on_trunk_state,
            CallStarted: self._on_call_started,
            CallRinging: self._on_call_ringing,
            CallRerouted: self._on_call_rerouted,
            CallAnswered: self._on_call_answered,
            CallFailed: self._on_call_failed,
            CallEnded: self._on_call_ended,
            CampaignSaved: self._on_campaign,
            CampaignStateChanged: self._on_campaign_state,
            AttemptStarted: self._on_attempt_started,
            AttemptEnded: self._on_attempt_ended,
            ImportProgressed: self._on_import,
            DialableChanged: self._on_dialable,
            CampaignPaced: self._on_paced,
        }

    @property
    def event_types(self) -> tuple[type[Event], ...]:
        """The events that can change the floor; a reader of the journal may ask for these only."""
        return tuple(self._handlers)

    def apply(self, recorded: Recorded[Event]) -> Iterable[Change]:
        """Take in one event and return the rows it changed."""
        handler = self._handlers.get(type(recorded.event))
        if handler is None or 0 < recorded.seq <= self._seq:
            return ()
        self._seq = max(self._seq, recorded.seq)
        self._turn_day(recorded.at)
        handler(recorded.event, recorded.at)
        return self._changes()

    def roll(self, at: datetime) -> Iterable[Change]:
        """Begin a new day when `at` is past midnight; to be called also when nothing happens."""
        self._turn_day(at)
        return self._changes()

    def snapshot(self, topic: str) -> Iterator[Change]:
        """Yield all rows, nothing for another topic."""
        if topic != TOPIC:
            return
        yield Change(TOPIC, "total", TOTAL_KEY, self._total_row())
        for table, key in self._site.places():
            row = self._site.row(table, key)
            if row is not None:
                yield Change(TOPIC, table, key, row)

    # -- rows ----------------------------------------------------------------------------------

    def _touch_total(self) -> None:
        self._site.touch("total", TOTAL_KEY)

    def _changes(self) -> list[Change]:
        if not self._site.touched:
            return []
        was_ok = self._invariants_ok
        for place in self._site.touched:
            self._check(place)
        if self._invariants_ok is not was_ok:
            self._touch_total()
        touched = self._site.take_touched()
        return [Change(TOPIC, table, key, self._row(table, key)) for table, key in touched]

    def _row(self, table: str, key: str) -> Row | None:
        return self._total_row() if table == "total" else self._site.row(table, key)

    def _total_row(self) -> TotalRow:
        flow, states = self._flow, self._presence.states
        return TotalRow(
            signed_in=self._signed_in,
            ready=states[AgentState.READY],
            dialing=states[AgentState.DIALING],
            busy=states[AgentState.BUSY],
            wrap_up=states[AgentState.WRAP_UP],
            on_break=states[AgentState.BREAK],
            waiting=flow.waiting,
            offered=flow.offered,
            answered=flow.answered,
            abandoned=flow.abandoned,
            dropped=flow.dropped,
            overflowed=flow.overflowed,
            refused=flow.refused,
            invariants_ok=self._invariants_ok,
        )

    # -- checks --------------------------------------------------------------------------------

    @property
    def _invariants_ok(self) -> bool:
        return not self._drifted and not self._unbalanced

    def _check(self, place: tuple[str, str]) -> None:
        table, key = place
        if table == "total":
            balanced = self._flow.balanced and self._presence.signed_in == self._signed_in
        else:
            balanced = self._site.balanced(table, key)
        if balanced:
            self._unbalanced.discard(place)
        else:
            self._unbalanced.add(place)

    # -- the day -------------------------------------------------------------------------------

    def _turn_day(self, at: datetime) -> None:
        if self._day_ends is not None and at < self._day_ends:
            return
        first = self._day_ends is None
        self._day_begins = midnight_before(at, self._zone)
        self._day_ends = midnight_after(at, self._zone)
        if first:
            return
        self._flow.new_day()
        self._drifted = False
        self._touch_total()
        self._site.new_day(self._day_begins)

    def _today(self, at: datetime) -> datetime:
        """Return `at`, or the day's beginning for what happened before (a rebuild tells of it)."""
        return max(at, self._day_begins or at)

    # -- what exists ---------------------------------------------------------------------------

    def _on_entry_point(self, event: EntryPointSaved, at: datetime) -> None:
        tally = self._site.entry_point(event.entry_point_id)
        tally.name, tally.medium = event.name, event.medium
        tally.address, tally.open = event.address, event.open

    def _on_queue(self, event: QueueSaved, at: datetime) -> None:
        tally = self._site.queue(event.queue_id)
        tally.name, tally.open = event.name, event.open
        tally.target_answer_s = event.target_answer_s

    def _on_group(self, event: GroupSaved, at: datetime) -> None:
        self._site.group(event.group_id).name = event.name

    def _on_group_opening(self, event: GroupOpeningChanged, at: datetime) -> None:
        tally = self._site.group(event.group_id)
        tally.open, tally.cause, tally.since = event.open, event.cause, event.since

    def _on_aid(self, event: AidChanged, at: datetime) -> None:
        helped_by = self._site.queue(event.queue_id).helped_by
        if event.since is None:
            helped_by.pop(event.group_id, None)
        else:
            helped_by[event.group_id] = event.since

    def _on_served(self, event: QueueServedChanged, at: datetime) -> None:
        self._site.queue(event.queue_id).served = event.served

    # -- agents --------------------------------------------------------------------------------

    def _on_agent(self, event: AgentSaved, at: datetime) -> None:
        tally = self._site.agent(event.agent_id)
        tally.name, tally.robot, tally.active = event.name, event.robot, event.active
        for group_id in tally.group_ids:
            self._site.group(group_id).presence.move(tally.state, AgentState.SIGNED_OUT)
        tally.group_ids = event.group_ids
        for group_id in tally.group_ids:
            self._site.group(group_id).presence.move(AgentState.SIGNED_OUT, tally.state)

    def _on_agent_state(self, event: AgentStateChanged, at: datetime) -> None:
        tally = self._site.agent(event.agent_id)
        previous = event.previous if tally.since is not None else AgentState.SIGNED_OUT
        if previous is not tally.state:
            self._drifted = True
        signed_out = AgentState.SIGNED_OUT
        self._signed_in += (event.state is not signed_out) - (previous is not signed_out)
        self._presence.move(tally.state, event.state)
        for group_id in tally.group_ids:
            self._site.group(group_id).presence.move(tally.state, event.state)
        tally.count_until(self._today(at))
        after = (event.state, event.reason)
        if tally.since is None or begins_anew((tally.state, tally.reason), after):
            tally.since = at
        tally.state, tally.reason = event.state, event.reason
        tally.break_pending = event.break_pending
        tally.break_requested = event.requested
        self._touch_total()

    def _on_phone(self, event: AgentPhoneChanged, at: datetime) -> None:
        self._site.agent(event.agent_id).phone = event.state

    # -- interactions --------------------------------------------------------------------------

    def _flows(self, work: OpenWork) -> Iterator[Flow]:
        """Yield the flows an interaction passes through, touching their rows."""
        self._touch_total()
        yield self._flow
        yield self._site.queue(work.queue_id).flow
        if work.entry_point_id is not None:
            yield self._site.entry_point(work.entry_point_id).flow

    def _on_arrived(self, event: InteractionArrived, at: datetime) -> None:
        before = self._open.get(event.interaction_id)
        if before is not None and before.agent_id is None:
            # The same contact in another queue: it has overflowed from the one before.
            self._leave(event.interaction_id, before, Outcome.OVERFLOWED)
        elif before is not None and before.agent_id is not None:
            self._site.agent(before.agent_id).work[before.medium] -= 1  # given on to a queue
        work = OpenWork(event.medium, event.queue_id, event.entry_point_id)
        self._open[event.interaction_id] = work
        for flow in self._flows(work):
            flow.arrive()
        queue = self._site.queue(event.queue_id)
        queue.line[event.interaction_id] = event.since or at
        queue.by_medium[event.medium] += 1

    def _on_refused(self, event: InteractionRefused, at: datetime) -> None:
        self._flow.refused += 1
        self._touch_total()
        if event.entry_point_id is not None:
            self._site.entry_point(event.entry_point_id).flow.refused += 1

    def _leave(self, id_: InteractionId, work: OpenWork, outcome: Outcome) -> None:
        for flow in self._flows(work):
            flow.leave(outcome)
        queue = self._site.queue(work.queue_id)
        queue.line.pop(id_, None)
        queue.by_medium[work.medium] -= 1

    def _met(self, event: InteractionAccepted | InteractionEnded) -> OpenWork:
        """Return an interaction; one not known yet waited before the fold began."""
        work = self._open.get(event.interaction_id)
        if work is None:
            entry_point_id = event.entry_point_id if isinstance(event, InteractionEnded) else None
            work = OpenWork(event.medium, event.queue_id, entry_point_id)
            self._open[event.interaction_id] = work
            for flow in self._flows(work):
                flow.arrive()
            self._site.queue(event.queue_id).by_medium[event.medium] += 1
        return work

    def _on_accepted(self, event: InteractionAccepted, at: datetime) -> None:
        work = self._met(event)
        if work.agent_id is not None:
            self._drifted = True
            self._touch_total()
            return
        self._leave(event.interaction_id, work, Outcome.ANSWERED)
        work.agent_id = event.agent_id
        queue = self._site.queue(work.queue_id)
        queue.waited_s += event.waited_s
        queue.within_target += event.waited_s <= queue.target_answer_s
        self._site.agent(event.agent_id).work[event.medium] += 1
        if event.campaign_id is not None:
            self._site.campaign(event.campaign_id).to_agents += 1

    def _on_ended(self, event: InteractionEnded, at: datetime) -> None:
        known = event.interaction_id in self._open
        if not known and event.agent_id is not None:
            # Accepted before the fold began: counted as answered then, but finished now.
            self._finish(event.agent_id, event.handled_s)
            return
        work = self._met(event)
        del self._open[event.interaction_id]
        if work.agent_id is None:
            self._leave(event.interaction_id, work, event.outcome)
        else:
            self._site.agent(work.agent_id).work[work.medium] -= 1
            self._finish(work.agent_id, event.handled_s)

    def _finish(self, agent_id: AgentId, handled_s: float) -> None:
        agent = self._site.agent(agent_id)
        agent.handled += 1
        agent.talk_s += handled_s

    def _on_wrapped_up(self, event: InteractionWrappedUp, at: datetime) -> None:
        if event.campaign_id is not None:
            self._site.campaign(event.campaign_id).dispositions[event.disposition] += 1

    # -- trunks and calls ----------------------------------------------------------------------

    def _on_trunk(self, event: TrunkSaved, at: datetime) -> None:
        tally = self._site.trunk(event.trunk_id)
        tally.name, tally.capacity, tally.enabled = event.name, event.capacity, event.enabled

    def _on_trunk_state(self, event: TrunkStateChanged, at: datetime) -> None:
        tally = self._site.trunk(event.trunk_id)
        tally.state, tally.reason = event.state, event.reason
        tally.retry_at = at + timedelta(seconds=event.retry_s) if event.retry_s else None

    def _on_call_rerouted(self, event: CallRerouted, at: datetime) -> None:
        self._site.trunk(event.from_trunk_id).failed += 1
        self._site.trunk(event.trunk_id).dialled += 1
        call = self._calls.get(event.call_id)
        if call is not None:
            self._site.use_line(call, -1)
            call.trunk_id = event.trunk_id
            self._site.use_line(call, 1)

    def _on_call_started(self, event: CallStarted, at: datetime) -> None:
        if event.trunk_id is None or event.call_id in self._calls:
            return
        call = self._calls[event.call_id] = OpenCall(
            event.trunk_id, event.campaign_id, event.direction
        )
        self._site.use_line(call, 1)
        self._site.trunk(event.trunk_id).dialled += event.direction is Direction.OUTBOUND

    def _on_call_ringing(self, event: CallRinging, at: datetime) -> None:
        attempt = self._attempts.get(event.attempt_id) if event.attempt_id else None
        if attempt is not None and not attempt.rang and not attempt.answered:
            attempt.rang = True
            self._site.campaign(attempt.campaign_id).rang += 1

    def _on_call_answered(self, event: CallAnswered, at: datetime) -> None:
        call = self._calls.get(event.call_id)
        if call is not None:
            self._site.trunk(call.trunk_id).answered += call.direction is Direction.OUTBOUND
        if event.attempt_id is None or event.campaign_id is None:
            return
        attempt = self._attempt(event.attempt_id, event.campaign_id)
        if not attempt.answered:
            attempt.answered = True
            campaign = self._site.campaign(attempt.campaign_id)
            campaign.ringing -= 1
            campaign.rang -= attempt.rang
            campaign.waiting += 1
            campaign.answered += 1

    def _on_call_failed(self, event: CallFailed, at: datetime) -> None:
        call = self._calls.pop(event.call_id, None)
        if call is not None:
            self._site.use_line(call, -1)
        used_id = call.trunk_id if call else event.trunk_id
        if used_id is not None:
            self._site.trunk(used_id).failed += 1

    def _on_call_ended(self, event: CallEnded, at: datetime) -> None:
        call = self._calls.pop(event.call_id, None)
        if call is not None:
            self._site.use_line(call, -1)

    # -- campaigns -----------------------------------------------------------------------------

    def _on_campaign(self, event: CampaignSaved, at: datetime) -> None:
        tally = self._site.campaign(event.campaign_id)
        tally.name, tally.queue_id, tally.mode = event.name, event.queue_id, event.mode
        tally.state, tally.drop_limit_pct = event.state, event.drop_limit_pct

    def _on_campaign_state(self, event: CampaignStateChanged, at: datetime) -> None:
        tally = self._site.campaign(event.campaign_id)
        tally.state, tally.reason = event.state, event.reason

    def _attempt(self, id_: AttemptId, campaign_id: CampaignId) -> OpenAttempt:
        """Return an attempt that is under way, counting it as dialled when it is new here."""
        attempt = self._attempts.get(id_)
        if attempt is None:
            attempt = self._attempts[id_] = OpenAttempt(campaign_id)
            tally = self._site.campaign(campaign_id)
            tally.dialled += 1
            tally.ringing += 1
        return attempt

    def _on_attempt_started(self, event: AttemptStarted, at: datetime) -> None:
        self._attempt(event.attempt_id, event.campaign_id)

    def _on_attempt_ended(self, event: AttemptEnded, at: datetime) -> None:
        attempt = self._attempt(event.attempt_id, event.campaign_id)
        del self._attempts[event.attempt_id]
        tally = self._site.campaign(event.campaign_id)
        if attempt.answered:
            tally.waiting -= 1
            # A machine is no answer of a person: it must not dilute the share of drops.
            if event.outcome in (AttemptOutcome.MACHINE, AttemptOutcome.FAX):
                tally.answered = max(0, tally.answered - 1)
        else:
            tally.ringing -= 1
            tally.rang -= attempt.rang
        tally.outcomes[event.outcome.value] += 1

    def _on_import(self, event: ImportProgressed, at: datetime) -> None:
        tally = self._site.campaign(event.campaign_id)
        tally.import_state, tally.import_reason = event.state, event.reason
        tally.import_read, tally.import_imported = event.rows_read, event.imported
        tally.import_rejected, tally.import_duplicates = event.rejected, event.duplicates

    def _on_dialable(self, event: DialableChanged, at: datetime) -> None:
        tally = self._site.campaign(event.campaign_id)
        tally.contacts, tally.dialable = event.contacts, event.dialable
        tally.finished, tally.blocked = event.finished, dict(event.waiting)
        tally.blocked_at = event.counted_at

    def _on_paced(self, event: CampaignPaced, at: datetime) -> None:
        tally = self._site.campaign(event.campaign_id)
        tally.lines_max, tally.reserved = event.lines_max, event.reserved
        tally.drop_windows = list(event.windows)
