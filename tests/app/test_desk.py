"""The agent's desk: what a browser that folded the changes shows is what a new snapshot says."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from omni.app.desk import DeskView
from omni.core.events.base import Event, Recorded
from omni.core.events.casework import CustomerIdentified, TicketLinked
from omni.core.events.messages import ChatMessagePosted, MailImported
from omni.core.events.outbound import CallbackSet, PreviewShown
from omni.core.events.routing import (
    AgentSaved,
    AgentStateChanged,
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionOffered,
    InteractionWrappedUp,
    OfferEnded,
)
from omni.core.events.voice import AgentPhoneChanged, CallConnected, CallHeld
from omni.core.ids import (
    AgentId,
    CallId,
    CampaignId,
    ContactId,
    CustomerId,
    GroupId,
    InteractionId,
    MailboxId,
    MailId,
    QueueId,
    TicketId,
)
from omni.core.live import Change, Row
from omni.core.terms import AgentState, Direction, Medium, Outcome

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
AGENTS = [AgentId("a1"), AgentId("a2")]
QUEUE, GROUP = QueueId("q"), GroupId("g")
IN = Direction.INBOUND

agents = st.sampled_from(AGENTS)
interactions = st.sampled_from([InteractionId(f"i{n}") for n in range(3)])


def event(kind: int, agent: AgentId, item: InteractionId, number: int) -> Event:
    """Return one of the events the desk folds, valid or not at this point: both must hold."""
    medium = Medium.CHAT
    makers: list[Event] = [
        AgentSaved(agent_id=agent, name=f"name {number}"),
        AgentStateChanged(
            agent_id=agent, state=AgentState.READY, previous=AgentState.BREAK, reason=str(number)
        ),
        AgentPhoneChanged(agent_id=agent, state="up"),
        InteractionArrived(interaction_id=item, medium=medium, direction=IN, queue_id=QUEUE),
        InteractionOffered(
            interaction_id=item,
            agent_id=agent,
            queue_id=QUEUE,
            group_id=GROUP,
            medium=medium,
            auto_accept=False,
        ),
        OfferEnded(interaction_id=item, agent_id=agent, queue_id=QUEUE, reason="rejected"),
        InteractionAccepted(
            interaction_id=item,
            agent_id=agent,
            queue_id=QUEUE,
            group_id=GROUP,
            medium=medium,
            direction=IN,
            waited_s=1,
        ),
        InteractionEnded(
            interaction_id=item,
            medium=medium,
            direction=IN,
            queue_id=QUEUE,
            outcome=Outcome.ANSWERED,
            agent_id=agent,
        ),
        InteractionEnded(
            interaction_id=item,
            medium=medium,
            direction=IN,
            queue_id=QUEUE,
            outcome=Outcome.ABANDONED,
        ),
        InteractionWrappedUp(
            interaction_id=item,
            agent_id=agent,
            queue_id=QUEUE,
            medium=medium,
            direction=IN,
            disposition="done",
        ),
        CustomerIdentified(
            customer_id=CustomerId("c"),
            name="C",
            medium=medium,
            address="x",
            new=True,
            interaction_id=item,
            source_seq=1,
        ),
        TicketLinked(
            ticket_id=TicketId("t"),
            number=number,
            customer_id=CustomerId("c"),
            subject="",
            state="open",
            opened=True,
            interaction_id=item,
        ),
        CallConnected(interaction_id=item, call_id=CallId("k"), agent_id=agent, connect_ms=1),
        CallHeld(interaction_id=item, call_id=CallId("k"), held=number % 2 == 0),
        ChatMessagePosted(interaction_id=item, number=number, author="visitor", text="hello"),
        MailImported(
            mail_id=MailId("m"),
            mailbox_id=MailboxId("b"),
            interaction_id=item,
            thread_id="th",
            from_address="x",
            from_name="",
            subject="s",
            preview="p",
            sent_at=None,
            attachments=0,
            joins=True,
        ),
    ]
    return makers[kind % len(makers)]


def fold(tables: dict[tuple[str, str], Row], changes: list[Change], topic: str) -> None:
    for change in changes:
        if change.topic == topic:
            if change.row is None:
                tables.pop((change.table, change.key), None)
            else:
                tables[change.table, change.key] = change.row


@given(st.lists(st.tuples(st.integers(0, 15), agents, interactions), max_size=60))
def test_snapshot_and_changes_agree(steps: list[tuple[int, AgentId, InteractionId]]) -> None:
    view = DeskView()
    screens: dict[str, dict[tuple[str, str], Row]] = {f"desk:{agent}": {} for agent in AGENTS}
    for seq, agent in enumerate(AGENTS, 1):
        for change in view.apply(Recorded(seq, T0, AgentSaved(agent_id=agent, name=agent))):
            fold(screens[change.topic], [change], change.topic)
    for number, (kind, agent, item) in enumerate(steps, 10):
        at = T0 + timedelta(seconds=number)
        changes = view.apply(Recorded(number, at, event(kind, agent, item, number)))
        for topic, tables in screens.items():
            fold(tables, changes, topic)
            fresh: dict[tuple[str, str], Row] = {}
            fold(fresh, view.snapshot(topic), topic)
            assert tables == fresh, topic


def test_an_offer_shows_and_goes() -> None:
    view = DeskView()
    agent, item = AGENTS[0], InteractionId("i0")
    topic = f"desk:{agent}"
    for seq, kind in enumerate([0, 3, 14, 4], 1):
        view.apply(Recorded(seq, T0, event(kind, agent, item, seq)))
    tables = [change.table for change in view.snapshot(topic)]
    assert tables == ["me", "work"], "the lines come with the acceptance"
    view.apply(Recorded(6, T0, event(6, agent, item, 6)))
    assert [change.table for change in view.snapshot(topic)] == ["me", "work", "message"]
    gone = view.apply(Recorded(7, T0, event(9, agent, item, 7)))
    assert {(change.table, change.row) for change in gone} == {("work", None), ("message", None)}
    assert [change.table for change in view.snapshot(topic)] == ["me"]


def test_promised_calls_stand_on_the_desk_of_who_is_to_make_them() -> None:
    view = DeskView()
    contact_id, at = ContactId("contact1"), datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    mine = CallbackSet(
        contact_id=contact_id,
        campaign_id=CampaignId("campaign1"),
        number="+12125550100",
        agent_id="agent1",
        at=at,
    )
    [shown] = view.apply(Recorded(1, at, mine))
    assert (shown.topic, shown.table, shown.key) == ("desk:agent1", "callback", contact_id)
    moved = mine.model_copy(update={"agent_id": "agent2"})
    gone, there = view.apply(Recorded(2, at, moved))
    assert (gone.topic, gone.row) == ("desk:agent1", None)
    assert there.topic == "desk:agent2"
    over = CallbackSet(contact_id=contact_id, campaign_id=CampaignId("campaign1"))
    assert [change.row for change in view.apply(Recorded(3, at, over))] == [None]
    assert not view.apply(Recorded(4, at, over))


def test_the_contact_that_is_shown_stands_on_the_desk_until_it_is_decided() -> None:
    view, at = DeskView(), T0
    shown = PreviewShown(
        agent_id=AGENTS[0],
        campaign_id=CampaignId("campaign1"),
        contact_id=ContactId("contact1"),
        number="+12125550100",
        until=at,
    )
    [there] = view.apply(Recorded(1, at, shown))
    assert (there.topic, there.table, there.key) == ("desk:a1", "preview", "a1")
    over = PreviewShown(agent_id=AGENTS[0], campaign_id=CampaignId("campaign1"))
    [gone] = view.apply(Recorded(2, at, over))
    assert gone.row is None
    assert not view.apply(Recorded(3, at, over))
