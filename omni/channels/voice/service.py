"""The telephone of omni: calls out, calls in, agents' phones.

The rules are the exchange's (`engine/exchange.py`); this shell gives it what happens and carries
out what it wants. What it tells others, it tells as events.
"""

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from omni.acd.overflow import Action
from omni.acd.record import CALLBACK
from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.engine.exchange import Exchange
from omni.channels.voice.engine.state import Call, Rules
from omni.channels.voice.engine.trunks import Route, Wish
from omni.channels.voice.execution import Execution, Parts
from omni.channels.voice.lanes import Lanes, begin
from omni.channels.voice.messages import Messages
from omni.channels.voice.model import (
    Dialled,
    DialRequest,
    EntryPoint,
    PhoneKind,
    PhoneSpec,
    TrunkLines,
    TrunkRoom,
    TrunkSpec,
    bare_number,
    is_number,
)
from omni.channels.voice.ports import RecordingFiles
from omni.channels.voice.prompts import Repertoire
from omni.channels.voice.recordings import Begun, Recordings
from omni.core.clock import Identities
from omni.core.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Unavailable
from omni.core.events.base import Event, Recorded
from omni.core.events.routing import (
    CallbackPromised,
    EntryPointSaved,
    InteractionAccepted,
    InteractionEnded,
    InteractionOffered,
    InteractionOverflowed,
)
from omni.core.events.voice import TrunkSaved, VoicemailBegan
from omni.core.ids import AgentId, CallId, EntryPointId, InteractionId, TrunkId
from omni.core.terms import Medium

log = logging.getLogger(__name__)

# A page that is reloaded or loses its network for less than this keeps its call.
PAGE_GRACE_S = 5.0
CREDENTIALS_S = 12 * 3600.0
SWEEP_S = 600.0
CALL_BACK_S = 40.0  # so long a customer's telephone rings who is called back


ROUTING: tuple[type[Event], ...] = (
    InteractionOffered,
    InteractionOverflowed,
    CallbackPromised,
    InteractionEnded,
)


@dataclass(frozen=True, slots=True)
class PhoneLogin:
    """With what a browser registers; good until `expires_at` or until the next one is made."""

    username: str
    password: str
    expires_at: datetime


class VoiceService:
    """See the module. `run` must be running for anything to happen."""

    def __init__(
        self,
        parts: Parts,
        identities: Identities,
        files: RecordingFiles,
        rules: Rules | None = None,
    ) -> None:
        self._parts = parts
        self._identities = identities
        self._exchange = Exchange(rules or Rules(), identities.new)
        self._execution = Execution(parts, self._feed)
        self.messages = Messages(parts.acd, parts.journal)
        self._recordings = Recordings(
            parts.switch, parts.store, files, self._execution.carry_out, self.messages.began
        )
        self._lanes: Lanes[do.Command] = Lanes(self._execution.carry_out)
        self._group: asyncio.TaskGroup | None = None
        self._wake = asyncio.Event()
        self._entry_points: dict[EntryPointId, EntryPoint] = {}
        self._numbers: dict[str, EntryPointId] = {}
        self._logins: dict[AgentId, PhoneLogin] = {}
        self._fresh: set[AgentId] = set()
        self._pages: dict[AgentId, int] = {}
        self.switch_up = False
        parts.switch.listen(self._happened)

    # ---- life

    async def start(self) -> None:
        """Load what the database knows; call before `run`."""
        parts = self._parts
        async for recorded in parts.journal.read(0, types=[EntryPointSaved.TYPE]):
            if isinstance(recorded.event, EntryPointSaved):
                self._entry_point_saved(recorded.event)
        for trunk in await parts.store.trunks():
            self._exchange.trunks.save(trunk)
            await parts.switch.save_trunk(trunk)
        for phone in await parts.store.phones():
            self._exchange.handle(on.PhoneSaved(phone), parts.clock.monotonic_s())
            await parts.switch.save_phone(phone, secrets.token_urlsafe(24))
        now = parts.clock.now()
        for call in await parts.store.open_calls():
            age_s = max(0.0, (now - call.started_at).total_seconds())
            self._feed(on.Restored(call.started, call.answered, call.agent_id, age_s))
        self._feed(on.SwitchLost())  # until it is there; its calls end if it stays away

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            self._lanes.open(group)
            group.create_task(self._execution.scribe.run(), name="voice scribe")
            group.create_task(self._parts.switch.run(), name="voice switch")
            group.create_task(self._keep_time(), name="voice clock")
            group.create_task(self._expire_logins(), name="voice logins")

    async def _keep_time(self) -> None:
        clock = self._parts.clock
        while True:
            self._wake.clear()
            deadline_s = self._exchange.next_deadline_s()
            if deadline_s is None:
                await self._wake.wait()
                continue
            delay_s = deadline_s - clock.monotonic_s()
            if delay_s <= 0:
                self._tick()
                continue
            waking = asyncio.ensure_future(self._wake.wait())
            sleeping = asyncio.ensure_future(clock.sleep(delay_s))
            try:
                await asyncio.wait((waking, sleeping), return_when=asyncio.FIRST_COMPLETED)
            finally:
                waking.cancel()
                sleeping.cancel()

    def _tick(self) -> None:
        try:
            self._feed(on.Tick())
        except Exception:  # the clock of all calls must not stop for one of them
            log.exception("a deadline could not be handled")

    # ---- what happens

    def _happened(self, event: on.Happening) -> None:
        match event:
            case on.LegArrived():
                number = bare_number(event.to_number)
                self._feed(on.Arrive(event, self._numbers.get(number)))
            case on.RecordingEnded():
                self._spawn(self._recordings.ended(event))
                self._feed(event)
            case on.SwitchLost() | on.SwitchBack():
                self.switch_up = isinstance(event, on.SwitchBack)
                self._feed(event)
            case _:
                self._feed(event)

    def _feed(self, event: on.Input, at_s: float | None = None) -> None:
        """Give the exchange an event and put what it wants into the lanes."""
        before_s = self._exchange.next_deadline_s()
        now_s = self._parts.clock.monotonic_s() if at_s is None else at_s
        commands = do.merged(self._exchange.handle(event, now_s))
        for lane, items in groupby(commands, lambda c: c.lane):
            kept = list(items)
            self._notice(kept)
            self._lanes.put(lane, kept)
        after_s = self._exchange.next_deadline_s()
        if after_s is not None and (before_s is None or after_s < before_s):
            self._wake.set()

    def _notice(self, commands: Iterable[do.Command]) -> None:
        for command in commands:
            if isinstance(command, do.StartRecording):
                call = self._exchange.call(command.lane)
                if call is not None:
                    self._recordings.began(command.recording_id, Begun(call.interaction_id))
            elif isinstance(command, do.Write):
                for event in command.events:
                    if isinstance(event, VoicemailBegan):
                        begun = Begun(event.interaction_id, event)
                        self._recordings.began(event.recording_id, begun)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        if self._group is None:
            work.close()
        else:
            begin(self._group, work)

    # ---- calls out (used by the dialer)

    async def dial(self, request: DialRequest) -> Dialled:
        """Dial a number. CallStarted, then CallFailed or CallAnswered … CallEnded follow.

        The call of an attempt, and the interaction that comes of it, have the attempt's id.

        Raises:
            Invalid: `number_invalid`: not an E.164 number; nothing was dialled.
            NotFound: no such trunk.
            Unavailable: `switch_down`, or why no trunk can be used (`trunks.REFUSALS`); nothing
                was dialled, no attempt is used up.
        """
        call_id = CallId(request.attempt_id or self._identities.new())
        if self._exchange.call(call_id) is not None:
            raise Conflict("attempt_dialled")
        self._dial(call_id, request)
        return Dialled(call_id, InteractionId(call_id))

    def _dial(
        self,
        call_id: CallId,
        request: DialRequest,
        interaction_id: InteractionId | None = None,
        agent_id: AgentId | None = None,
    ) -> None:
        if not is_number(request.number):
            raise Invalid("number_invalid")
        trunks = self._exchange.trunks
        if request.trunk_id is not None and trunks.spec(request.trunk_id) is None:
            raise NotFound("trunk_unknown")
        if not self.switch_up:
            raise Unavailable("switch_down")
        now_s = self._parts.clock.monotonic_s()
        wish = Wish(request.number, request.trunk_id, request.caller_id, request.caller_id_needed)
        route = trunks.choose(wish, now_s)
        if not isinstance(route, Route):
            raise Unavailable(route)
        routed = replace(request, trunk_id=route.trunk_id, caller_id=route.caller_id)
        self._feed(on.Dial(call_id, routed, wish, interaction_id, agent_id), now_s)

    async def call_back(self, agent_id: AgentId, interaction_id: InteractionId) -> None:
        """Call the customer of an errand that the agent has in hand.

        Raises:
            NotFound: it is nobody's errand (any more).
            Forbidden: another agent has it.
            Conflict: the customer is being called, or there already.
            Invalid, Unavailable: as `dial`.
        """
        errand = self.messages.errand(agent_id, interaction_id)
        if self._exchange.call(interaction_id) is not None:
            raise Conflict("errand_called")
        request = DialRequest(None, None, errand.address, None, "", CALL_BACK_S)
        self._dial(CallId(self._identities.new()), request, interaction_id, agent_id)

    async def hang_up(self, call_id: CallId) -> None:
        """Withdraw a call (outcome cancelled) or end an answered one; nothing if it is over."""
        self._feed(on.Cancel(call_id))

    async def play_drop_message(self, call_id: CallId, media: str) -> None:
        """Play the message for a person whom no agent could take, then hang up."""
        self._feed(on.PlayDropMessage(call_id, media))

    async def play_message(self, call_id: CallId, media: str, listen_s: float) -> None:
        """Play a message to a dialled person who answered, and listen for keys (CallDigit).

        The call ends `listen_s` after the message, unless `let_wait` keeps the person.
        """
        self._feed(on.PlayMessage(call_id, media, listen_s))

    async def let_wait(self, call_id: CallId) -> None:
        """Stop the message: the person waits with music for an agent of the ACD."""
        self._feed(on.LetWait(call_id))

    async def leave_message(self, call_id: CallId, media: str) -> None:
        """Play a message to the machine that answered, after its greeting, then hang up."""
        self._feed(on.LeaveMessage(call_id, media))

    def live_calls(self) -> list[Call]:
        """Return the calls that are not over (read them only)."""
        return list(self._exchange.calls())

    @property
    def repertoire(self) -> Repertoire:
        """What can be said beside what comes with omni."""
        return self._exchange.reception.repertoire

    def trunks(self) -> Sequence[TrunkLines]:
        """Return what each trunk carries."""
        return self._exchange.trunks.all()

    def trunk_room(
        self, trunk_id: TrunkId | None, caller_id: str, *, caller_id_needed: bool
    ) -> TrunkRoom:
        """Return how many calls may be dialled now, over one trunk or (None) over all."""
        wish = Wish("", trunk_id, caller_id, caller_id_needed)
        return self._exchange.trunks.room(wish, self._parts.clock.monotonic_s())

    # ---- events of others (routed by omni.app)

    async def on_accepted(self, recorded: Recorded[Event]) -> None:
        """An agent accepted: join them with the customer."""
        event = recorded.event
        if isinstance(event, InteractionAccepted) and event.medium is Medium.VOICE:
            clock = self._parts.clock
            ago_s = max(0.0, (clock.now() - recorded.at).total_seconds())
            accepted_at_s = clock.monotonic_s() - ago_s
            errand = self._parts.acd.errand(event.interaction_id)
            call = self._exchange.call(event.interaction_id)
            if errand is None or (call is not None and not call.ended_by):
                self._feed(on.Accepted(event.interaction_id, event.agent_id, accepted_at_s))
            elif errand.kind == CALLBACK:
                await self._keep_promise(event)

    async def _keep_promise(self, event: InteractionAccepted) -> None:
        try:
            await self.call_back(event.agent_id, event.interaction_id)
        except Fault as fault:  # the agent sees that nobody is called, and can call again
            log.info("a promised call could not be made: %s", fault.code)

    async def on_routing(self, recorded: Recorded[Event]) -> None:
        """The ACD has decided about a call that waits, or it is over."""
        match recorded.event:
            case InteractionEnded(medium=Medium.VOICE) as event:
                self._feed(on.InteractionOver(event.interaction_id, event.outcome, event.agent_id))
            case InteractionOverflowed(medium=Medium.VOICE) as event:
                self._feed(
                    on.Overflowed(
                        event.interaction_id,
                        Action(event.action),
                        event.queue_id,
                        event.announcement_id,
                        event.digits,
                        event.chosen,
                        event.number,
                    )
                )
            case InteractionOffered(medium=Medium.VOICE) as event:
                said = self._parts.acd.group_announcement(event.group_id)
                if said:
                    self._feed(on.Offered(event.interaction_id, said))
            case CallbackPromised() as event:
                self._feed(on.Promised(event.interaction_id))
            case _:
                pass

    async def on_entry_point_saved(self, recorded: Recorded[Event]) -> None:
        """A number of ours is new or has changed."""
        if isinstance(recorded.event, EntryPointSaved):
            self._entry_point_saved(recorded.event)

    def _entry_point_saved(self, event: EntryPointSaved) -> None:
        if event.medium is not Medium.VOICE:
            return
        known = EntryPoint(event.entry_point_id, event.address)
        self._entry_points[event.entry_point_id] = known
        self._numbers = {
            bare_number(e.address): e.entry_point_id for e in self._entry_points.values()
        }

    # ---- during a conversation (the agent's page)

    async def set_hold(self, agent_id: AgentId, interaction_id: InteractionId, held: bool) -> None:
        """Let the customer hear music instead of the agent, or end that."""
        self._own_call(agent_id, interaction_id)
        self._feed(on.SetHold(interaction_id, held))

    async def set_mute(self, agent_id: AgentId, interaction_id: InteractionId, muted: bool) -> None:
        """Keep the agent's voice from the customer, or end that."""
        self._own_call(agent_id, interaction_id)
        self._feed(on.SetMute(interaction_id, muted))

    async def send_digits(
        self, agent_id: AgentId, interaction_id: InteractionId, digits: str
    ) -> None:
        """Send DTMF digits (0-9, *, #, A-D) to the customer's side."""
        self._own_call(agent_id, interaction_id)
        if not digits or len(digits) > 32 or any(c not in "0123456789*#ABCD" for c in digits):
            raise Invalid("digits_invalid")
        self._feed(on.SendDigits(interaction_id, digits))

    def _own_call(self, agent_id: AgentId, interaction_id: InteractionId) -> Call:
        call = self._exchange.call(interaction_id)
        if call is None:
            raise NotFound("call_unknown")
        if call.agent_id != agent_id:
            raise Forbidden("call_of_another_agent")
        if not call.answered or call.ended_by:
            raise Conflict("call_not_connected")
        return call

    # ---- phones

    async def phone_login(self, agent_id: AgentId) -> PhoneLogin:
        """Make a fresh password for the agent's browser phone; an older page loses its own."""
        phone = self._exchange.phones.get(agent_id)
        spec = phone.spec if phone else PhoneSpec(agent_id)
        if spec.kind is not PhoneKind.BROWSER:
            raise Conflict("phone_not_browser")
        if phone is None:
            await self._keep_phone(spec)
        expires_at = self._parts.clock.now() + timedelta(seconds=CREDENTIALS_S)
        login = PhoneLogin(agent_id, secrets.token_urlsafe(24), expires_at)
        await self._parts.switch.save_phone(spec, login.password)
        self._logins[agent_id] = login
        self._fresh.add(agent_id)
        return login

    async def connect_phone(self, agent_id: AgentId) -> None:
        """Call the agent's phone and keep its leg up. From a newly opened page: call it anew."""
        anew = agent_id in self._fresh
        self._fresh.discard(agent_id)
        self._feed(on.ConnectPhone(agent_id, anew))

    async def disconnect_phone(self, agent_id: AgentId) -> None:
        """Let the agent's phone go."""
        self._feed(on.DisconnectPhone(agent_id, "disconnected"))

    async def save_phone(self, phone: PhoneSpec) -> None:
        """State what phone an agent has."""
        if phone.kind is PhoneKind.SIP and not phone.contact_uri.startswith("sip:"):
            raise Invalid("contact_uri_invalid", field="contact_uri")
        await self._keep_phone(phone)
        await self._parts.switch.save_phone(phone, secrets.token_urlsafe(24))

    async def _keep_phone(self, phone: PhoneSpec) -> None:
        async with self._parts.journal.transaction():
            await self._parts.store.save_phone(phone)
        self._feed(on.PhoneSaved(phone))

    def page_opened(self, agent_id: AgentId) -> int:
        """Note a page's SIP connection; return its number. The newest page has the phone."""
        self._pages[agent_id] = self._pages.get(agent_id, 0) + 1
        return self._pages[agent_id]

    def page_closed(self, agent_id: AgentId, number: int) -> None:
        """Note that a page's connection is gone: if no other comes, its leg is given up."""
        if self._pages.get(agent_id) == number:
            self._spawn(self._give_up_page(agent_id, number))

    async def _give_up_page(self, agent_id: AgentId, number: int) -> None:
        await self._parts.clock.sleep(PAGE_GRACE_S)
        if self._pages.get(agent_id) == number:
            self._feed(on.PhoneLost(agent_id))

    async def _expire_logins(self) -> None:
        while True:
            await self._parts.clock.sleep(SWEEP_S)
            now = self._parts.clock.now()
            for agent_id in [a for a, login in self._logins.items() if login.expires_at <= now]:
                del self._logins[agent_id]
                phone = self._exchange.phones.get(agent_id)
                if phone is not None:
                    secret = secrets.token_urlsafe(24)
                    await self._quietly_save(phone.spec, secret)

    async def _quietly_save(self, phone: PhoneSpec, secret: str) -> None:
        try:
            await self._parts.switch.save_phone(phone, secret)
        except Fault:
            log.info("a phone's password expires when the switch is back")

    # ---- trunks

    async def save_trunk(self, trunk: TrunkSpec) -> None:
        """State a trunk; it is in force at once."""
        async with self._parts.journal.transaction() as tx:
            await self._parts.store.save_trunk(trunk)
            tx.emit(
                TrunkSaved(
                    trunk_id=trunk.trunk_id,
                    name=trunk.name,
                    capacity=trunk.capacity,
                    calls_per_second=trunk.calls_per_second,
                    enabled=trunk.enabled,
                )
            )
        self._exchange.trunks.save(trunk)
        await self._parts.switch.save_trunk(trunk)

    def trunk(self, trunk_id: TrunkId) -> TrunkSpec:
        """Return a trunk. Raises NotFound."""
        spec = self._exchange.trunks.spec(trunk_id)
        if spec is None:
            raise NotFound("trunk_unknown")
        return spec
