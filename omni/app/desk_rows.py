"""The rows of an agent's desk, as the browser gets them."""

from datetime import datetime

from omni.core.ids import (
    AgentId,
    CampaignId,
    ContactId,
    CustomerId,
    InteractionId,
    QueueId,
    TicketId,
)
from omni.core.live import Row
from omni.core.terms import AgentState, Direction, InteractionState, Medium


class MeRow(Row):
    """The agent. `phone`: down | registered | up. `break_requested`: what a supervisor is asked."""

    agent_id: AgentId
    name: str
    state: AgentState
    reason: str
    since: datetime
    break_pending: bool
    break_requested: str = ""
    phone: str


class WorkRow(Row):
    """One interaction on the agent's desk. `state`: offered | active | wrap_up.

    `aside_until`: set aside by the agent, and back then. `reminder_at`: it was to be back then, and
    is back because the customer wrote again.

    `errand`: callback | message when the customer is not on the line; `call_state`: of the call to
    them: "" none yet | calling | over | how it failed (an attempt's outcome).

    `unread`: messages of the customer since the agent's last own one. `mails`: how many mails the
    conversation has (a change means: fetch them again).
    """

    interaction_id: InteractionId
    medium: Medium
    direction: Direction
    state: InteractionState
    queue_id: QueueId
    queue_name: str
    address: str
    subject: str
    auto_accept: bool
    arrived_at: datetime
    offered_at: datetime
    expires_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None
    wrap_up_until: datetime | None
    extendable_s: float
    aside_until: datetime | None
    reminder_at: datetime | None
    campaign_id: CampaignId | None
    campaign_name: str
    customer_id: CustomerId | None
    customer_name: str
    ticket_id: TicketId | None
    ticket_number: int | None
    connected: bool
    held: bool
    muted: bool
    recording: bool
    errand: str
    call_state: str
    visitor_online: bool
    unread: int
    mails: int
    preview: str


class MessageRow(Row):
    """One line of a chat. `author`: visitor | agent | system; `number` 1, 2, 3 … without holes."""

    interaction_id: InteractionId
    number: int
    author: str
    text: str
    at: datetime
    client_ref: str


class PreviewRow(Row):
    """The contact that the agent may dial or skip. One at a time: the key is the agent's."""

    contact_id: ContactId
    campaign_name: str
    number: str
    name: str
    fields: dict[str, str]
    attempts: int
    until: datetime


class CallbackRow(Row):
    """A call that the agent is to make in person."""

    contact_id: ContactId
    campaign_id: CampaignId
    campaign_name: str
    number: str
    name: str
    at: datetime
    note: str
