"""Overflow rules: nothing is lost by them, they end, and each does what it says."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from omni.acd.administration import Administration
from omni.acd.engine import happenings as h
from omni.acd.engine.board import Work
from omni.acd.engine.explaining import explain
from omni.acd.engine.router import Router
from omni.acd.guide import Guide
from omni.acd.model import (
    MEDIA,
    Agent,
    Group,
    GroupLink,
    Hours,
    Plan,
    Queue,
    Queued,
    Refused,
    Shift,
)
from omni.acd.overflow import Action, Condition, Option, OverflowRule, Step
from omni.core.errors import Conflict, Fault, Invalid
from omni.core.events.routing import (
    CallbackPromised,
    InteractionArrived,
    InteractionEnded,
    InteractionOverflowed,
)
from omni.core.ids import AgentId, AnnouncementId, AnswerId, GroupId, InteractionId, QueueId
from omni.core.terms import InteractionState, Medium, Outcome
from tests.acd.site import BEN, SALES, SERVICE, running
from tests.acd.test_hours import follow, with_service
from tests.effort import effort

QUEUES = tuple(QueueId(f"q{number}") for number in range(4))
GROUPS = (GroupId("g0"), GroupId("g1"))
AGENTS = tuple(
    Agent(AgentId(f"a{number}"), f"{number}", (GROUPS[number],), capacity=(1, 1, 1))
    for number in range(2)
)
TARGET = st.sampled_from(QUEUES)


def steps(actions: list[Action]) -> st.SearchStrategy[Step]:
    return st.builds(
        lambda action, queue, group: Step(
            action,
            queue if action is Action.QUEUE else None,
            group if action is Action.GROUP else None,
            "+442079460000" if action is Action.NUMBER else "",
        ),
        st.sampled_from(actions),
        TARGET,
        st.sampled_from(GROUPS),
    )


# Mostly from queue to queue: circles are what must end.
RULES = st.builds(
    lambda when, step, limit, waiting_too: OverflowRule(
        when,
        step,
        limit if when in (Condition.WAITED, Condition.EXPECTED) else limit // 10,
        MEDIA,
        waiting_too,
        (Option("1", Step(Action.VOICEMAIL)),) if step.action is Action.MENU else (),
    ),
    st.sampled_from([*Condition, Condition.WAITED, Condition.CLOSED]),
    steps([*Action, *[Action.QUEUE] * 8]),
    st.sampled_from([5, 10, 20, 40]),
    st.booleans(),
)


def plan_of(rules: list[list[OverflowRule]]) -> Plan:
    """Return four queues with these rules; nobody serves the last."""
    return Plan(
        queues=tuple(
            Queue(queue_id, queue_id, overflow=tuple(own))
            for queue_id, own in zip(QUEUES, rules, strict=True)
        ),
        groups=tuple(Group(group_id, group_id) for group_id in GROUPS),
        group_links=tuple(GroupLink(queue_id, GROUPS[0]) for queue_id in QUEUES[:3]),
    )


PLANS = st.lists(st.lists(RULES, max_size=3), min_size=4, max_size=4).map(plan_of)
DEEDS = st.one_of(
    st.tuples(st.just("arrive"), TARGET, st.sampled_from(MEDIA)),
    st.tuples(st.just("close"), st.frozensets(TARGET)),
    st.tuples(st.just("desert"), st.frozensets(TARGET)),
    st.tuples(st.just("wait"), st.sampled_from([3.0, 11.0, 45.0])),
    st.tuples(st.just("press"), st.integers(0, 9)),
    st.tuples(st.just("work"), st.integers(0, 9)),
)


class Account:
    """What became of each interaction, by the commands alone."""

    def __init__(self, plan: Plan, router_type: type[Router] = Router) -> None:
        self.router = router_type(plan)
        self.now_s = 0.0
        self.queue: dict[InteractionId, QueueId] = {}
        self.been: dict[InteractionId, list[QueueId]] = {}
        self.used: dict[InteractionId, list[tuple[QueueId, int]]] = {}
        self.over: dict[InteractionId, str] = {}
        self.made = 0

    def tell(self, happening: h.Happening) -> None:
        try:
            commands = self.router.handle(happening)
        except Fault:
            commands = self.router.handle(h.TimePassed(self.now_s))
        for command in commands:
            self.note(command)

    def note(self, command: h.Command) -> None:
        match command:
            case h.Admit():
                self.queue[command.interaction_id] = command.queue_id
                self.been[command.interaction_id] = [command.queue_id]
            case h.Refuse():
                self.end(command.interaction_id, "refused")
            case h.Move():
                assert command.queue_id not in self.been[command.interaction_id], "came back"
                self.queue[command.interaction_id] = command.queue_id
                self.been[command.interaction_id].append(command.queue_id)
            case h.Overflow():
                if not command.chosen:
                    used = (command.queue_id, command.number)
                    rules = self.used.setdefault(command.interaction_id, [])
                    assert used not in rules, "used twice"
                    rules.append(used)
            case h.Finish() if command.agent_id is None:
                self.end(command.interaction_id, command.outcome.value)
            case h.Close():
                self.end(command.interaction_id, "closed")
            case _:
                pass

    def end(self, interaction_id: InteractionId, how: str) -> None:
        assert interaction_id not in self.over, "ended twice"
        self.over[interaction_id] = how

    def check(self) -> None:
        """Everything that came is over or in exactly one place; nothing waits that must not."""
        works = self.router.works
        ids = {InteractionId(f"i{number}") for number in range(1, self.made + 1)}
        assert works.keys() | self.over.keys() == ids
        assert not works.keys() & self.over.keys()
        lines = {(queue_id, medium): 0 for queue_id in QUEUES for medium in range(3)}
        for work in works.values():
            assert work.queue_id == self.queue[work.id]
            if work.state is InteractionState.WAITING:
                assert work.lane is not None, "waits nowhere"
                lines[work.queue_id, work.medium] += 1
        for (queue_id, medium), count in lines.items():
            assert self.router.matcher.waiting(queue_id, medium) == count
        self.check_limits()

    def check_limits(self) -> None:
        for work in self.router.works.values():
            if work.state is not InteractionState.WAITING or work.absent:
                continue
            if self.now_s < work.until_s + 1.0:
                continue  # an offer has just ended: the rules are looked at half a second later
            for number, rule in enumerate(self.rules(work.queue_id)):
                due = rule.when is Condition.WAITED and rule.concerns(MEDIA[work.medium])
                if due and not self.was_used(work, number) and self.leads_on(work, rule.step):
                    assert self.now_s < work.arrived_s + rule.limit, "waits past its limit"

    def was_used(self, work: Work, number: int) -> bool:
        return (work.queue_id, number) in self.used.get(work.id, [])

    def leads_on(self, work: Work, step: Step) -> bool:
        """Tell whether the step could be done: into a queue only if that leads to no refusal."""
        if step.action is not Action.QUEUE:
            return True
        queues, been = self.router.matcher.grid.queues, self.been[work.id]
        target = queues.get(step.queue_id) if step.queue_id else None
        # Where it is open and no rule of its own leads further, one may always go.
        return (
            target is not None
            and target.id not in been
            and not target.overflow
            and not self.router.matcher.grid.queue_fault(target.id, Medium.VOICE)
        )

    def rules(self, queue_id: QueueId) -> tuple[OverflowRule, ...]:
        return self.router.matcher.grid.queues[queue_id].overflow

    def open(self) -> list[InteractionId]:
        return sorted(self.router.works)


def happenings(account: Account, deed: tuple[object, ...]) -> Iterator[h.Happening]:
    now_s = account.now_s
    match deed:
        case ("arrive", queue_id, medium):
            account.made += 1
            yield h.Arrived(now_s, InteractionId(f"i{account.made}"), medium, queue_id)  # type: ignore[arg-type]
        case ("close", queue_ids):
            yield h.HoursChanged(now_s, queue_ids)  # type: ignore[arg-type]
        case ("desert", queue_ids):
            yield h.StaffSeen(now_s, queue_ids)  # type: ignore[arg-type]
        case ("wait", seconds):
            account.now_s += seconds  # type: ignore[operator]
            yield h.TimePassed(account.now_s)
        case ("press", number) if account.open():
            open_ids = account.open()
            yield h.Chosen(now_s, open_ids[number % len(open_ids)], "1")  # type: ignore[operator]
        case ("work", number) if account.open():
            open_ids = account.open()
            work = account.router.works[open_ids[number % len(open_ids)]]  # type: ignore[operator]
            yield from progress(work.id, work.seat.id if work.seat else None, now_s)
        case _:
            pass


def progress(
    interaction_id: InteractionId, agent_id: AgentId | None, now_s: float
) -> Iterator[h.Happening]:
    """Do with it what an agent would; what does not fit is refused and changes nothing."""
    if agent_id is None:
        yield h.ReadyAsked(now_s, AGENTS[0].id)
        return
    yield h.OfferAccepted(now_s, agent_id, interaction_id)
    yield h.ConversationEnded(now_s, interaction_id)
    yield h.WrapUpGiven(now_s, agent_id, interaction_id, "sale")


# Who waits moves on, and on from there: limits must go with them.
LIMITS = st.builds(
    lambda limit, step: OverflowRule(Condition.WAITED, step, limit, MEDIA),
    st.sampled_from([5, 10, 20]),
    steps([Action.QUEUE, Action.QUEUE, Action.QUEUE, Action.VOICEMAIL, Action.TICKET]),
)
CHAINS = st.lists(st.lists(LIMITS, max_size=2), min_size=4, max_size=4).map(plan_of)
WAITS = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), TARGET, st.sampled_from(MEDIA)),
        st.tuples(st.just("wait"), st.sampled_from([3.0, 11.0, 45.0])),
    ),
    min_size=2,
    max_size=8,
)


@effort(300)
@given(plan=PLANS, deeds=st.lists(DEEDS, max_size=30))
def test_nothing_is_lost_and_no_circle_goes_on(plan: Plan, deeds: list[tuple[object, ...]]) -> None:
    go_through(plan, deeds)


@effort(100)
@given(plan=CHAINS, deeds=WAITS)
def test_limits_go_with_who_moves_on(plan: Plan, deeds: list[tuple[object, ...]]) -> None:
    go_through(plan, deeds)


class ForgetsLimits(Router):
    """Who has moved to another queue waits there without its limits."""

    def _move(self, work: Work, step: Step) -> None:
        watch, self._watch_limits = self._watch_limits, lambda *_: None  # type: ignore[method-assign]
        super()._move(work, step)
        self._watch_limits = watch  # type: ignore[method-assign]


@pytest.mark.parametrize("bug", [ForgetsLimits])
def test_seeded_bugs_are_found(bug: type[Router]) -> None:
    @settings(derandomize=True, max_examples=300, deadline=None, phases=[Phase.generate])
    @given(plan=CHAINS, deeds=WAITS)
    def with_the_bug(plan: Plan, deeds: list[tuple[object, ...]]) -> None:
        go_through(plan, deeds, bug)

    with pytest.raises(BaseException) as found:  # noqa: PT011  (any way of failing will do)
        with_the_bug()
    assert not isinstance(found.value, KeyboardInterrupt)


def go_through(
    plan: Plan, deeds: list[tuple[object, ...]], router_type: type[Router] = Router
) -> None:
    account = Account(plan, router_type)
    for agent in AGENTS:
        account.tell(h.AgentPut(0.0, agent))
        account.tell(h.PhoneChanged(0.0, agent.id, True))
    for deed in deeds:
        for happening in happenings(account, deed):
            account.tell(happening)
        account.tell(h.TimePassed(account.now_s))  # a limit may be past where it was moved to
        account.check()


def rule(when: Condition, action: Action, limit: float = 0, **more: object) -> OverflowRule:
    names = ("queue_id", "group_id", "number", "answer_id", "announcement_id")
    step = {name: more.pop(name) for name in names if name in more}
    return OverflowRule(when, Step(action, **step), limit, **more)  # type: ignore[arg-type]


def site_of(*rules: OverflowRule, other: tuple[OverflowRule, ...] = ()) -> Router:
    first, second = QUEUES[:2]
    router = Router(
        Plan(
            queues=(Queue(first, "1", overflow=rules), Queue(second, "2", overflow=other)),
            groups=tuple(Group(group_id, group_id) for group_id in GROUPS),
            group_links=(GroupLink(first, GROUPS[0]), GroupLink(second, GROUPS[0])),
        )
    )
    for agent in AGENTS:
        router.handle(h.AgentPut(0.0, agent))
        router.handle(h.PhoneChanged(0.0, agent.id, True))
    return router


def call(router: Router, name: str = "i", at_s: float = 0.0) -> list[h.Command]:
    return router.handle(h.Arrived(at_s, InteractionId(name), Medium.VOICE, QUEUES[0]))


def test_the_first_rule_that_holds_decides() -> None:
    router = site_of(
        rule(Condition.FULL, Action.VOICEMAIL, 5),
        rule(Condition.CLOSED, Action.ANNOUNCE),
        rule(Condition.CLOSED, Action.TICKET),
    )
    router.handle(h.HoursChanged(0.0, frozenset({QUEUES[0]})))
    _, told = call(router)
    assert isinstance(told, h.Overflow)
    assert (told.number, told.step.action) == (1, Action.ANNOUNCE)
    assert router.works[InteractionId("i")].state is InteractionState.WAITING


def test_a_circle_of_closed_queues_refuses() -> None:
    send = rule(Condition.CLOSED, Action.QUEUE, queue_id=QUEUES[1])
    back = rule(Condition.CLOSED, Action.QUEUE, queue_id=QUEUES[0])
    router = site_of(send, other=(back,))
    router.handle(h.HoursChanged(0.0, frozenset(QUEUES[:2])))
    assert call(router) == [h.Refuse(InteractionId("i"), "out_of_hours")]


def test_it_keeps_its_place_by_arrival_in_another_queue() -> None:
    router = site_of(rule(Condition.WAITED, Action.QUEUE, 30, queue_id=QUEUES[1]))
    call(router, "old")
    router.handle(h.Arrived(20.0, InteractionId("young"), Medium.VOICE, QUEUES[1]))
    router.handle(h.TimePassed(31.0))
    offers = [
        command
        for command in router.handle(h.ReadyAsked(31.0, AGENTS[0].id))
        if isinstance(command, h.Offer)
    ]
    assert [offer.interaction_id for offer in offers] == ["old"]
    assert offers[0].waited_s == 31


def test_another_group_takes_it_too() -> None:
    router = site_of(rule(Condition.WAITED, Action.GROUP, 30, group_id=GROUPS[1]))
    router.handle(h.ReadyAsked(0.0, AGENTS[1].id))
    call(router)
    before = {one.agent_id: one for one in explain(router, InteractionId("i")).candidates}
    assert "not_in_group" in before[AGENTS[1].id].gates
    commands = router.handle(h.TimePassed(31.0))
    offers = [command for command in commands if isinstance(command, h.Offer)]
    assert [(one.agent_id, one.group_id) for one in offers] == [(AGENTS[1].id, GROUPS[1])]


def test_who_has_a_callback_promised_keeps_the_place_and_may_hang_up() -> None:
    router = site_of(
        rule(Condition.WAITED, Action.CALLBACK, 10),
        rule(Condition.WAITED, Action.VOICEMAIL, 20),
    )
    call(router, "first")
    call(router, "second", 1.0)
    with pytest.raises(Conflict):
        router.handle(h.Chosen(5.0, InteractionId("first"), "1"))
    router.handle(h.TimePassed(12.0))
    commands = router.handle(h.Chosen(13.0, InteractionId("first"), "1"))
    assert commands[-1] == h.Promise(InteractionId("first"))
    assert router.handle(h.CustomerLeft(14.0, InteractionId("first"))) == []
    finished = [c for c in router.handle(h.TimePassed(30.0)) if isinstance(c, h.Finish)]
    assert [finish.interaction_id for finish in finished] == ["second"]
    offers = [
        command
        for command in router.handle(h.ReadyAsked(99.0, AGENTS[0].id))
        if isinstance(command, h.Offer)
    ]
    assert [offer.interaction_id for offer in offers] == ["first"]


def test_the_expected_wait_decides_on_arrival() -> None:
    router = site_of(rule(Condition.EXPECTED, Action.TICKET, 25))
    router.handle(h.ReadyAsked(0.0, AGENTS[0].id))
    for number in range(6):  # one departure in 10 s
        call(router, f"n{number}", 0.0)
    at_s = 0.0
    for number in range(4):
        interaction_id = InteractionId(f"n{number}")
        router.handle(h.OfferAccepted(at_s, AGENTS[0].id, interaction_id))
        router.handle(h.ConversationEnded(at_s, interaction_id))
        at_s += 10.0
        router.handle(h.WrapUpGiven(at_s, AGENTS[0].id, interaction_id, "sale"))
    assert len(call(router, "second", at_s)) == 1  # second in line: 20 s
    told = [type(command) for command in call(router, "third", at_s)]
    assert told == [h.Admit, h.Overflow, h.Finish]


@pytest.mark.usefixtures("database")
async def test_nobody_there_also_for_those_who_wait() -> None:
    async with running() as site:
        away = rule(Condition.NOBODY, Action.VOICEMAIL, waiting_too=True)
        await with_service(site, overflow=(away,))
        await site.on_shift(BEN)
        await site.clock.turn(1.1)
        busy, waiting = site.call(), site.call()
        await site.acd.arrive(busy)
        await site.acd.accept(BEN, busy.interaction_id)
        await site.acd.arrive(waiting)
        await site.acd.end(busy.interaction_id, BEN)
        await site.acd.take_break(BEN, "lunch")
        await site.acd.wrap_up(BEN, busy.interaction_id, "solved")
        await site.clock.turn(1.1)
        told = await site.until("interaction.overflowed")
        assert isinstance(told, InteractionOverflowed)
        assert (told.interaction_id, told.action) == (waiting.interaction_id, "voicemail")
        assert (told.condition, told.queue_id, told.address) == (
            "nobody",
            SERVICE,
            waiting.address,
        )


@pytest.mark.usefixtures("database")
async def test_a_mail_is_answered_and_waits_on_a_caller_is_not() -> None:
    async with running() as site:  # Monday 09:00 UTC
        answer = rule(
            Condition.CLOSED,
            Action.ANSWER,
            answer_id=AnswerId("closed"),
            media=MEDIA,
            waiting_too=True,
        )
        await follow(site, Hours("UTC", (Shift(0, 540, 541), Shift(1, 600, 1080))))
        await with_service(site, overflow=(answer,))
        assert site.acd.opens_at(SERVICE, site.clock.now()) is None  # it is open
        await site.clock.turn(121)
        opens = site.acd.opens_at(SERVICE, site.clock.now())
        assert opens is not None
        assert opens.isoformat() == "2026-11-03T10:00:00+00:00"
        mail = site.call(medium=Medium.EMAIL)
        assert await site.acd.arrive(mail) == Queued(SERVICE)
        told = await site.until("interaction.overflowed")
        assert isinstance(told, InteractionOverflowed)
        assert (told.action, told.answer_id, told.medium) == ("answer", "closed", Medium.EMAIL)
        assert [row.id for row in site.acd.open_work(10)] == [mail.interaction_id]
        await with_service(site, open=False)
        assert await site.acd.arrive(site.call()) == Refused("queue_closed")
        assert site.acd.opens_at(SERVICE, site.clock.now()) is None  # nobody knows


@pytest.mark.usefixtures("database")
async def test_rules_that_say_or_answer_what_is_not_there_are_refused() -> None:
    async with running() as site:
        administration = Administration(site.acd, site.store)
        administration.can_be_said = {"hello"}.__contains__
        administration.can_be_answered = {"closed"}.__contains__
        queue = next(queue for queue in site.acd.plan.queues if queue.id == SERVICE)
        for wrong, code in (
            (rule(Condition.CLOSED, Action.TICKET, announcement_id="gone"), "announcement_unknown"),
            (rule(Condition.CLOSED, Action.ANSWER, answer_id="gone"), "answer.unknown"),
        ):
            with pytest.raises(Invalid) as refused:
                await administration.save_queue(replace(queue, overflow=(wrong,)))
            assert refused.value.code == code
        with pytest.raises(Invalid) as refused:
            await administration.save_queue(
                replace(queue, guide=Guide(announcements=(AnnouncementId("gone"),)))
            )
        assert refused.value.code == "announcement_unknown"
        right = rule(Condition.CLOSED, Action.ANSWER, answer_id="closed")
        await administration.save_queue(replace(queue, overflow=(right,)))


def test_a_rule_that_answers_says_what_and_only_mail() -> None:
    nothing = rule(Condition.CLOSED, Action.ANSWER)
    assert list(nothing.faults()) == ["overflow_no_answer"]
    assert nothing.concerns(Medium.EMAIL) is False
    keyed = rule(
        Condition.WAITED,
        Action.MENU,
        5,
        options=(Option("1", Step(Action.ANSWER, answer_id=AnswerId("closed"))),),
    )
    assert list(keyed.faults()) == ["overflow_menu_answers"]
    for medium in MEDIA:
        answering = rule(Condition.CLOSED, Action.ANSWER, answer_id="closed", media=MEDIA)
        assert answering.concerns(medium) is (medium is Medium.EMAIL)


@pytest.mark.usefixtures("database")
async def test_moves_and_promises_outlive_a_restart() -> None:
    async with running() as site:
        rules = (
            rule(Condition.FULL, Action.QUEUE, 1, queue_id=SALES),
            rule(Condition.WAITED, Action.CALLBACK, 10),
        )
        await with_service(site, overflow=rules)
        first, second = site.call(), site.call()
        await site.acd.arrive(first)
        await site.acd.arrive(second)
        await site.clock.turn(11)
        await site.until("interaction.overflowed")
        await site.acd.choose(first.interaction_id, "1")
        assert isinstance(await site.until("interaction.callback_promised"), CallbackPromised)
        row = await site.store.find(second.interaction_id)
        assert row is not None
        assert (row.queue_id, row.used) == (SALES, ((SERVICE, 0),))
        await site.acd.customer_left(first.interaction_id)
        clock = site.clock
    async with running(clock) as again:
        found = again.acd.explain(first.interaction_id)
        assert (found.state, found.queue_id) == (InteractionState.WAITING, SERVICE)
        await again.acd.customer_left(first.interaction_id)
        assert again.acd.explain(first.interaction_id).position == 1


@pytest.mark.usefixtures("database")
async def test_a_move_is_told_as_another_arrival_and_explained() -> None:
    async with running() as site:
        send = rule(Condition.WAITED, Action.QUEUE, 5, queue_id=SALES)
        away = rule(Condition.WAITED, Action.TICKET, 9)
        await with_service(site, overflow=(send,))
        sales = replace(next(q for q in site.acd.plan.queues if q.id == SALES), overflow=(away,))
        plan = replace(
            site.acd.plan,
            version=site.acd.plan.version + 1,
            queues=tuple(sales if q.id == SALES else q for q in site.acd.plan.queues),
        )
        await site.acd.edit_plan(lambda _: (plan, []))
        arrival = site.call()
        await site.acd.arrive(arrival)
        await site.clock.turn(6)
        await site.until("interaction.overflowed")
        await site.clock.turn(4)
        ended = await site.until("interaction.ended")
        assert isinstance(ended, InteractionEnded)
        assert (ended.outcome, ended.queue_id) == (Outcome.OVERFLOWED, SALES)
        history = [one.event for one in await site.acd.history(arrival.interaction_id)]
        arrived = [one for one in history if isinstance(one, InteractionArrived)]
        assert [one.queue_id for one in arrived] == [SERVICE, SALES]
        told = [one for one in history if isinstance(one, InteractionOverflowed)]
        assert [(one.queue_id, one.action, one.limit) for one in told] == [
            (SERVICE, "queue", 5),
            (SALES, "ticket", 9),
        ]
