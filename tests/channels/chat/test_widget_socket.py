"""Visitors' pages over real WebSockets: nothing is lost, doubled or shown to somebody else."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from omni.channels.chat.gateway import WidgetLimits
from omni.channels.chat.model import Conversation
from omni.channels.chat.service import token_hash
from omni.channels.chat.store import ConversationRecord, LineRecord, VisitorRecord
from omni.core.errors import Conflict
from omni.core.events.messages import ChatVisitorSeen
from omni.core.events.routing import EntryPointSaved, TopicOffered
from omni.core.ids import AgentId, EntryPointId, InteractionId
from omni.core.terms import Medium
from tests.channels.chat.rig import ANN, Rig, running


@pytest.fixture
async def rig(database: str) -> AsyncIterator[Rig]:
    async with running() as rig:
        yield rig


async def test_a_visitor_is_answered_by_an_agent_with_a_name(rig: Rig) -> None:
    async with rig.page(site="shop", language="zh-CN", page="https://shop.example/lamps") as page:
        [welcome] = page.frames
        assert (welcome["conversation"], welcome["open"]) == (None, True)
        await page.send("profile", name="Wang Wei", email="W@Example.org")
        posted = await page.post("Is the lamp\nin stock?", "r1")
        conversation = posted["conversation"]
        assert (await page.ever("waiting"))["position"] == 1
        await rig.acd.accept(conversation)
        assert (await page.ever("joined"))["agent"] == "Ann Li"
        await rig.answer(conversation, "It is.")
        line = await page.ever("message", author="agent")
        assert (line["name"], line["text"], line["number"]) == ("Ann Li", "It is.", 2)
        await rig.acd.end(conversation)
        assert (await page.ever("ended"))["reason"] == "agent"
    [arrival] = rig.acd.arrivals
    assert (arrival.subject, arrival.name) == ("Is the lamp in stock?", "Wang Wei")
    assert arrival.entry_point_id == "shop"


async def test_the_token_is_secret_and_stored_only_as_a_hash(rig: Rig) -> None:
    async with rig.page() as page:
        token = page.frames[0]["token"]
    assert len(token) >= 40
    [visitor] = await VisitorRecord.all()
    assert visitor.token_hash == token_hash(token) != token
    async with rig.page(token=token) as page:
        assert page.frames[0]["token"] is None
    async with rig.page(token="guessed") as page:
        assert page.frames[0]["token"] not in (None, token)


async def test_a_reload_shows_the_whole_conversation_and_it_goes_on(rig: Rig) -> None:
    async with rig.page() as page:
        token = page.frames[0]["token"]
        conversation = (await page.post("one", "r1"))["conversation"]
        await rig.acd.accept(conversation)
        await rig.answer(conversation, "two")
        await page.ever("message", number=2)
    await rig.answer(conversation, "three, said while nobody was there", "a2")
    async with rig.page(token=token) as page:
        state = page.frames[0]["conversation"]
        assert (state["agent"], state["last_number"], state["state"]) == ("Ann Li", 3, "active")
        await page.ever("message", number=3)
        assert [number for number, _ in page.texts()] == [1, 2, 3]
        assert (await page.post("four", "r2"))["conversation"] == conversation
    assert len(rig.acd.arrivals) == 1


async def test_after_a_drop_only_what_is_missing_comes_and_a_repeated_line_is_one(
    rig: Rig,
) -> None:
    async with rig.page() as page:
        token = page.frames[0]["token"]
        first = await page.post("one", "r1")
        page.socket.transport.abort()
    conversation = first["conversation"]
    await rig.acd.accept(conversation)
    await rig.answer(conversation, "two")
    async with rig.page(token=token, conversation=conversation, after=1) as page:
        again = await page.post("one", "r1")  # it never heard of `posted`
        assert again == first
        await page.post("three", "r2")
        await page.ever("message", number=3)
        assert page.texts() == [(2, "two"), (3, "three")]
    assert await LineRecord.all().count() == 3


async def test_the_first_line_sent_again_after_a_drop_opens_no_second_conversation(
    rig: Rig,
) -> None:
    async with rig.page() as page:
        token = page.frames[0]["token"]
        first = await page.post("one", "r1")
    await rig.acd.end(first["conversation"])
    await _until_ended(first["conversation"])
    async with rig.page(token=token) as page:
        assert (await page.post("one", "r1"))["conversation"] == first["conversation"]
        assert (await page.post("new", "r2"))["conversation"] != first["conversation"]
        await page.ever("message", text="new", number=1)


async def test_two_tabs_of_one_visitor_share_one_conversation(rig: Rig) -> None:
    async with rig.page() as page:
        token = page.frames[0]["token"]
    async with rig.page(token=token) as left, rig.page(token=token) as right:
        one, two = await asyncio.gather(left.post("from left", "l1"), right.post("right", "r1"))
        assert one["conversation"] == two["conversation"]
        assert {one["number"], two["number"]} == {1, 2}
        await rig.acd.accept(one["conversation"])
        await rig.answer(one["conversation"], "hello both")
        for page in (left, right):
            await page.ever("message", number=3)
            assert [number for number, _ in page.texts()] == [1, 2, 3]
    assert len(rig.acd.arrivals) == 1


async def test_a_second_tab_waits_until_the_first_has_entered(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, saving, go_on = rig.store.save, asyncio.Event(), asyncio.Event()

    async def slowly(conversation: Conversation) -> None:
        saving.set()
        await go_on.wait()
        await save(conversation)

    monkeypatch.setattr(rig.store, "save", slowly)
    async with rig.page() as page:
        token = page.frames[0]["token"]
    async with rig.page(token=token) as left, rig.page(token=token) as right:
        await left.send("post", text="from left", client_ref="l1")
        await saving.wait()
        await right.send("post", text="from right", client_ref="r1")
        await asyncio.sleep(0.2)  # it must not go on: there is nothing to wait for
        go_on.set()
        one = await left.until("posted", client_ref="l1")
        two = await right.until("posted", client_ref="r1")
    assert (one["number"], two["number"]) == (1, 2)


async def test_many_tabs_posting_at_once_lose_and_double_nothing(rig: Rig) -> None:
    async with rig.page() as page:
        token = page.frames[0]["token"]

    async def tab(name: int) -> None:
        async with rig.page(token=token) as page:
            for number in range(5):
                await page.send("post", text=f"{name}.{number}", client_ref=f"{name}.{number}")
                await page.send("post", text=f"{name}.{number}", client_ref=f"{name}.{number}")
            await page.until("posted", client_ref=f"{name}.4")

    await asyncio.gather(*(tab(name) for name in range(4)))
    lines = await LineRecord.all().order_by("number")
    assert [line.number for line in lines] == list(range(1, 21))
    assert len({line.client_ref for line in lines}) == 20
    for name in range(4):
        own = [line.text for line in lines if line.text.startswith(f"{name}.")]
        assert own == [f"{name}.{number}" for number in range(5)]


async def test_nobody_reaches_somebody_elses_conversation(rig: Rig) -> None:
    async with rig.page() as victim, rig.page() as thief:
        conversation = (await victim.post("my secret", "r1"))["conversation"]
        for op, fields in (
            ("post", {"text": "x", "client_ref": "r9"}),
            ("ack", {"number": 1}),
            ("end", {}),
        ):
            await thief.send(op, conversation=conversation, **fields)
            error = await thief.until("error")
            assert error["code"] == "chat.conversation_unknown"
        await thief.send("typing")
        token = thief.frames[0]["token"]
        async with rig.page(token=token, conversation=conversation, after=0) as again:
            assert again.frames[0]["conversation"] is None
        await victim.post("still here", "r2")
    assert rig.acd.left == []
    assert await LineRecord.all().count() == 2


@pytest.mark.parametrize(
    ("raw", "code", "close"),
    [
        ("not json", "frame.not_json", None),
        ('{"op": "fly"}', "frame.invalid", None),
        ('{"op": "hello"}', "frame.hello_repeated", None),
        ('{"op": "post", "client_ref": "r", "text": " "}', "chat.text_empty", None),
        (
            json.dumps({"op": "post", "client_ref": "r", "text": "x" * 4001}),
            "chat.text_too_long",
            None,
        ),
        ('{"op": "post", "client_ref": "a\\nb", "text": "x"}', "chat.ref_invalid", None),
        ("x" * 40_000, "frame.too_large", 1009),
        ("x" * 20_000_000, "", 1009),  # refused by the server before it is read whole
        (b"\x00\x01", "frame.not_text", 1003),
    ],
)
async def test_a_bad_frame_is_that_pages_own_affair(
    rig: Rig, raw: str | bytes, code: str, close: int | None
) -> None:
    async with rig.page() as other, rig.page() as page:
        token = page.frames[0]["token"]
        await other.post("one", "r1")
        await page.socket.send(raw)
        if close is None:
            assert (await page.until("error"))["code"] == code
            assert (await page.post("goes on", "r2"))["number"] == 1
        else:
            assert await page.closed() == close
            if code:
                assert page.frames[-1]["code"] == code
            async with rig.page(token=token) as page:
                assert (await page.post("comes back", "r2"))["number"] == 1
        assert (await other.post("undisturbed", "r2"))["number"] == 2


async def test_text_is_kept_as_it_is_and_never_breaks_the_journal(rig: Rig) -> None:
    texts = ["<script>alert(1)</script>", "\x00null\x00", "🙂 你好 \ud83d", "a\u2028b", "{{7*7}}"]
    async with rig.page() as page:
        for number, text in enumerate(texts):
            await page.post(text, f"r{number}")
        await page.ever("message", number=len(texts))
        assert [text for _, text in page.texts()] == [
            "<script>alert(1)</script>",
            "null",
            "🙂 你好",
            "a\u2028b",
            "{{7*7}}",
        ]


async def test_an_acknowledgement_of_what_is_not_there_is_refused(rig: Rig) -> None:
    async with rig.page() as page:
        conversation = (await page.post("one", "r1"))["conversation"]
        await page.send("ack", conversation=conversation, number=2)
        assert (await page.until("error"))["code"] == "chat.number_ahead"
        await page.send("ack", conversation=conversation, number=1, read=True)
        await page.send("ack", conversation=conversation, number=0)
        await page.post("two", "r2")
    [stored] = await ConversationRecord.all()
    assert (stored.visitor_acked, stored.visitor_read) == (2, 2)


async def test_a_page_that_claims_more_than_there_is_gets_everything(rig: Rig) -> None:
    async with rig.page() as page:
        token = page.frames[0]["token"]
        conversation = (await page.post("one", "r1"))["conversation"]
    async with rig.page(token=token, conversation=conversation, after=99) as page:
        await page.ever("message", number=1)


async def test_a_flood_is_slowed_and_then_cut_off(database: str) -> None:
    limits = WidgetLimits(frames_per_s=1, frames_burst=5)
    async with running(limits) as rig, rig.page() as page, rig.page() as other:
        for number in range(6):
            await page.send("post", text="spam", client_ref=str(number))
        first = await page.until("error")
        assert (first["code"], first["client_ref"]) == ("frame.too_fast", "5")
        for number in range(6, 40):
            await page.send("post", text="spam", client_ref=str(number))
        assert await page.closed() == 1008
        codes = [frame["code"] for frame in page.frames if frame["op"] == "error"]
        assert codes[-1] == "frame.too_many_bad"
        assert 0 < first["retry_after_s"] <= 1
        assert (await other.post("undisturbed", "r1"))["number"] == 1
        assert await LineRecord.filter(text="spam").count() in {5, 6}  # a second may have passed


async def test_a_page_with_much_news_is_asked_whether_it_is_there(database: str) -> None:
    """Else a page that only listens says nothing, and is taken for gone."""
    limits = WidgetLimits(ping_s=0.3, silence_s=3.0, frames_per_s=1000, frames_burst=1000)
    async with (
        running(limits) as rig,
        rig.page() as page,
        rig.page(token=page.frames[0]["token"]) as other,
    ):
        end_s = time.monotonic() + 4.0
        number = 0
        while time.monotonic() < end_s:
            number = (await page.post("news", f"r{number}"))["number"]
            while (frame := await other.next())["op"] != "message":
                if frame["op"] == "ping":
                    await other.send("pong")
            await asyncio.sleep(0.05)
        assert number > 10


async def test_the_first_frame_must_be_hello(database: str) -> None:
    limits = WidgetLimits(hello_s=0.1)
    async with running(limits) as rig:
        for first in ('{"op": "typing"}', "nonsense", None):
            async with connect(rig.url) as socket:
                if first:
                    await socket.send(first)
                assert json.loads(await socket.recv())["code"] == "frame.hello_expected"
        async with rig.page(site="nowhere") as page:
            assert page.frames[0]["code"] == "chat.site_unknown"
            assert await page.closed() == 1008


async def test_a_full_house_says_so(database: str) -> None:
    async with running(WidgetLimits(pages=1)) as rig, rig.page(), connect(rig.url) as socket:
        assert json.loads(await socket.recv())["code"] == "server.full"


async def _seen(rig: Rig) -> list[bool]:
    """Return what was told of visitors: there, or not."""
    read = rig.journal.read(0, types=[ChatVisitorSeen.TYPE])
    return [one.event.online async for one in read if isinstance(one.event, ChatVisitorSeen)]


async def test_who_stays_away_is_told_to_the_agent_and_then_ended(database: str) -> None:
    limits = WidgetLimits(grace_s=0.1, offline_end_s=3.0, sweep_s=0.02)
    async with running(limits) as rig:
        async with rig.page() as page:
            token = page.frames[0]["token"]
            conversation = (await page.post("one", "r1"))["conversation"]
            await rig.acd.accept(conversation)
            await page.ever("joined")
        async with asyncio.timeout(20):
            while await _seen(rig) != [False]:
                await asyncio.sleep(0.02)
        async with rig.page(token=token) as page:
            assert page.frames[0]["conversation"]["state"] == "active"
        await _until_ended(conversation)
        assert await _seen(rig) == [False, True, False]
        async with rig.page(token=token) as page:
            state = page.frames[0]["conversation"]
            assert (state["state"], state["end_reason"]) == ("ended", "offline")
    assert rig.acd.left == [conversation]


async def test_a_restart_ends_those_who_do_not_come_back(database: str) -> None:
    async with running() as rig, rig.page() as page:
        conversation = (await page.post("one", "r1"))["conversation"]
    async with running(WidgetLimits(offline_end_s=0.1, sweep_s=0.02)) as rig:
        await _until_ended(conversation)
    assert rig.acd.left == [conversation]


async def test_the_visitor_ends_the_conversation(rig: Rig) -> None:
    async with rig.page() as page:
        conversation = (await page.post("one", "r1"))["conversation"]
        await page.send("end", conversation=conversation)
        assert (await page.ever("ended"))["reason"] == "visitor"
        await page.send("end", conversation=conversation)
        await page.send("post", text="late", client_ref="r2", conversation=conversation)
        assert (await page.until("error"))["code"] == "chat.ended"
        assert (await page.post("anew", "r3"))["conversation"] != conversation
    assert rig.acd.left == [conversation]


async def test_when_closed_the_line_is_kept_and_the_page_is_told(rig: Rig) -> None:
    rig.acd.refuse = "queue_closed"
    async with rig.page() as page:
        posted = await page.post("please call me", "r1")
        assert (await page.ever("ended"))["reason"] == "refused"
    [stored] = await ConversationRecord.all()
    assert (stored.state, stored.end_reason) == ("ended", "refused")
    assert await LineRecord.filter(interaction_id=posted["conversation"]).count() == 1
    assert rig.acd.arrivals[0].subject == "please call me"


async def test_who_is_turned_away_by_a_rule_leaves_a_message(rig: Rig) -> None:
    rig.acd.turn_away = True
    async with rig.page() as page:
        posted = await page.post("please call me", "r1")
        assert (await page.ever("ended"))["reason"] == "refused"
        async with asyncio.timeout(10.0):  # the page may be told before it is written down
            while not await ConversationRecord.exists(state="ended"):
                await asyncio.sleep(0.01)
    [stored] = await ConversationRecord.all()
    assert stored.end_reason == "refused"
    assert await LineRecord.filter(interaction_id=posted["conversation"]).count() == 1


async def test_a_line_that_could_not_be_taken_is_taken_when_sent_again(rig: Rig) -> None:
    rig.acd.broken = True
    async with rig.page() as page:
        await page.send("post", text="one", client_ref="r1")
        error = await page.until("error")
        assert (error["code"], error["client_ref"]) == ("server.unavailable", "r1")
        rig.acd.broken = False
        assert (await page.post("one", "r1"))["number"] == 1
    assert await ConversationRecord.all().count() == 1


async def test_typing_and_reading_are_shown_to_the_other_side(rig: Rig) -> None:
    async with rig.page() as page:
        conversation = InteractionId((await page.post("one", "r1"))["conversation"])
        await page.send("typing")
        await page.post("two", "r2")
        assert rig.desks.typing == []
        await rig.acd.accept(conversation)
        await page.ever("joined")
        await rig.chats.agents_own(ANN, conversation)
        await page.send("typing")
        await page.post("three", "r3")
        assert rig.desks.typing == [(ANN, conversation)]
        await rig.gateway.agent_typing(conversation)
        await page.until("typing")
        assert await rig.chats.agent_read(ANN, conversation) == 3
        assert await rig.chats.agent_read(ANN, conversation) is None
        await rig.gateway.agent_read(conversation, 3)
        assert (await page.until("read"))["number"] == 3


async def test_only_the_agent_who_has_it_writes_and_twice_is_once(rig: Rig) -> None:
    async with rig.page() as page:
        conversation = InteractionId((await page.post("one", "r1"))["conversation"])
        await rig.acd.accept(conversation)
        one = await rig.chats.agent_post(ANN, conversation, "two", "a1")
        assert await rig.chats.agent_post(ANN, conversation, "two", "a1") == one
        with pytest.raises(Conflict):
            await rig.chats.agent_post(AgentId("bob"), conversation, "x", "b1")
        with pytest.raises(Conflict):
            await rig.chats.agent_post(AgentId("bob"), conversation, "x", "a1")


async def test_places_move_up(rig: Rig) -> None:
    async with rig.page() as one, rig.page() as two:
        first = (await one.post("one", "r1"))["conversation"]
        await two.post("two", "r1")
        await two.ever("waiting", position=2)
        await rig.acd.accept(first)
        await two.ever("waiting", position=1)


async def _until_ended(conversation: str) -> None:
    async with asyncio.timeout(20):
        while (await ConversationRecord.get(interaction_id=conversation)).state != "ended":
            await asyncio.sleep(0.02)


async def test_a_database_that_restarts_loses_no_line(rig: Rig, database: str) -> None:
    """The visitor does as the widget: posts until `posted`, comes back when cut off."""
    async with rig.page() as page:
        token = page.frames[0]["token"]
        conversation = (await page.post("line 1", "r1"))["conversation"]
    connection = await asyncpg.connect(database)
    for number in range(2, 7):
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        taken = False
        while not taken:
            with contextlib.suppress(ConnectionClosed):
                taken = await _posted(rig, token, f"line {number}", f"r{number}")
    await connection.close()
    async with rig.page(token=token) as page:
        await page.ever("message", number=6)
        assert page.texts() == [(number, f"line {number}") for number in range(1, 7)]
    assert [arrival.interaction_id for arrival in rig.acd.arrivals] == [conversation]


async def _posted(rig: Rig, token: str, text: str, ref: str) -> bool:
    async with rig.page(token=token) as page:
        if page.frames[0]["op"] != "welcome":
            return False
        await page.send("post", text=text, client_ref=ref)
        while True:
            frame = await page.next()
            if frame["op"] == "posted":
                return True
            if frame["op"] == "error":
                assert (frame["code"], frame["client_ref"]) == ("server.unavailable", ref)
                return False


async def test_a_visitor_says_what_it_is_about(rig: Rig) -> None:
    topic = TopicOffered(key="returns", label_en="Returns", label_zh="退货")
    async with rig.journal.transaction() as tx:
        shop = EntryPointId("shop")
        tx.emit(
            EntryPointSaved(
                entry_point_id=shop,
                name="Shop",
                medium=Medium.CHAT,
                address="shop",
                topics=(topic,),
            )
        )
    async with asyncio.timeout(20):
        while (site := await rig.store.site("shop")) is None or not site.topics:
            await asyncio.sleep(0.01)
    for language, label in (("en-GB", "Returns"), ("zh-CN", "退货")):
        async with rig.page(site="shop", language=language) as page:
            assert page.frames[0]["topics"] == [{"key": "returns", "label": label}]
            await page.post("It is broken", "r1", topic="returns")
    async with rig.page(site="shop") as page:
        await page.post("Hello", "r1", topic="invented")
    assert [arrival.topic for arrival in rig.acd.arrivals] == ["returns", "returns", ""]


async def test_the_topic_outlives_a_failure_of_the_acd(rig: Rig) -> None:
    site = await rig.store.site("shop")
    assert site is not None
    topic = TopicOffered(key="returns", label_en="Returns", label_zh="退货")
    await rig.store.save_site(replace(site, topics=(topic,)))
    async with rig.page(site="shop") as page:
        rig.acd.broken = True
        await page.send("post", text="It is broken", client_ref="r1", topic="returns")
        await page.until("error")
        rig.acd.broken = False
        await page.post("It is broken", "r1")
    assert [arrival.topic for arrival in rig.acd.arrivals] == ["returns"]
