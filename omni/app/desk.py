"""The agent's desk: a fold of the journal into the live tables of topic `desk:<agent>`.

Tables: `me` (one row), `work` (offers, active interactions, wrap-ups of this agent), `message`
(chat lines of that work). Pure: only events come in.
"""

from datetime import datetime

from omni.core.ids import AgentId, CampaignId, CustomerId, InteractionId, QueueId, TicketId
from omni.core.live import Row
from omni.core.terms import AgentState, Direction, InteractionState, Medium


class MeRow(Row):
    """The agent. `phone`: down | registered | up."""

    agent_id: AgentId
    name: str
    state: AgentState
    reason: str
    since: datetime
    break_pending: bool
    phone: str


class WorkRow(Row):
    """One interaction on the agent's desk. `state`: offered | active | wrap_up.

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
    campaign_id: CampaignId | None
    campaign_name: str
    customer_id: CustomerId | None
    customer_name: str
    ticket_id: TicketId | None
    ticket_number: int | None
    connected: bool
    held: bool
    muted: bool
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
