"""The switch port on Asterisk 22 through ARI.

Rules:
1. A leg is a channel. Those we call carry our leg id as channel id; an inbound one keeps
   Asterisk's and has ours in the variable `OMNI_LEG`, so that both survive our own restart.
2. A second Stasis application (`omni-watch`) hears of phones and trunks (`watch`): subscribing the
   first one to them would send every channel event twice.
3. After each connection everything is pushed and asked anew (`up`): objects, holding bridges,
   legs, reachability. Events that come meanwhile wait until `SwitchBack` has been told.
4. Several holding bridges share the waiting callers: one alone slows down at 120 joins a second.
5. How a call ended is read from `cause` and `tech_cause`, never from `dialstatus`, which only
   tells whether a time limit of ours ended it (no final status came before).
"""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from omni.channels.voice.ari import AriConnection
from omni.channels.voice.config import APP, MUSIC_CLASS
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.model import PhoneKind, PhoneSpec, TrunkSpec, plain_number
from omni.channels.voice.playing import Folders, Playing
from omni.channels.voice.ports import Listener, Target
from omni.channels.voice.provisioning import SipObject, phone_objects, trunk_objects, trunk_uri
from omni.channels.voice.tapes import FetchFile, Tapes
from omni.channels.voice.watch import Watch, heard_on, told_of
from omni.core.clock import Identities
from omni.core.errors import Conflict, Fault, Invalid, NotFound, Unavailable
from omni.core.ids import AgentId, CallId, RecordingId, TrunkId
from omni.core.terms import AnswerKind

log = logging.getLogger(__name__)

WATCH = f"{APP}-watch"
APPS = (APP, WATCH)
LEG_VARIABLE = "OMNI_LEG"
PARKS = 4
# What the application need not be told: it follows from what we ordered.
_QUIET = (
    "ChannelVarset",
    "ChannelDialplan",
    "ChannelConnectedLine",
    "ChannelCallerId",
    "ChannelStateChange",
    "ChannelEnteredBridge",
    "ChannelLeftBridge",
)
_REACHABLE = {"Reachable": True, "NonQualified": True, "Created": True}
# Statuses of a Dial event that are not its end.
_UNDECIDED = ("", "RINGING", "PROGRESS", "PROCEEDING")
NO_ANSWER_CAUSE, NORMAL_CAUSE = 19, 16


class AriSwitch:
    """One Asterisk."""

    def __init__(
        self,
        ari: AriConnection,
        identities: Identities,
        *,
        media_address: str = "",
        here: Folders | None = None,
        fetch: FetchFile | None = None,
    ) -> None:
        """Args: `here`: Asterisk's folders when it is on this machine; else give `fetch`."""
        self._ari = ari
        self._identities = identities
        self._media_address = media_address
        self._tapes = Tapes(ari, here.recordings if here else None, fetch)
        self._listener: Listener = lambda _: None
        self._trunks: dict[str, TrunkSpec] = {}
        self._phones: dict[str, tuple[PhoneSpec, str]] = {}
        self._contacts: dict[str, set[str]] = {}  # by phone: where it can be reached
        self._channel_of: dict[str, str] = {}  # inbound legs only
        self._leg_of: dict[str, str] = {}
        self._dialstatus: dict[str, str] = {}  # legs we call, until they are answered
        self._causes: dict[str, tuple[int, int]] = {}
        self._parks = itertools.cycle(range(PARKS))
        self._parked: dict[str, str] = {}  # by leg: where it waits
        self._playing = Playing(ari, identities, here)
        self._held_back: list[Mapping[str, Any]] | None = None
        self._watch = Watch(ari, WATCH)
        self._handlers: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "StasisStart": self._stasis_start,
            "StasisEnd": self._stasis_end,
            "Dial": self._dial,
            "ChannelHangupRequest": self._hangup_request,
            "ChannelDestroyed": self._destroyed,
            "ChannelTalkingFinished": self._talking_finished,
            "PlaybackFinished": self._playback_finished,
            "ChannelDtmfReceived": self._digit,
            "RecordingFinished": self._recording_ended,
            "RecordingFailed": self._recording_ended,
            "ContactStatusChange": self._contact_changed,
        }

    # ---- the port

    def listen(self, listener: Listener) -> None:
        self._listener = listener

    async def run(self) -> None:
        await self._ari.run(self)

    async def call(self, leg_id: str, target: Target, caller_id: str, ring_s: float) -> None:
        query: dict[str, str | int | float] = {
            "endpoint": self._endpoint(target),
            "app": APP,
            "appArgs": "leg",
            "channelId": leg_id,
            "callerId": caller_id,
            "timeout": max(1, round(ring_s)),
        }
        if target.agent_id is not None:
            kind = self._phones[target.agent_id][0].kind
            query["formats"] = "opus,ulaw" if kind is PhoneKind.BROWSER else "ulaw"
        self._dialstatus[leg_id] = ""
        try:
            await self._ari.request("POST", "channels", query)
        except Fault:
            self._dialstatus.pop(leg_id, None)
            raise

    @staticmethod
    def _endpoint(target: Target) -> str:
        if target.agent_id is not None:
            return f"PJSIP/{target.agent_id}"
        return f"PJSIP/{target.number}@{target.trunk_id}"

    async def ring(self, leg_id: str) -> None:
        channel = self._channel(leg_id)
        variable = {"variable": LEG_VARIABLE, "value": leg_id}
        await self._ari.request("POST", f"channels/{channel}/variable", variable)
        await self._ari.request("POST", f"channels/{channel}/ring")

    async def answer(self, leg_id: str) -> None:
        await self._ari.request("POST", f"channels/{self._channel(leg_id)}/answer")

    async def hang_up(self, leg_id: str, cause: int) -> None:
        channel = self._channel(leg_id)
        if channel in self._leg_of:
            self._causes[channel] = (cause, 0)  # Asterisk would report 32 for our own hanging up
        await self._quietly(
            self._ari.request("DELETE", f"channels/{channel}", {"reason_code": cause})
        )

    async def park(self, leg_id: str) -> None:
        bridge = _park(next(self._parks))
        await self._add(bridge, leg_id)
        self._parked[leg_id] = bridge

    async def unpark(self, leg_id: str) -> None:
        bridge = self._parked.pop(leg_id, None)
        if bridge is not None:
            query = {"channel": self._channel(leg_id)}
            with suppress(NotFound, Conflict, Invalid):  # Invalid: it has gone
                await self._ari.request("POST", f"bridges/{bridge}/removeChannel", query)

    async def open_desk(self, leg_id: str) -> None:
        await self._ari.request("POST", f"bridges/{_desk(leg_id)}", {"type": "mixing"})
        await self._add(_desk(leg_id), leg_id)

    async def close_desk(self, leg_id: str) -> None:
        await self._quietly(self._ari.request("DELETE", f"bridges/{_desk(leg_id)}"))

    async def join(self, leg_id: str, desk_leg_id: str) -> None:
        self._parked.pop(leg_id, None)
        await self._add(_desk(desk_leg_id), leg_id)

    async def _add(self, bridge: str, leg_id: str) -> None:
        query = {"channel": self._channel(leg_id)}
        try:
            await self._ari.request("POST", f"bridges/{bridge}/addChannel", query)
        except Invalid as fault:  # how ARI says that the channel has gone
            raise NotFound("leg_gone") from fault

    async def detect(self, leg_id: str) -> None:
        await self._continue(leg_id, "amd")

    async def await_beep(self, leg_id: str) -> None:
        await self._continue(leg_id, "beep")

    async def _continue(self, leg_id: str, context: str) -> None:
        query = {"context": context, "extension": "s", "priority": "1"}
        path = f"channels/{self._channel(leg_id)}/continue"
        await self._ari.request("POST", path, query)

    async def play(self, leg_id: str, media: str) -> None:
        await self._playing.start(leg_id, self._channel(leg_id), media)

    async def stop_playing(self, leg_id: str) -> None:
        await self._playing.stop(leg_id)

    async def record_message(
        self, leg_id: str, recording_id: RecordingId, call_id: CallId, limit_s: float
    ) -> None:
        await self._tapes.take_message(self._channel(leg_id), recording_id, call_id, limit_s)

    async def mute(self, leg_id: str, muted: bool) -> None:
        method = "POST" if muted else "DELETE"
        path = f"channels/{self._channel(leg_id)}/mute"
        await self._ari.request(method, path, {"direction": "in"})

    async def send_digits(self, leg_id: str, digits: str) -> None:
        path = f"channels/{self._channel(leg_id)}/dtmf"
        await self._ari.request("POST", path, {"dtmf": digits})

    async def start_recording(
        self, desk_leg_id: str, recording_id: RecordingId, call_id: CallId
    ) -> None:
        await self._tapes.start(_desk(desk_leg_id), recording_id, call_id)

    async def stop_recording(self, recording_id: RecordingId) -> None:
        await self._tapes.stop(recording_id)

    async def fetch_recording(self, recording_id: RecordingId, path: Path) -> int:
        await self._tapes.fetch(recording_id, path)
        return await asyncio.to_thread(_size, path)

    async def drop_recording(self, recording_id: RecordingId) -> None:
        await self._tapes.drop(recording_id)

    async def save_trunk(self, trunk: TrunkSpec) -> None:
        self._trunks[trunk.trunk_id] = trunk
        if not trunk.enabled:
            with suppress(Unavailable):
                await self._watch.leave(trunk)
        await self._push_now(trunk_objects(trunk, self._media_address), heard_on([trunk], []))

    async def save_phone(self, phone: PhoneSpec, secret: str) -> None:
        self._phones[phone.agent_id] = (phone, secret)
        objects = phone_objects(phone, secret, self._media_address)
        await self._push_now(objects, heard_on([], [phone]))

    async def _push_again(self, objects: list[SipObject]) -> None:
        """Push; what Asterisk refuses was told when it was saved, and must not hold up the rest."""
        try:
            await self._push(objects)
        except (Conflict, Invalid, NotFound):
            log.warning("the switch refused %s %s", objects[0].kind, objects[0].name)

    async def _push_now(self, objects: list[SipObject], heard: list[str]) -> None:
        try:
            await self._push(objects)
            await self._watch.hear(heard)
        except Unavailable:
            return  # `up` pushes everything

    # ---- the connection

    async def up(self) -> None:
        """Push what the switch must know, ask what it has, and tell it (`AriListener.up`)."""
        self._held_back = []
        for trunk in self._trunks.values():
            await self._push_again(trunk_objects(trunk, self._media_address))
        for phone, secret in self._phones.values():
            await self._push_again(phone_objects(phone, secret, self._media_address))
        quiet = {"disallowed": [{"type": name} for name in _QUIET]}
        await self._ari.request("PUT", f"applications/{APP}/eventFilter", body=quiet)
        await self._watch.begin()
        phones = (phone for phone, _ in self._phones.values())
        await self._watch.hear(heard_on(self._trunks.values(), phones))
        for number in range(PARKS):  # those of before are still there when only we were away
            await self._quietly(
                self._ari.request("POST", f"bridges/{_park(number)}", {"type": "holding"})
            )
            music = {"mohClass": MUSIC_CLASS}
            await self._ari.request("POST", f"bridges/{_park(number)}/moh", music)
        for bridge in await self._ari.request("GET", "bridges"):
            if bridge["id"].startswith(_desk("")) and not bridge["channels"]:
                await self._quietly(self._ari.request("DELETE", f"bridges/{bridge['id']}"))
        channels = await self._ari.request("GET", "channels")
        self._tell_back(channels, await self._endpoints())
        await self._tapes.search(self._listener)

    async def _endpoints(self) -> list[Mapping[str, Any]]:
        try:
            found: list[Mapping[str, Any]] = await self._ari.request("GET", "endpoints/PJSIP")
        except NotFound:  # Asterisk knows no technology before there is an endpoint of it
            return []
        return found

    def _tell_back(
        self, channels: list[Mapping[str, Any]], endpoints: list[Mapping[str, Any]]
    ) -> None:
        waiting, self._held_back = self._held_back or [], None
        new = {e["channel"]["id"] for e in waiting if e["type"] == "StasisStart"}
        self._channel_of.clear()
        self._leg_of.clear()
        self._contacts.clear()
        legs = set()
        for channel in channels:
            if channel["id"] not in new and self._is_ours(channel):
                legs.add(self._known_leg(channel))
        online = {e["resource"] for e in endpoints if e["state"] == "online"}
        fixed = {n for n, (phone, _) in self._phones.items() if phone.kind is PhoneKind.SIP}
        self._dialstatus = {k: v for k, v in self._dialstatus.items() if k in legs}
        self._listener(
            on.SwitchBack(frozenset(legs), frozenset((online & self._phones.keys()) | fixed))
        )
        for name in self._trunks:
            # Offline may only mean that it has not been probed yet: the probe says so then.
            self._listener(on.TrunkSeen(TrunkId(name), "up" if name in online else "unknown"))
        for event in waiting:
            self.event(event)

    def _is_ours(self, channel: Mapping[str, Any]) -> bool:
        """Tell whether a channel is on a trunk or phone of ours: Asterisk may serve others too."""
        endpoint = channel["name"].removeprefix("PJSIP/").rpartition("-")[0]
        return endpoint in self._trunks or endpoint in self._phones

    def _known_leg(self, channel: Mapping[str, Any]) -> str:
        channel_id = cast(str, channel["id"])
        leg_id = cast(str, (channel.get("channelvars") or {}).get(LEG_VARIABLE) or channel_id)
        if leg_id != channel_id:
            self._channel_of[leg_id], self._leg_of[channel_id] = channel_id, leg_id
        return leg_id

    def down(self) -> None:
        """The connection is gone (`AriListener.down`)."""
        self._held_back = None
        self._listener(on.SwitchLost())

    async def _push(self, objects: list[SipObject]) -> None:
        for item in objects:
            if item.fields is None:
                await self._quietly(self._ari.request("DELETE", item.path))
            else:
                await self._ari.request("PUT", item.path, body=item.body())

    @staticmethod
    async def _quietly(request: Awaitable[Any]) -> None:
        """Wait for a request that may find its object gone: that is then what was wanted."""
        try:
            await request
        except (NotFound, Conflict):
            return

    # ---- events

    def event(self, event: Mapping[str, Any]) -> None:
        """Translate one event of ARI (`AriListener.event`)."""
        if self._held_back is not None:
            self._held_back.append(event)
            return
        handler = self._handlers.get(event["type"])
        if handler is None or (event["application"] != APP and "endpoint" not in event):
            return
        try:
            handler(event)
        except Exception:
            # One event that is not as we know it must not end the connection with all its calls.
            log.exception("an event of type %s could not be handled", event["type"])

    def _channel(self, leg_id: str) -> str:
        return self._channel_of.get(leg_id, leg_id)

    def _leg(self, channel_id: str) -> str:
        return self._leg_of.get(channel_id, channel_id)

    def _stasis_start(self, event: Mapping[str, Any]) -> None:
        channel, args = event["channel"], event["args"]
        if args[:1] == ["leg"]:
            self._dialstatus.pop(channel["id"], None)
            self._listener(on.LegAnswered(channel["id"]))
        elif args[:1] == ["amd"]:
            self._listener(_heard(self._leg(channel["id"]), args))
        elif args[:1] == ["beep"]:
            self._listener(on.GreetingEnded(self._leg(channel["id"])))
        elif args[:1] == ["inbound"] and channel["id"] not in self._leg_of:
            leg_id = self._identities.new()
            self._channel_of[leg_id], self._leg_of[channel["id"]] = channel["id"], leg_id
            trunk = args[2] if len(args) > 2 and args[2] in self._trunks else None
            self._listener(
                on.LegArrived(
                    leg_id,
                    TrunkId(trunk) if trunk else None,
                    plain_number(channel["caller"]["number"]),
                    args[1],
                )
            )

    def _stasis_end(self, event: Mapping[str, Any]) -> None:
        # Only an inbound channel ends here: for those we called ChannelDestroyed follows.
        leg_id = self._leg_of.pop(event["channel"]["id"], None)
        if leg_id is not None:
            del self._channel_of[leg_id]
            cause, code = self._causes.pop(event["channel"]["id"], (NORMAL_CAUSE, 0))
            self._forget(leg_id)
            self._listener(on.LegEnded(leg_id, cause or NORMAL_CAUSE, code))

    def _dial(self, event: Mapping[str, Any]) -> None:
        leg_id, status = event["peer"]["id"], event["dialstatus"]
        if leg_id in self._dialstatus:
            first = self._dialstatus[leg_id] != "RINGING" and status == "RINGING"
            self._dialstatus[leg_id] = status or self._dialstatus[leg_id]
            if first:
                self._listener(on.LegRinging(leg_id))

    def _hangup_request(self, event: Mapping[str, Any]) -> None:
        if event["channel"]["id"] in self._leg_of and not event.get("soft"):
            self._causes[event["channel"]["id"]] = _causes(event)

    def _destroyed(self, event: Mapping[str, Any]) -> None:
        channel_id = event["channel"]["id"]
        if channel_id in self._leg_of:
            self._stasis_end(event)
            return
        cause, code = _causes(event)
        status = self._dialstatus.pop(channel_id, None)
        self._forget(channel_id)
        timed_out = status in _UNDECIDED and cause == NO_ANSWER_CAUSE
        self._listener(on.LegEnded(channel_id, cause or NORMAL_CAUSE, code, timed_out=timed_out))

    def _talking_finished(self, event: Mapping[str, Any]) -> None:
        self._listener(on.FarEndSpoke(self._leg(event["channel"]["id"])))

    def _playback_finished(self, event: Mapping[str, Any]) -> None:
        kind, _, target = event["playback"]["target_uri"].partition(":")
        if kind == "channel":
            leg_id = self._leg(target)
            self._playing.ended(leg_id, event["playback"])
            self._listener(on.PlaybackEnded(leg_id))

    def _forget(self, leg_id: str) -> None:
        self._parked.pop(leg_id, None)
        self._playing.forget(leg_id)

    def _digit(self, event: Mapping[str, Any]) -> None:
        self._listener(on.DigitPressed(self._leg(event["channel"]["id"]), event["digit"]))

    def _recording_ended(self, event: Mapping[str, Any]) -> None:
        self._tapes.ended(event, self._listener)

    def _contact_changed(self, event: Mapping[str, Any]) -> None:
        name = told_of(event)
        info = event["contact_info"]
        reachable = _REACHABLE.get(info["contact_status"], False)
        if name in self._trunks:
            if info["uri"] == trunk_uri(self._trunks[name]):  # else: where it was before
                self._listener(on.TrunkSeen(TrunkId(name), "up" if reachable else "down"))
        elif name in self._phones and self._phones[name][0].kind is PhoneKind.BROWSER:
            # The end of an older page's registration may be told after a newer page's beginning.
            places = self._contacts.setdefault(name, set())
            (places.add if reachable else places.discard)(info["uri"])
            self._listener(on.PhoneSeen(AgentId(name), bool(places)))


def _desk(leg_id: str) -> str:
    return f"{APP}-desk-{leg_id}"


def _park(number: int) -> str:
    return f"{APP}-park-{number}"


def _heard(leg_id: str, args: list[str]) -> on.AnswerHeard:
    """Return what AMD's status and cause mean, e.g. MACHINE, LONGGREETING-1500-1500.

    Who says nothing at all may be a person who listens.
    """
    status, why = args[1], (args[2] if len(args) > 2 else "").split("-")
    if status == "HUMAN":
        quiet_s = int(why[1]) / 1000 if len(why) > 1 and why[1].isdigit() else 0.0
        return on.AnswerHeard(leg_id, AnswerKind.HUMAN, quiet_s)
    if status == "FAX":
        return on.AnswerHeard(leg_id, AnswerKind.FAX)
    machine = status == "MACHINE" and why[0] != "INITIALSILENCE"
    return on.AnswerHeard(leg_id, AnswerKind.MACHINE if machine else AnswerKind.UNSURE)


def _causes(event: Mapping[str, Any]) -> tuple[int, int]:
    return int(event.get("cause") or 0), int(event.get("tech_cause") or 0)


def _size(path: Path) -> int:
    return path.stat().st_size
