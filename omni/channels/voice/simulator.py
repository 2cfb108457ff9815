"""The switch port without a switch: legs are rows, the network is a function, time is the clock's.

It is the fast double in tests (on a virtual clock) and what omni runs on when it is tried without
telephony. What a number does is decided by `Network`; the default knows the demo carrier's test
numbers (`+999` and digits). It must behave like `gateway.AriSwitch`: same contract tests.
"""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from omni.channels.voice.engine import inputs as on
from omni.channels.voice.model import PhoneKind, PhoneSpec, TrunkSpec, plain_number
from omni.channels.voice.ports import Listener, Target
from omni.core.clock import Clock
from omni.core.errors import Conflict, NotFound, Unavailable
from omni.core.ids import AgentId, CallId, RecordingId, TrunkId
from omni.core.terms import AnswerKind

RATE, HEADER = 8000, 44
PLAY_S, KEY_S = 0.5, 0.1
NO_ANSWER, NORMAL = 19, 16


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a called number does.

    Without `ring_s` it never rings, without `answer_s` it never answers. `kind`: what answers,
    known `detect_s` later; `greeting_s`: of a machine. `talk_s`: hangs up so long after the answer.
    `cause`, `sip_code`: the refusal, at `refuse_s`. `key`: pressed 0.1 s after
    something is played.
    """

    ring_s: float | None = 0.0
    answer_s: float | None = None
    talk_s: float | None = None
    refuse_s: float | None = None
    cause: int = 0
    sip_code: int = 0
    key: str = ""
    kind: AnswerKind = AnswerKind.HUMAN
    detect_s: float = 1.6
    greeting_s: float = 6.0


Network = Callable[[str], Behaviour]
DIGITS = {
    "1": Behaviour(answer_s=0.2),
    "2": Behaviour(answer_s=0.5, talk_s=3.0),
    "3": Behaviour(),
    "4": Behaviour(ring_s=None, refuse_s=0.05, cause=17, sip_code=486),
    "5": Behaviour(ring_s=None, refuse_s=0.05, cause=21, sip_code=603),
    "6": Behaviour(ring_s=None, refuse_s=0.05, cause=1, sip_code=404),
    "7": Behaviour(ring_s=None, refuse_s=0.05, cause=34, sip_code=503),
    "8": Behaviour(answer_s=0.5, kind=AnswerKind.MACHINE),
    "89": Behaviour(answer_s=0.5, kind=AnswerKind.FAX),
    "9": Behaviour(ring_s=None, refuse_s=0.05, cause=19, sip_code=480),
    "0": Behaviour(ring_s=None, refuse_s=2.0, cause=1, sip_code=404),
    "11": Behaviour(answer_s=0.2, key="1"),
    "19": Behaviour(answer_s=0.2, key="9"),
}


def demo_network(number: str) -> Behaviour:
    """Return what the demo carrier does with its test numbers; any other talks."""
    if not number.startswith("+999") or len(number) < 5:
        return DIGITS["1"]
    return DIGITS.get(number[4:6], DIGITS[number[4]])


@dataclass(slots=True)
class _Leg:
    answered: bool = False
    inbound: bool = False
    room: str = ""
    playing: set[int] = field(default_factory=set)
    played: int = 0
    life: "asyncio.Task[None] | None" = None
    does: Behaviour = field(default_factory=Behaviour)


@dataclass(slots=True)
class _Recording:
    room: str
    call_id: CallId
    began_s: float
    length_s: float = field(default=-1.0)


class SimulatedSwitch:
    """See `ports.Switch`."""

    def __init__(self, clock: Clock, network: Network = demo_network) -> None:
        self._clock = clock
        self._network = network
        self._listener: Listener = lambda _: None
        self._legs: dict[str, _Leg] = {}
        self._rooms: set[str] = set()
        self._recordings: dict[str, _Recording] = {}
        self._trunks: dict[str, TrunkSpec] = {}
        self._phones: dict[str, PhoneSpec] = {}
        self._online: set[str] = set()
        self._connected = False
        self._group: asyncio.TaskGroup | None = None
        self._news: asyncio.Queue[on.Happening] = asyncio.Queue()
        self.heard: dict[str, list[str]] = {}  # by leg: what was played to it

    # ---- what a test does to it

    def register(self, agent_id: AgentId, registered: bool = True) -> None:
        """Let a browser phone register, or go."""
        (self._online.add if registered else self._online.discard)(agent_id)
        if self._connected:
            self._tell(on.PhoneSeen(agent_id, registered))

    def arrive(
        self, leg_id: str, from_number: str, to_number: str, trunk: str | None = None
    ) -> None:
        """Let somebody call in."""
        self._legs[leg_id] = _Leg(inbound=True)
        trunk_id = TrunkId(trunk) if trunk else None
        self._tell(on.LegArrived(leg_id, trunk_id, plain_number(from_number), to_number))

    def press(self, leg_id: str, digit: str) -> None:
        """Let the far end of a leg press a key."""
        if digit == "#":
            self._end_room(f"message-{leg_id}")
        self._tell(on.DigitPressed(leg_id, digit))

    def customer_hangs_up(self, leg_id: str, cause: int = NORMAL) -> None:
        """Let the far end of a leg hang up."""
        self._end(leg_id, on.LegEnded(leg_id, cause))

    def lose(self, *, legs_too: bool) -> None:
        """Break the connection; with `legs_too` the switch itself has died."""
        self._connected = False
        if legs_too:
            for leg in self._legs.values():
                if leg.life is not None:
                    leg.life.cancel()
            self._legs.clear()
            self._rooms.clear()
            self._recordings.clear()
            self._online.clear()
        self._tell(on.SwitchLost())

    def come_back(self) -> None:
        """Restore the connection."""
        self._connected = True
        fixed = {name for name, phone in self._phones.items() if phone.kind is PhoneKind.SIP}
        self._tell(on.SwitchBack(frozenset(self._legs), frozenset(self._online | fixed)))
        for name in self._trunks:
            self._tell(on.TrunkSeen(TrunkId(name), "up"))

    def legs(self) -> frozenset[str]:
        """Return the legs there are."""
        return frozenset(self._legs)

    def hears(self, leg_id: str) -> frozenset[str]:
        """Return the other legs in the same conversation."""
        leg = self._legs[leg_id]
        others = {name for name, other in self._legs.items() if other.room == leg.room}
        return frozenset(others - {leg_id}) if leg.room.startswith("desk-") else frozenset()

    # ---- the port

    def listen(self, listener: Listener) -> None:
        self._listener = listener

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            self.come_back()
            while True:
                self._listener(await self._news.get())

    def _tell(self, event: on.Happening) -> None:
        self._news.put_nowait(event)

    async def call(self, leg_id: str, target: Target, caller_id: str, ring_s: float) -> None:
        self._check()
        behaviour = self._behaviour(target)
        if self._group is None:
            raise Unavailable("switch_down")
        leg = self._legs[leg_id] = _Leg(does=behaviour)
        leg.life = self._group.create_task(self._live(leg_id, behaviour, ring_s))

    def _behaviour(self, target: Target) -> Behaviour:
        if target.agent_id is not None:
            phone = self._phones.get(target.agent_id)
            if phone is None or (
                phone.kind is PhoneKind.BROWSER and target.agent_id not in self._online
            ):
                raise Conflict("switch_refused")
            return Behaviour(answer_s=0.05)
        if target.trunk_id not in self._trunks:
            raise Conflict("switch_refused")
        return self._network(target.number)

    async def _live(self, leg_id: str, does: Behaviour, ring_s: float) -> None:
        clock, left_s = self._clock, ring_s
        if does.ring_s is not None:
            await clock.sleep(does.ring_s)
            self._tell(on.LegRinging(leg_id))
            left_s -= does.ring_s
        due_s = does.answer_s if does.answer_s is not None else does.refuse_s
        if due_s is None or due_s > left_s:
            await clock.sleep(left_s)
            self._end(leg_id, on.LegEnded(leg_id, NO_ANSWER, 480, timed_out=True))
            return
        await clock.sleep(due_s)
        if does.answer_s is None:
            self._end(leg_id, on.LegEnded(leg_id, does.cause, does.sip_code))
            return
        self._legs[leg_id].answered = True
        self._tell(on.LegAnswered(leg_id))
        if does.talk_s is not None:
            await clock.sleep(does.talk_s)
            self._end(leg_id, on.LegEnded(leg_id, NORMAL))

    def _end(self, leg_id: str, ending: on.LegEnded) -> None:
        leg = self._legs.pop(leg_id, None)
        if leg is None:
            return
        if leg.life is not None and leg.life is not asyncio.current_task():
            leg.life.cancel()
        self._end_room(f"message-{leg_id}")
        self._tell(ending)

    def _check(self) -> None:
        if not self._connected:
            raise Unavailable("switch_down")

    def _leg(self, leg_id: str) -> _Leg:
        self._check()
        leg = self._legs.get(leg_id)
        if leg is None:
            raise NotFound("switch_refused")
        return leg

    async def ring(self, leg_id: str) -> None:
        self._leg(leg_id)

    async def answer(self, leg_id: str) -> None:
        self._leg(leg_id).answered = True

    async def hang_up(self, leg_id: str, cause: int) -> None:
        self._check()
        self._end(leg_id, on.LegEnded(leg_id, cause))

    async def park(self, leg_id: str) -> None:
        self._leg(leg_id).room = "park"

    async def open_desk(self, leg_id: str) -> None:
        self._leg(leg_id).room = f"desk-{leg_id}"
        self._rooms.add(f"desk-{leg_id}")

    async def close_desk(self, leg_id: str) -> None:
        self._check()
        room = f"desk-{leg_id}"
        self._rooms.discard(room)
        self._end_room(room)

    def _end_room(self, room: str) -> None:
        """End what is being recorded there."""
        for name, recording in self._recordings.items():
            if recording.room == room and recording.length_s < 0:
                self._finish(RecordingId(name), recording)

    async def join(self, leg_id: str, desk_leg_id: str) -> None:
        leg = self._leg(leg_id)
        if f"desk-{desk_leg_id}" not in self._rooms:
            raise NotFound("switch_refused")
        leg.room = f"desk-{desk_leg_id}"

    async def unpark(self, leg_id: str) -> None:
        leg = self._leg(leg_id)
        if leg.room == "park":
            leg.room = ""

    async def detect(self, leg_id: str) -> None:
        does = self._leg(leg_id).does
        self._later(leg_id, does.detect_s, on.AnswerHeard(leg_id, does.kind))

    async def await_beep(self, leg_id: str) -> None:
        self._later(leg_id, self._leg(leg_id).does.greeting_s, on.GreetingEnded(leg_id))

    def far_end_speaks(self, leg_id: str) -> None:
        """Let the far end say something after its greeting."""
        self._tell(on.FarEndSpoke(leg_id))

    def _later(self, leg_id: str, delay_s: float, event: on.Happening) -> None:
        async def tell() -> None:
            await self._clock.sleep(delay_s)
            if leg_id in self._legs:
                self._tell(event)

        if self._group is not None:
            self._group.create_task(tell())

    async def play(self, leg_id: str, media: str) -> None:
        leg = self._leg(leg_id)
        leg.played += 1
        leg.playing.add(leg.played)
        self.heard.setdefault(leg_id, []).append(media)
        if self._group is not None:
            self._group.create_task(self._played(leg_id, leg, leg.played))

    async def _played(self, leg_id: str, leg: _Leg, number: int) -> None:
        if leg.does.key:
            await self._clock.sleep(KEY_S)
            self._tell(on.DigitPressed(leg_id, leg.does.key))
        await self._clock.sleep(PLAY_S)
        if number in leg.playing:  # not stopped meanwhile
            leg.playing.discard(number)
            self._tell(on.PlaybackEnded(leg_id))

    async def stop_playing(self, leg_id: str) -> None:
        self._check()
        leg = self._legs.get(leg_id)
        if leg is not None:
            for _ in leg.playing:
                self._tell(on.PlaybackEnded(leg_id))
            leg.playing.clear()

    async def record_message(
        self, leg_id: str, recording_id: RecordingId, call_id: CallId, limit_s: float
    ) -> None:
        leg = self._leg(leg_id)
        if leg.room:
            raise Conflict("switch_refused")
        leg.room = f"message-{leg_id}"
        self._recordings[recording_id] = _Recording(leg.room, call_id, self._clock.monotonic_s())
        if self._group is not None:
            self._group.create_task(self._limit(recording_id, limit_s))

    async def _limit(self, recording_id: RecordingId, limit_s: float) -> None:
        await self._clock.sleep(limit_s)
        if self._connected:
            await self.stop_recording(recording_id)

    async def mute(self, leg_id: str, muted: bool) -> None:
        self._leg(leg_id)

    async def send_digits(self, leg_id: str, digits: str) -> None:
        self._leg(leg_id)

    async def start_recording(
        self, desk_leg_id: str, recording_id: RecordingId, call_id: CallId
    ) -> None:
        self._check()
        room = f"desk-{desk_leg_id}"
        if room not in self._rooms:
            raise NotFound("switch_refused")
        self._recordings[recording_id] = _Recording(room, call_id, self._clock.monotonic_s())

    async def stop_recording(self, recording_id: RecordingId) -> None:
        self._check()
        recording = self._recordings.get(recording_id)
        if recording is not None and recording.length_s < 0:
            self._finish(recording_id, recording)

    def _finish(self, recording_id: RecordingId, recording: _Recording) -> None:
        recording.length_s = self._clock.monotonic_s() - recording.began_s
        self._tell(on.RecordingEnded(recording_id, recording.call_id, recording.length_s))

    async def fetch_recording(self, recording_id: RecordingId, path: Path) -> int:
        recording = self._recordings[recording_id]
        data = _silence(recording.length_s)
        await asyncio.to_thread(path.write_bytes, data)
        return len(data)

    async def drop_recording(self, recording_id: RecordingId) -> None:
        self._recordings.pop(recording_id, None)

    async def save_trunk(self, trunk: TrunkSpec) -> None:
        if trunk.enabled:
            self._trunks[trunk.trunk_id] = trunk
        else:
            self._trunks.pop(trunk.trunk_id, None)

    async def save_phone(self, phone: PhoneSpec, secret: str) -> None:
        self._phones[phone.agent_id] = phone


def _silence(length_s: float) -> bytes:
    """Return a wav file of silence: RIFF, one channel, 16 bits."""
    size = int(length_s * RATE) * 2
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    head = struct.pack("<4sI4s", b"RIFF", HEADER - 8 + size, b"WAVE")
    return head + form + struct.pack("<4sI", b"data", size) + bytes(size)
