"""The dialer's telephone: the voice channel in the dialer's words.

A call made for an attempt has the attempt's id, and so has the interaction that comes of it.
"""

from omni.acd.service import Acd
from omni.channels.voice.announcements import Announcements
from omni.channels.voice.model import DialRequest as VoiceRequest
from omni.channels.voice.service import VoiceService
from omni.core.ids import AttemptId, CallId, TrunkId
from omni.dialer.ports import DialRequest, Said, TrunkRoom

USUAL = "unavailable"  # of `omni.channels.voice.prompts`


class VoiceTelephone:
    """`omni.dialer.ports.Telephone` over the voice channel."""

    def __init__(self, voice: VoiceService, announcements: Announcements, acd: Acd) -> None:
        self._voice = voice
        self._announcements = announcements
        self._acd = acd

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

    async def play_drop_message(self, attempt_id: AttemptId, said: Said) -> None:
        await self._voice.play_drop_message(CallId(attempt_id), self._medium(said))

    async def play_message(self, attempt_id: AttemptId, said: Said, listen_s: float) -> None:
        await self._voice.play_message(CallId(attempt_id), self._medium(said), listen_s)

    async def let_wait(self, attempt_id: AttemptId) -> None:
        await self._voice.let_wait(CallId(attempt_id))

    async def leave_message(self, attempt_id: AttemptId, said: Said) -> None:
        await self._voice.leave_message(CallId(attempt_id), self._medium(said))

    def _medium(self, said: Said) -> str:
        languages = self._acd.guide(said.queue_id, None).languages
        return self._announcements.medium(said.announcement_id, languages, USUAL)

    async def live_attempts(self) -> frozenset[AttemptId]:
        calls = self._voice.live_calls()
        return frozenset(call.attempt_id for call in calls if call.attempt_id is not None)

    async def trunk_room(
        self, trunk_id: TrunkId | None, caller_id: str, *, caller_id_needed: bool
    ) -> TrunkRoom:
        room = self._voice.trunk_room(trunk_id, caller_id, caller_id_needed=caller_id_needed)
        return TrunkRoom(room.lines, room.dials, room.closed)
