"""The agents' side over the API's table."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from omni.channels.chat.api import ChatLinesQuery, ChatPost, endpoints
from omni.core.endpoint import Actor, Call
from omni.core.errors import Conflict, NotFound
from omni.core.ids import UserId
from omni.core.terms import Role
from tests.channels.chat.rig import ANN, Rig, running

MESSAGES = "/api/interactions/{interaction_id}/messages"
TYPING = "/api/interactions/{interaction_id}/typing"


@pytest.fixture
async def rig(database: str) -> AsyncIterator[Rig]:
    async with running() as rig:
        yield rig


def actor(user: str = ANN, role: Role = Role.AGENT) -> Actor:
    return Actor(UserId(user), "Ann Li", frozenset({role}))


def handler(rig: Rig, method: str, path: str) -> Callable[[Call], Awaitable[Any]]:
    table = {(row.method, row.path): row for row in endpoints(rig.chats, rig.gateway)}
    return table[method, path].handler


async def test_an_agent_reads_writes_and_types(rig: Rig) -> None:
    async with rig.page() as page:
        conversation = (await page.post("one", "r1"))["conversation"]
        await rig.acd.accept(conversation)
        await page.ever("joined")
        path = {"interaction_id": conversation}
        post = Call(actor(), path, body=ChatPost(text="two", client_ref="a1"))
        line = await handler(rig, "POST", MESSAGES)(post)
        assert (line.number, line.author, line.agent_name) == (2, "agent", "Ann Li")
        assert await handler(rig, "POST", MESSAGES)(post) == line
        await page.ever("message", number=2)
        await page.post("three", "r2")
        await handler(rig, "POST", TYPING)(Call(actor(), path))
        await page.ever("typing")
        assert (await page.ever("read"))["number"] == 3
        lines = await handler(rig, "GET", MESSAGES)(
            Call(actor(), path, query=ChatLinesQuery(after=1))
        )
        assert [(one.number, one.text, one.client_ref) for one in lines] == [
            (2, "two", "a1"),
            (3, "three", "r2"),
        ]


async def test_somebody_who_only_looks_leaves_no_trace(rig: Rig) -> None:
    async with rig.page() as page:
        conversation = (await page.post("one", "r1"))["conversation"]
        path = {"interaction_id": conversation}
        supervisor = actor("sue", Role.SUPERVISOR)
        lines = await handler(rig, "GET", MESSAGES)(Call(supervisor, path, query=ChatLinesQuery()))
        assert [line.text for line in lines] == ["one"]
        await page.post("two", "r2")
        assert not [frame for frame in page.frames if frame["op"] == "read"]


async def test_who_does_not_have_the_chat_neither_writes_nor_types(rig: Rig) -> None:
    async with rig.page() as page:
        conversation = (await page.post("one", "r1"))["conversation"]
        await rig.acd.accept(conversation)
        await page.ever("joined")
        path = {"interaction_id": conversation}
        body = ChatPost(text="x", client_ref="b1")
        with pytest.raises(Conflict):
            await handler(rig, "POST", MESSAGES)(Call(actor("bob"), path, body=body))
        with pytest.raises(Conflict):
            await handler(rig, "POST", TYPING)(Call(actor("bob"), path))
    nowhere = {"interaction_id": "none"}
    for method, url, more in (
        ("GET", MESSAGES, {"query": ChatLinesQuery()}),
        ("POST", MESSAGES, {"body": body}),
        ("POST", TYPING, {}),
    ):
        with pytest.raises(NotFound):
            await handler(rig, method, url)(Call(actor(), nowhere, **more))
