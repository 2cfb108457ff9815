"""The agents' side of a chat over HTTP. What happens comes back over the live tables."""

from datetime import datetime

from pydantic import Field

from omni.channels.chat.engine.conversation import REF_MAX
from omni.channels.chat.engine.protocol import NUMBER_MAX
from omni.channels.chat.model import Author, Line
from omni.channels.chat.ports import Visitors
from omni.channels.chat.service import Chats
from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.ids import AgentId, InteractionId
from omni.core.terms import AGENTS


class ChatLine(Wire):
    """One line. `author`: visitor | agent | system; `number` 1, 2, 3 … without holes."""

    interaction_id: InteractionId
    number: int
    author: Author
    agent_id: AgentId | None
    agent_name: str
    text: str
    at: datetime
    client_ref: str


class ChatLinesQuery(Wire):
    """Lines after number `after`; an answer holds at most 500."""

    after: int = Field(default=0, ge=0, le=NUMBER_MAX)


class ChatPost(Wire):
    """A line to post. `client_ref`: the page's own name of it; posted twice, it is one line."""

    text: str
    client_ref: str = Field(min_length=1, max_length=REF_MAX)


def endpoints(chats: Chats, visitors: Visitors) -> list[Endpoint]:
    """Return the rows of the API that this package serves."""

    async def line(stored: Line) -> ChatLine:
        return ChatLine(
            interaction_id=stored.interaction_id,
            number=stored.number,
            author=stored.author,
            agent_id=stored.agent_id,
            agent_name=await chats.agent_name(stored.agent_id),
            text=stored.text,
            at=stored.at,
            client_ref=stored.client_ref,
        )

    async def read(agent_id: AgentId, interaction_id: InteractionId) -> None:
        number = await chats.agent_read(agent_id, interaction_id)
        if number is not None:
            await visitors.agent_read(interaction_id, number)

    async def lines(call: Call) -> list[ChatLine]:
        interaction_id = InteractionId(call.path["interaction_id"])
        await chats.existing(interaction_id)
        stored = await chats.lines(interaction_id, call.query.after)
        await read(call.actor.agent_id, interaction_id)
        return [await line(one) for one in stored]

    async def post(call: Call) -> ChatLine:
        interaction_id = InteractionId(call.path["interaction_id"])
        body: ChatPost = call.body
        stored = await chats.agent_post(
            call.actor.agent_id, interaction_id, body.text, body.client_ref
        )
        return await line(stored)

    async def typing(call: Call) -> None:
        interaction_id = InteractionId(call.path["interaction_id"])
        await chats.agents_own(call.actor.agent_id, interaction_id)
        await visitors.agent_typing(interaction_id)
        await read(call.actor.agent_id, interaction_id)

    one = "/api/interactions/{interaction_id}"
    return [
        Endpoint(
            "GET",
            f"{one}/messages",
            "Show the lines of a chat.",
            lines,
            query=ChatLinesQuery,
            result=list[ChatLine],
        ),
        Endpoint(
            "POST",
            f"{one}/messages",
            "Write a line into a chat.",
            post,
            roles=AGENTS,
            body=ChatPost,
            result=ChatLine,
        ),
        Endpoint("POST", f"{one}/typing", "Say that the agent is writing.", typing, roles=AGENTS),
    ]
