"""The agent's desk: a fold of the journal into the live tables of topic `desk:<agent>`.

Tables: `me` (one row), `work` (offers, active interactions, wrap-ups of this agent), `message`
(chat lines of that work), `callback` (calls the agent promised),
`preview` (the contact the agent may dial). Pure: only events come in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from omni.app.desk_rows import CallbackRow, MeRow, MessageRow, PreviewRow, WorkRow
from omni.core.events.base import Event, Recorded
from omni.core.events.casework import CustomerIdentified, TicketLinked
from omni.core.events.messages import ChatMessagePosted, ChatVisitorSeen, MailImported, MailSent
from omni.core.events.outbound import CallbackSet, CampaignSaved, PreviewShown
from omni.core.events.routing import (
    AgentSaved,
    AgentStateChanged,
    CallbackPromised,
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionOffered,
    InteractionSetAside,
    InteractionTakenUp,
    InteractionWrappedUp,
    OfferEnded,
    QueueSaved,
    WrapUpExtended,
)
from omni.core.events.voice import (
    AgentPhoneChanged,
    CallConnected,
    CallEnded,
    CallFailed,
    CallHeld,
    CallMuted,
    CallRecorded,
    CallStarted,
)
from omni.core.ids import (
    AgentId,
    CampaignId,
    ContactId,
    InteractionId,
    QueueId,
)
from omni.core.live import Change
from omni.core.terms import AgentState, InteractionState, begins_anew

PREVIEW_CHARS = 140


@dataclass(slots=True)
class _Work:
    """What the journal says of one interaction; on an agent's desk while `agent_id` is set."""

    arrived: InteractionArrived
    arrived_at: datetime
    agent_id: AgentId | None = None
    state: InteractionState = InteractionState.WAITING
    auto_accept: bool = False
    offered_at: datetime | None = None
    expires_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    wrap_up_until: datetime | None = None
    extendable_s: float = 0.0
    aside_until: datetime | None = None
    reminder_at: datetime | None = None
    customer: CustomerIdentified | None = None
    ticket: TicketLinked | None = None
    connected: bool = False
    held: bool = False
    muted: bool = False
    recording: bool = False
    errand: str = ""
    call_state: str = ""
    visitor_online: bool = True
    unread: int = 0
    mails: int = 0
    preview: str = ""
    messages: list[MessageRow] = field(default_factory=list)


class DeskView:
    """Folds the journal into every agent's desk. O(1) per event, but for a chat's own lines."""

    def __init__(self) -> None:
        self._agents: dict[AgentId, MeRow] = {}
        self._work: dict[InteractionId, _Work] = {}
        self._on_desk: dict[AgentId, dict[InteractionId, _Work]] = {}
        self._queues: dict[QueueId, str] = {}
        self._campaigns: dict[CampaignId, str] = {}
        self._callbacks: dict[ContactId, CallbackSet] = {}
        self._previews: dict[AgentId, PreviewShown] = {}
        self._own_callbacks: dict[str, dict[ContactId, CallbackSet]] = {}

    def apply(self, recorded: Recorded[Event]) -> list[Change]:
        """Take in one event; events of interactions we do not know change nothing."""
        handler = _HANDLERS.get(type(recorded.event))
        return handler(self, recorded.event, recorded.at) if handler else []

    def snapshot(self, topic: str) -> list[Change]:
        """Return the rows of `desk:<agent>`."""
        kind, _, name = topic.partition(":")
        agent_id = AgentId(name)
        if kind != "desk" or agent_id not in self._agents:
            return []
        changes = [self._me(agent_id)]
        for work in self._on_desk.get(agent_id, {}).values():
            changes.append(self._row(work))
            if work.state is not InteractionState.OFFERED:
                changes.extend(_message(agent_id, row) for row in work.messages)
        preview = self._previews.get(agent_id)
        if preview is not None:
            changes.append(self._preview_row(preview))
        own = self._own_callbacks.get(agent_id, {})
        return changes + [self._callback_row(callback) for callback in own.values()]

    # --- agents and names

    def _me(self, agent_id: AgentId) -> Change:
        return Change(f"desk:{agent_id}", "me", agent_id, self._agents[agent_id])

    def _set_me(self, agent_id: AgentId, at: datetime, **values: object) -> list[Change]:
        row = self._agents.get(agent_id) or _new_me(agent_id, at)
        self._agents[agent_id] = row.model_copy(update=values)
        return [self._me(agent_id)]

    def _agent_saved(self, event: AgentSaved, at: datetime) -> list[Change]:
        return self._set_me(event.agent_id, at, name=event.name)

    def _agent_state(self, event: AgentStateChanged, at: datetime) -> list[Change]:
        known = self._agents.get(event.agent_id)
        after = (event.state, event.reason)
        if known is None or begins_anew((known.state, known.reason), after):
            since = at
        else:
            since = known.since
        return self._set_me(
            event.agent_id,
            at,
            state=event.state,
            reason=event.reason,
            since=since,
            break_pending=event.break_pending,
            break_requested=event.requested,
        )

    def _phone(self, event: AgentPhoneChanged, at: datetime) -> list[Change]:
        return self._set_me(event.agent_id, at, phone=event.state)

    def _queue_saved(self, event: QueueSaved, _: datetime) -> list[Change]:
        self._queues[event.queue_id] = event.name
        return []

    def _campaign_saved(self, event: CampaignSaved, _: datetime) -> list[Change]:
        self._campaigns[event.campaign_id] = event.name
        return []

    # --- promised calls

    def _callback(self, event: CallbackSet, _: datetime) -> list[Change]:
        changes: list[Change] = []
        before = self._callbacks.pop(event.contact_id, None)
        if before is not None:
            del self._own_callbacks[before.agent_id][event.contact_id]
            topic = f"desk:{before.agent_id}"
            changes.append(Change(topic, "callback", event.contact_id, None))
        if event.at is not None and event.agent_id:
            self._callbacks[event.contact_id] = event
            self._own_callbacks.setdefault(event.agent_id, {})[event.contact_id] = event
            changes.append(self._callback_row(event))
        return changes

    def _preview(self, event: PreviewShown, _: datetime) -> list[Change]:
        if event.contact_id is not None:
            self._previews[event.agent_id] = event
            return [self._preview_row(event)]
        gone = self._previews.pop(event.agent_id, None)
        topic = f"desk:{event.agent_id}"
        return [Change(topic, "preview", event.agent_id, None)] if gone else []

    def _preview_row(self, event: PreviewShown) -> Change:
        assert event.contact_id is not None
        assert event.until is not None
        row = PreviewRow(
            contact_id=event.contact_id,
            campaign_name=self._campaigns.get(event.campaign_id, ""),
            number=event.number,
            name=event.name,
            fields=event.fields,
            attempts=event.attempts,
            until=event.until,
        )
        return Change(f"desk:{event.agent_id}", "preview", event.agent_id, row)

    def _callback_row(self, event: CallbackSet) -> Change:
        assert event.at is not None
        row = CallbackRow(
            contact_id=event.contact_id,
            campaign_id=event.campaign_id,
            campaign_name=self._campaigns.get(event.campaign_id, ""),
            number=event.number,
            name=event.name,
            at=event.at,
            note=event.note,
        )
        return Change(f"desk:{event.agent_id}", "callback", event.contact_id, row)

    # --- the life of an interaction

    def _arrived(self, event: InteractionArrived, at: datetime) -> list[Change]:
        known = self._work.setdefault(event.interaction_id, _Work(event, at))
        known.arrived = event
        known.errand = known.errand or event.errand
        return []

    def _promised(self, event: CallbackPromised, _: datetime) -> list[Change]:
        return self._set(event.interaction_id, errand="callback")

    def _call_begun(self, event: CallStarted, _: datetime) -> list[Change]:
        """Of an errand: the customer is being called."""
        return self._set_errand(event.interaction_id, call_state="calling")

    def _call_failed(self, event: CallFailed, _: datetime) -> list[Change]:
        return self._set_errand(event.interaction_id, call_state=event.outcome.value)

    def _call_ended(self, event: CallEnded, _: datetime) -> list[Change]:
        return self._set_errand(event.interaction_id, call_state="over", connected=False)

    def _set_errand(self, interaction_id: InteractionId | None, **values: object) -> list[Change]:
        work = self._work.get(interaction_id) if interaction_id else None
        if work is None or not work.errand or work.state is not InteractionState.ACTIVE:
            return []
        return self._set(interaction_id, **values)

    def _offered(self, event: InteractionOffered, at: datetime) -> list[Change]:
        work = self._work.get(event.interaction_id)
        if work is None:
            return []
        gone = self._take_off(work)
        work.agent_id, work.state = event.agent_id, InteractionState.OFFERED
        work.offered_at, work.expires_at = at, event.expires_at
        work.auto_accept = event.auto_accept
        self._on_desk.setdefault(event.agent_id, {})[event.interaction_id] = work
        return [*gone, self._row(work)]

    def _offer_ended(self, event: OfferEnded, _: datetime) -> list[Change]:
        work = self._work.get(event.interaction_id)
        if work is None or work.agent_id != event.agent_id:
            return []
        gone = self._take_off(work)
        work.state, work.aside_until = InteractionState.WAITING, None
        work.reminder_at = None
        return gone

    def _accepted(self, event: InteractionAccepted, at: datetime) -> list[Change]:
        work = self._work.get(event.interaction_id)
        if work is None:
            return []
        gone = [] if work.agent_id == event.agent_id else self._take_off(work)
        work.agent_id, work.state = event.agent_id, InteractionState.ACTIVE
        work.offered_at = work.offered_at or at
        work.accepted_at, work.expires_at = at, None
        self._on_desk.setdefault(event.agent_id, {})[event.interaction_id] = work
        lines = [_message(event.agent_id, row) for row in work.messages]
        return [*gone, self._row(work), *lines]

    def _ended(self, event: InteractionEnded, at: datetime) -> list[Change]:
        work = self._work.get(event.interaction_id)
        if work is None:
            return []
        if event.agent_id is None:
            del self._work[event.interaction_id]
            return self._take_off(work)
        work.state, work.ended_at = InteractionState.WRAP_UP, at
        work.wrap_up_until, work.extendable_s = event.wrap_up_until, event.extendable_s
        work.connected = work.held = work.muted = work.recording = False
        return self._changed(work)

    def _set_aside(self, event: InteractionSetAside, _: datetime) -> list[Change]:
        return self._set(event.interaction_id, aside_until=event.until, reminder_at=None)

    def _taken_up(self, event: InteractionTakenUp, _: datetime) -> list[Change]:
        return self._set(event.interaction_id, aside_until=None, reminder_at=event.reminder)

    def _wrap_up_extended(self, event: WrapUpExtended, _: datetime) -> list[Change]:
        return self._set(
            event.interaction_id,
            wrap_up_until=event.wrap_up_until,
            extendable_s=event.extendable_s,
        )

    def _wrapped_up(self, event: InteractionWrappedUp, _: datetime) -> list[Change]:
        work = self._work.pop(event.interaction_id, None)
        return self._take_off(work) if work else []

    def _take_off(self, work: _Work) -> list[Change]:
        """Remove the interaction and its lines from the desk it is on."""
        agent_id, interaction_id = work.agent_id, work.arrived.interaction_id
        if agent_id is None:
            return []
        lines = [] if work.state is InteractionState.OFFERED else work.messages
        work.agent_id = None
        self._on_desk.get(agent_id, {}).pop(interaction_id, None)
        topic = f"desk:{agent_id}"
        return [
            Change(topic, "work", interaction_id, None),
            *(Change(topic, "message", _message_key(row), None) for row in lines),
        ]

    # --- what is known of it

    def _set(self, interaction_id: InteractionId | None, **values: object) -> list[Change]:
        work = self._work.get(interaction_id) if interaction_id else None
        if work is None:
            return []
        for name, value in values.items():
            setattr(work, name, value)
        return self._changed(work)

    def _identified(self, event: CustomerIdentified, _: datetime) -> list[Change]:
        return self._set(event.interaction_id, customer=event)

    def _linked(self, event: TicketLinked, _: datetime) -> list[Change]:
        return self._set(event.interaction_id, ticket=event)

    def _connected(self, event: CallConnected, _: datetime) -> list[Change]:
        return self._set(event.interaction_id, connected=True)

    def _held(self, event: CallHeld, _: datetime) -> list[Change]:
        return self._set(event.interaction_id, held=event.held)

    def _muted(self, event: CallMuted, _: datetime) -> list[Change]:
        return self._set(event.interaction_id, muted=event.muted)

    def _recorded(self, event: CallRecorded, _: datetime) -> list[Change]:
        return self._set(event.interaction_id, recording=event.recording)

    def _visitor(self, event: ChatVisitorSeen, _: datetime) -> list[Change]:
        return self._set(event.interaction_id, visitor_online=event.online)

    def _mail_in(self, event: MailImported, _: datetime) -> list[Change]:
        work = self._work.get(event.interaction_id)
        if work is None:
            return []
        return self._set(
            event.interaction_id,
            mails=work.mails + 1,
            unread=work.unread + 1,
            preview=event.preview[:PREVIEW_CHARS],
        )

    def _mail_out(self, event: MailSent, _: datetime) -> list[Change]:
        work = self._work.get(event.interaction_id)
        if work is None:
            return []
        unread = work.unread if event.automatic else 0
        return self._set(event.interaction_id, mails=work.mails + 1, unread=unread)

    def _chat_line(self, event: ChatMessagePosted, at: datetime) -> list[Change]:
        work = self._work.get(event.interaction_id)
        if work is None or any(row.number == event.number for row in work.messages[-5:]):
            return []
        row = MessageRow(
            interaction_id=event.interaction_id,
            number=event.number,
            author=event.author,
            text=event.text,
            at=at,
            client_ref=event.client_ref,
        )
        work.messages.append(row)
        if event.author == "visitor":
            work.unread += 1
            work.preview = event.text[:PREVIEW_CHARS]
        elif event.author == "agent":
            work.unread = 0
        lines = (
            [_message(work.agent_id, row)]
            if work.agent_id and work.state is not InteractionState.OFFERED
            else []
        )
        return [*self._changed(work), *lines]

    # --- rows

    def _changed(self, work: _Work) -> list[Change]:
        return [self._row(work)] if work.agent_id else []

    def _row(self, work: _Work) -> Change:
        event = work.arrived
        assert work.offered_at is not None
        row = WorkRow(
            interaction_id=event.interaction_id,
            medium=event.medium,
            direction=event.direction,
            state=work.state,
            queue_id=event.queue_id,
            queue_name=self._queues.get(event.queue_id, ""),
            address=event.address,
            subject=event.subject,
            auto_accept=work.auto_accept,
            arrived_at=work.arrived_at,
            offered_at=work.offered_at,
            expires_at=work.expires_at,
            accepted_at=work.accepted_at,
            ended_at=work.ended_at,
            wrap_up_until=work.wrap_up_until,
            extendable_s=work.extendable_s,
            aside_until=work.aside_until,
            reminder_at=work.reminder_at,
            campaign_id=event.campaign_id,
            campaign_name=self._campaigns.get(event.campaign_id, "") if event.campaign_id else "",
            customer_id=work.customer.customer_id if work.customer else None,
            customer_name=work.customer.name if work.customer else event.name,
            ticket_id=work.ticket.ticket_id if work.ticket else None,
            ticket_number=work.ticket.number if work.ticket else None,
            connected=work.connected,
            held=work.held,
            muted=work.muted,
            recording=work.recording,
            errand=work.errand,
            call_state=work.call_state,
            visitor_online=work.visitor_online,
            unread=work.unread,
            mails=work.mails,
            preview=work.preview,
        )
        return Change(f"desk:{work.agent_id}", "work", event.interaction_id, row)


def _new_me(agent_id: AgentId, at: datetime) -> MeRow:
    return MeRow(
        agent_id=agent_id,
        name="",
        state=AgentState.SIGNED_OUT,
        reason="",
        since=at,
        break_pending=False,
        phone="down",
    )


def _message_key(row: MessageRow) -> str:
    return f"{row.interaction_id}:{row.number}"


def _message(agent_id: AgentId, row: MessageRow) -> Change:
    return Change(f"desk:{agent_id}", "message", _message_key(row), row)


_HANDLERS: dict[type[Event], Callable[[DeskView, Any, datetime], list[Change]]] = {
    AgentSaved: DeskView._agent_saved,
    AgentStateChanged: DeskView._agent_state,
    AgentPhoneChanged: DeskView._phone,
    QueueSaved: DeskView._queue_saved,
    CampaignSaved: DeskView._campaign_saved,
    CallbackSet: DeskView._callback,
    PreviewShown: DeskView._preview,
    InteractionArrived: DeskView._arrived,
    InteractionOffered: DeskView._offered,
    OfferEnded: DeskView._offer_ended,
    InteractionAccepted: DeskView._accepted,
    InteractionEnded: DeskView._ended,
    InteractionSetAside: DeskView._set_aside,
    InteractionTakenUp: DeskView._taken_up,
    WrapUpExtended: DeskView._wrap_up_extended,
    InteractionWrappedUp: DeskView._wrapped_up,
    CustomerIdentified: DeskView._identified,
    TicketLinked: DeskView._linked,
    CallbackPromised: DeskView._promised,
    CallStarted: DeskView._call_begun,
    CallFailed: DeskView._call_failed,
    CallEnded: DeskView._call_ended,
    CallConnected: DeskView._connected,
    CallHeld: DeskView._held,
    CallMuted: DeskView._muted,
    CallRecorded: DeskView._recorded,
    ChatVisitorSeen: DeskView._visitor,
    MailImported: DeskView._mail_in,
    MailSent: DeskView._mail_out,
    ChatMessagePosted: DeskView._chat_line,
}
