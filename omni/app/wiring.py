"""Who listens to what: the one table by which the packages meet.

`CONSUMERS` write and must miss nothing: durable, in order, tried again until they succeed.
`SUBSCRIBERS` react in the running process: they join calls, end them, and push to screens. Each has
its own queue; none can hold up another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from omni.app.composition import Omni
from omni.channels.chat.gateway import EVENTS as CHAT_PAGES
from omni.channels.chat.service import ROUTING as CHAT_ROUTING
from omni.channels.voice.service import ROUTING as VOICE_ROUTING
from omni.core.events.base import Event
from omni.core.events.messages import MailAnswered
from omni.core.events.routing import (
    EntryPointSaved,
    InteractionAccepted,
    InteractionWrappedUp,
)
from omni.core.events.voice import CallDigit, RecordingStored
from omni.core.journal import BatchHandler, Handler
from omni.customers.service import CONTACTS
from omni.dialer.dialing import EVENTS as DIALER_EVENTS
from omni.supervisor.store import REPORT_EVENTS
from omni.tickets.intake import EVENTS as TICKET_EVENTS


@dataclass(frozen=True, slots=True)
class Wire:
    """`handler` gets the events of these types (all when empty)."""

    name: str
    types: Sequence[type[Event]]
    handler: Handler


@dataclass(frozen=True, slots=True)
class Cable:
    """A `Wire` that carries all that has come at once."""

    name: str
    types: Sequence[type[Event]]
    handler: BatchHandler


def consumers(omni: Omni) -> list[Wire | Cable]:
    """Return the durable ones. A name is the name of a cursor: never change it."""
    return [
        Cable("customers", CONTACTS, omni.customers.on_contacts),
        Cable("tickets", TICKET_EVENTS, omni.intake.on_events),
        Wire("dialer.dispositions", [InteractionWrappedUp], omni.dialing.on_wrapped_up),
        Wire("dialer.keys", [CallDigit], omni.dialing.on_key),
        Wire("chat.routing", CHAT_ROUTING, omni.chats.on_routing),
        Wire("email.interactions", omni.email.CONSUMES, omni.email.on_interaction),
        Wire("voice.messages", [RecordingStored], omni.voice.messages.on_stored),
        Wire("reports", REPORT_EVENTS, omni.reports.on_report_event),
    ]


def subscribers(omni: Omni) -> list[Wire]:
    """Return those of the running process."""
    voice = omni.voice
    return [
        Wire("live", (), omni.hub.on_event),
        Wire("voice.accepted", [InteractionAccepted], voice.on_accepted),
        Wire("voice.routing", VOICE_ROUTING, voice.on_routing),
        Wire("voice.entry_points", [EntryPointSaved], voice.on_entry_point_saved),
        Wire("email.answers", [MailAnswered], omni.email.answers.on_answered),
        Wire("dialer", DIALER_EVENTS, omni.dialing.on_event),
        Wire("chat.pages", CHAT_PAGES, omni.widget.on_event),
    ]


def connect(omni: Omni) -> None:
    """Put the tables on the bus."""
    bus = omni.foundation.bus
    for wire in consumers(omni):
        if isinstance(wire, Cable):
            bus.consume_together(wire.name, wire.types, wire.handler)
        else:
            bus.consume(wire.name, wire.types, wire.handler)
    for wire in subscribers(omni):
        bus.subscribe(wire.name, wire.types, wire.handler)
