"""SIP from an agent's page to Asterisk: frames are passed on, if they are the agent's own.

Rules:
1. One origin: the page speaks to us, we speak to Asterisk on loopback, which needs no certificate
   and no open port.
2. A frame from the page must be a SIP message whose sender is the session's agent: what Asterisk
   believes about the caller is thereby what our log-in knows. Digest authentication comes on top.
3. The newest page has the phone: the older one's socket is closed with 4001 when a newer connects.
"""

import asyncio
import re
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from omni.channels.voice.service import VoiceService
from omni.core.endpoint import Actor, Socket, SocketClosed
from omni.core.ids import AgentId

CLOSED_REPLACED = 4001
CLOSED_FOREIGN = 4403
CLOSED_SWITCH_GONE = 4503
MAX_FRAME_BYTES = 64 * 1024  # an SDP with many candidates is about 6 KB
OPEN_S = 5.0

# RFC 3261 §25: a request line or a status line.
_FIRST_LINE = re.compile(r"(?:SIP/2\.0 \d{3} |([A-Z]{3,12}) sips?:\S+ SIP/2\.0\r\n)")
_FROM = re.compile(
    r"^(?:From|f)[ \t]*:[^\r\n]*?<?sips?:([^@;>\r\n]+)@", re.IGNORECASE | re.MULTILINE
)
_TO = re.compile(r"^(?:To|t)[ \t]*:[^\r\n]*?<?sips?:([^@;>\r\n]+)@", re.IGNORECASE | re.MULTILINE)


def is_own(frame: str, agent_id: AgentId) -> bool:
    """Tell whether a frame may come from this agent's page.

    Requests must name the agent as sender, a REGISTER also as whom it registers. Replies belong to
    a request that Asterisk sent to this very connection. White space keeps a connection alive.
    """
    if not frame.strip():
        return True
    first = _FIRST_LINE.match(frame)
    if first is None:
        return False
    if first[1] is None:
        return True
    head = frame.split("\r\n\r\n", 1)[0]
    senders, targets = _FROM.findall(head), _TO.findall(head)
    if first[1] == "REGISTER":
        return senders == [agent_id] and targets == [agent_id]
    if first[1] in {"BYE", "ACK", "CANCEL", "INFO", "UPDATE", "OPTIONS", "REFER", "NOTIFY"}:
        return len(senders) == 1  # inside a dialog the sender is written as the other side wrote it
    return senders == [agent_id]


async def _close_older(older: Socket | None) -> None:
    if older is not None:
        await older.close(CLOSED_REPLACED, "replaced")


class SipLink:
    """The sockets of all agents' pages."""

    def __init__(self, service: VoiceService, url: Callable[[], str]) -> None:
        self._service = service
        self._url = url
        self._sockets: dict[AgentId, Socket] = {}

    async def serve(self, actor: Actor, socket: Socket) -> None:
        """Carry one page's frames until either side goes."""
        agent_id = actor.agent_id
        try:
            switch = await connect(
                self._url(), subprotocols=[Subprotocol("sip")], open_timeout=OPEN_S,
                max_size=MAX_FRAME_BYTES, compression=None, proxy=None,
            )  # fmt: skip
        except (OSError, TimeoutError, WebSocketException):
            await socket.close(CLOSED_SWITCH_GONE, "switch_down")
            return
        older, self._sockets[agent_id] = self._sockets.get(agent_id), socket
        number = self._service.page_opened(agent_id)
        # Beside the work: an older page that is half dead takes its time to close.
        closing = asyncio.ensure_future(_close_older(older))
        try:
            await self._carry(agent_id, socket, switch)
        finally:
            closing.cancel()
            await asyncio.gather(closing, return_exceptions=True)
            await switch.close()
            if self._sockets.get(agent_id) is socket:
                del self._sockets[agent_id]
            self._service.page_closed(agent_id, number)

    async def _carry(self, agent_id: AgentId, socket: Socket, switch: ClientConnection) -> None:
        directions = (
            asyncio.ensure_future(self._to_switch(agent_id, socket, switch)),
            asyncio.ensure_future(self._to_page(socket, switch)),
        )
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)

    @staticmethod
    async def _to_switch(agent_id: AgentId, socket: Socket, switch: ClientConnection) -> None:
        try:
            while True:
                frame = await socket.receive()
                text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
                if len(text) > MAX_FRAME_BYTES or not is_own(text, agent_id):
                    await socket.close(CLOSED_FOREIGN, "not_your_phone")
                    return
                await switch.send(text)
        except (SocketClosed, ConnectionClosed):
            return

    @staticmethod
    async def _to_page(socket: Socket, switch: ClientConnection) -> None:
        try:
            async for frame in switch:
                await socket.send(frame)
            await socket.close(CLOSED_SWITCH_GONE, "switch_down")
        except (SocketClosed, ConnectionClosed):
            return
