"""Agents' phones and their standing legs.

Rules:
1. A phone that is wanted has one leg, called once and kept up between conversations. `UP` is said
   only when the leg sits in its own room (its *desk*), so that a customer can be joined at once.
2. A leg that ends although the phone is wanted is called again: at once when the phone registers,
   else after a pause that doubles with each failure.
3. A browser phone is called only while registered; a SIP phone has a fixed address and is called
   whenever wanted.
4. The newest leg wins: an older one that is still there is hung up.
"""

from collections.abc import Callable, Iterator

from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine.state import Deadlines, Phone, Rules
from omni.channels.voice.model import PhoneKind, PhoneSpec, PhoneState
from omni.core.events.voice import AgentPhoneChanged
from omni.core.ids import AgentId

RETRY = "phone:"


class PhoneBook:
    """All phones, by agent and by leg."""

    def __init__(self, rules: Rules, new_id: Callable[[], str], deadlines: Deadlines) -> None:
        self._rules = rules
        self._new_id = new_id
        self._deadlines = deadlines
        self._phones: dict[AgentId, Phone] = {}
        self._by_leg: dict[str, Phone] = {}

    def get(self, agent_id: AgentId) -> Phone | None:
        """Return an agent's phone, None when there is none."""
        return self._phones.get(agent_id)

    def by_leg(self, leg_id: str) -> Phone | None:
        """Return the phone whose standing leg this is."""
        return self._by_leg.get(leg_id)

    def __iter__(self) -> Iterator[Phone]:
        return iter(self._phones.values())

    def save(self, spec: PhoneSpec) -> Phone:
        """Take in a phone, or what has changed about it."""
        phone = self._phones.get(spec.agent_id)
        if phone is None:
            phone = self._phones[spec.agent_id] = Phone(spec)
        phone.spec = spec
        return phone

    def saved(self, spec: PhoneSpec) -> list[do.Command]:
        """A phone exists as stated from now on."""
        self.save(spec)
        return []

    def connect(self, agent_id: AgentId, anew: bool, at_s: float) -> list[do.Command]:
        """Want the phone's leg; call it unless one is up or being called."""
        phone = self.save(
            self._phones[agent_id].spec if agent_id in self._phones else PhoneSpec(agent_id)
        )
        phone.wanted, phone.failures = True, 0
        if phone.leg_id is not None and not anew:
            return []
        return [*self._drop_leg(phone, at_s), *self._call(phone, at_s), *self._show(phone)]

    def disconnect(self, agent_id: AgentId, reason: str, at_s: float) -> list[do.Command]:
        """Let the phone's leg go and do not call it again."""
        phone = self._phones.get(agent_id)
        if phone is None:
            return []
        phone.wanted, phone.reason = False, reason
        self._deadlines.clear(RETRY + agent_id)
        return [*self._drop_leg(phone, at_s), *self._show(phone)]

    def lose(self, agent_id: AgentId, at_s: float) -> list[do.Command]:
        """Give up a leg whose browser has gone; call again when it is back."""
        phone = self._phones.get(agent_id)
        if phone is None or phone.leg_id is None:
            return []
        phone.reason = "page_gone"
        return [*self._drop_leg(phone, at_s), *self._call(phone, at_s), *self._show(phone)]

    def seen(self, agent_id: AgentId, registered: bool, at_s: float) -> list[do.Command]:
        """Take in a registration, or its end."""
        phone = self._phones.get(agent_id)
        if phone is None:
            return []
        phone.registered = registered
        if registered and phone.wanted and phone.leg_id is None:
            phone.failures = 0
            return [*self._call(phone, at_s), *self._show(phone)]
        return self._show(phone)

    def answered(self, leg_id: str, at_s: float) -> list[do.Command]:
        """The phone took the call: make its room."""
        phone = self._by_leg[leg_id]
        phone.answered_at_s = at_s
        return [do.OpenDesk(phone.spec.agent_id, leg_id)]

    def desk_opened(self, leg_id: str) -> list[do.Command]:
        """The room stands: calls can be joined."""
        phone = self._by_leg.get(leg_id)
        if phone is None:
            return []
        phone.up, phone.failures, phone.reason = True, 0, ""
        return self._show(phone)

    def ended(self, leg_id: str, at_s: float, cause: int, sip_code: int) -> list[do.Command]:
        """The leg is gone; call it again if it is wanted."""
        phone = self._by_leg[leg_id]
        phone.reason = "leg_lost" if phone.up else "no_answer"
        done = self._forget_leg(phone, at_s, cause, sip_code)
        if phone.wanted:
            pause_s = min(self._rules.retry_s * 2**phone.failures, self._rules.retry_most_s)
            phone.failures = min(phone.failures + 1, 10)
            self._deadlines.set(RETRY + phone.spec.agent_id, at_s + pause_s)
        return [*done, *self._show(phone)]

    def retry(self, agent_id: AgentId, at_s: float) -> list[do.Command]:
        """The pause is over."""
        phone = self._phones[agent_id]
        if not phone.wanted or phone.leg_id is not None:
            return []
        return self._call(phone, at_s)

    def switch_lost(self) -> list[do.Command]:
        """Nothing can be joined until the switch is back."""
        told: list[do.Command] = []
        for phone in self:
            phone.reason = "switch_lost"
            told += self._show(phone, reachable=False)
        return told

    def switch_back(
        self, legs: frozenset[str], online: frozenset[str], at_s: float
    ) -> list[do.Command]:
        """Keep the legs that are still there, call the wanted ones that are not."""
        done: list[do.Command] = []
        for phone in self:
            phone.registered = phone.spec.agent_id in online
            if phone.leg_id is not None and phone.leg_id not in legs:
                done += self._forget_leg(phone, at_s, 0, 0)
            if phone.leg_id is None and phone.wanted:
                phone.failures = 0
                done += self._call(phone, at_s)
            done += self._show(phone)
        return done

    def _call(self, phone: Phone, at_s: float) -> list[do.Command]:
        agent_id = phone.spec.agent_id
        if phone.spec.kind is PhoneKind.BROWSER and not phone.registered:
            return []
        self._deadlines.clear(RETRY + agent_id)
        phone.leg_id, phone.called_at_s = self._new_id(), at_s
        phone.answered_at_s, phone.up = None, False
        self._by_leg[phone.leg_id] = phone
        return [do.CallPhone(agent_id, phone.leg_id, agent_id, self._rules.phone_ring_s)]

    def _drop_leg(self, phone: Phone, at_s: float) -> list[do.Command]:
        if phone.leg_id is None:
            return []
        hang_up = do.HangUp(phone.spec.agent_id, phone.leg_id)
        return [*self._forget_leg(phone, at_s, 16, 0), hang_up]

    def _forget_leg(self, phone: Phone, at_s: float, cause: int, sip_code: int) -> list[do.Command]:
        leg_id, agent_id = phone.leg_id, phone.spec.agent_id
        if leg_id is None:
            return []
        record = do.LegRecord(
            leg_id=leg_id, kind="standing", call_id=None, agent_id=agent_id, trunk_id=None,
            started_at_s=phone.called_at_s, answered_at_s=phone.answered_at_s,
            ended_at_s=at_s, cause=cause, sip_code=sip_code,
        )  # fmt: skip
        had_desk = phone.answered_at_s is not None
        del self._by_leg[leg_id]
        phone.leg_id, phone.up, phone.answered_at_s = None, False, None
        close: list[do.Command] = [do.CloseDesk(agent_id, leg_id)] if had_desk else []
        return [*close, do.Write(agent_id, (), (record,))]

    def _show(self, phone: Phone, *, reachable: bool = True) -> list[do.Command]:
        state = PhoneState.DOWN
        if reachable and phone.up:
            state = PhoneState.UP
        elif reachable and (phone.registered or phone.leg_id is not None):
            state = PhoneState.REGISTERED
        if state is phone.shown:
            return []
        before, phone.shown = phone.shown, state
        agent_id = phone.spec.agent_id
        event = AgentPhoneChanged(agent_id=agent_id, state=state.value, reason=phone.reason)
        told: list[do.Command] = [do.Write(agent_id, (event,))]
        if PhoneState.UP in (before, state):
            told.append(do.TellPhone(agent_id, agent_id, state is PhoneState.UP))
        return told
