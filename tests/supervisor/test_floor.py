"""The floor: snapshot + changes = snapshot, sums that hold, the turn of the day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from omni.core.events.base import Event, Recorded
from omni.core.events.messages import ChatTyping
from omni.core.events.outbound import (
    CampaignPaced,
    CampaignStateChanged,
    DialableChanged,
    DropWindow,
    ImportProgressed,
)
from omni.core.events.routing import AgentSaved, AgentStateChanged, InteractionArrived
from omni.core.events.voice import (
    AgentPhoneChanged,
    CallAnswered,
    CallRerouted,
    CallStarted,
    TrunkStateChanged,
)
from omni.core.ids import AgentId, CallId, InteractionId, TrunkId
from omni.core.live import Change, Row
from omni.core.terms import AgentState, Direction, Medium
from omni.supervisor.engine.day import midnight_after, midnight_before
from omni.supervisor.engine.floor import FloorView
from omni.supervisor.model import (
    TOPIC,
    AgentRow,
    CampaignRow,
    EntryPointRow,
    GroupRow,
    QueueRow,
    TotalRow,
    TrunkRow,
)
from tests.effort import effort
from tests.supervisor.happenings import CAMPAIGN, ENTRY, QUEUES, TRUNK, World

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

BERLIN = ZoneInfo("Europe/Berlin")
Rows = dict[tuple[str, str], Row]


def rows(view: FloorView) -> Rows:
    return {(c.table, c.key): c.row for c in view.snapshot(TOPIC) if c.row is not None}


def take_in(screen: Rows, changes: list[Change]) -> None:
    for change in changes:
        assert change.topic == TOPIC
        if change.row is None:
            screen.pop((change.table, change.key), None)
        else:
            screen[change.table, change.key] = change.row


def total(view: FloorView) -> TotalRow:
    row = rows(view)["total", "site"]
    assert isinstance(row, TotalRow)
    return row


def assert_sums(screen: Rows, world: World) -> None:
    for row in screen.values():
        if isinstance(row, TotalRow | GroupRow):
            working = row.dialing + row.busy + row.wrap_up
            assert row.ready + working + row.on_break == row.signed_in
        if isinstance(row, TotalRow | QueueRow):
            left = row.answered + row.abandoned + row.dropped + row.overflowed
            assert row.offered == left + row.waiting
        if isinstance(row, QueueRow):
            assert row.waiting == row.waiting_voice + row.waiting_email + row.waiting_chat
            assert (row.oldest_since is None) == (row.waiting == 0)
            assert row.waiting == sum(w.queue_id == row.id for w in world.waiting)
        if isinstance(row, CampaignRow):
            talking = sum(w.attempt_id is not None for w in world.waiting)
            talking += sum(w.attempt_id is not None for _, w in world.active)
            assert row.ringing == len(world.dialling)
            silent = [a for a in world.dialling if a.attempt_id not in world.ringing]
            assert row.dialling == len(silent)
            assert row.waiting == talking
            assert sum(row.trunk_lines.values()) == row.ringing + talking
            assert row.dialled == row.ringing + talking + sum(row.outcomes.values())
        if isinstance(row, TrunkRow):
            assert row.busy >= 0
        if isinstance(row, AgentRow):
            held = [w.medium for agent, w in world.active if agent == row.id]
            assert (row.calls, row.chats, row.mails) == (
                held.count(Medium.VOICE),
                held.count(Medium.CHAT),
                held.count(Medium.EMAIL),
            )
            assert row.state is world.states[row.id]
    site = screen["total", "site"]
    assert isinstance(site, TotalRow)
    assert site.invariants_ok
    assert site.waiting == len(world.waiting)
    assert site.signed_in == sum(s is not AgentState.SIGNED_OUT for s in world.states.values())


@given(seed=st.integers(0, 2**32), before=st.integers(0, 40), after=st.integers(0, 60))
@effort(150)
def test_snapshot_and_changes_make_the_next_snapshot(seed: int, before: int, after: int) -> None:
    world, view = World(seed), FloorView(BERLIN)
    for recorded in world.found():
        view.apply(recorded)
    for _ in range(before):
        for recorded in world.step():
            view.apply(recorded)
    screen = rows(view)
    for _ in range(after):
        for recorded in world.step():
            take_in(screen, list(view.apply(recorded)))
            assert screen == rows(view)
        assert_sums(screen, world)


def test_an_event_is_taken_once() -> None:
    world, view = World(1), FloorView(BERLIN)
    story = world.found() + [r for _ in range(200) for r in world.step()]
    for recorded in story:
        view.apply(recorded)
    before = rows(view)
    for recorded in story:
        assert list(view.apply(recorded)) == []
    assert rows(view) == before


def test_a_folded_prefix_and_the_rest_equal_the_whole() -> None:
    world = World(7)
    story = world.found() + [r for _ in range(300) for r in world.step()]
    whole, parts = FloorView(BERLIN), FloorView(BERLIN)
    for recorded in story:
        whole.apply(recorded)
    for recorded in story[:150] + story[100:]:
        parts.apply(recorded)
    assert rows(whole) == rows(parts)


def test_only_its_own_topic_and_events() -> None:
    view = FloorView(BERLIN)
    typing = ChatTyping(interaction_id=InteractionId("x"), direction=Direction.INBOUND)
    assert list(view.apply(Recorded(1, datetime(2026, 1, 1, tzinfo=UTC), typing))) == []
    assert list(view.snapshot("desk:agent")) == []
    assert ChatTyping not in view.event_types


def test_midnight_keeps_who_waits_and_forgets_the_rest() -> None:
    world, view = World(3), FloorView(BERLIN)
    for recorded in world.found():
        view.apply(recorded)
    while len(world.waiting) < 2 or not world.wrapping:
        for recorded in world.step():
            view.apply(recorded)
    screen = rows(view)
    midnight = midnight_after(world.at, BERLIN)
    assert list(view.roll(midnight - timedelta(seconds=1))) == []
    take_in(screen, list(view.roll(midnight)))
    assert screen == rows(view)
    assert list(view.roll(midnight)) == []
    site = total(view)
    assert site.offered == site.waiting == len(world.waiting)
    assert site.answered == site.abandoned == site.refused == 0
    assert site.invariants_ok
    world.at = midnight
    for _ in range(100):
        for recorded in world.step():
            take_in(screen, list(view.apply(recorded)))
    assert screen == rows(view)
    assert total(view).invariants_ok


def test_the_day_turns_with_the_first_event_after_midnight() -> None:
    world, view = World(5), FloorView(BERLIN)
    for recorded in world.found():
        view.apply(recorded)
    for _ in range(80):
        for recorded in world.step():
            view.apply(recorded)
    world.at = midnight_after(world.at, BERLIN) + timedelta(hours=3)
    arrived = InteractionArrived(
        interaction_id=InteractionId("morning"),
        medium=Medium.CHAT,
        direction=Direction.INBOUND,
        queue_id=QUEUES[0],
        entry_point_id=ENTRY,
    )
    waiting = total(view).waiting
    view.apply(Recorded(world.seq + 1, world.at, arrived))
    assert total(view).offered == waiting + 1


def test_a_day_of_23_hours_has_both_its_midnights() -> None:
    summer_begins = datetime(2026, 3, 29, 12, 0, tzinfo=BERLIN)
    length = midnight_after(summer_begins, BERLIN) - midnight_before(summer_begins, BERLIN)
    assert length == timedelta(hours=23)


def test_drift_is_shown_and_not_repaired() -> None:
    world, view = World(2), FloorView(BERLIN)
    for recorded in world.found():
        view.apply(recorded)
    agent = world.agents[0]
    out, ready, busy = AgentState.SIGNED_OUT, AgentState.READY, AgentState.BUSY
    known = AgentStateChanged(agent_id=agent, state=ready, previous=out)
    view.apply(Recorded(world.seq + 1, world.at, known))
    assert total(view).invariants_ok
    unheard = AgentStateChanged(agent_id=agent, state=busy, previous=AgentState.WRAP_UP)
    changes = list(view.apply(Recorded(world.seq + 2, world.at, unheard)))
    assert not total(view).invariants_ok
    assert any(change.table == "total" for change in changes)


def test_a_rebuild_from_midnight_equals_the_fold_of_everything() -> None:
    """What exists, each agent's last state, then the journal of the day: as at a restart."""
    world, whole = World(8), FloorView(BERLIN)
    founding = world.found()
    story = list(founding)
    for _ in range(800):
        story += world.step()
    for recorded in story:
        whole.apply(recorded)
    midnight = midnight_before(world.at, BERLIN)
    before = [recorded for recorded in story if recorded.at < midnight]
    assert len(before) > 300
    saved = (AgentSaved, *(type(r.event) for r in founding))
    exists = {(type(r.event), r.event.key): r.event for r in before if type(r.event) in saved}
    standing = {r.event.key: r for r in before if isinstance(r.event, AgentStateChanged)}
    rebuilt = FloorView(BERLIN)
    for event in exists.values():
        rebuilt.apply(Recorded(0, midnight, event))
    for recorded in sorted(standing.values(), key=lambda r: r.seq):
        rebuilt.apply(recorded)
    for recorded in story:
        if recorded.at >= midnight:
            rebuilt.apply(recorded)
    assert total(rebuilt).invariants_ok
    agents = [row for row in rows(whole).values() if isinstance(row, AgentRow)]
    for row in agents:
        again = rows(rebuilt)["agent", row.id]
        assert isinstance(again, AgentRow)
        busy = row.model_copy(update={"calls": 0, "chats": 0, "mails": 0})
        assert again.model_copy(update={"calls": 0, "chats": 0, "mails": 0}) == busy
    met = total(rebuilt).model_dump()
    # Who still waits since before midnight is not heard of until it is taken or leaves; the start
    # of the fold is chosen before the oldest of these (`omni.app.rebuild`).
    unheard = total(whole).waiting - met["waiting"]
    assert unheard == sum(r.at < midnight for r in story if r.event in world.waiting)
    met["waiting"] += unheard
    met["offered"] += unheard
    assert met == total(whole).model_dump()


def test_time_at_work_counts_from_midnight_and_by_state() -> None:
    view = FloorView(BERLIN)
    agent = AgentId("agent")
    at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    story: list[tuple[int, AgentState, AgentState]] = [
        (0, AgentState.SIGNED_OUT, AgentState.READY),
        (600, AgentState.READY, AgentState.BUSY),
        (1500, AgentState.BUSY, AgentState.WRAP_UP),
        (1800, AgentState.WRAP_UP, AgentState.BREAK),
        (2400, AgentState.BREAK, AgentState.SIGNED_OUT),
    ]
    view.apply(Recorded(1, at, AgentSaved(agent_id=agent, name="Ann")))
    for seq, (second, previous, state) in enumerate(story, start=2):
        event = AgentStateChanged(agent_id=agent, state=state, previous=previous)
        view.apply(Recorded(seq, at + timedelta(seconds=second), event))
    row = rows(view)["agent", agent]
    assert isinstance(row, AgentRow)
    assert row.occupancy_pct == 50.0


def test_a_call_that_moves_to_the_next_trunk_is_counted_on_both() -> None:
    world, view = World(4), FloorView(BERLIN)
    for recorded in world.found():
        view.apply(recorded)
    second = TrunkId("second")
    events: list[Event] = [
        CallStarted(
            call_id=CallId("c"), direction=Direction.OUTBOUND, trunk_id=TRUNK, from_number="",
            to_number="+49301", campaign_id=CAMPAIGN,
        ),
        CallRerouted(
            call_id=CallId("c"), from_trunk_id=TRUNK, trunk_id=second, caller_id="", cause=34,
            sip_code=503,
        ),
        TrunkStateChanged(trunk_id=TRUNK, state="trouble", reason="503", retry_s=2.0),
    ]  # fmt: skip
    for seq, event in enumerate(events, start=world.seq + 1):
        view.apply(Recorded(seq, world.at, event))
    found = [rows(view)["trunk", key] for key in (TRUNK, second)]
    counts = [(r.busy, r.dialled, r.failed) for r in found if isinstance(r, TrunkRow)]
    assert counts == [(0, 1, 1), (1, 1, 0)]
    campaign = rows(view)["campaign", CAMPAIGN]
    assert isinstance(campaign, CampaignRow)
    assert campaign.trunk_lines == {second: 1}
    assert isinstance(found[0], TrunkRow)
    assert found[0].retry_at == world.at + timedelta(seconds=2)


def test_a_trunk_counts_as_answered_only_what_it_dialled() -> None:
    view = FloorView(BERLIN)
    calls = (CallId("in"), Direction.INBOUND), (CallId("out"), Direction.OUTBOUND)
    events: list[Event] = []
    for call_id, direction in calls:
        events += [
            CallStarted(
                call_id=call_id, direction=direction, trunk_id=TRUNK, from_number="", to_number="",
            ),
            CallAnswered(call_id=call_id, ring_s=1.0),
        ]  # fmt: skip
    for seq, event in enumerate(events, start=1):
        view.apply(Recorded(seq, NOON, event))
    row = rows(view)["trunk", TRUNK]
    assert isinstance(row, TrunkRow)
    assert (row.dialled, row.answered, row.busy) == (1, 1, 2)


def test_another_break_is_another_stretch_and_a_break_asked_for_is_none() -> None:
    view, agent = FloorView(BERLIN), AgentId("a")
    out, busy, pause = AgentState.SIGNED_OUT, AgentState.BUSY, AgentState.BREAK
    changes = [(0, busy, out, ""), (5, busy, busy, "lunch"), (9, pause, busy, "lunch"),
               (20, pause, pause, "training")]  # fmt: skip
    begun = []
    for seq, (second, state, previous, reason) in enumerate(changes, start=1):
        event = AgentStateChanged(agent_id=agent, state=state, previous=previous, reason=reason)
        view.apply(Recorded(seq, NOON + timedelta(seconds=second), event))
        row = rows(view)["agent", agent]
        assert isinstance(row, AgentRow)
        assert row.since is not None
        begun.append((row.since - NOON).seconds)
    assert begun == [0, 0, 9, 20]


def test_states_of_trunk_phone_campaign_and_import_are_shown() -> None:
    world, view = World(4), FloorView(BERLIN)
    for recorded in world.found():
        view.apply(recorded)
    agent = world.agents[0]
    events: list[Event] = [
        TrunkStateChanged(trunk_id=TRUNK, state="down", reason="timeout"),
        AgentPhoneChanged(agent_id=agent, state="up"),
        CampaignStateChanged(campaign_id=CAMPAIGN, state="paused", previous="running"),
        DialableChanged(
            campaign_id=CAMPAIGN, contacts=10, dialable=4, finished=1, waiting={"hours": 5}
        ),
        CampaignPaced(
            campaign_id=CAMPAIGN,
            agents=3,
            lines_max=7,
            reserved=2,
            windows=(DropWindow(window="calendar_day", answered=100, dropped=1, allowed=3),),
        ),
        ImportProgressed(
            campaign_id=CAMPAIGN,
            import_id="import",
            state="running",
            rows_read=10,
            imported=8,
            duplicates=1,
            rejected=1,
        ),
    ]
    for seq, event in enumerate(events, start=world.seq + 1):
        view.apply(Recorded(seq, world.at, event))
    screen = rows(view)
    trunk, phone = screen["trunk", TRUNK], screen["agent", agent]
    campaign, entry = screen["campaign", CAMPAIGN], screen["entry_point", ENTRY]
    assert isinstance(trunk, TrunkRow)
    assert (trunk.state, trunk.reason) == ("down", "timeout")
    assert isinstance(phone, AgentRow)
    assert phone.phone == "up"
    assert isinstance(campaign, CampaignRow)
    assert (campaign.state, campaign.blocked, campaign.import_read) == ("paused", {"hours": 5}, 10)
    assert (campaign.lines_max, campaign.reserved) == (7, 2)
    assert [(one.window, one.dropped, one.allowed) for one in campaign.drop_windows] == [
        ("calendar_day", 1, 3)
    ]
    assert isinstance(entry, EntryPointRow)
    assert entry.name == "Sales"
