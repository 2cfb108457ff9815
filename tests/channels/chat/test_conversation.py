"""The rules of one conversation."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.channels.chat.engine import conversation as rules
from omni.channels.chat.model import Author, ChatState, Conversation, Draft
from omni.core.errors import Conflict, Invalid
from omni.core.ids import AgentId, InteractionId, QueueId, VisitorId

AT = datetime(2026, 11, 21, tzinfo=UTC)
ANN, BOB = AgentId("ann"), AgentId("bob")


def new() -> Conversation:
    return Conversation(InteractionId("i"), VisitorId("v"), None, AT)


def draft(text: str = "hello", author: Author = Author.VISITOR, ref: str = "r") -> Draft:
    return Draft(author, text, ref, ANN if author is Author.AGENT else None)


def test_the_life_of_a_conversation() -> None:
    conversation = rules.waiting(new(), QueueId("q"))
    assert conversation.state is ChatState.WAITING
    conversation = rules.accepted(conversation, ANN)
    assert (conversation.state, conversation.agent_id) == (ChatState.ACTIVE, ANN)
    conversation = rules.ended(conversation, "agent", AT)
    assert rules.ended(conversation, "offline", AT) == conversation
    assert rules.accepted(conversation, BOB) == conversation
    assert rules.waiting(conversation, QueueId("q2")).queue_id == "q"


@pytest.mark.parametrize("author", list(Author))
def test_nobody_writes_into_an_ended_conversation(author: Author) -> None:
    with pytest.raises(Conflict, match="ended"):
        rules.post(rules.ended(new(), "visitor", AT), draft(author=author), AT)


@pytest.mark.parametrize("agent_id", [None, BOB])
def test_only_the_agent_who_has_it_writes(agent_id: AgentId | None) -> None:
    conversation = rules.accepted(new(), agent_id) if agent_id else new()
    with pytest.raises(Conflict) as refused:
        rules.post(conversation, draft(author=Author.AGENT), AT)
    assert refused.value.code == "chat.not_yours"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "chat.text_empty"),
        (" \n\x00\x07 ", "chat.text_empty"),
        ("x" * (rules.TEXT_MAX + 1), "chat.text_too_long"),
    ],
)
def test_text_that_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.post(new(), draft(text), AT)
    assert refused.value.code == code


@pytest.mark.parametrize("ref", ["", "x" * 65, "a\nb"])
def test_references_that_are_refused(ref: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.post(new(), draft(ref=ref), AT)
    assert refused.value.code == "chat.ref_invalid"


def test_text_keeps_lines_and_every_script() -> None:
    assert rules.readable(" 你好\r\n\tworld\x00 🙂\ud800 ") == "你好\n\tworld 🙂"
    assert rules.title(" 你好\n world ") == "你好 world"
    assert len(rules.title("x" * 500)) == rules.TITLE_MAX


@given(st.lists(st.sampled_from(["visitor", "agent", "system"])))
def test_numbers_have_no_holes(authors: list[str]) -> None:
    conversation = rules.accepted(new(), ANN)
    numbers = []
    for name in authors:
        conversation, line = rules.post(conversation, draft(author=Author(name)), AT)
        numbers.append(line.number)
    assert numbers == list(range(1, len(authors) + 1))


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Author)), st.integers(-1, 6), st.booleans()), max_size=20
    )
)
def test_acknowledgements_only_grow_and_never_pass_the_last_line(
    acks: list[tuple[Author, int, bool]],
) -> None:
    conversation = rules.accepted(new(), ANN)
    for _ in range(5):
        conversation, _line = rules.post(conversation, draft(author=Author.SYSTEM), AT)
    for side, number, read in acks:
        before = conversation
        try:
            conversation = rules.acknowledge(conversation, side, number, read=read)
        except Invalid:
            assert not 0 <= number <= 5
        assert before.visitor_acked <= conversation.visitor_acked <= 5
        assert before.visitor_read <= conversation.visitor_read <= conversation.visitor_acked
        assert before.agent_read <= conversation.agent_read <= 5
