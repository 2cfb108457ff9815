"""The rules of one conversation. Pure.

Rules:
1. Lines are numbered 1, 2, 3 … without holes in the order in which we took them.
2. A line posted twice under one `client_ref` by one side is one line (the caller looks it up; the
   database refuses the second).
3. Acknowledgements only grow and never pass the last line.
4. States only go forward, along `NEXT`. Nobody writes into an ended conversation.
5. Whatever does not fit raises and changes nothing.
"""

from dataclasses import replace
from datetime import datetime

from omni.channels.chat.model import Author, ChatState, Conversation, Draft, Line
from omni.core.errors import Conflict, Invalid
from omni.core.ids import AgentId, QueueId
from omni.core.terms import Outcome

TEXT_MAX = 4_000  # characters of a line: a long letter; longer belongs into a mail
REF_MAX = 64  # a client's own name of a line: room for any id in use
TITLE_MAX = 120  # characters of the first line that serve as the interaction's subject

NEXT: dict[ChatState, frozenset[ChatState]] = {
    ChatState.OPENING: frozenset({ChatState.WAITING, ChatState.ACTIVE, ChatState.ENDED}),
    ChatState.WAITING: frozenset({ChatState.ACTIVE, ChatState.ENDED}),
    ChatState.ACTIVE: frozenset({ChatState.ENDED}),
    ChatState.ENDED: frozenset(),
}


def readable(text: str) -> str:
    """Return the text as it is stored: no control signs but line breaks and tabs.

    Raises:
        Invalid: `chat.text_empty` or `chat.text_too_long`.
    """
    if len(text) > TEXT_MAX:
        raise Invalid("chat.text_too_long", "The text is too long.", max=TEXT_MAX)
    kept = text.replace("\r\n", "\n")
    kept = "".join(sign for sign in kept if sign in "\n\t" or not _control(sign)).strip()
    if not kept:
        raise Invalid("chat.text_empty", "The text is empty.")
    return kept


def _control(sign: str) -> bool:
    """Tell whether a sign is a control code or half of a pair (which no database can store)."""
    code = ord(sign)
    return code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000


def title(text: str) -> str:
    """Return what the interaction is called after its first line."""
    return " ".join(text.split())[:TITLE_MAX]


def post(conversation: Conversation, draft: Draft, at: datetime) -> tuple[Conversation, Line]:
    """Return the conversation with the draft as its next line, and the line.

    Whoever writes has seen what stood before.

    Raises:
        Conflict: `chat.ended`, or `chat.not_yours` when another agent (or none yet) has it.
        Invalid: see `readable`; `chat.ref_invalid`.
    """
    if conversation.state is ChatState.ENDED:
        raise Conflict("chat.ended", "The conversation has ended.")
    if draft.author is Author.AGENT and draft.agent_id != conversation.agent_id:
        raise Conflict("chat.not_yours", "The conversation is not this agent's.")
    if not 1 <= len(draft.client_ref) <= REF_MAX or not draft.client_ref.isprintable():
        raise Invalid("chat.ref_invalid", "The reference is empty or too long.", max=REF_MAX)
    number = conversation.last_number + 1
    line = Line(
        interaction_id=conversation.interaction_id,
        number=number,
        author=draft.author,
        agent_id=draft.agent_id,
        text=readable(draft.text),
        at=at,
        client_ref=draft.client_ref,
    )
    changed = replace(conversation, last_number=number)
    if draft.author is Author.VISITOR:
        return replace(changed, visitor_acked=number, visitor_read=number), line
    if draft.author is Author.AGENT:
        return replace(changed, agent_read=number), line
    return changed, line


def acknowledge(
    conversation: Conversation, side: Author, number: int, *, read: bool
) -> Conversation:
    """Return the conversation after one side has received (`read`: seen) the lines to `number`.

    An older number than known changes nothing.

    Raises:
        Invalid: `chat.number_ahead`: there is no such line yet.
    """
    if not 0 <= number <= conversation.last_number:
        raise Invalid("chat.number_ahead", "There is no such line.", last=conversation.last_number)
    if side is Author.AGENT:
        return replace(conversation, agent_read=max(conversation.agent_read, number))
    acked = max(conversation.visitor_acked, number)
    if not read:
        return replace(conversation, visitor_acked=acked)
    seen = max(conversation.visitor_read, number)
    return replace(conversation, visitor_acked=acked, visitor_read=seen)


def waiting(conversation: Conversation, queue_id: QueueId) -> Conversation:
    """Return the conversation after the ACD took it in; later states stay as they are."""
    if conversation.state is not ChatState.OPENING:
        return replace(conversation, queue_id=conversation.queue_id or queue_id)
    return replace(_to(conversation, ChatState.WAITING), queue_id=queue_id)


def accepted(conversation: Conversation, agent_id: AgentId) -> Conversation:
    """Return the conversation with its agent; an ended one stays ended (the news came late)."""
    if conversation.state is ChatState.ENDED:
        return conversation
    if conversation.state is ChatState.ACTIVE:
        return replace(conversation, agent_id=agent_id)
    return replace(_to(conversation, ChatState.ACTIVE), agent_id=agent_id)


def end_reason(outcome: Outcome) -> str:
    """Return how the visitor is told of an end that the ACD decided.

    Whom a rule of the queue turned away is told as one who was not let in: the page asks for an
    address, and what they wrote is a ticket.
    """
    return "refused" if outcome is Outcome.OVERFLOWED else "agent"


def ended(conversation: Conversation, reason: str, at: datetime) -> Conversation:
    """Return the conversation ended; the first end counts."""
    if conversation.state is ChatState.ENDED:
        return conversation
    return replace(_to(conversation, ChatState.ENDED), ended_at=at, end_reason=reason)


def _to(conversation: Conversation, state: ChatState) -> Conversation:
    if state not in NEXT[conversation.state]:
        raise Conflict("chat.state", "That does not fit the conversation's state.")
    return replace(conversation, state=state)
