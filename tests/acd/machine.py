"""A Hypothesis state machine for the router, with an account of its own kept from the commands.

What must hold after every step:
* conservation: every admitted interaction that is not over is in exactly one place, and in the
  same one by the account, the engine's books and the agents' desks;
* order: of two interactions of equal rank (queue, medium, priority, needs) the one offered is
  never younger than one left waiting;
* capacity, interruption table and one offer per medium are never passed;
* nobody is offered anything while on break, signed out, leaving, resting, or (calls) phone down;
* nothing waits that a free agent may serve;
* an offer or wrap-up past its deadline is over; who lets an offer lapse goes on break;
* what is shown of an agent follows from what they hold;
* as many answered lines as a campaign was promised reach an agent at once, whatever breaks were
  asked for meanwhile; held agents get nothing else, and are held no longer than promised;
* a call that an agent makes takes a place of a call and is given if and only if there is room for
  it; who answers it reaches that agent at once, and only what may join it comes beside it;
* a closed group gets nothing, and one that only helps a queue nothing of it but from the upper
  limit of its load until the lower one.
"""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from omni.acd.engine import happenings as h
from omni.acd.engine.openings import LOOK_S
from omni.acd.engine.router import Router
from omni.acd.model import MEDIA, Agent, Group, GroupLink, Load, Plan, Policy, Queue, Ring, Skill
from omni.acd.own_call import OwnCall
from omni.core.errors import Fault
from omni.core.ids import AgentId, CampaignId, ContactId, GroupId, InteractionId, QueueId
from omni.core.terms import AgentState, InteractionState, Medium

Q = (QueueId("q0"), QueueId("q1"))
G = (GroupId("g0"), GroupId("g1"))
SKILL = Skill("billing", 3)
AID = Load((True, True, True), over_s=5.0, under_s=1.0, over_waiting=3, under_waiting=1)
HELP = (Q[1], G[0])
PLAN = Plan(
    queues=(Queue(Q[0], "0"), Queue(Q[1], "1", rings=(Ring(30.0, 2),))),
    groups=(Group(G[0], "0"), Group(G[1], "1")),
    group_links=(
        GroupLink(Q[0], G[0], 0, 0),
        GroupLink(Q[0], G[1], 1, 2),
        GroupLink(Q[1], G[1], 0, 1),
        GroupLink(Q[1], G[0], 2, 0, aid=AID),
    ),
    policy=Policy(may_join_own_call=(True, False, True), own_call_may_join=(False, True, False)),
)
AGENTS = (
    Agent(AgentId("a0"), "0", (G[0],)),
    Agent(AgentId("a3"), "3", (G[0],)),
    Agent(AgentId("a1"), "1", (G[0], G[1]), (Skill("billing", 1),), (1, 2, 2)),
    Agent(AgentId("a2"), "2", (G[1],), (SKILL,), (1, 1, 1), (True, False, False)),
)
LIFE_S = 8.0
OWN_LIFE_S = 15.0
HOLDER = st.sampled_from(["c0", "c0", "c0", "c1"])
AGENT = st.sampled_from([agent.id for agent in AGENTS])


class Entry:
    """The account's line of one interaction."""

    def __init__(self, arrived: h.Arrived, order: int) -> None:
        self.arrived = arrived
        self.order = order
        self.place: tuple[InteractionState, AgentId | None] = (InteractionState.WAITING, None)
        self.until_s = 0.0
        self.aside = False

    @property
    def medium(self) -> int:
        return MEDIA.index(self.arrived.medium)

    @property
    def equals(self) -> tuple[Any, ...]:
        """What it must have in common with another to be of equal rank."""
        arrived = self.arrived
        return (
            arrived.queue_id, arrived.medium, arrived.priority, arrived.needs, arrived.holder,
            arrived.owner,
        )  # fmt: skip


class RouterMachine(RuleBasedStateMachine):
    """Happenings in any order; `router_type` is what is tried."""

    router_type: type[Router] = Router

    @initialize(ready=st.booleans())
    def open_site(self, ready: bool) -> None:
        self.router = self.router_type(PLAN)
        self.now_s = 0.0
        self.account: dict[InteractionId, Entry] = {}
        self.made = 0
        self.phones: set[AgentId] = set()
        self.wants: dict[AgentId, str] = {agent.id: "out" for agent in AGENTS}
        self.rests: dict[AgentId, float] = {}
        self.lines: dict[str, int] = {}
        self.line_needs: dict[str, tuple[Skill, ...]] = {}
        self.promised: dict[str, int] = {}
        self.promised_until_s: dict[str, float] = {}
        self.held_before: dict[AgentId, str] = {}
        self.own: dict[AgentId, tuple[OwnCall, float]] = {}
        self.shut: set[GroupId] = set()
        self.helping = False
        for agent in AGENTS:
            self.tell(h.AgentPut(0.0, agent))
        if ready:
            for agent in AGENTS:
                self.phone(agent.id, True)
                self.ready(agent.id)

    # -- happenings ----------------------------------------------------------------------------

    @rule(
        # Mostly alike, so that lines form in which order can be seen.
        queue=st.sampled_from([Q[0], Q[0], Q[0], Q[1]]),
        medium=st.sampled_from([Medium.VOICE, Medium.VOICE, Medium.CHAT, Medium.EMAIL]),
        auto=st.sampled_from([False, False, True]),
        priority=st.sampled_from([5, 5, 5, 5, 2]),
        skilled=st.sampled_from([False, False, False, False, True]),
    )
    def arrive(
        self, queue: QueueId, medium: Medium, auto: bool, priority: int, skilled: bool
    ) -> None:
        self.made += 1
        needs = (SKILL,) if skilled else ()
        interaction_id = InteractionId(f"i{self.made}")
        arrived = h.Arrived(self.now_s, interaction_id, medium, queue, None, priority, auto, needs)
        self.account[interaction_id] = Entry(arrived, self.made)
        self.tell(arrived)

    @rule(medium=st.sampled_from([Medium.VOICE, Medium.CHAT]), auto=st.booleans())
    def line_forms(self, medium: Medium, auto: bool) -> None:
        """Several alike at once: in a line it is seen who comes before whom."""
        for _ in range(len(AGENTS) + 2):
            self.arrive(Q[0], medium, auto, 5, False)

    @rule(
        holder=HOLDER, lines=st.integers(0, 4), skilled=st.sampled_from([False, False, False, True])
    )
    def ring(self, holder: str, lines: int, skilled: bool) -> None:
        queue = Q[0] if holder == "c0" else Q[1]
        self.lines[holder] = lines
        self.line_needs[holder] = needs = (SKILL,) if skilled else ()
        self.tell(h.LinesTold(self.now_s, holder, queue, lines, LIFE_S, needs))
        self.promised[holder] = min(lines, self.router.pledges.held(holder))
        self.promised_until_s[holder] = self.now_s + LIFE_S

    @rule(holder=HOLDER)
    def line_answered(self, holder: str) -> None:
        self.made += 1
        queue = Q[0] if holder == "c0" else Q[1]
        interaction_id = InteractionId(f"i{self.made}")
        arrived = h.Arrived(
            self.now_s, interaction_id, Medium.VOICE, queue, None, 5, True,
            self.line_needs.get(holder, ()), None, holder,
        )  # fmt: skip
        self.account[interaction_id] = entry = Entry(arrived, self.made)
        self.tell(arrived)
        if self.promised.get(holder, 0) > 0 and self.now_s < self.promised_until_s[holder]:
            assert entry.place[0] is InteractionState.ACTIVE, "a promised agent was not there"
            self.promised[holder] -= 1

    @rule(agent=AGENT, holder=HOLDER, dialling=st.booleans())
    def own_call(self, agent: AgentId, holder: str, dialling: bool) -> None:
        self.made += 1
        queue = Q[0] if holder == "c0" else Q[1]
        own = OwnCall(CampaignId(holder), queue, ContactId(f"k{self.made}"), dialling)
        fits = self.may_get(agent, own)
        held = self.router.matcher.seats[agent].pledge is not None
        given = h.OwnCallGiven(self.now_s, agent, own, self.now_s + OWN_LIFE_S)
        assert self.tell(given) is fits, "room for an own call was judged wrongly"
        if fits and held:
            self.promised.pop(holder, None)  # of the lines one has lost its agent
        called = held and any(entry.medium == 0 for entry in self.held(agent))
        if fits and not called:  # what waited while the agent was held may come before
            assert self.own[agent] == (own, self.now_s + OWN_LIFE_S)

    @precondition(lambda self: self.own)
    @rule(data=st.data(), what=st.sampled_from(["dialled", "answered", "answered", "over"]))
    def own_call_goes_on(self, data: st.DataObject, what: str) -> None:
        agent = data.draw(st.sampled_from(sorted(self.own)))
        own = self.own[agent][0]
        if what == "over":
            self.tell(h.OwnCallOver(self.now_s, agent, own.contact_id))
            assert agent not in self.own
        elif what == "dialled" or not own.dialling:
            own = replace(own, dialling=True)
            assert self.tell(h.OwnCallGiven(self.now_s, agent, own, self.now_s + OWN_LIFE_S))
            assert self.own[agent] == (own, self.now_s + OWN_LIFE_S)
        else:
            self.made += 1
            arrived = h.Arrived(
                self.now_s, InteractionId(f"i{self.made}"), Medium.VOICE, own.queue_id, None, 5,
                True, (), agent, own.campaign_id,
            )  # fmt: skip
            self.account[arrived.interaction_id] = entry = Entry(arrived, self.made)
            self.tell(arrived)
            assert entry.place == (InteractionState.ACTIVE, agent), "not with who dialled it"
            assert agent not in self.own

    @rule(seconds=st.sampled_from([0.5, 3.0, 6.0, 21.0, 70.0]))
    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        before = self.load()
        self.tell(h.TimePassed(self.now_s))
        through = [entry for entry in self.load() if entry in before]
        if seconds > LOOK_S and self.asks(through, False) and G[0] not in self.shut:
            assert self.helping, "the load was not seen"

    @rule(agent=AGENT)
    def ready(self, agent: AgentId) -> None:
        self.wants[agent] = "ready"
        self.rests.pop(agent, None)
        self.tell(h.ReadyAsked(self.now_s, agent))

    @rule(agent=AGENT)
    def take_break(self, agent: AgentId) -> None:
        if self.tell(h.BreakAsked(self.now_s, agent, "lunch"), before={agent: "break"}):
            self.wants[agent] = "break"

    @rule(agent=AGENT)
    def sign_out(self, agent: AgentId) -> None:
        if self.tell(h.SignOutAsked(self.now_s, agent), before={agent: "out"}):
            self.wants[agent] = "out"

    @rule(agent=AGENT, up=st.booleans())
    def phone(self, agent: AgentId, up: bool) -> None:
        (self.phones.add if up else self.phones.discard)(agent)
        if not up:
            self.promised.clear()
        self.tell(h.PhoneChanged(self.now_s, agent, up))

    @precondition(lambda self: self.where(InteractionState.OFFERED))
    @rule(data=st.data(), take=st.booleans())
    def answer(self, data: st.DataObject, take: bool) -> None:
        entry = data.draw(st.sampled_from(self.where(InteractionState.OFFERED)))
        agent = entry.place[1]
        assert agent is not None
        if take:
            self.tell(h.OfferAccepted(self.now_s, agent, entry.arrived.interaction_id))
        else:
            self.rests[agent] = self.now_s + PLAN.policy.reject_rest_s
            self.tell(h.OfferRejected(self.now_s, agent, entry.arrived.interaction_id))

    @precondition(lambda self: self.account)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        interaction_id = data.draw(st.sampled_from(sorted(self.account)))
        self.tell(h.CustomerLeft(self.now_s, interaction_id))

    @precondition(lambda self: self.where(InteractionState.ACTIVE))
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.where(InteractionState.ACTIVE)))
        self.tell(h.ConversationEnded(self.now_s, entry.arrived.interaction_id))

    @precondition(lambda self: any(e.medium == 1 for e in self.where(InteractionState.ACTIVE)))
    @rule(data=st.data(), until_s=st.sampled_from([2.0, 40.0]), wrote=st.booleans())
    def set_aside_or_take_up(self, data: st.DataObject, until_s: float, wrote: bool) -> None:
        mails = [e for e in self.where(InteractionState.ACTIVE) if e.medium == 1]
        entry = data.draw(st.sampled_from(mails))
        agent = entry.place[1]
        assert agent is not None
        interaction_id = entry.arrived.interaction_id
        if entry.aside and wrote:
            self.tell(h.CustomerWrote(self.now_s, interaction_id))
            back = self.account[interaction_id]
            assert not back.aside
            assert back.place[1] == agent or self.wants[agent] == "out", "not with its agent"
        elif entry.aside:
            self.tell(h.TakenUp(self.now_s, agent, interaction_id))
            assert not entry.aside
        else:
            self.tell(h.SetAside(self.now_s, agent, interaction_id, self.now_s + until_s))
            assert entry.aside

    @precondition(lambda self: self.where(InteractionState.WRAP_UP))
    @rule(data=st.data())
    def wrap_up(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.where(InteractionState.WRAP_UP)))
        agent = entry.place[1]
        assert agent is not None
        self.tell(h.WrapUpGiven(self.now_s, agent, entry.arrived.interaction_id, "sale"))

    @rule(shut=st.sampled_from([(), (), (), (G[0],), (G[1],), G]))
    def hours(self, shut: tuple[GroupId, ...]) -> None:
        self.promised.clear()
        self.tell(h.HoursChanged(self.now_s, frozenset(), frozenset(shut)))
        assert self.shut == set(shut)

    @rule(shut=st.sampled_from([(), (), (G[0],)]))
    def help_is_needed(self, shut: tuple[GroupId, ...]) -> None:
        """So much waits that the other group helps; then it may be closed."""
        for _ in range(2 * len(AGENTS)):
            self.arrive(HELP[0], Medium.CHAT, False, 5, False)
        self.wait(3.0)
        if shut:
            self.hours(shut)

    @rule()
    def help_goes_on_between_the_limits(self) -> None:
        """More waits than all agents together can take; then hardly anything."""
        for _ in range(4 * len(AGENTS)):
            self.arrive(HELP[0], Medium.CHAT, False, 5, False)
        self.wait(3.0)
        for entry in self.load()[AID.under_waiting + 1 :]:
            self.tell(h.CustomerLeft(self.now_s, entry.arrived.interaction_id))
        self.wait(1.5)

    @rule(holder=HOLDER, agent=AGENT)
    def counted_on_while_leaving(self, holder: str, agent: AgentId) -> None:
        """Who wants to leave is not counted on again."""
        self.ring(holder, 1, False)
        self.take_break(agent)
        self.ring(holder, 2, False)
        for _ in range(2):
            self.line_answered(holder)

    @rule()
    def replan(self) -> None:
        self.tell(h.PlanChanged(self.now_s, PLAN))

    # -- groups that open, close and help ------------------------------------------------------

    def load(self) -> list[Entry]:
        """Return what waits in the queue that may be helped."""
        waiting = self.where(InteractionState.WAITING)
        return [entry for entry in waiting if entry.arrived.queue_id == HELP[0]]

    def asks(self, load: list[Entry], on: bool) -> bool:
        """Tell whether that is above the upper limits, or (when `on`) above the lower ones."""
        longest_s = max((self.now_s - entry.arrived.at_s for entry in load), default=0.0)
        assert AID.over_s is not None
        assert AID.over_waiting is not None
        if on:
            return longest_s > AID.under_s or len(load) > AID.under_waiting
        return longest_s > AID.over_s or len(load) > AID.over_waiting

    def check_aid(self, aid: h.ShowAid) -> None:
        assert (aid.queue_id, aid.group_id) == HELP
        assert self.helping is (aid.since_s is None)
        if aid.since_s is None:
            assert G[0] in self.shut or not self.asks(self.load(), True), "help ended too early"
        else:
            assert self.asks(self.load(), False), "help began too early"
            assert G[0] not in self.shut
        self.helping = aid.since_s is not None

    def linked(self, queue_id: QueueId | None) -> set[GroupId]:
        """Return the groups that may serve the queue now."""
        cells = [cell for cell in PLAN.group_links if cell.queue_id == queue_id]
        lent = {cell.group_id for cell in cells if cell.aid is None or self.helping}
        return lent - self.shut

    # -- the account ---------------------------------------------------------------------------

    def where(self, state: InteractionState) -> list[Entry]:
        return [entry for entry in self.account.values() if entry.place[0] is state]

    def held(self, agent: AgentId) -> list[Entry]:
        mine = (entry for entry in self.account.values() if entry.place[1] == agent)
        return [entry for entry in mine if not entry.aside]

    def tell(self, happening: h.Happening, before: dict[AgentId, str] | None = None) -> bool:
        """Give the router a happening; return whether it was taken."""
        wants = dict(self.wants)
        self.wants.update(before or {})
        self.held_before = {}
        own_before = dict(self.own)
        if isinstance(happening, h.Arrived | h.BreakAsked | h.SignOutAsked):  # let nobody go
            self.held_before = {
                seat.id: seat.pledge.holder
                for seat in self.router.matcher.seats.values()
                if seat.pledge is not None
            }
        try:
            commands = self.router.handle(happening)
        except Fault:
            self.wants = wants
            commands = self.router.handle(h.TimePassed(self.now_s))
            assert not any(isinstance(command, h.Admit) for command in commands)
            self.note(commands)
            return False
        self.note(commands)
        if isinstance(happening, h.BreakAsked | h.SignOutAsked):
            for agent in self.held_before:
                assert self.router.matcher.seats[agent].pledge is not None, "a line was let down"
            for agent, (own, until_s) in own_before.items():
                if own.dialling and until_s > self.now_s:
                    assert agent in self.own, "a dialled call lost its agent"
        return True

    def note(self, commands: list[h.Command]) -> None:
        for command in commands:
            match command:
                case h.Offer():
                    self.check_offer(command)
                case h.EndOffer():
                    entry = self.account[command.interaction_id]
                    if entry.aside:
                        assert self.wants[command.agent_id] == "out"
                        entry.aside = False
                    else:
                        assert entry.place == (InteractionState.OFFERED, command.agent_id)
                    entry.place = (InteractionState.WAITING, None)
                    if command.reason == "timed_out":
                        self.wants[command.agent_id] = "break"
                case h.Connect():
                    entry = self.account[command.interaction_id]
                    assert entry.place == (InteractionState.OFFERED, command.agent_id)
                    entry.place = (InteractionState.ACTIVE, command.agent_id)
                case h.PutAside() | h.TakeUp():
                    entry = self.account[command.interaction_id]
                    assert entry.place == (InteractionState.ACTIVE, command.agent_id)
                    assert entry.aside is isinstance(command, h.TakeUp)
                    entry.aside = not entry.aside
                    entry.until_s = command.until_s if isinstance(command, h.PutAside) else 0.0
                case h.Finish():
                    self.check_finish(command)
                case h.Close():
                    entry = self.account.pop(command.interaction_id)
                    assert entry.place == (InteractionState.WRAP_UP, command.agent_id)
                case _:
                    self.note_others(command)

    def note_own_call(self, command: h.ShowOwnCall | h.EndOwnCall) -> None:
        if isinstance(command, h.ShowOwnCall):
            self.own[command.agent_id] = (command.own_call, command.until_s)
            return
        own, until_s = self.own.pop(command.agent_id)
        assert own == command.own_call
        assert command.reason != "interrupted" or not own.dialling
        assert (command.reason == "expired") is (until_s <= self.now_s)

    def note_others(self, command: h.Command) -> None:
        match command:
            case h.ShowOwnCall() | h.EndOwnCall():
                self.note_own_call(command)
            case h.ShowAid():
                self.check_aid(command)
            case h.ShowGroup():
                (self.shut.discard if command.cause.open else self.shut.add)(command.group_id)
            case h.Refuse():
                entry = self.account.pop(command.interaction_id)
                groups = {
                    c.group_id for c in PLAN.group_links if c.queue_id == entry.arrived.queue_id
                }
                assert command.reason == "unserved"
                assert groups <= self.shut, "refused though served"
            case _:
                pass

    def check_finish(self, finish: h.Finish) -> None:
        entry = self.account[finish.interaction_id]
        if finish.agent_id is None:
            assert entry.place[0] is InteractionState.WAITING
            del self.account[finish.interaction_id]
        else:
            assert entry.place == (InteractionState.ACTIVE, finish.agent_id)
            entry.place = (InteractionState.WRAP_UP, finish.agent_id)
            entry.until_s = finish.wrap_up_until_s or 0.0

    def check_offer(self, offer: h.Offer) -> None:
        entry = self.account[offer.interaction_id]
        agent = offer.agent_id
        assert entry.place[0] is InteractionState.WAITING, "offered twice"
        mine = entry.arrived.holder
        if entry.arrived.owner == agent:
            assert mine, "their own call"
        elif agent in self.held_before:
            assert self.held_before[agent] == mine, "held for a line, given other work"
        else:
            assert self.wants[agent] == "ready", "offered to somebody not there"
            assert self.now_s >= self.rests.get(agent, 0.0), "offered while resting"
        assert entry.medium != 0 or agent in self.phones, "a call without a phone"
        assert offer.group_id in self.linked(entry.arrived.queue_id), "by a group that may not"
        assert (offer.why.borrowed_s is not None) is (
            (entry.arrived.queue_id, offer.group_id) == HELP
        )
        settings = next(a for a in AGENTS if a.id == agent)
        held = self.held(agent)
        same = [other for other in held if other.medium == entry.medium]
        assert len(same) < settings.capacity[entry.medium], "over capacity"
        assert not any(o.place[0] is InteractionState.OFFERED for o in same), "two offers"
        table = PLAN.policy.may_join
        assert all(
            table[other.medium][entry.medium] for other in held if other.medium != entry.medium
        ), "interrupted what may not be"
        assert not self.own_bars(agent, entry.medium), "interrupted an own call"
        for other in self.where(InteractionState.WAITING):
            assert not (other.equals == entry.equals and other.order < entry.order), "overtaken"
        entry.place = (InteractionState.OFFERED, agent)
        entry.until_s = offer.expires_s or 0.0

    # -- what must hold ------------------------------------------------------------------------

    @invariant()
    def conserved(self) -> None:
        assert set(self.router.works) == set(self.account)
        for interaction_id, entry in self.account.items():
            work = self.router.works[interaction_id]
            holder = work.seat.id if work.seat else None
            assert (work.state, holder) == entry.place
            assert (work.lane is not None) == (work.state is InteractionState.WAITING)
        for seat in self.router.matcher.seats.values():
            assert set(seat.works) == {e.arrived.interaction_id for e in self.held(seat.id)}
            for medium in (0, 1, 2):
                assert seat.held[medium] == sum(e.medium == medium for e in self.held(seat.id))
        lines: dict[tuple[QueueId | None, int], int] = {}
        for entry in self.where(InteractionState.WAITING):
            key = (entry.arrived.queue_id, entry.medium)
            lines[key] = lines.get(key, 0) + 1
        for queue in Q:
            for medium in (0, 1, 2):
                assert self.router.matcher.waiting(queue, medium) == lines.get((queue, medium), 0)

    @invariant()
    def nothing_waits_in_vain(self) -> None:
        for entry in self.where(InteractionState.WAITING):
            home = self.router.works[entry.arrived.interaction_id].home
            assert home is not None
            for agent in AGENTS:
                assert not self.could(agent, entry, home.needs), "a free agent was passed over"

    def could(self, agent: Agent, entry: Entry, needs: tuple[Skill, ...]) -> bool:
        """Tell from the account alone whether the agent could take the interaction now."""
        if self.wants[agent.id] != "ready" or self.now_s < self.rests.get(agent.id, 0.0):
            return False
        if entry.medium == 0 and agent.id not in self.phones:
            return False
        if self.router.matcher.seats[agent.id].pledge is not None:
            return False
        if self.own_bars(agent.id, entry.medium):
            return False
        levels = {skill.name: skill.level for skill in agent.skills}
        if any(levels.get(need.name, 0) < need.level for need in needs):
            return False
        if not self.linked(entry.arrived.queue_id) & set(agent.group_ids):
            return False
        held = self.held(agent.id)
        same = [other for other in held if other.medium == entry.medium]
        if len(same) >= agent.capacity[entry.medium]:
            return False
        if any(other.place[0] is InteractionState.OFFERED for other in same):
            return False
        table = PLAN.policy.may_join
        return all(table[o.medium][entry.medium] for o in held if o.medium != entry.medium)

    def own_bars(self, agent: AgentId, medium: int) -> bool:
        """Tell from the account whether the agent's own call keeps this medium away."""
        if agent not in self.own:
            return False
        dialled_alone = self.own[agent][0].dialling and medium == 0  # all have room for one call
        return dialled_alone or not PLAN.policy.may_join_own_call[medium]

    def may_get(self, agent: AgentId, own: OwnCall) -> bool:
        """Tell from the account whether the agent has room for a call of their own."""
        settings = next(a for a in AGENTS if a.id == agent)
        if self.wants[agent] != "ready" or self.now_s < self.rests.get(agent, 0.0):
            return False
        if agent in self.own or agent not in self.phones:
            return False
        seat = self.router.matcher.seats[agent]
        if seat.pledge is not None and (seat.pledge.holder != own.campaign_id or seat.wanted):
            return False
        if not self.linked(own.queue_id) & set(settings.group_ids):
            return False
        held = self.held(agent)
        if any(entry.place[0] is InteractionState.OFFERED for entry in held):
            return False
        return all(PLAN.policy.own_call_may_join[entry.medium] for entry in held)

    @invariant()
    def own_calls_are_with_who_can_make_them(self) -> None:
        for seat in self.router.matcher.seats.values():
            known = self.own.get(seat.id)
            assert seat.own_call == (known[0] if known else None)
            if known is None:
                continue
            own, until_s = known
            assert until_s > self.now_s, "kept for too long"
            assert seat.id in self.phones
            assert seat.pledge is None
            assert not any(entry.medium == 0 for entry in self.held(seat.id))
            assert own.dialling or self.wants[seat.id] == "ready"
            settings = next(a for a in AGENTS if a.id == seat.id)
            assert self.linked(own.queue_id) & set(settings.group_ids)

    @invariant()
    def who_is_closed_helps_nobody(self) -> None:
        assert not (self.helping and G[0] in self.shut), "help goes on behind a closed door"

    @invariant()
    def nobody_is_held_in_vain(self) -> None:
        counts: dict[str, int] = {}
        for seat in self.router.matcher.seats.values():
            if seat.pledge is not None:
                holder = seat.pledge.holder
                counts[holder] = counts.get(holder, 0) + 1
                assert seat.pledge_until_s > self.now_s, "held for too long"
                assert seat.shown is not AgentState.SIGNED_OUT
                assert seat.phone
                assert not any(e.medium == 0 for e in self.held(seat.id))
                if self.line_needs[holder]:
                    skills = next(a.skills for a in AGENTS if a.id == seat.id)
                    assert SKILL in skills, "held for lines of another skill"
        for holder, count in counts.items():
            assert count <= self.lines[holder], "more held than there are lines"

    @invariant()
    def deadlines_are_kept(self) -> None:
        for entry in self.account.values():
            if entry.place[0] in (InteractionState.OFFERED, InteractionState.WRAP_UP):
                assert entry.until_s > self.now_s
            assert not entry.aside or entry.until_s > self.now_s
        next_s = self.router.next_deadline_s()
        untils = [entry.until_s for entry in self.where(InteractionState.OFFERED)]
        assert not untils or (next_s is not None and next_s <= min(untils))

    @invariant()
    def shown_is_true(self) -> None:
        for seat in self.router.matcher.seats.values():
            states = {entry.place[0] for entry in self.held(seat.id)}
            if seat.id in self.own:
                assert seat.shown is AgentState.DIALING
            elif InteractionState.ACTIVE in states:
                assert seat.shown is AgentState.BUSY
            elif InteractionState.WRAP_UP in states:
                assert seat.shown is AgentState.WRAP_UP
            elif seat.pledge is not None:
                assert seat.shown is AgentState.READY
                assert seat.shown_leaving is (self.wants[seat.id] != "ready")
            elif self.wants[seat.id] == "out" and not states:
                assert seat.shown is AgentState.SIGNED_OUT
            elif self.wants[seat.id] == "ready" or states:
                assert seat.shown is AgentState.READY
            else:
                assert seat.shown is AgentState.BREAK
