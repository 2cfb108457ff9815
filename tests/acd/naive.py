"""The routing rules, written again in the plainest way: scan everything, every time.

It shares the values and nothing else with the engine: no lanes, no benches, no lazy deletion, no
remembered masks, no heap of timers. Slow and obvious; the engine must answer every happening with
the same commands (`test_equivalence.py`), and `omni bench acd` measures what the scans cost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from omni.acd.engine import happenings as h
from omni.acd.engine.openings import Cause
from omni.acd.engine.pace import Pace
from omni.acd.model import MEDIA, Agent, GroupLink, Load, Plan, Policy, Queue, Rule, Skill
from omni.acd.overflow import Action, Condition, OverflowRule, Step
from omni.acd.own_call import OwnCall
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import AgentState, InteractionState, Medium, Outcome

WAITING, OFFERED, ACTIVE, WRAP_UP = (
    InteractionState.WAITING,
    InteractionState.OFFERED,
    InteractionState.ACTIVE,
    InteractionState.WRAP_UP,
)

NO_GROUP = GroupId("")
OPEN = ("planned", "kept_open", "needed")


@dataclass(eq=False)
class Job:
    """An interaction."""

    id: InteractionId
    medium: int
    queue_id: QueueId
    arrived_s: float
    seq: int
    priority: int
    needs: tuple[Skill, ...]
    auto: bool
    holder: str = ""
    promised: AgentId | None = None
    asked: tuple[Skill, ...] = ()
    aside: bool = False
    state: InteractionState = WAITING
    only: "Person | None" = None
    agent: "Person | None" = None
    group_id: GroupId = NO_GROUP
    accepted_s: float = 0.0
    until_s: float = 0.0
    ended_s: float = 0.0
    ring: int = 0
    absent: bool = False
    also: GroupId | None = None
    menu: tuple[QueueId, int] | None = None
    used: list[tuple[QueueId, int]] = field(default_factory=list)


@dataclass(eq=False)
class Person:
    """An agent."""

    agent: Agent
    number: int
    touch: int
    presence: AgentState = AgentState.SIGNED_OUT
    phone: bool = False
    resting: bool = False
    reason: str = ""
    source: str = "system"
    leaving: str | None = None
    assigned: int = 0
    requested: str = ""
    shown: tuple[AgentState, str, bool, str] = (AgentState.SIGNED_OUT, "", False, "")
    jobs: list[Job] = field(default_factory=list)
    held_for: str = ""
    held_until_s: float = 0.0
    awaited: bool = False  # held, though other work waits
    own: OwnCall | None = None


class NaiveRouter:
    """See `omni.acd.engine.router.Router` for the rules."""

    def __init__(self) -> None:
        self.plan = Plan()
        self.now_s = 0.0
        self.jobs: dict[InteractionId, Job] = {}
        self.people: dict[AgentId, Person] = {}
        self.timers: list[tuple[float, int, str, Any, int]] = []
        self.out: list[h.Command] = []
        self.seq = self.touches = self.orders = 0
        self.tokens: dict[Any, int] = {}
        self.closed: frozenset[QueueId] = frozenset()
        self.deserted: frozenset[QueueId] = frozenset()
        self.pace = Pace()
        self.groups_off: frozenset[GroupId] = frozenset()
        self.needed: set[GroupId] = set()
        self.aids: dict[tuple[QueueId, GroupId], float] = {}
        self.told: tuple[dict[Any, Any], dict[Any, Any], set[QueueId]] = ({}, {}, set())
        self.looking = False
        self.force: list[GroupLink] = []
        self.holds: dict[str, tuple[QueueId, list[Person]]] = {}
        self.held_needs: dict[str, tuple[Skill, ...]] = {}
        self.routes: dict[type[Any], Callable[[Any], None]] = {
            h.Arrived: self.arrived,
            h.CustomerLeft: self.customer_left,
            h.GivenUp: self.given_up,
            h.ConversationEnded: self.ended,
            h.OfferAccepted: self.accepted,
            h.OfferRejected: self.rejected,
            h.SetAside: self.set_aside,
            h.TakenUp: self.taken_up,
            h.CustomerWrote: self.customer_wrote,
            h.WrapUpGiven: self.wrap_up_given,
            h.WrapUpExtended: self.wrap_up_extended,
            h.BreakRequested: self.break_requested,
            h.BreakDenied: self.break_denied,
            h.SignedIn: self.signed_in,
            h.ReadyAsked: self.ready,
            h.BreakAsked: self.on_break,
            h.SignOutAsked: self.sign_out,
            h.PhoneChanged: self.phone,
            h.LinesTold: self.lines_told,
            h.OwnCallGiven: self.own_given,
            h.OwnCallOver: self.own_over,
            h.PlanChanged: self.plan_changed,
            h.HoursChanged: self.hours_changed,
            h.StaffSeen: self.staff_seen,
            h.Chosen: self.chosen,
            h.AgentPut: self.agent_put,
            h.TimePassed: lambda _: None,
        }

    def handle(self, happening: h.Happening) -> list[h.Command]:
        self.now_s = max(self.now_s, happening.at_s)
        self.run_timers()
        self.routes[type(happening)](happening)
        out, self.out = self.out, []
        return out

    # -- who may do what -----------------------------------------------------------------------

    def queue(self, queue_id: QueueId) -> Queue | None:
        return next((queue for queue in self.plan.queues if queue.id == queue_id), None)

    def cells(self, queue_id: QueueId, agent: Agent) -> list[GroupLink]:
        return [
            cell
            for cell in self.in_force()
            if cell.queue_id == queue_id and cell.group_id in agent.group_ids
        ]

    def in_force(self) -> list[GroupLink]:
        return [
            cell
            for cell in self.plan.group_links
            if cell.open
            and self.cause(cell.group_id) in OPEN
            and (cell.aid is None or (cell.queue_id, cell.group_id) in self.aids)
        ]

    def cells_of(self, job: Job, agent: Agent) -> list[GroupLink]:
        """The cells by which an agent serves this job: those of its queue, or its other group."""
        cells = self.cells(job.queue_id, agent)
        if not cells and job.also in agent.group_ids:
            known = [group.id for group in self.plan.groups]
            if job.also in known and self.cause(job.also) in OPEN:
                return [GroupLink(job.queue_id, job.also, 9, 0)]
        return cells

    def cause(self, group_id: GroupId) -> str:
        group = next(group for group in self.plan.groups if group.id == group_id)
        if not group.open:
            return "closed_by_hand"
        if group.kept_open:
            return "kept_open"
        if group_id in self.groups_off:
            return "out_of_hours"
        if group.load is None:
            return "planned"
        return "needed" if group_id in self.needed else "not_needed"

    def unserved(self) -> set[QueueId]:
        away = ("closed_by_hand", "out_of_hours")
        links = [cell for cell in self.plan.group_links if cell.open]
        served = {cell.queue_id for cell in links if self.cause(cell.group_id) not in away}
        return {queue.id for queue in self.plan.queues if queue.open} - served

    def together(self, *many: tuple[Skill, ...]) -> tuple[Skill, ...]:
        levels: dict[tuple[bool, str], int] = {}
        for need in (need for needs in many for need in needs):
            key = (need.preferred, need.name)
            levels[key] = max(levels.get(key, 0), need.level)
        return tuple(Skill(key[1], levels[key], key[0]) for key in sorted(levels))

    def needs(self, job: Job) -> tuple[Skill, ...]:
        needs = job.needs
        queue = self.queue(job.queue_id)
        assert queue is not None
        for ring in queue.rings[: max(job.ring, 0)]:
            wishes = tuple(need for need in needs if need.preferred)
            lowered = [
                Skill(need.name, need.level - ring.lower_by) for need in needs if not need.preferred
            ]
            needs = () if ring.drop_all else tuple(n for n in lowered if n.level >= 1)
            needs += wishes
        return needs

    def room(self, person: Person, medium: int) -> bool:
        if person.leaving is not None or person.held_for:
            return False
        return self.unheld_room(person, medium)

    def unheld_room(self, person: Person, medium: int) -> bool:
        if person.resting or not self.capable(person, medium):
            return False
        if person.own is None:
            return True
        calls = sum(job.medium == 0 for job in person.jobs) + person.own.dialling
        full = medium == 0 and calls >= person.agent.capacity[0]
        return self.plan.policy.may_join_own_call[medium] and not full

    def capable(self, person: Person, medium: int) -> bool:
        if person.presence is not AgentState.READY:
            return False
        if medium == 0 and not person.phone:
            return False
        same = [job for job in person.jobs if job.medium == medium]
        if len(same) >= person.agent.capacity[medium]:
            return False
        if any(job.state is OFFERED for job in same):
            return False
        table = self.plan.policy.may_join
        return all(table[job.medium][medium] for job in person.jobs if job.medium != medium)

    def may_serve(self, person: Person, job: Job) -> bool:
        if job.only is not None:
            return job.only is person
        return bool(self.cells_of(job, person.agent)) and self.skilled(person, self.needs(job))

    def best_agent(self, job: Job) -> Person | None:
        free = [p for p in self.people.values() if self.room(p, job.medium)]
        free = [p for p in free if self.may_serve(p, job)]
        return min(free, key=lambda person: self.agent_rank(person, job), default=None)

    def agent_rank(self, person: Person, job: Job) -> tuple[float, ...]:
        if job.only is not None:
            return ()
        queue = self.queue(job.queue_id)
        assert queue is not None
        skills = {skill.name: skill.level for skill in person.agent.skills}
        distribution = min(cell.distribution for cell in self.cells_of(job, person.agent))
        score = 0
        if queue.rule is Rule.MOST_SKILLED:
            score = sum(skills.get(n.name, 0) for n in self.needs(job) if not n.preferred)
        wishes = [need for need in self.needs(job) if need.preferred]
        wanted = sum(skills.get(need.name, 0) >= need.level for need in wishes)
        load = 0.0
        for medium in (0, 1, 2):
            held = sum(job.medium == medium for job in person.jobs)
            if person.agent.capacity[medium]:
                load += held / person.agent.capacity[medium]
        rank = {
            Rule.LEAST_OCCUPIED: load,
            Rule.ROUND_ROBIN: person.assigned,
            Rule.PRIORITY_ORDER: person.agent.rank,
            Rule.RANDOM: (
                (person.number + 1) * 0x9E3779B97F4A7C15 ^ person.touch * 0xD6E8FEB86659FD93
            )
            & 0xFFFFFF,
        }.get(queue.rule, 0)
        return (distribution, -wanted, -score, rank, person.touch)

    def best_job(self, person: Person) -> Job | None:
        waiting = [job for job in self.jobs.values() if job.state is WAITING]
        mine = [j for j in waiting if self.room(person, j.medium) and self.may_serve(person, j)]
        return min(mine, key=lambda job: self.job_rank(job, person), default=None)

    def job_rank(self, job: Job, person: Person) -> tuple[float, int]:
        policy = self.plan.policy
        key = self.key(job, policy)
        if job.only is None:
            selection = min(cell.selection for cell in self.cells_of(job, person.agent))
            key += selection * policy.selection_step_s
        return (key, job.seq)

    def key(self, job: Job, policy: Policy) -> float:
        key = job.arrived_s + policy.priority_step_s * job.priority
        return key + policy.head_start_s[job.medium]

    def group(self, job: Job, person: Person) -> GroupId:
        if job.only is not None:
            return job.group_id
        best = min(
            self.cells_of(job, person.agent),
            key=lambda cell: (cell.distribution, cell.selection, cell.group_id),
        )
        return best.group_id

    # -- offers --------------------------------------------------------------------------------

    def seek(self, job: Job) -> None:
        person = (
            self.own_of(job)
            or self.promised(job)
            or self.held_for(job, False)
            or self.best_agent(job)
            or self.held_for(job, True)
            if job.holder
            else self.best_agent(job)
        )
        if person is not None:
            self.offer(job, person, "work_arrived")
            self.show(person)

    def settle(self, person: Person) -> None:
        if person.held_for and not self.hold_fits(person):
            self.let_go(person)
        if person.own is not None and not self.own_fits(person):
            self.end_own(person, "agent_gone")
        if person.leaving is not None and not (person.jobs or person.held_for or person.own):
            if person.leaving == "sign_out":
                self.leave_floor(person, person.source)
            else:
                person.presence, person.reason = AgentState.BREAK, person.leaving
                person.leaving = None
        while (job := self.best_job(person)) is not None:
            self.offer(job, person, "agent_freed")
        self.show(person)

    def offer(self, job: Job, person: Person, chosen: str) -> None:
        queue = self.queue(job.queue_id)
        assert queue is not None
        way = "held" if person.held_for else "rank"
        if job.only is not None:
            way = "owner"
        elif job.promised == person.agent.id:
            way = "promised"
        cells = self.cells(job.queue_id, person.agent)
        wishes = [] if job.only else [need for need in self.needs(job) if need.preferred]
        wanted = sum(
            any(s.name == w.name and s.level >= w.level for s in person.agent.skills)
            for w in wishes
        )
        distribution = min((cell.distribution for cell in cells), default=-1)
        best = min(cells, key=lambda c: (c.distribution, c.selection, c.group_id), default=None)
        borrowed_s = self.aids.get((best.queue_id, best.group_id)) if best else None
        if person.held_for:
            self.let_go(person)
        if person.own is not None and job.medium == 0:
            if job.promised == person.agent.id and self.becomes(person, job):
                self.end_own(person, "connected")
            elif not person.own.dialling:
                self.end_own(person, "interrupted")
                self.show(person)
        group_id = self.group(job, person)
        auto = job.auto or person.agent.auto_accept[job.medium]
        job.state, job.agent, job.group_id = OFFERED, person, group_id
        person.jobs.append(job)
        self.touch(person)
        person.assigned = person.touch
        token = self.token(job)
        until_s = None
        if not auto:
            self.show(person)
            until_s = job.until_s = self.now_s + queue.offer_s[job.medium]
            self.timer(until_s, "offer", job, token)
        waited_s = self.now_s - job.arrived_s
        waiting = self.waiting(job.queue_id, job.medium)
        why = h.Why(way, distribution, max(job.ring, 0), wanted, waiting, borrowed_s)
        self.out.append(
            h.Offer(job.id, person.agent.id, group_id, auto, until_s, waited_s, chosen, why)
        )
        if auto:
            self.connect(job, person)

    def connect(self, job: Job, person: Person) -> None:
        job.state, job.accepted_s = ACTIVE, self.now_s
        self.token(job)
        waited_s = self.now_s - job.arrived_s
        behind = self.waiting(job.queue_id, job.medium)
        self.pace.departed(job.queue_id, job.medium, self.now_s, waited_s, behind)
        self.out.append(h.Connect(job.id, person.agent.id, job.group_id, waited_s))
        table = self.plan.policy.may_join[job.medium]
        unfit = [
            other
            for other in person.jobs
            if other.state is OFFERED and other.medium != job.medium and not table[other.medium]
        ]
        self.give_back(unfit, "withdrawn")

    def give_back(self, jobs: list[Job], reason: str) -> None:
        for job in jobs:
            self.take_back(job, reason)
        for job in jobs:
            self.seek(job)

    def take_back(self, job: Job, reason: str) -> None:
        person = job.agent
        assert person is not None
        self.release(job, person)
        job.state, job.agent = WAITING, None
        self.token(job)
        self.out.append(h.EndOffer(job.id, person.agent.id, reason))

    def release(self, job: Job, person: Person) -> None:
        person.jobs.remove(job)
        self.touch(person)

    # -- interactions ----------------------------------------------------------------------------

    def arrived(self, event: h.Arrived) -> None:
        if event.interaction_id in self.jobs:
            return
        if event.priority is not None and not 0 <= event.priority <= 9:
            raise Invalid("priority_out_of_range")
        queue_id, priority, fault = self.entrance(event)
        path: list[tuple[QueueId, int]] = []
        last = None
        if not fault:
            queue_id, fault, path, last = self.let_in(event, queue_id)
        if fault:
            self.out.append(h.Refuse(event.interaction_id, fault))
            return
        queue = self.queue(queue_id)
        assert queue is not None
        priority = priority if event.priority is None else event.priority
        needs = self.together(queue.needs, event.needs)
        self.seq += 1
        job = Job(
            event.interaction_id, MEDIA.index(event.medium), queue_id, self.now_s, self.seq,
            priority, needs, event.auto_accept, event.holder,
            event.owner if event.holder else None,
        )  # fmt: skip
        self.jobs[job.id] = job
        self.out.append(h.Admit(job.id, queue_id, priority))
        job.absent, job.asked = event.absent, event.needs
        self.limits(job, queue)
        owner = self.people.get(event.owner) if event.owner else None
        if (
            owner is not None
            and not event.holder
            and owner.presence is not AgentState.SIGNED_OUT
            and queue.owner_wait_s > 0
            and self.cells(queue_id, owner.agent)
        ):
            job.group_id = self.group(job, owner)
            job.only, job.ring = owner, -1
            self.timer(job.arrived_s + queue.owner_wait_s, "owner", job, -1)
        else:
            self.next_ring(job, queue)
        self.led_by(job, path)
        if last is not None:
            self.use_rule(job, last)
        if job.id in self.jobs:
            self.seek(job)

    def let_in(
        self, event: h.Arrived, queue_id: QueueId
    ) -> tuple[QueueId, str, list[tuple[QueueId, int]], tuple[QueueId, int] | None]:
        if event.absent and self.queue(queue_id) is not None:
            return queue_id, "", [], None
        if event.holder or event.absent:
            return queue_id, self.queue_fault(queue_id, event.medium), [], None
        return self.admitting(queue_id, event.medium, [])

    def entrance(self, event: h.Arrived) -> tuple[QueueId, int, str]:
        if event.queue_id is not None:
            return event.queue_id, 5, ""
        entry = next((e for e in self.plan.entry_points if e.id == event.entry_point_id), None)
        if entry is None:
            return QueueId(""), 5, "unknown_entry_point"
        mail = event.medium is Medium.EMAIL
        links = [link for link in self.plan.entry_links if link.entry_point_id == entry.id]
        links = [link for link in links if mail or (link.open and entry.open)]
        if not links:
            return QueueId(""), 5, "entry_point_closed"
        good = [link for link in links if not self.queue_fault(link.queue_id, event.medium)]
        medium = MEDIA.index(event.medium)

        def rank(item: tuple[int, Any]) -> tuple[int, int, int]:
            link = item[1]
            return (link.priority, self.waiting(link.queue_id, medium), item[0])

        best = min(enumerate(good or links), key=rank)[1]
        return best.queue_id, best.priority, ""

    def queue_fault(self, queue_id: QueueId, medium: Medium) -> str:
        queue = self.queue(queue_id)
        if queue is None:
            return "unknown_queue"
        if medium is Medium.EMAIL:
            return ""
        if not queue.open:
            return "queue_closed"
        if queue_id in self.closed:
            return "out_of_hours"
        return "unserved" if queue_id in self.unserved() else ""

    # -- overflow ------------------------------------------------------------------------------

    def admitting(
        self, queue_id: QueueId, medium: Medium, path: list[tuple[QueueId, int]]
    ) -> tuple[QueueId, str, list[tuple[QueueId, int]], tuple[QueueId, int] | None]:
        fault = self.queue_fault(queue_id, medium)
        queue = self.queue(queue_id)
        for number, rule in enumerate(queue.overflow if queue else ()):
            assert queue is not None
            if not self.about(rule, medium) or not self.true_on_arrival(rule, queue, medium):
                continue
            if rule.step.action is not Action.QUEUE:
                return queue_id, "", path, (queue_id, number)
            further = self.beyond(rule.step, medium, [*path, (queue_id, number)])
            if further is not None:
                return further
        return queue_id, fault, path, None

    def beyond(
        self, step: Step, medium: Medium, path: list[tuple[QueueId, int]]
    ) -> tuple[QueueId, str, list[tuple[QueueId, int]], tuple[QueueId, int] | None] | None:
        assert step.queue_id is not None
        if step.queue_id in [queue_id for queue_id, _ in path]:
            return None
        found = self.admitting(step.queue_id, medium, path)
        return None if found[1] else found

    def about(self, rule: OverflowRule, medium: Medium) -> bool:
        if medium not in rule.media:
            return False
        moves = {Action.QUEUE, Action.GROUP}
        if medium is Medium.EMAIL or rule.step.action is Action.ANSWER:
            return medium is Medium.EMAIL and rule.step.action in {*moves, Action.ANSWER}
        return medium is Medium.VOICE or rule.step.action in {*moves, Action.TICKET}

    def true_on_arrival(self, rule: OverflowRule, queue: Queue, medium: Medium) -> bool:
        number = MEDIA.index(medium)
        waiting = self.waiting(queue.id, number)
        if rule.when is Condition.FULL:
            return waiting >= rule.limit
        if rule.when is Condition.EXPECTED:
            expected_s = self.pace.expected_wait_s(queue.id, number, waiting + 1)
            return expected_s is not None and expected_s > rule.limit
        return self.shut_or_empty(rule, queue)

    def shut_or_empty(self, rule: OverflowRule, queue: Queue) -> bool:
        if rule.when is Condition.CLOSED:
            return not queue.open or queue.id in self.closed
        if rule.when is Condition.NOBODY:
            return queue.id in self.deserted or queue.id in self.unserved()
        return False

    def hours_changed(self, event: h.HoursChanged) -> None:
        closing, self.closed = event.closed - self.closed, event.closed
        self.look_at_all(closing, Condition.CLOSED)
        self.groups_changed(event)

    def staff_seen(self, event: h.StaffSeen) -> None:
        left, self.deserted = event.deserted - self.deserted, event.deserted
        self.look_at_all(left, Condition.NOBODY)

    def look_at_all(self, queues: set[QueueId] | frozenset[QueueId], when: Condition) -> None:
        concerned = []
        for job in self.jobs.values():
            queue = self.queue(job.queue_id)
            if queue is None or queue.id not in queues:
                continue
            if any(rule.when is when and rule.waiting_too for rule in queue.overflow):
                concerned.append(job)
        for job in sorted(concerned, key=lambda job: job.seq):
            self.look(job)

    def limits(self, job: Job, queue: Queue) -> None:
        if job.absent or job.holder:
            return
        for rule in queue.overflow:
            if rule.when is Condition.WAITED and self.about(rule, MEDIA[job.medium]):
                self.timer(job.arrived_s + rule.limit, "limit", job, 0)

    def limit(self, job: Job) -> None:
        if job.state is OFFERED and self.rule_for(job) is not None:
            self.timer(job.until_s + 0.5, "limit", job, 0)
        elif job.state is WAITING:
            self.look(job)

    def look(self, job: Job) -> None:
        used = self.rule_for(job) if job.state is WAITING else None
        if used is None:
            return
        before = (job.queue_id, job.also)
        self.use_rule(job, used)
        if job.state is WAITING and (job.queue_id, job.also) != before:
            self.seek(job)

    def rule_for(self, job: Job) -> tuple[QueueId, int] | None:
        queue = self.queue(job.queue_id)
        if queue is None or job.absent or job.holder:
            return None
        for number, rule in enumerate(queue.overflow):
            if (queue.id, number) in job.used or not self.about(rule, MEDIA[job.medium]):
                continue
            true = rule.waiting_too and self.shut_or_empty(rule, queue)
            if rule.when is Condition.WAITED:
                true = self.now_s >= job.arrived_s + rule.limit
            if true and rule.step.action is Action.QUEUE:
                path = [*job.used, (job.queue_id, -1)]
                true = self.beyond(rule.step, MEDIA[job.medium], path) is not None
            if true:
                return queue.id, number
        return None

    def use_rule(self, job: Job, used: tuple[QueueId, int]) -> None:
        queue = self.queue(used[0])
        assert queue is not None
        job.used.append(used)
        self.do(job, queue.overflow[used[1]].step, used, False)

    def led_by(self, job: Job, path: list[tuple[QueueId, int]]) -> None:
        for used in path:
            queue = self.queue(used[0])
            assert queue is not None
            job.used.append(used)
            self.say_overflow(job, queue.overflow[used[1]].step, used, False)

    def do(self, job: Job, step: Step, used: tuple[QueueId, int], chosen: bool) -> None:
        self.say_overflow(job, step, used, chosen)
        queue = self.queue(job.queue_id)
        assert queue is not None
        if step.action is Action.QUEUE:
            path = [*job.used, (job.queue_id, -1)]
            found = self.beyond(step, MEDIA[job.medium], path)
            if found is None:
                return
            queue_id, _, longer, last = found
            self.led_by(job, longer[len(path) :])
            job.queue_id, job.ring, job.also, job.menu = queue_id, 0, None, None
            self.out.append(h.Move(job.id, queue_id))
            other = self.queue(queue_id)
            assert other is not None
            job.needs = self.together(other.needs, job.asked)
            self.next_ring(job, other)
            self.limits(job, other)
            if last is not None:
                self.use_rule(job, last)
        elif step.action is Action.GROUP:
            job.also = step.group_id
            self.next_ring(job, queue)
        elif step.action in (Action.MENU, Action.CALLBACK):
            if not chosen:
                job.menu = used
        elif step.action not in (Action.ANNOUNCE, Action.ANSWER):
            self.over(job, Outcome.OVERFLOWED)

    def say_overflow(self, job: Job, step: Step, used: tuple[QueueId, int], chosen: bool) -> None:
        itself = job.id in self.jobs and job.state is WAITING and job.queue_id == used[0]
        waiting = self.waiting(used[0], job.medium) - itself
        waited_s = self.now_s - job.arrived_s
        queue = self.queue(used[0])
        assert queue is not None
        rule = queue.overflow[used[1]]
        self.out.append(h.Overflow(job.id, *used, rule, step, chosen, waited_s, waiting))

    def chosen(self, event: h.Chosen) -> None:
        job = self.jobs.get(event.interaction_id)
        if job is None or job.menu is None or job.state is not WAITING:
            raise Conflict("choice_gone")
        queue = self.queue(job.menu[0])
        if queue is None or job.menu[1] >= len(queue.overflow):
            raise Conflict("choice_gone")
        rule, used = queue.overflow[job.menu[1]], job.menu
        step = next((o.step for o in rule.options if o.digit == event.digit), None)
        if rule.step.action is Action.CALLBACK and event.digit == "1":
            step = rule.step
        if step is None:
            raise Conflict("choice_gone")
        job.menu = None
        if step.action is Action.CALLBACK:
            self.say_overflow(job, step, used, True)
            job.absent = True
            self.out.append(h.Promise(job.id))
            return
        before = (job.queue_id, job.also)
        self.do(job, step, used, True)
        if job.state is WAITING and (job.queue_id, job.also) != before:
            self.seek(job)

    def waiting(self, queue_id: QueueId, medium: int) -> int:
        return sum(
            job.queue_id == queue_id and job.medium == medium and job.state is WAITING
            for job in self.jobs.values()
        )

    # -- groups that open, close and help ------------------------------------------------------

    def groups_changed(self, event: h.HoursChanged) -> None:
        if event.closed_groups != self.groups_off:
            self.groups_off = event.closed_groups
            self.end_aids()
            self.reopened()

    def end_aids(self) -> None:
        for queue_id, group_id in list(self.aids):
            if not any(
                (cell.queue_id, cell.group_id) == (queue_id, group_id)
                and cell.aid is not None
                and cell.open
                and self.cause(group_id) in OPEN
                for cell in self.plan.group_links
            ):
                del self.aids[queue_id, group_id]

    def asks(self, load: Load, queue_ids: list[QueueId], on: bool) -> bool:
        jobs = [
            job
            for job in self.jobs.values()
            if job.state is WAITING
            and job.only is None
            and job.queue_id in queue_ids
            and load.media[job.medium]
        ]
        longest_s = max((self.now_s - job.arrived_s for job in jobs), default=0.0)
        limit_s, limit = (
            (load.under_s, load.under_waiting) if on else (load.over_s, load.over_waiting)
        )
        too_long = load.over_s is not None and limit_s is not None and longest_s > limit_s
        too_many = load.over_waiting is not None and limit is not None and len(jobs) > limit
        return too_long or too_many

    def look_at_loads(self) -> None:
        for group in self.plan.groups:
            if group.load is not None:
                mine = [
                    cell.queue_id
                    for cell in self.plan.group_links
                    if cell.group_id == group.id and cell.open and cell.aid is None
                ]
                if self.asks(group.load, mine, group.id in self.needed):
                    self.needed.add(group.id)
                else:
                    self.needed.discard(group.id)
        self.end_aids()
        for cell in self.plan.group_links:
            pair = (cell.queue_id, cell.group_id)
            if cell.aid is None or not cell.open or self.cause(cell.group_id) not in OPEN:
                continue
            if self.asks(cell.aid, [cell.queue_id], pair in self.aids):
                self.aids.setdefault(pair, self.now_s)
            else:
                self.aids.pop(pair, None)
        self.looking = False
        self.reopened()
        self.keep_looking()

    def keep_looking(self) -> None:
        links = [cell for cell in self.plan.group_links if cell.open]
        rules = any(cell.aid for cell in links) or any(
            group.load is not None and cell.group_id == group.id and cell.aid is None
            for group in self.plan.groups
            for cell in links
        )
        if rules and not self.looking:
            self.looking = True
            self.timer(self.now_s + 1.0, "look", None, 0)

    def reopened(self) -> None:
        emptied = self.unserved() - self.told[2]
        jobs = [job for job in self.jobs.values() if job.state in (WAITING, OFFERED)]
        let_go = []
        force = self.in_force()
        changed = {c.queue_id for c in force if c not in self.force}
        changed |= {c.queue_id for c in self.force if c not in force}
        self.force = force
        for job in jobs:
            if job.only is None or job.queue_id not in changed:
                continue
            if not self.cells(job.queue_id, job.only.agent):
                queue = self.queue(job.queue_id)
                assert queue is not None
                self.next_ring(job, queue)
                let_go.append(job)
        self.tell_openings()
        for person in sorted(self.people.values(), key=lambda person: person.touch):
            self.settle(person)
        policy = self.plan.policy
        for job in sorted(let_go, key=lambda job: (self.key(job, policy), job.seq)):
            if job.state is WAITING:
                self.seek(job)
        self.look_at_all(emptied, Condition.NOBODY)

    def tell_openings(self) -> None:
        causes = {group.id: self.cause(group.id) for group in self.plan.groups}
        now = (
            {id: cause for id, cause in causes.items() if cause != "planned"},
            dict(self.aids),
            self.unserved(),
        )
        before, self.told = self.told, now
        for group_id in sorted({*before[0], *now[0]}):
            if before[0].get(group_id) != now[0].get(group_id):
                cause = Cause(now[0].get(group_id, "planned"))
                self.out.append(h.ShowGroup(group_id, cause))
        for pair in sorted({*before[1], *now[1]}):
            if before[1].get(pair) != now[1].get(pair):
                self.out.append(h.ShowAid(pair[0], pair[1], now[1].get(pair)))
        for queue_id in sorted(before[2] ^ now[2]):
            self.out.append(h.ShowServed(queue_id, queue_id in before[2]))

    def next_ring(self, job: Job, queue: Queue) -> None:
        job.ring = max(job.ring, 0)
        job.only = None
        if job.needs and job.ring < len(queue.rings):
            self.timer(job.arrived_s + queue.rings[job.ring].after_s, "ring", job, job.ring)

    def held(self, event: Any) -> Job:
        job = self.jobs.get(event.interaction_id)
        if job is None or job.agent is None or job.agent.agent.id != event.agent_id:
            raise Conflict("offer_gone")
        return job

    def accepted(self, event: h.OfferAccepted) -> None:
        job = self.held(event)
        if job.state is ACTIVE:
            return
        if job.state is not OFFERED:
            raise Conflict("offer_gone")
        assert job.agent is not None
        self.connect(job, job.agent)
        self.settle(job.agent)

    def rejected(self, event: h.OfferRejected) -> None:
        job = self.held(event)
        person = job.agent
        if job.state is not OFFERED:
            raise Conflict("offer_gone")
        assert person is not None
        person.resting = True
        rest_s = self.plan.policy.reject_rest_s
        self.timer(self.now_s + rest_s, "rest", person, self.token(person))
        self.take_back(job, "rejected")
        self.settle(person)
        self.seek(job)

    def set_aside(self, event: h.SetAside) -> None:
        job = self.held(event)
        person = job.agent
        assert person is not None
        if job.medium != 1:
            raise Conflict("cannot_set_aside")
        if job.state is not ACTIVE or job.aside:
            raise Conflict("not_active")
        person.jobs.remove(job)
        job.aside, job.until_s = True, event.until_s
        self.timer(event.until_s, "aside", job, self.token(job))
        self.tokens[job, "order"] = self.orders
        self.touch(person)
        self.out.append(h.PutAside(job.id, event.agent_id, event.until_s))
        self.settle(person)

    def taken_up(self, event: h.TakenUp) -> None:
        job = self.held(event)
        if not job.aside:
            raise Conflict("not_aside")
        self.take_up(job)

    def customer_wrote(self, event: h.CustomerWrote) -> None:
        job = self.jobs.get(event.interaction_id)
        if job is None or not job.aside:
            return
        assert job.agent is not None
        if job.agent.presence is AgentState.SIGNED_OUT:
            self.back_to_queue(job)
        else:
            self.take_up(job, job.until_s)

    def take_up(self, job: Job, reminder_s: float | None = None) -> None:
        person = job.agent
        assert person is not None
        job.aside = False
        self.token(job)
        person.jobs.append(job)
        self.out.append(h.TakeUp(job.id, person.agent.id, reminder_s))
        self.show(person)

    def back_to_queue(self, job: Job) -> None:
        assert job.agent is not None
        queue = self.queue(job.queue_id)
        assert queue is not None
        self.token(job)
        self.out.append(h.EndOffer(job.id, job.agent.agent.id, "agent_gone"))
        job.aside, job.state, job.agent, job.ring = False, WAITING, None, 0
        self.next_ring(job, queue)
        self.seek(job)

    def customer_left(self, event: h.CustomerLeft) -> None:
        job = self.jobs.get(event.interaction_id)
        if job is not None and not (job.absent and job.state is not ACTIVE):
            self.over(job, Outcome.ABANDONED)

    def given_up(self, event: h.GivenUp) -> None:
        job = self.jobs.get(event.interaction_id)
        if job is not None and job.state in (WAITING, OFFERED):
            self.over(job, Outcome.DROPPED)

    def ended(self, event: h.ConversationEnded) -> None:
        job = self.jobs.get(event.interaction_id)
        if job is None:
            return
        if event.agent_id is not None:
            if job.agent is None or job.agent.agent.id != event.agent_id:
                raise Conflict("not_yours")
            if job.state is OFFERED:
                raise Conflict("not_accepted")
        self.over(job, Outcome.ABANDONED)

    def over(self, job: Job, outcome: Outcome) -> None:
        person = job.agent
        if job.aside:
            self.take_up(job)
        if job.state in (WAITING, OFFERED):
            if job.state is OFFERED:
                left = outcome is Outcome.ABANDONED
                self.take_back(job, "customer_gone" if left else "withdrawn")
            del self.jobs[job.id]
            job.state = InteractionState.ENDED
            self.token(job)
            waited_s = self.now_s - job.arrived_s
            self.pace.left(job.queue_id, job.medium, waited_s)
            self.out.append(h.Finish(job.id, outcome, None, waited_s, 0.0, None))
            if person is not None:
                self.settle(person)
        elif job.state is ACTIVE:
            assert person is not None
            queue = self.queue(job.queue_id)
            assert queue is not None
            limit_s = queue.wrap_up_s[job.medium]
            job.state, job.ended_s = WRAP_UP, self.now_s
            token = self.token(job)
            self.out.append(
                h.Finish(
                    job.id, Outcome.ANSWERED, person.agent.id, job.accepted_s - job.arrived_s,
                    self.now_s - job.accepted_s, self.now_s + limit_s,
                    queue.wrap_up_extra_s[job.medium] if limit_s > 0 else 0.0,
                )
            )  # fmt: skip
            if limit_s > 0:
                job.until_s = self.now_s + limit_s
                self.timer(job.until_s, "wrap_up", job, token)
                self.show(person)
                if person.presence is AgentState.SIGNED_OUT:
                    self.close(job, "none", "")
            else:
                self.close(job, "none", "")

    def wrap_up_given(self, event: h.WrapUpGiven) -> None:
        job = self.held(event)
        if job.state is not WRAP_UP:
            raise Conflict("not_in_wrap_up")
        self.close(job, event.disposition, event.note)

    def wrap_up_extended(self, event: h.WrapUpExtended) -> None:
        job = self.held(event)
        if job.state is not WRAP_UP:
            raise Conflict("not_in_wrap_up")
        extra_s = min(event.extra_s, self.extendable_s(job))
        if extra_s <= 0:
            raise Conflict("wrap_up_limit")
        job.until_s += extra_s
        self.timer(job.until_s, "wrap_up", job, self.token(job))
        self.out.append(h.Extend(job.id, event.agent_id, job.until_s, self.extendable_s(job)))

    def extendable_s(self, job: Job) -> float:
        queue = self.queue(job.queue_id)
        assert queue is not None
        used_s = max(0.0, job.until_s - job.ended_s - queue.wrap_up_s[job.medium])
        return max(0.0, queue.wrap_up_extra_s[job.medium] - used_s)

    def close(self, job: Job, disposition: str, note: str) -> None:
        person = job.agent
        assert person is not None
        del self.jobs[job.id]
        job.state = InteractionState.ENDED
        self.token(job)
        wrap_up_s = self.now_s - job.ended_s
        self.out.append(h.Close(job.id, person.agent.id, disposition, note, wrap_up_s))
        self.release(job, person)
        self.settle(person)

    # -- agents ----------------------------------------------------------------------------------

    def person(self, agent_id: AgentId) -> Person:
        if agent_id not in self.people:
            raise NotFound("agent_unknown")
        return self.people[agent_id]

    def admit(self, person: Person) -> None:
        if not person.agent.active:
            raise Conflict("agent_inactive")
        person.source = "agent"

    def signed_in(self, event: h.SignedIn) -> None:
        person = self.person(event.agent_id)
        if person.presence is AgentState.SIGNED_OUT:
            self.admit(person)
            person.presence, person.reason = AgentState.BREAK, "signed_in"
            self.settle(person)

    def ready(self, event: h.ReadyAsked) -> None:
        person = self.person(event.agent_id)
        self.admit(person)
        if person.presence is not AgentState.READY:
            self.touch(person)
        person.presence, person.reason, person.leaving = AgentState.READY, "", None
        person.resting, person.requested = False, ""
        self.settle(person)

    def on_break(self, event: h.BreakAsked) -> None:
        person = self.person(event.agent_id)
        if person.presence is AgentState.SIGNED_OUT:
            raise Conflict("not_signed_in")
        self.leave_for(person, event.reason, event.source)
        self.settle(person)

    def leave_for(self, person: Person, reason: str, source: str) -> None:
        person.source, person.leaving, person.requested = source, reason, ""
        if not person.jobs and not person.held_for and not self.dials(person):
            person.presence, person.reason = AgentState.BREAK, reason
            person.leaving = None

    def break_requested(self, event: h.BreakRequested) -> None:
        person = self.person(event.agent_id)
        if person.presence is AgentState.SIGNED_OUT:
            raise Conflict("not_signed_in")
        person.requested, person.source = event.reason, "agent"
        self.show(person)

    def break_denied(self, event: h.BreakDenied) -> None:
        person = self.person(event.agent_id)
        if not person.requested:
            raise Conflict("no_break_request")
        person.requested, person.source = "", "supervisor"
        self.show(person)

    def sign_out(self, event: h.SignOutAsked) -> None:
        person = self.person(event.agent_id)
        if person.presence is AgentState.SIGNED_OUT:
            return
        if (person.held_for or self.dials(person)) and event.source == "agent":
            if any(job.state is ACTIVE for job in person.jobs):
                raise Conflict("work_open")
            person.leaving, person.source = "sign_out", "agent"
        else:
            self.leave_floor(person, event.source)
        self.settle(person)

    def leave_floor(self, person: Person, source: str) -> None:
        if any(job.state is ACTIVE for job in person.jobs):
            raise Conflict("work_open")
        person.presence, person.reason = AgentState.SIGNED_OUT, ""
        person.leaving, person.source, person.requested = None, source, ""
        self.give_back([job for job in person.jobs if job.state is OFFERED], "agent_gone")
        for job in list(person.jobs):
            self.close(job, "none", "")
        self.free_owned(person)

    def free_owned(self, person: Person) -> None:
        owned = [j for j in self.jobs.values() if j.only is person and j.state is WAITING]
        for medium in (0, 1, 2):
            rows = [job for job in owned if job.medium == medium]
            for job in sorted(rows, key=lambda job: self.job_rank(job, person)):
                queue = self.queue(job.queue_id)
                assert queue is not None
                job.ring = 0
                self.next_ring(job, queue)
                self.seek(job)

    def phone(self, event: h.PhoneChanged) -> None:
        person = self.person(event.agent_id)
        lost = person.own is not None and not event.up
        if person.phone != event.up or lost:
            person.phone = event.up
            if lost:
                self.end_own(person, "agent_gone")
            if not event.up:
                calls = [j for j in person.jobs if j.state is OFFERED and j.medium == 0]
                self.give_back(calls, "agent_gone")
            self.settle(person)

    def show(self, person: Person) -> None:
        state = person.presence
        if state is AgentState.READY or person.jobs:
            states = {job.state for job in person.jobs}
            if ACTIVE in states:
                state = AgentState.BUSY
            elif WRAP_UP in states:
                state = AgentState.WRAP_UP
        leaving = person.leaving is not None
        reason = person.reason
        if person.own is not None:
            state, reason = AgentState.DIALING, "" if person.own.dialling else "preview"
        reason = reason if person.leaving is None else person.leaving
        shown = (state, reason, leaving, person.requested)
        if shown != person.shown:
            before = person.shown[0]
            self.out.append(
                h.ShowState(
                    person.agent.id, state, before, reason, person.source, leaving, person.requested
                )
            )
            person.shown = shown

    # -- dialled lines -------------------------------------------------------------------------

    def lines_told(self, event: h.LinesTold) -> None:
        queue = self.queue(event.queue_id)
        lines = event.lines if queue is not None else 0
        queue_id, people = self.holds.get(event.holder, (event.queue_id, []))
        same = queue_id == event.queue_id and self.held_needs.get(event.holder, ()) == event.needs
        over = len(people) - lines if same else len(people)
        self.held_needs[event.holder] = event.needs
        going = [p for p in people if p.leaving is not None]
        staying = [p for p in people if p.leaving is None]
        for person in [*going, *staying][: max(0, over)]:
            self.let_go(person)
            self.settle(person)
        people = self.holds.get(event.holder, (event.queue_id, []))[1]
        self.holds[event.holder] = (event.queue_id, people)
        until_s = self.now_s + event.life_s
        for person in people:
            person.awaited = self.wanted(person)
            if person.leaving is None and not person.awaited:
                person.held_until_s = until_s
        while queue is not None and len(people) < lines:
            needs = self.together(queue.needs, event.needs)
            pretended = Job(InteractionId(""), 0, queue.id, 0.0, 0, 5, needs, True)
            found = self.best_agent(pretended)
            if found is None:
                break
            if found.own is not None:
                self.end_own(found, "interrupted")
            people.append(found)
            found.held_for, found.held_until_s = event.holder, until_s
            found.awaited = False
            self.timer(until_s, "hold", found, self.token((found, "hold")))
            self.show(found)

    # -- calls that agents make ------------------------------------------------------------------

    def own_given(self, event: h.OwnCallGiven) -> None:
        person, own = self.person(event.agent_id), event.own_call
        before = person.own
        if before is not None and (before.campaign_id, before.contact_id) == (
            own.campaign_id,
            own.contact_id,
        ):
            if before.dialling:
                own = before
        else:
            if not self.own_room(person, own):
                raise Conflict("agent_not_free")
            if person.held_for:
                self.let_go(person)
            self.touch(person)
        person.own = own
        self.timer(event.until_s, "own", person, self.token((person, "own")))
        self.out.append(h.ShowOwnCall(person.agent.id, own, event.until_s))
        self.settle(person)

    def own_room(self, person: Person, own: OwnCall) -> bool:
        if person.presence is not AgentState.READY or person.leaving or person.resting:
            return False
        if person.held_for and (person.held_for != own.campaign_id or person.awaited):
            return False
        if person.own is not None or not person.phone:
            return False
        if sum(job.medium == 0 for job in person.jobs) >= person.agent.capacity[0]:
            return False
        if any(job.state is OFFERED for job in person.jobs):
            return False
        if not all(self.plan.policy.own_call_may_join[job.medium] for job in person.jobs):
            return False
        return self.queue(own.queue_id) is not None and bool(self.cells(own.queue_id, person.agent))

    def own_over(self, event: h.OwnCallOver) -> None:
        person = self.person(event.agent_id)
        if person.own is not None and person.own.contact_id == event.contact_id:
            self.end_own(person, "over")
            self.settle(person)

    def end_own(self, person: Person, reason: str) -> None:
        own, person.own = person.own, None
        assert own is not None
        self.token((person, "own"))
        self.touch(person)
        self.out.append(h.EndOwnCall(person.agent.id, own, reason))

    def own_fits(self, person: Person) -> bool:
        own = person.own
        assert own is not None
        there = person.presence is AgentState.READY
        stays = own.dialling or person.leaving is None
        known = self.queue(own.queue_id) is not None
        return there and stays and known and bool(self.cells(own.queue_id, person.agent))

    def dials(self, person: Person) -> bool:
        return person.own is not None and person.own.dialling

    def becomes(self, person: Person, job: Job) -> bool:
        own = person.own
        return (
            own is not None and own.dialling and job.medium == 0 and job.holder == own.campaign_id
        )

    def own_of(self, job: Job) -> Person | None:
        person = self.people.get(job.promised) if job.promised else None
        if person is None or not self.becomes(person, job):
            return None
        return person if self.cells(job.queue_id, person.agent) else None

    def wanted(self, person: Person) -> bool:
        return any(
            job.state is WAITING
            and self.unheld_room(person, job.medium)
            and self.may_serve(person, job)
            for job in self.jobs.values()
        )

    def let_go(self, person: Person) -> None:
        self.holds[person.held_for][1].remove(person)
        person.held_for = ""
        self.token((person, "hold"))

    def skilled(self, person: Person, needs: tuple[Skill, ...]) -> bool:
        skills = {skill.name: skill.level for skill in person.agent.skills}
        return all(need.preferred or skills.get(need.name, 0) >= need.level for need in needs)

    def hold_fits(self, person: Person) -> bool:
        queue = self.queue(self.holds[person.held_for][0])
        return (
            queue is not None
            and self.capable(person, 0)
            and self.skilled(person, queue.needs)
            and self.skilled(person, self.held_needs[person.held_for])
            and bool(self.cells(queue.id, person.agent))
        )

    def promised(self, job: Job) -> Person | None:
        person = self.people.get(job.promised) if job.promised else None
        if person is None or job.medium or not self.cells(job.queue_id, person.agent):
            return None
        if person.held_for:
            return person if person.held_for == job.holder and self.capable(person, 0) else None
        return person if self.room(person, 0) else None

    def held_for(self, job: Job, leaving: bool) -> Person | None:
        queue_id, people = self.holds.get(job.holder, (QueueId(""), []))
        if queue_id != job.queue_id or job.medium:
            return None
        for person in people:
            if (person.leaving is not None) is not leaving or not self.capable(person, 0):
                continue
            if self.skilled(person, self.needs(job)) and self.cells(queue_id, person.agent):
                return person
        return None

    # -- plan and time -----------------------------------------------------------------------------

    def plan_changed(self, event: h.PlanChanged) -> None:
        if any(event.plan.faults()):
            raise Invalid("plan_invalid")
        kept = {queue.id for queue in event.plan.queues}
        if any(job.queue_id not in kept for job in self.jobs.values()):
            raise Invalid("queue_in_use")
        before, unserved = self.plan, self.unserved()
        self.plan = event.plan
        loaded = {group.id for group in self.plan.groups if group.load is not None}
        self.needed &= loaded
        self.end_aids()
        self.force = self.in_force()
        for job in sorted(self.jobs.values(), key=lambda job: job.seq):
            if job.state in (WAITING, OFFERED):
                queue = self.queue(job.queue_id)
                assert queue is not None
                job.needs = self.together(queue.needs, job.asked)
                self.next_ring(job, queue)
                self.limits(job, queue)
        self.tell_openings()
        for person in sorted(self.people.values(), key=lambda person: person.touch):
            self.settle(person)
        self.keep_looking()
        shut = {queue.id for queue in before.queues if not queue.open}
        closing = {queue.id for queue in self.plan.queues if not queue.open} - shut
        self.look_at_all(closing, Condition.CLOSED)
        self.look_at_all(self.unserved() - unserved, Condition.NOBODY)

    def agent_put(self, event: h.AgentPut) -> None:
        person = self.people.get(event.agent.id)
        if person is not None and not event.agent.active:
            self.leave_floor(person, "system")
            aside = [job for job in self.jobs.values() if job.aside and job.agent is person]
            for job in sorted(aside, key=lambda job: self.tokens[job, "order"]):
                self.back_to_queue(job)
        if person is None:
            number = len(self.people)
            person = self.people[event.agent.id] = Person(event.agent, number, number - 10**9)
        person.agent = event.agent
        self.settle(person)

    def run_timers(self) -> None:
        while True:
            due = [timer for timer in self.timers if timer[0] <= self.now_s]
            if not due:
                return
            timer = min(due, key=lambda timer: (timer[0], timer[1]))
            self.timers.remove(timer)
            self.fire(*timer[2:])

    def fire(self, kind: str, subject: Any, token: int) -> None:
        if kind == "rest" and self.tokens[subject] == token:
            subject.resting = False
            self.settle(subject)
        elif kind == "hold" and self.tokens[subject, "hold"] == token:
            if subject.held_until_s > self.now_s:
                self.timer(subject.held_until_s, "hold", subject, token)
            else:
                self.let_go(subject)
                self.settle(subject)
        elif kind == "own" and self.tokens[subject, "own"] == token:
            self.end_own(subject, "expired")
            self.settle(subject)
        elif kind == "limit":
            self.limit(subject)
        elif kind == "look":
            self.look_at_loads()
        elif kind in ("offer", "wrap_up", "aside") and self.tokens[subject] == token:
            self.time_is_up(kind, subject)
        elif (
            kind in ("ring", "owner")
            and subject.ring == token
            and subject.state in (WAITING, OFFERED)
        ):
            self.widen(subject, kind)

    def time_is_up(self, kind: str, job: Job) -> None:
        person = job.agent
        assert person is not None
        if kind == "wrap_up":
            self.close(job, "none", "")
        elif kind == "aside":
            gone = person.presence is AgentState.SIGNED_OUT
            (self.back_to_queue if gone else self.take_up)(job)
        else:
            self.take_back(job, "timed_out")
            self.leave_for(person, "no_answer", "system")
            self.settle(person)
            self.seek(job)

    def widen(self, job: Job, kind: str) -> None:
        queue = self.queue(job.queue_id)
        assert queue is not None
        if kind == "ring":
            late = job.ring < len(queue.rings)
            if not late or self.now_s < job.arrived_s + queue.rings[job.ring].after_s:
                return
        job.ring += 1
        self.next_ring(job, queue)
        if job.state is WAITING:
            self.seek(job)

    def timer(self, at_s: float, kind: str, subject: Any, token: int) -> None:
        self.orders += 1
        self.timers.append((at_s, self.orders, kind, subject, token))

    def token(self, subject: Any) -> int:
        self.tokens[subject] = self.tokens.get(subject, 0) + 1
        return self.tokens[subject]

    def touch(self, person: Person) -> None:
        self.touches += 1
        person.touch = self.touches
