"""From the router's commands to rows and events: one place, so that the two never differ.

Pure but for the rows it keeps of the open interactions; those change only here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from omni.acd.engine.happenings import (
    Admit,
    Close,
    Command,
    Connect,
    EndOffer,
    EndOwnCall,
    Extend,
    Finish,
    Move,
    Offer,
    Overflow,
    Promise,
    PutAside,
    Refuse,
    ShowAid,
    ShowGroup,
    ShowOwnCall,
    ShowServed,
    ShowState,
    TakeUp,
)
from omni.acd.engine.openings import Cause
from omni.acd.model import Agent, Arrival, ArrivalResult, Plan, Queued, Refused
from omni.acd.overflow import ASKING
from omni.acd.record import (
    CALLBACK,
    AidRow,
    InteractionRow,
    OpeningRow,
    OpeningsRow,
    PresenceRow,
)
from omni.core.errors import Defect
from omni.core.events.base import Event
from omni.core.events.routing import (
    AgentStateChanged,
    AidChanged,
    CallbackPromised,
    GroupOpeningChanged,
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionOffered,
    InteractionOverflowed,
    InteractionRefused,
    InteractionSetAside,
    InteractionTakenUp,
    InteractionWrappedUp,
    OfferEnded,
    OwnCallChanged,
    QueueServedChanged,
    WrapUpExtended,
)
from omni.core.ids import AgentId, InteractionId, QueueId
from omni.core.terms import InteractionState, Outcome, begins_anew


@dataclass(slots=True)
class Entries:
    """What one transaction writes: rows, presences, plan and agents, events in order."""

    inserted: dict[InteractionId, InteractionRow] = field(default_factory=dict)
    updated: dict[InteractionId, InteractionRow] = field(default_factory=dict)
    presences: dict[AgentId, PresenceRow] = field(default_factory=dict)
    agents: dict[AgentId, Agent] = field(default_factory=dict)
    openings: OpeningsRow | None = None
    plan: Plan | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.events or self.inserted or self.agents or self.plan)


class Books:
    """The rows of all open interactions, and of those just over until they are written."""

    def __init__(
        self,
        rows: list[InteractionRow],
        presences: list[PresenceRow],
        openings: OpeningsRow | None = None,
    ) -> None:
        self.rows = {row.id: row for row in rows}
        self.presences = {row.agent_id: row for row in presences}
        self.own_calls = {row.agent_id: row.own_call for row in presences if row.own_call}
        self.openings = openings or OpeningsRow()
        self._entries = Entries()
        self._now = datetime.min.replace(tzinfo=UTC)
        self._now_s = 0.0
        self._writers: dict[type[Any], Callable[[Any], None]] = {
            Admit: self._admit,
            Refuse: self._refuse,
            Overflow: self._overflow,
            Move: self._move,
            Promise: self._promise,
            Offer: self._offer,
            EndOffer: self._end_offer,
            Connect: self._connect,
            Finish: self._finish,
            PutAside: self._put_aside,
            TakeUp: self._take_up,
            Extend: self._extend,
            Close: self._close,
            ShowState: self._show_state,
            ShowOwnCall: self._show_own_call,
            EndOwnCall: self._end_own_call,
            ShowGroup: self._show_group,
            ShowAid: self._show_aid,
            ShowServed: self._show_served,
        }

    def expect(self, arrival: Arrival, now: datetime) -> None:
        """Keep what is known of a new interaction; the router is asked next."""
        self.rows[arrival.interaction_id] = InteractionRow(
            id=arrival.interaction_id,
            medium=arrival.medium,
            direction=arrival.direction,
            state=InteractionState.WAITING,
            queue_id=arrival.queue_id,
            arrived_at=now,
            entry_point_id=arrival.entry_point_id,
            address=arrival.address,
            name=arrival.name,
            subject=arrival.subject,
            campaign_id=arrival.campaign_id,
            contact_id=arrival.contact_id,
            attempt_id=arrival.attempt_id,
            auto_accept=arrival.auto_accept,
            needs=arrival.needs,
            owner_id=arrival.owner,
            errand=arrival.errand,
        )

    def enter(self, commands: list[Command], now: datetime, now_s: float) -> None:
        """Add the commands to the entries of the open transaction."""
        self._now = now
        self._now_s = now_s
        for command in commands:
            self._writers[type(command)](command)

    def take_entries(self) -> Entries:
        """Return what has to be written and begin anew."""
        entries = self._entries
        self._entries = Entries()
        return entries

    def enter_plan(self, plan: Plan, events: Iterable[Event]) -> None:
        """Add a new plan and what it says to others."""
        self._entries.plan = plan
        self._entries.events.extend(events)

    def enter_agent(self, agent: Agent, events: Iterable[Event]) -> None:
        """Add an agent's new settings and what they say to others."""
        self._entries.agents[agent.id] = agent
        self._entries.events.extend(events)

    def arrival_result(self, interaction_id: InteractionId) -> ArrivalResult:
        """Return how an arrival ended, right after its commands were entered."""
        row = self.rows.get(interaction_id) or self._entries.inserted.get(interaction_id)
        if row is None:
            raise Defect("an arrival was neither admitted nor refused")
        if row.queue_id is None or row.outcome is Outcome.REFUSED:
            return Refused(row.reason)
        return Queued(row.queue_id)

    # -- one writer per command --------------------------------------------------------------

    def _admit(self, admit: Admit) -> None:
        row = self.rows[admit.interaction_id]
        row.queue_id = admit.queue_id
        row.priority = admit.priority
        self._entries.inserted[row.id] = row
        self._emit(_arrived(row))

    def _refuse(self, refuse: Refuse) -> None:
        row = self.rows.pop(refuse.interaction_id)
        row.state = InteractionState.ENDED
        row.outcome = Outcome.REFUSED
        row.reason = refuse.reason
        row.ended_at = self._now
        self._entries.inserted[row.id] = row
        self._emit(
            InteractionRefused(
                interaction_id=row.id,
                medium=row.medium,
                direction=row.direction,
                entry_point_id=row.entry_point_id,
                address=row.address,
                name=row.name,
                subject=row.subject,
                reason=refuse.reason,
            )
        )

    def _overflow(self, used: Overflow) -> None:
        row = self._changed(used.interaction_id)
        if not used.chosen:
            row.used = (*row.used, (used.queue_id, used.number))
        rule, step = used.rule, used.step
        offers = not used.chosen and step.action in ASKING
        self._emit(
            InteractionOverflowed(
                interaction_id=row.id,
                medium=row.medium,
                queue_id=used.queue_id,
                rule=used.number,
                condition=rule.when.value,
                limit=rule.limit,
                action=step.action.value,
                chosen=used.chosen,
                to_queue_id=step.queue_id,
                to_group_id=step.group_id,
                number=step.number,
                announcement_id=step.announcement_id,
                answer_id=step.answer_id,
                digits=rule.digits if offers else "",
                waited_s=round(used.waited_s, 3),
                waiting=used.waiting,
                address=row.address,
            )
        )

    def _move(self, move: Move) -> None:
        row = self._changed(move.interaction_id)
        row.queue_id = move.queue_id
        self._emit(_arrived(row).model_copy(update={"since": row.arrived_at}))

    def _promise(self, promise: Promise) -> None:
        row = self._changed(promise.interaction_id)
        row.errand = CALLBACK
        self._emit(
            CallbackPromised(
                interaction_id=row.id,
                queue_id=_queue(row),
                address=row.address,
                entry_point_id=row.entry_point_id,
            )
        )

    def _offer(self, offer: Offer) -> None:
        row = self._changed(offer.interaction_id)
        row.state = InteractionState.OFFERED
        row.agent_id = offer.agent_id
        row.group_id = offer.group_id
        row.offered_at = self._now
        row.until_at = self._instant(offer.expires_s)
        self._emit(
            InteractionOffered(
                interaction_id=row.id,
                agent_id=offer.agent_id,
                queue_id=_queue(row),
                group_id=offer.group_id,
                medium=row.medium,
                auto_accept=offer.auto_accept,
                expires_at=row.until_at,
                waited_s=round(offer.waited_s, 3),
                chosen=offer.chosen,
                way=offer.why.way,
                distribution=offer.why.distribution,
                relaxed=offer.why.relaxed,
                wanted=offer.why.wanted,
                waiting=offer.why.waiting,
                borrowed_since=self._instant(offer.why.borrowed_s),
            )
        )

    def _end_offer(self, ended: EndOffer) -> None:
        row = self._changed(ended.interaction_id)
        anew = row.state is InteractionState.ACTIVE  # set aside by an agent who is gone
        row.state = InteractionState.WAITING
        row.agent_id = row.group_id = row.offered_at = row.until_at = None
        self._emit(
            OfferEnded(
                interaction_id=row.id,
                agent_id=ended.agent_id,
                queue_id=_queue(row),
                reason=ended.reason,
            )
        )
        if anew:
            self._emit(_arrived(row).model_copy(update={"since": row.arrived_at}))

    def _connect(self, connect: Connect) -> None:
        row = self._changed(connect.interaction_id)
        row.state = InteractionState.ACTIVE
        row.accepted_at = self._now
        row.until_at = None
        row.waited_s = round(connect.waited_s, 3)
        self._emit(
            InteractionAccepted(
                interaction_id=row.id,
                agent_id=connect.agent_id,
                queue_id=_queue(row),
                group_id=connect.group_id,
                medium=row.medium,
                direction=row.direction,
                waited_s=row.waited_s,
                campaign_id=row.campaign_id,
                attempt_id=row.attempt_id,
            )
        )

    def _put_aside(self, put: PutAside) -> None:
        row = self._changed(put.interaction_id)
        row.until_at = until = self._instant(put.until_s) or self._now
        self._emit(InteractionSetAside(interaction_id=row.id, agent_id=put.agent_id, until=until))

    def _take_up(self, taken: TakeUp) -> None:
        row = self._changed(taken.interaction_id)
        row.until_at = None
        reminder = self._instant(taken.reminder_s)
        self._emit(
            InteractionTakenUp(interaction_id=row.id, agent_id=taken.agent_id, reminder=reminder)
        )

    def _finish(self, finish: Finish) -> None:
        row = self._changed(finish.interaction_id)
        row.state = InteractionState.ENDED
        if finish.agent_id is not None:
            row.state = InteractionState.WRAP_UP
            row.until_at = self._instant(finish.wrap_up_until_s)
        else:
            del self.rows[row.id]
        row.ended_at = self._now
        row.outcome = finish.outcome
        row.waited_s = round(finish.waited_s, 3)
        row.handled_s = round(finish.handled_s, 3)
        self._emit(
            InteractionEnded(
                interaction_id=row.id,
                medium=row.medium,
                direction=row.direction,
                queue_id=_queue(row),
                outcome=finish.outcome,
                agent_id=finish.agent_id,
                entry_point_id=row.entry_point_id,
                campaign_id=row.campaign_id,
                attempt_id=row.attempt_id,
                waited_s=row.waited_s,
                handled_s=row.handled_s,
                wrap_up_until=row.until_at,
                extendable_s=finish.extendable_s,
            )
        )

    def _extend(self, extend: Extend) -> None:
        row = self._changed(extend.interaction_id)
        row.until_at = self._instant(extend.wrap_up_until_s)
        self._emit(
            WrapUpExtended(
                interaction_id=row.id,
                agent_id=extend.agent_id,
                wrap_up_until=row.until_at or self._now,
                extendable_s=extend.left_s,
            )
        )

    def _close(self, close: Close) -> None:
        row = self._changed(close.interaction_id)
        del self.rows[row.id]
        row.state = InteractionState.ENDED
        row.until_at = None
        row.wrapped_up_at = self._now
        row.disposition = close.disposition
        row.note = close.note
        row.wrap_up_s = round(close.wrap_up_s, 3)
        self._emit(
            InteractionWrappedUp(
                interaction_id=row.id,
                agent_id=close.agent_id,
                queue_id=_queue(row),
                medium=row.medium,
                direction=row.direction,
                disposition=close.disposition,
                note=close.note,
                wrap_up_s=row.wrap_up_s,
                campaign_id=row.campaign_id,
                contact_id=row.contact_id,
                attempt_id=row.attempt_id,
            )
        )

    def _show_state(self, shown: ShowState) -> None:
        known = self.presences.get(shown.agent_id)
        after = (shown.state, shown.reason)
        if known is None or begins_anew((known.state, known.reason), after):
            since = self._now
        else:
            since = known.since
        self._keep(
            PresenceRow(
                shown.agent_id,
                shown.state,
                shown.reason,
                since,
                shown.break_pending,
                shown.requested,
                known.own_call if known else None,
                known.own_call_until if known else None,
            )
        )
        self._emit(
            AgentStateChanged(
                agent_id=shown.agent_id,
                state=shown.state,
                previous=shown.previous,
                reason=shown.reason,
                source=shown.source,
                break_pending=shown.break_pending,
                requested=shown.requested,
            )
        )

    def _show_own_call(self, shown: ShowOwnCall) -> None:
        own, until = shown.own_call, self._instant(shown.until_s)
        known = self.presences[shown.agent_id]
        self.own_calls[shown.agent_id] = own
        self._keep(replace(known, own_call=own, own_call_until=until))
        self._emit(
            OwnCallChanged(
                agent_id=shown.agent_id,
                campaign_id=own.campaign_id,
                contact_id=own.contact_id,
                state="dialled" if own.dialling else "shown",
                until=until,
            )
        )

    def _end_own_call(self, ended: EndOwnCall) -> None:
        known = self.presences[ended.agent_id]
        del self.own_calls[ended.agent_id]
        self._keep(replace(known, own_call=None, own_call_until=None))
        self._emit(
            OwnCallChanged(
                agent_id=ended.agent_id,
                campaign_id=ended.own_call.campaign_id,
                contact_id=ended.own_call.contact_id,
                state="over",
                reason=ended.reason,
            )
        )

    def _keep(self, presence: PresenceRow) -> None:
        self.presences[presence.agent_id] = self._entries.presences[presence.agent_id] = presence

    def _show_group(self, shown: ShowGroup) -> None:
        others = (row for row in self.openings.groups if row.group_id != shown.group_id)
        groups = (*others, OpeningRow(shown.group_id, shown.cause, self._now))
        if shown.cause is Cause.PLANNED:
            groups = groups[:-1]
        self._reopen(replace(self.openings, groups=groups))
        self._emit(
            GroupOpeningChanged(
                group_id=shown.group_id,
                open=shown.cause.open,
                cause=shown.cause,
                since=self._now,
            )
        )

    def _show_aid(self, shown: ShowAid) -> None:
        pair = (shown.queue_id, shown.group_id)
        since = self._instant(shown.since_s)
        aids = tuple(row for row in self.openings.aids if (row.queue_id, row.group_id) != pair)
        if since is not None:
            aids = (*aids, AidRow(*pair, since))
        self._reopen(replace(self.openings, aids=aids))
        self._emit(AidChanged(queue_id=shown.queue_id, group_id=shown.group_id, since=since))

    def _show_served(self, shown: ShowServed) -> None:
        unserved = tuple(one for one in self.openings.unserved if one != shown.queue_id)
        if not shown.served:
            unserved = (*unserved, shown.queue_id)
        self._reopen(replace(self.openings, unserved=unserved))
        self._emit(QueueServedChanged(queue_id=shown.queue_id, served=shown.served))

    def _reopen(self, openings: OpeningsRow) -> None:
        self.openings = self._entries.openings = openings

    # -- small things ------------------------------------------------------------------------

    def _changed(self, interaction_id: InteractionId) -> InteractionRow:
        row = self.rows[interaction_id]
        if interaction_id not in self._entries.inserted:
            self._entries.updated[interaction_id] = row
        return row

    def _instant(self, at_s: float | None) -> datetime | None:
        return None if at_s is None else self._now + timedelta(seconds=at_s - self._now_s)

    def _emit(self, event: Event) -> None:
        self._entries.events.append(event)


def _arrived(row: InteractionRow) -> InteractionArrived:
    return InteractionArrived(
        interaction_id=row.id,
        medium=row.medium,
        direction=row.direction,
        queue_id=_queue(row),
        entry_point_id=row.entry_point_id,
        priority=row.priority,
        address=row.address,
        name=row.name,
        subject=row.subject,
        campaign_id=row.campaign_id,
        contact_id=row.contact_id,
        attempt_id=row.attempt_id,
        errand=row.errand,
    )


def _queue(row: InteractionRow) -> QueueId:
    if row.queue_id is None:
        raise Defect("an interaction without a queue was routed")
    return row.queue_id
