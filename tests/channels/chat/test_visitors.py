"""The demonstration's visitors chat over the real socket, drop it and come back."""

import asyncio
import contextlib
import random

import pytest

from omni.app.demo import visitors
from omni.app.demo.visitors import VisitorPace, Visitors
from omni.channels.chat.store import ConversationRecord, LineRecord
from omni.core.errors import Conflict
from omni.core.events.messages import ChatMessagePosted
from omni.core.events.routing import InteractionArrived
from tests.channels.chat.rig import ANN, Rig, running

PACE = VisitorPace(every_s=(0.05, 0.1), type_s=(0.02, 0.05), at_once=4)


async def robot(rig: Rig) -> None:
    """Accept every chat and answer every line of a visitor."""
    seq = 0
    while True:
        async for recorded in rig.journal.read(seq):
            seq, event = recorded.seq, recorded.event
            if isinstance(event, InteractionArrived):
                await rig.acd.accept(event.interaction_id)
            elif isinstance(event, ChatMessagePosted) and event.author == "visitor":
                interaction_id, text = event.interaction_id, f"answer to {event.number}"
                with contextlib.suppress(Conflict):  # the visitor may have gone meanwhile
                    await rig.chats.agent_post(ANN, interaction_id, text, f"a{event.number}")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("drops", [0.0, 1.0])
async def test_visitors_say_all_and_hear_all(
    database: str, drops: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "DROPS", drops)
    monkeypatch.setattr(visitors, "RETRY_S", 0.05)
    async with running() as rig:
        shop = Visitors(f"http://{rig.address}", "shop", random.Random(7), PACE)
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(robot(rig))
            chatting = tasks.create_task(shop.run())
            while sum(bool(visit.ended) for visit in shop.visits) < 3:
                await asyncio.sleep(0.05)
            chatting.cancel()
            await asyncio.wait([chatting])
            answering.cancel()
        done = [visit for visit in shop.visits if len(visit.taken) == 4 and visit.ended]
        assert len(done) >= 3
        for visit in done:
            assert sorted(visit.lines) == list(range(1, len(visit.lines) + 1))
            own = [line["text"] for line in visit.lines.values() if line["author"] == "visitor"]
            assert own == list(visit.talk[1:])
    # Those who were cut short have said goodbye: nothing stays open behind them.
    talked = {line.interaction_id for line in await LineRecord.all()}
    left = await ConversationRecord.filter(open_visitor_id__isnull=False)
    assert not [row for row in left if row.interaction_id in talked]
