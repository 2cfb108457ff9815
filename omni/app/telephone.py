"""The dialer's telephone: the voice channel in the dialer's words.

A call made for an attempt has the attempt's id, and so has the interaction that comes of it.
"""

from omni.channels.voice.model import DialRequest as VoiceRequest
from omni.channels.voice.service import DROP_MESSAGE, VoiceService
from omni.core.ids import AttemptId, CallId, TrunkId
from omni.dialer.ports import DialRequest, TrunkRoom


class VoiceTelephone:
    """`omni.dialer.ports.Telephone` over the voice channel."""

    def __init__(self, voice: VoiceService) -> None:
        self._voice = voice

    async def dial(self, request: DialRequest) -> None:
        await self._voice.dial(
            VoiceRequest(
                attempt_id=request.attempt_id,
                campaign_id=request.campaign_id,
                number=request.number,
                trunk_id=request.trunk_id,
                caller_id=request.caller_id,
                ring_s=request.ring_s,
                caller_id_needed=request.caller_id_needed,
                detect=request.detect,
            )
        )

    async def hang_up(self, attempt_id: AttemptId) -> None:
        await self._voice.hang_up(CallId(attempt_id))

    async def play_drop_message(self, attempt_id: AttemptId) -> None:
        await self._voice.play_drop_message(CallId(attempt_id))

    async def play_message(self, attempt_id: AttemptId, media: str, listen_s: float) -> None:
        await self._voice.play_message(CallId(attempt_id), media, listen_s)

    async def let_wait(self, attempt_id: AttemptId) -> None:
        await self._voice.let_wait(CallId(attempt_id))

    async def leave_message(self, attempt_id: AttemptId, media: str) -> None:
        await self._voice.leave_message(CallId(attempt_id), media or DROP_MESSAGE)

    async def live_attempts(self) -> frozenset[AttemptId]:
        calls = self._voice.live_calls()
        return frozenset(call.attempt_id for call in calls if call.attempt_id is not None)

    async def trunk_room(
        self, trunk_id: TrunkId | None, caller_id: str, *, caller_id_needed: bool
    ) -> TrunkRoom:
        room = self._voice.trunk_room(trunk_id, caller_id, caller_id_needed=caller_id_needed)
        return TrunkRoom(room.lines, room.dials, room.closed)
