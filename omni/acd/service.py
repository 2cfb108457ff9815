"""The ACD: the router, kept in step with the database.

Rules:
1. One writer task owns the router. What comes in meanwhile is gathered and written in one
   transaction (group commit), so a burst costs few transactions and no caller waits for a poll.
2. A caller gets its answer after the commit. A happening that does not fit fails for its caller
   alone; the others of the same transaction are not touched.
3. The database is the truth. When a commit fails, the router is thrown away and built anew from
   what was saved; callers get `Unavailable` and may try again.
4. One process owns the routing of a site: it holds a lease in the database, and every write
   makes sure of it (`lease`). Who finds it gone writes nothing more and ends with `LeaseLost`;
   another has taken over from the saved state. `start` waits for the lease: a standby does that.
5. Durations come from a clock that never jumps; instants in rows are the wall clock's. A step of
   the wall clock therefore changes no decision and no deadline.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from omni.acd.bookkeeping import Books, Entries
from omni.acd.callers import CallerLists, CallerRule, Listing, is_pattern, normal
from omni.acd.codes import BREAK_REASON, DISPOSITION, NO_DISPOSITION, Code
from omni.acd.engine.happenings import (
    AgentPut,
    Arrived,
    BreakAsked,
    BreakDenied,
    BreakRequested,
    Command,
    ConversationEnded,
    CustomerLeft,
    Finish,
    GivenUp,
    Happening,
    HoursChanged,
    LinesTold,
    OfferAccepted,
    OfferRejected,
    PhoneChanged,
    PlanChanged,
    ReadyAsked,
    Refuse,
    SetAside,
    SignedIn,
    SignOutAsked,
    TakenUp,
    TimePassed,
    WrapUpExtended,
    WrapUpGiven,
)
from omni.acd.engine.restoring import restored
from omni.acd.lease import Lease, LeaseLost
from omni.acd.model import Agent, Arrival, ArrivalResult, Plan, Queued
from omni.acd.ports import AcdStore
from omni.acd.questions import Questions
from omni.acd.standing import out_of_hours, standing_of
from omni.core.clock import Clock
from omni.core.errors import Conflict, Fault, Invalid, NotFound, Unavailable
from omni.core.events.base import Event
from omni.core.ids import AgentId, CampaignId, InteractionId, QueueId
from omni.core.journal import Journal
from omni.core.terms import AgentState, Direction, Outcome

T = TypeVar("T")
HOURS_S = 1.0  # how late a queue may open or close
Edit = Callable[[Plan], tuple[Plan, list[Event]]]

_log = logging.getLogger(__name__)
_TICK_S = 0.25  # how late a deadline set during a sleep may be noticed
_RECENT = 100_000  # ended interactions remembered, to know a repeated arrival when it comes late
_RELOADED = 20_000  # so many of them are known again after a restart
NOTE_CHARS = 10_000
ASIDE_MAX = timedelta(days=30)


@dataclass(slots=True)
class _Job:
    """Something to do with the router, and whom to tell."""

    run: Callable[[], Any]
    done: asyncio.Future[Any]


class Acd(Questions):
    """One queue for calls, mails and chats. `start` it, then keep `run` running."""

    def __init__(self, journal: Journal, store: AcdStore, clock: Clock) -> None:
        super().__init__(journal)
        self._store = store
        self._clock = clock
        self._agents: dict[AgentId, Agent] = {}
        self._phones_up: set[AgentId] = set()
        self._codes: dict[str, list[Code]] = {DISPOSITION: [], BREAK_REASON: []}
        self._callers = CallerLists()
        self._recent: dict[InteractionId, None] = {}
        self._jobs: list[_Job] = []
        self._wake = asyncio.Event()
        self._up = False
        self._anchor_s = 0.0
        self._lease = Lease(store, clock)

    # -- life --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Become the owner of routing and build its state from the database.

        Waits while another process is the owner. After this you must keep `run` running.
        """
        await self._lease.acquire()
        await self.reload_codes()
        self._callers = CallerLists(await self._store.callers())
        await self._rebuild()

    async def run(self) -> None:
        """Serve callers and deadlines until cancelled.

        Raises:
            LeaseLost: (in a group) another process has taken over.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write())
                tasks.create_task(self._watch_deadlines())
                tasks.create_task(self._lease.keep())
                tasks.create_task(self._watch_hours())
        finally:
            self._up = False
            with contextlib.suppress(Exception):
                await self._lease.release()

    # -- interactions ------------------------------------------------------------------------

    async def arrive(self, arrival: Arrival) -> ArrivalResult:
        """Let a contact in. Repeating it with the same id changes nothing."""
        owner = arrival.owner
        if owner is None and arrival.address and self._owners_count(arrival):
            owner = await self._store.last_agent(arrival.address)
        return await self._submit(lambda: self._arrive(arrival, owner))

    async def customer_left(self, interaction_id: InteractionId) -> None:
        """The customer hung up or closed the page. Idempotent."""
        await self._do(lambda at: CustomerLeft(at, interaction_id))

    async def drop(self, interaction_id: InteractionId) -> bool:
        """Give up a dialled person; False when an agent got them (or they left) before."""
        commands = await self._do(lambda at: GivenUp(at, interaction_id))
        return any(
            isinstance(command, Finish)
            and command.interaction_id == interaction_id
            and command.outcome is Outcome.DROPPED
            for command in commands
        )

    async def end(self, interaction_id: InteractionId, agent_id: AgentId | None = None) -> None:
        """End a conversation; wrap-up begins. Idempotent.

        Raises:
            Conflict: `agent_id` is given and does not have the interaction.
        """
        await self._do(lambda at: ConversationEnded(at, interaction_id, agent_id))

    async def accept(self, agent_id: AgentId, interaction_id: InteractionId) -> None:
        """Take an offered interaction; Conflict `offer_gone` when the offer is over."""
        await self._do(lambda at: OfferAccepted(at, agent_id, interaction_id))

    async def reject(self, agent_id: AgentId, interaction_id: InteractionId) -> None:
        """Refuse an offered interaction; Conflict `offer_gone` when the offer is over."""
        await self._do(lambda at: OfferRejected(at, agent_id, interaction_id))

    async def wrap_up(
        self, agent_id: AgentId, interaction_id: InteractionId, disposition: str, note: str = ""
    ) -> None:
        """Give disposition and note of an ended interaction.

        Raises:
            Invalid: no such disposition, or a note over `NOTE_CHARS` characters.
            Conflict: the interaction is not in wrap-up with this agent.
        """
        if disposition != NO_DISPOSITION and disposition not in self._known(DISPOSITION):
            raise Invalid("disposition_unknown", "no such disposition", field="disposition")
        if len(note) > NOTE_CHARS:
            raise Invalid("note_too_long", "the note is too long", field="note", limit=NOTE_CHARS)
        await self._do(lambda at: WrapUpGiven(at, agent_id, interaction_id, disposition, note))

    # -- agents ------------------------------------------------------------------------------

    async def sign_in(self, agent_id: AgentId) -> None:
        """Begin a shift, on break until `ready`. Idempotent."""
        await self._do(lambda at: SignedIn(at, agent_id))

    async def ready(self, agent_id: AgentId) -> None:
        """Take work from now on (signs in when needed, withdraws a break asked for)."""
        await self._do(lambda at: ReadyAsked(at, agent_id))

    async def take_break(self, agent_id: AgentId, reason: str, source: str = "agent") -> None:
        """Go on break, after the work in hand; or ask a supervisor, where the reason needs it.

        Raises:
            Conflict: `break_full`, so many are on this break that no other may.
        """

        def ask() -> None:
            code = next((code for code in self.codes(BREAK_REASON) if code.code == reason), None)
            if code is not None and source != "system":
                self._refuse_when_full(agent_id, code)
            if code is not None and code.needs_approval and source == "agent":
                self._apply(BreakRequested(self._now_s(), agent_id, reason))
            else:
                self._apply(BreakAsked(self._now_s(), agent_id, reason, source))

        await self._submit(ask)

    async def decide_break(self, agent_id: AgentId, approve: bool) -> None:
        """Allow or deny the break that an agent asks for.

        Raises:
            Conflict: `no_break_request`, or `break_full` when it is allowed.
        """

        def decide() -> None:
            seat = self._router.matcher.seats.get(agent_id)
            reason = seat.requested if seat is not None else ""
            if not approve or not reason:
                self._apply(BreakDenied(self._now_s(), agent_id))
                return
            code = next((code for code in self.codes(BREAK_REASON) if code.code == reason), None)
            if code is not None:
                self._refuse_when_full(agent_id, code)
            self._apply(BreakAsked(self._now_s(), agent_id, reason, "supervisor"))

        await self._submit(decide)

    async def set_aside(
        self, agent_id: AgentId, interaction_id: InteractionId, until: datetime
    ) -> None:
        """Go on with a mail later: it takes no room until then, and is back at `until`.

        Raises:
            Invalid: `until` is not within the next `ASIDE_MAX`.
            Conflict: no mail, or not being worked on by this agent.
        """
        left = until - self._clock.now()
        if not timedelta() < left <= ASIDE_MAX:
            raise Invalid("aside_until_invalid", "a time in the next 30 days", field="until")
        until_s = self._now_s() + left.total_seconds()
        await self._do(lambda at: SetAside(at, agent_id, interaction_id, until_s))

    async def take_up(self, agent_id: AgentId, interaction_id: InteractionId) -> None:
        """Go on with what was set aside; Conflict `not_aside` when it is not."""
        await self._do(lambda at: TakenUp(at, agent_id, interaction_id))

    async def extend_wrap_up(
        self, agent_id: AgentId, interaction_id: InteractionId, extra_s: float
    ) -> None:
        """Make a wrap-up longer; Conflict `wrap_up_limit` when the queue does not let it."""
        await self._do(lambda at: WrapUpExtended(at, agent_id, interaction_id, extra_s))

    async def sign_out(self, agent_id: AgentId, source: str = "agent") -> None:
        """End a shift; Conflict `work_open` while a conversation is open."""
        await self._do(lambda at: SignOutAsked(at, agent_id, source))

    async def phone_changed(self, agent_id: AgentId, up: bool) -> None:
        """Say whether the agent's phone can take calls."""
        if up:
            self._phones_up.add(agent_id)
        else:
            self._phones_up.discard(agent_id)
        await self._do(lambda at: PhoneChanged(at, agent_id, up))

    async def hold(
        self, campaign_id: CampaignId, queue_id: QueueId, lines: int, life_s: float
    ) -> int:
        """Hold agents of a queue for so many lines of a campaign; see `engine.pledges`.

        Tell it whenever the number of ringing and waiting lines changes, and before dialling more.
        Returns how many held agents new lines may count on. `life_s`: no line lasts longer.
        """

        def told() -> int:
            self._apply(LinesTold(self._now_s(), campaign_id, queue_id, lines, life_s))
            return self._router.pledges.held(campaign_id)

        return await self._submit(told)

    # -- plan, people, codes -----------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._router.matcher.grid.plan

    def agents(self) -> list[Agent]:
        """Return all agents by name."""
        return sorted(self._agents.values(), key=lambda agent: (agent.name, agent.id))

    async def edit_plan(self, edit: Edit) -> Plan:
        """Change the plan: `edit` gets the one in force and returns the next with its events.

        Raises:
            Invalid: the next plan contradicts itself; nothing was changed.
        """
        return await self._submit(lambda: self._edit_plan(edit))

    async def put_agent(self, agent: Agent, events: list[Event]) -> None:
        """Add an agent or change their settings."""
        await self._submit(lambda: self._put_agent(agent, events))

    def callers(self) -> list[CallerRule]:
        """Return the black list and the VIP list."""
        return self._callers.all()

    async def save_caller(self, rule: CallerRule) -> CallerRule:
        """Add or change an entry of these lists; it counts for the next arrival.

        Raises:
            Invalid: no address, or a queue that does not exist.
        """
        rule = replace(rule, pattern=normal(rule.pattern))
        if not is_pattern(rule.pattern):
            raise Invalid("caller_invalid", "not an address", field="pattern")
        if rule.queue_id is not None and rule.queue_id not in self._router.matcher.grid.queues:
            raise Invalid("queue_unknown", "no such queue", field="queue_id")
        await self._store.save_caller(rule)
        self._callers = CallerLists(await self._store.callers())
        return rule

    async def remove_caller(self, pattern: str) -> None:
        """Remove an entry of these lists; NotFound when there is none."""
        if not await self._store.remove_caller(normal(pattern)):
            raise NotFound("caller_unknown", "no such entry")
        self._callers = CallerLists(await self._store.callers())

    def codes(self, kind: str) -> list[Code]:
        """Return the dispositions or break reasons in use, in their order."""
        return [code for code in self._codes[kind] if code.active]

    async def reload_codes(self) -> None:
        """Read dispositions and break reasons again."""
        for kind in self._codes:
            self._codes[kind] = await self._store.codes(kind)

    def _refuse_when_full(self, agent_id: AgentId, code: Code) -> None:
        on_it = sum(
            seat.leaving == code.code
            or (seat.presence is AgentState.BREAK and seat.reason == code.code)
            for seat in self._router.matcher.seats.values()
            if seat.id != agent_id
        )
        if code.at_once and on_it >= code.at_once:
            raise Conflict("break_full", "too many are on this break", limit=code.at_once)

    # -- inside the writer -------------------------------------------------------------------

    def _arrive(self, arrival: Arrival, owner: AgentId | None) -> ArrivalResult:
        known = self._books.rows.get(arrival.interaction_id)
        if known is not None and known.queue_id is not None:
            return Queued(known.queue_id)
        if arrival.interaction_id in self._recent:
            return Queued(arrival.queue_id or QueueId(""))
        self._books.expect(arrival, self._clock.now())
        inbound = arrival.direction is Direction.INBOUND
        rule = self._callers.find(arrival.address) if inbound else None
        if rule is not None and rule.listing is Listing.BLACK:
            self._enter([Refuse(arrival.interaction_id, "black_listed")])
            return self._books.arrival_result(arrival.interaction_id)
        queue_id, priority = arrival.queue_id, arrival.priority
        if rule is not None:
            priority = rule.priority
            if rule.queue_id in self._router.matcher.grid.queues:
                queue_id = rule.queue_id
        self._apply(
            Arrived(
                self._now_s(),
                arrival.interaction_id,
                arrival.medium,
                queue_id=queue_id,
                entry_point_id=arrival.entry_point_id,
                priority=priority,
                auto_accept=arrival.auto_accept,
                needs=arrival.needs,
                owner=owner,
                holder=arrival.campaign_id or "",
            )
        )
        return self._books.arrival_result(arrival.interaction_id)

    def _edit_plan(self, edit: Edit) -> Plan:
        plan, events = edit(self.plan)
        self._apply(PlanChanged(self._now_s(), plan))
        self._books.enter_plan(plan, events)
        self._look_at_hours()
        self._roster.forget()
        return plan

    def _look_at_hours(self) -> None:
        """Open and close queues by their opening hours."""
        closed = out_of_hours(self.plan, self._clock.now())
        if closed != self._router.matcher.grid.out_of_hours:
            self._apply(HoursChanged(self._now_s(), closed))

    def _put_agent(self, agent: Agent, events: list[Event]) -> None:
        self._apply(AgentPut(self._now_s(), agent))
        self._agents[agent.id] = agent
        self._books.enter_agent(agent, events)
        self._roster.forget()
        if agent.id in self._phones_up:
            self._apply(PhoneChanged(self._now_s(), agent.id, True))

    def _apply(self, happening: Happening) -> list[Command]:
        try:
            commands = self._router.handle(happening)
        except Fault:
            self._enter(self._router.handle(TimePassed(happening.at_s)))
            raise
        self._enter(commands)
        return commands

    def _enter(self, commands: list[Command]) -> None:
        self._books.enter(commands, self._clock.now(), self._router.now_s)

    # -- the writer --------------------------------------------------------------------------

    async def _do(self, happening: Callable[[float], Happening]) -> list[Command]:
        return await self._submit(lambda: self._apply(happening(self._now_s())))

    async def _submit(self, run: Callable[[], T]) -> T:
        if not self._up:
            raise Unavailable("acd_not_ready", "routing is starting or recovering")
        job = _Job(run, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._wake.set()
        result: T = await job.done
        return result

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            jobs, self._jobs = self._jobs, []
            if jobs:
                await self._commit(jobs)

    async def _commit(self, jobs: list[_Job]) -> None:
        """Run the jobs and write what follows; then tell the callers."""
        results: list[Any] = []
        try:
            for job in jobs:
                results.append(self._result(job))
            entries = self._books.take_entries()
            if not entries.empty:
                await self._save(entries)
        except Exception as fault:
            self._up = False
            self._fail([*jobs, *self._jobs])
            self._jobs = []
            if isinstance(fault, LeaseLost):
                raise
            _log.exception("routing could not be saved; it is built anew from the database")
            await self._rebuild_patiently()
            return
        for job, result in zip(jobs, results, strict=True):
            if job.done.done():
                continue
            if isinstance(result, Fault):
                job.done.set_exception(result)
            else:
                job.done.set_result(result)

    def _result(self, job: _Job) -> Any:
        try:
            return job.run()
        except Fault as fault:
            return fault

    def _fail(self, jobs: list[_Job]) -> None:
        for job in jobs:
            if not job.done.done():
                job.done.set_exception(
                    Unavailable("acd_not_saved", "this could not be saved; try again")
                )

    async def _save(self, entries: Entries) -> None:
        async with self._journal.transaction() as transaction:
            await self._lease.hold()
            await self._save_rows(entries)
            for event in entries.events:
                transaction.emit(event)
        for row_id in (*entries.inserted, *entries.updated):
            if row_id not in self._books.rows:
                self._recent[row_id] = None
        while len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]

    async def _save_rows(self, entries: Entries) -> None:
        if entries.plan is not None:
            await self._store.save_plan(entries.plan)
        for agent in entries.agents.values():
            await self._store.save_agent(agent)
        if entries.inserted:
            await self._store.insert(list(entries.inserted.values()))
        if entries.updated:
            await self._store.update(list(entries.updated.values()))
        if entries.presences:
            await self._store.save_presences(list(entries.presences.values()))

    async def _watch_deadlines(self) -> None:
        while True:
            deadline_s = self._router.next_deadline_s()
            left_s = _TICK_S if deadline_s is None else deadline_s - self._now_s()
            if left_s > 0:
                await self._clock.sleep(min(left_s, _TICK_S))
            elif self._up:
                await self._pass_time()
            else:
                await self._clock.sleep(_TICK_S)

    async def _watch_hours(self) -> None:
        while True:
            await self._clock.sleep(HOURS_S)
            with contextlib.suppress(Unavailable):
                await self._submit(self._look_at_hours)

    async def _pass_time(self) -> None:
        try:
            await self._do(TimePassed)
        except Unavailable:
            await self._clock.sleep(_TICK_S)

    # -- building anew -----------------------------------------------------------------------

    async def _rebuild_patiently(self) -> None:
        delay_s = 0.1
        while True:
            try:
                await self._rebuild()
                return
            except LeaseLost:
                raise
            except Exception:
                _log.exception("routing cannot be built yet")
                await self._clock.sleep(delay_s)
                delay_s = min(delay_s * 2, 5.0)

    async def _rebuild(self) -> None:
        await self._lease.check()
        rows = await self._store.open_interactions()
        presences = await self._store.presences()
        agents = await self._store.agents()
        plan = await self._store.plan()
        now = self._clock.now()
        self._anchor_s = now.timestamp() - self._clock.monotonic_s()
        self._agents = {agent.id: agent for agent in agents}
        standing = standing_of(plan, agents, presences, rows, now)
        self._books = Books(rows, presences)
        self._recent = dict.fromkeys(await self._store.recently_over(_RELOADED))
        self._router, commands = restored(standing, self._now_s())
        self._roster.forget()
        self._enter(commands)
        for agent_id in self._phones_up & self._agents.keys():
            self._apply(PhoneChanged(self._now_s(), agent_id, True))
        entries = self._books.take_entries()
        if not entries.empty:
            await self._save(entries)
        self._up = True

    # -- small things ------------------------------------------------------------------------

    def _now_s(self) -> float:
        return self._anchor_s + self._clock.monotonic_s()

    def _known(self, kind: str) -> set[str]:
        return {code.code for code in self._codes[kind]}

    def _owners_count(self, arrival: Arrival) -> bool:
        """Tell whether any queue prefers the customer's last agent (else do not look them up)."""
        queues = self._router.matcher.grid.queues
        if arrival.queue_id is not None:
            queue = queues.get(arrival.queue_id)
            return queue is not None and queue.owner_wait_s > 0
        return any(queue.owner_wait_s > 0 for queue in queues.values())
