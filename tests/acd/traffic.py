"""Seeded random happenings for the router: likely ones, unlikely ones, wrong ones."""

from dataclasses import replace
from random import Random

from omni.acd.engine import happenings as h
from omni.acd.model import (
    MEDIA,
    Agent,
    EntryLink,
    EntryPoint,
    Group,
    GroupLink,
    Load,
    Plan,
    Policy,
    Queue,
    Ring,
    Rule,
    Skill,
)
from omni.acd.overflow import Action, Condition, Option, OverflowRule, Step
from omni.acd.own_call import OwnCall
from omni.core.ids import (
    AgentId,
    CampaignId,
    ContactId,
    EntryPointId,
    GroupId,
    InteractionId,
    QueueId,
)
from omni.core.terms import Medium

SKILLS = ("english", "chinese", "billing", "technical")


def random_plan(random: Random, version: int) -> Plan:
    """Return a plan of six queues, five groups and three entry points with random links."""
    queues = tuple(random_queue(random, number) for number in range(6))
    groups = tuple(
        Group(
            GroupId(f"g{number}"),
            f"Group {number}",
            random.random() < 0.95,
            kept_open=random.random() < 0.1,
            load=random_load(random) if random.random() < 0.15 else None,
        )
        for number in range(5)
    )
    entries = tuple(
        EntryPoint(EntryPointId(f"e{number}"), f"Entry {number}", MEDIA[number], f"a{number}")
        for number in range(3)
    )
    cells = tuple(
        GroupLink(
            queue.id,
            group.id,
            random.randrange(4),
            random.randrange(3),
            random.random() < 0.9,
            random_load(random) if random.random() < 0.2 else None,
        )
        for queue in queues
        for group in groups
        if random.random() < 0.5
    )
    links = tuple(
        EntryLink(entry.id, queue.id, random.randrange(10), random.random() < 0.9)
        for entry in entries
        for queue in random.sample(queues, 2)
    )
    policy = Policy(
        priority_step_s=random.choice([1.0, 60.0]),
        selection_step_s=random.choice([1.0, 600.0]),
        head_start_s=(0.0, random.choice([2.0, 14_400.0]), random.choice([1.0, 60.0])),
        may_join_own_call=(random.random() < 0.5, random.random() < 0.5, random.random() < 0.5),
        own_call_may_join=(random.random() < 0.7, random.random() < 0.7, random.random() < 0.7),
    )
    return Plan(version, entries, queues, groups, links, cells, policy)


def random_load(random: Random) -> Load:
    over_s = random.choice([None, 4.0, 15.0])
    over = random.choice([None, 0, 2, 5]) if over_s is not None else random.choice([0, 2, 5])
    return Load(
        random.choice([(True, True, True), (True, False, True), (False, True, False)]),
        over_s,
        random.choice([0.0, 2.0, 3.0]),
        over,
        0 if over is None else random.choice([0, over // 2]),
    )


def random_queue(random: Random, number: int) -> Queue:
    needs = tuple(
        Skill(name, random.randint(1, 4), random.random() < 0.5)
        for name in random.sample(SKILLS, 2)
    )
    return Queue(
        QueueId(f"q{number}"),
        f"Queue {number}",
        open=random.random() < 0.95,
        rule=random.choice(list(Rule)),
        offer_s=(random.choice([5.0, 20.0]), 60.0, 30.0),
        wrap_up_s=(random.choice([0.0, 10.0, 60.0]), 30.0, 0.0),
        wrap_up_extra_s=(random.choice([0.0, 20.0]), 10.0, 30.0),
        needs=needs if random.random() < 0.4 else (),
        rings=random.choice([(), (Ring(10.0, 1), Ring(25.0, 2)), (Ring(15.0, drop_all=True),)]),
        owner_wait_s=random.choice([0.0, 0.0, 20.0]),
        overflow=tuple(random_rule(random) for _ in range(random.choice([0, 0, 1, 2, 4]))),
    )


LIMITS = {
    Condition.FULL: (0, 1, 3),
    Condition.WAITED: (5.0, 12.0, 30.0),
    Condition.EXPECTED: (1.0, 20.0),
}


def random_step(random: Random, action: Action) -> Step:
    return Step(
        action,
        QueueId(f"q{random.randrange(6)}") if action is Action.QUEUE else None,
        GroupId(f"g{random.randrange(5)}") if action is Action.GROUP else None,
        "+442079460000" if action is Action.NUMBER else "",
    )


def random_rule(random: Random) -> OverflowRule:
    when = random.choice(list(Condition))
    action = random.choice([*Action, Action.QUEUE, Action.QUEUE, Action.QUEUE])
    options: tuple[Option, ...] = ()
    if action is Action.MENU:
        others = [other for other in Action if other is not Action.MENU]
        options = tuple(Option(digit, random_step(random, random.choice(others))) for digit in "12")
    return OverflowRule(
        when,
        random_step(random, action),
        limit=random.choice(LIMITS.get(when, (0,))),
        media=random.choice([(Medium.VOICE,), MEDIA, (Medium.CHAT, Medium.EMAIL)]),
        waiting_too=random.random() < 0.7,
        options=options,
    )


def random_agent(random: Random, number: int) -> Agent:
    return Agent(
        AgentId(f"a{number}"),
        f"Agent {number}",
        group_ids=tuple(GroupId(f"g{g}") for g in random.sample(range(5), random.randint(1, 3))),
        skills=tuple(
            Skill(name, random.randint(1, 6))
            for name in random.sample(SKILLS, random.randint(0, 3))
        ),
        capacity=(random.choice([0, 1, 1, 2]), random.randint(0, 3), random.randint(0, 4)),
        auto_accept=(random.random() < 0.3, random.random() < 0.3, random.random() < 0.3),
        rank=random.randrange(5),
    )


class Traffic:
    """Makes happenings; it is told the commands, so that it can mostly say what fits."""

    def __init__(self, seed: int, agents: int = 9) -> None:
        self.random = Random(seed)
        self.now_s = 1000.0
        self.versions = 0
        self.made = 0
        self.agents = agents
        self.crowd = 4 if seed % 3 == 2 else 40  # in a calm site agents are free now and then
        self.known = {AgentId(f"a{n}"): random_agent(self.random, n) for n in range(agents)}
        self.open: dict[InteractionId, AgentId | None] = {}
        self.state: dict[InteractionId, str] = {}
        self.own: dict[AgentId, OwnCall] = {}
        self.planned: list[h.Happening] = []

    def opening(self) -> list[h.Happening]:
        """Return the set-up: a plan, the agents, all of them on shift."""
        first: list[h.Happening] = [h.PlanChanged(self.now_s, random_plan(self.random, 0))]
        for agent in self.known.values():
            first.append(h.AgentPut(self.now_s, agent))
            first.append(h.PhoneChanged(self.now_s, agent.id, True))
            first.append(h.ReadyAsked(self.now_s, agent.id))
        return first

    def heard(self, commands: list[h.Command]) -> None:
        """Take note of what the router said."""
        for command in commands:
            if isinstance(command, h.Admit):
                self.open[command.interaction_id], self.state[command.interaction_id] = None, "w"
            elif isinstance(command, h.Offer | h.Connect):
                self.open[command.interaction_id] = command.agent_id
                self.state[command.interaction_id] = "o" if isinstance(command, h.Offer) else "a"
            elif isinstance(command, h.EndOffer):
                self.open[command.interaction_id], self.state[command.interaction_id] = None, "w"
            elif isinstance(command, h.Close) or (
                isinstance(command, h.Finish) and command.agent_id is None
            ):
                self.open.pop(command.interaction_id, None)
                self.state.pop(command.interaction_id, None)
            elif isinstance(command, h.ShowOwnCall):
                self.own[command.agent_id] = command.own_call
            elif isinstance(command, h.EndOwnCall):
                del self.own[command.agent_id]
            elif isinstance(command, h.Finish):
                self.state[command.interaction_id] = "u"

    def next(self) -> h.Happening:
        """Return another happening."""
        random = self.random
        if self.planned:
            return self.planned.pop(0)
        if random.random() < 0.7:
            self.now_s += random.choice([0.0, 0.5, 1.0, 3.0])
        if random.random() < 0.01:
            self.now_s += 40.0
        chance = random.random()
        if chance < 0.28 and len(self.open) < self.crowd:
            return self.arrival()
        if chance < 0.72 and self.open:
            return self.about(random.choice(list(self.open)))
        if chance < 0.86:
            return self.of_an_agent(AgentId(f"a{random.randrange(self.agents + 1)}"))
        if chance < 0.90:
            return self.of_a_dialer()
        if chance < 0.975:
            return self.of_an_own_call()
        return self.of_the_site()

    def arrival(self) -> h.Happening:
        random = self.random
        self.made += 1
        number = self.made if random.random() < 0.97 else random.randint(1, self.made)
        needs: tuple[Skill, ...] = ()
        if random.random() < 0.2:
            needs = (Skill(random.choice(SKILLS), random.randint(1, 5), random.random() < 0.4),)
        queue_id = QueueId(f"q{random.randrange(7)}") if random.random() < 0.6 else None
        return h.Arrived(
            self.now_s if random.random() < 0.98 else self.now_s - 100.0,
            InteractionId(f"i{number:06}"),
            random.choice(MEDIA),
            queue_id,
            None if queue_id else EntryPointId(f"e{random.randrange(4)}"),
            random.choice([None, 0, 4, 5, 9, 9 if random.random() < 0.9 else 10]),
            random.random() < 0.2,
            needs,
            AgentId(f"a{random.randrange(self.agents)}") if random.random() < 0.2 else None,
            random.choice(["c0", "c1"]) if random.random() < 0.25 else "",
            random.random() < 0.05,
        )

    def of_a_dialer(self) -> h.Happening:
        """Two campaigns, mostly each with its queue."""
        random = self.random
        number = random.randrange(2)
        queue = number if random.random() < 0.9 else random.randrange(7)
        lines = random.choice([0, 1, 2, 3, 3, 5])
        life_s = random.choice([10.0, 10.0, 30.0])
        needs = (Skill(random.choice(SKILLS), 2),) if random.random() < 0.15 else ()
        return h.LinesTold(self.now_s, f"c{number}", QueueId(f"q{queue}"), lines, life_s, needs)

    def of_an_own_call(self) -> h.Happening:
        """A contact is shown, dialled, given up, or answers."""
        random = self.random
        chance = random.random()
        if not self.own or chance < 0.5:
            busy = set(self.open.values())
            idle = [agent_id for agent_id in self.known if agent_id not in busy]
            agent_id = random.choice(idle or list(self.known))
            own = OwnCall(
                CampaignId(f"c{random.randrange(2)}"),
                QueueId(f"q{random.randrange(6)}"),
                ContactId(f"k{random.randrange(4)}"),
                random.random() < 0.3,
            )
            self.planned = [h.OwnCallGiven(self.now_s, agent_id, own, self.now_s + 20.0)]
            return h.ReadyAsked(self.now_s, agent_id)
        agent_id = random.choice(list(self.own))
        own = self.own[agent_id]
        if chance < 0.6:
            own = replace(own, dialling=random.random() < 0.8)
            return h.OwnCallGiven(self.now_s, agent_id, own, self.now_s + 12.0)
        if chance < 0.7:
            return h.OwnCallOver(self.now_s, agent_id, own.contact_id)
        self.made += 1
        return h.Arrived(
            self.now_s,
            InteractionId(f"i{self.made:06}"),
            Medium.VOICE,
            own.queue_id,
            None,
            5,
            True,
            (),
            agent_id,
            own.campaign_id,
        )

    def about(self, interaction_id: InteractionId) -> h.Happening:
        random = self.random
        now_s = self.now_s
        agent_id = self.open[interaction_id] or AgentId("a0")
        if random.random() < 0.05:
            agent_id = AgentId(f"a{random.randrange(self.agents)}")
        state = self.state[interaction_id]
        if random.random() < 0.05:
            state = random.choice("woau")
        chance = random.random()
        if state == "o" and chance < 0.8:
            kind = h.OfferRejected if chance < 0.15 else h.OfferAccepted
            return kind(now_s, agent_id, interaction_id)
        if state == "a" and chance < 0.7:
            return self.about_active(interaction_id, agent_id, chance)
        if state == "u" and chance < 0.3:
            extra_s = random.choice([5.0, 15.0, 60.0])
            return h.WrapUpExtended(now_s, agent_id, interaction_id, extra_s)
        if state == "u" and chance < 0.8:
            return h.WrapUpGiven(now_s, agent_id, interaction_id, "sale")
        if state == "w" and chance < 0.4:
            return h.Chosen(now_s, interaction_id, random.choice("1123"))
        if chance > 0.96:
            return h.GivenUp(now_s, interaction_id)
        return h.CustomerLeft(now_s, interaction_id) if chance > 0.9 else h.TimePassed(now_s)

    def about_active(
        self, interaction_id: InteractionId, agent_id: AgentId, chance: float
    ) -> h.Happening:
        now_s = self.now_s
        if chance < 0.15:
            until_s = now_s + self.random.choice([3.0, 20.0])
            return h.SetAside(now_s, agent_id, interaction_id, until_s)
        if chance < 0.2:
            if self.random.random() < 0.4:
                return h.CustomerWrote(now_s, interaction_id)
            return h.TakenUp(now_s, agent_id, interaction_id)
        return h.ConversationEnded(now_s, interaction_id, agent_id if chance < 0.4 else None)

    def of_an_agent(self, agent_id: AgentId) -> h.Happening:
        now_s = self.now_s
        chance = self.random.random()
        if chance < 0.68:
            return h.ReadyAsked(now_s, agent_id)
        if chance < 0.77:
            return h.BreakAsked(now_s, agent_id, "lunch")
        if chance < 0.80:
            return h.BreakRequested(now_s, agent_id, "lunch")
        if chance < 0.81:
            return h.BreakDenied(now_s, agent_id)
        if chance < 0.87:
            source = "agent" if self.random.random() < 0.7 else "supervisor"
            return h.SignOutAsked(now_s, agent_id, source)
        if chance < 0.91:
            return h.SignedIn(now_s, agent_id)
        return h.PhoneChanged(now_s, agent_id, self.random.random() < 0.8)

    def of_the_site(self) -> h.Happening:
        random = self.random
        if random.random() < 0.4:
            number = random.randrange(self.agents)
            agent = replace(random_agent(random, number), active=random.random() < 0.9)
            return h.AgentPut(self.now_s, agent)
        if random.random() < 0.6:
            some = frozenset(QueueId(f"q{n}") for n in range(7) if random.random() < 0.1)
            groups = frozenset(GroupId(f"g{n}") for n in range(5) if random.random() < 0.2)
            if random.random() < 0.5:
                return h.HoursChanged(self.now_s, some, groups)
            return h.StaffSeen(self.now_s, some)
        self.versions += 1
        plan = random_plan(random, self.versions)
        if random.random() < 0.1:
            plan = replace(plan, queues=plan.queues[1:])
        return h.PlanChanged(self.now_s, plan)
