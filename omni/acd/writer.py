"""The router, kept in step with the database by one writer.

Rules:
1. One writer task owns the router. What comes in meanwhile is gathered and written in one
   transaction (group commit), so a burst costs few transactions and no caller waits for a poll.
2. A caller gets its answer after the commit. A happening that does not fit fails for its caller
   alone; the others of the same transaction are not touched.
3. The database is the truth. When a commit fails, the router is thrown away and built anew from
   what was saved; callers get `Unavailable` and may try again.
4. One process owns the routing of a site: it holds a lease in the database, and every write
   makes sure of it (`lease`). Who finds it gone writes nothing more and ends with `LeaseLost`;
   another has taken over from the saved state. `acquire` waits for the lease: a standby does that.
5. Durations come from a clock that never jumps; instants in rows are the wall clock's. A step of
   the wall clock therefore changes no decision and no deadline.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from omni.acd.bookkeeping import Books, Entries
from omni.acd.engine.attendance import deserted
from omni.acd.engine.happenings import (
    AgentPut,
    Command,
    Happening,
    HoursChanged,
    PhoneChanged,
    PlanChanged,
    StaffSeen,
    TimePassed,
)
from omni.acd.engine.restoring import restored
from omni.acd.engine.router import Router
from omni.acd.lease import Lease, LeaseLost
from omni.acd.model import Agent, Plan
from omni.acd.ports import AcdStore
from omni.acd.staffing import Roster
from omni.acd.standing import Saved, out_of_hours, standing_of
from omni.core.clock import Clock
from omni.core.errors import Fault, Unavailable
from omni.core.events.base import Event
from omni.core.ids import AgentId, InteractionId
from omni.core.journal import Journal

T = TypeVar("T")
HOURS_S = 1.0  # how late a queue may open or close

_log = logging.getLogger(__name__)
_TICK_S = 0.25  # how late a deadline set during a sleep may be noticed
_RECENT = 100_000  # ended interactions remembered, to know a repeated arrival when it comes late
_RELOADED = 20_000  # so many of them are known again after a restart


@dataclass(slots=True)
class _Job:
    """Something to do with the router, and whom to tell."""

    run: Callable[[], Any]
    done: asyncio.Future[Any]


class Writer:
    """The router with its books. `acquire` and `build` it, then keep `run` running.

    `submit` is for everybody; what changes something (`apply`, `enter`, `put_agent`, …) only for
    what runs inside of a submitted call.
    """

    def __init__(self, journal: Journal, store: AcdStore, clock: Clock) -> None:
        self.router = Router()
        self.books = Books([], [])
        self.roster = Roster()
        self.agents: dict[AgentId, Agent] = {}
        self.phones_up: set[AgentId] = set()
        self._journal = journal
        self._store = store
        self._clock = clock
        self._recent: dict[InteractionId, None] = {}
        self._jobs: list[_Job] = []
        self._wake = asyncio.Event()
        self._up = False
        self._anchor_s = 0.0
        self._lease = Lease(store, clock)

    # -- life --------------------------------------------------------------------------------

    async def acquire(self) -> None:
        """Become the owner of routing; wait while another process is. After this `build`."""
        await self._lease.acquire()

    async def build(self) -> None:
        """Build the router from the database. After this you must keep `run` running."""
        await self._lease.check()
        saved = Saved(
            await self._store.plan(),
            await self._store.agents(),
            await self._store.presences(),
            await self._store.open_interactions(),
            await self._store.openings(),
        )
        now = self._clock.now()
        self._anchor_s = now.timestamp() - self._clock.monotonic_s()
        self.agents = {agent.id: agent for agent in saved.agents}
        standing = standing_of(saved, now)
        self.books = Books(saved.rows, saved.presences, saved.openings)
        self._recent = dict.fromkeys(await self._store.recently_over(_RELOADED))
        self.router, commands = restored(standing, self.now_s())
        self.roster.forget()
        self.enter(commands)
        for agent_id in self.phones_up & self.agents.keys():
            self.apply(PhoneChanged(self.now_s(), agent_id, True))
        entries = self.books.take_entries()
        if not entries.empty:
            await self._save(entries)
        self._up = True

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

    # -- for callers -------------------------------------------------------------------------

    async def submit(self, run: Callable[[], T]) -> T:
        """Run this with the router to itself; return its result once what followed is written.

        Raises:
            Unavailable: routing is starting, or what followed could not be written.
            Fault: what the call itself raised.
        """
        if not self._up:
            raise Unavailable("acd_not_ready", "routing is starting or recovering")
        job = _Job(run, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._wake.set()
        result: T = await job.done
        return result

    async def tell(self, happening: Callable[[float], Happening]) -> list[Command]:
        """Submit what happens at the instant given to it; return what followed."""
        return await self.submit(lambda: self.apply(happening(self.now_s())))

    def now_s(self) -> float:
        """Return the router's time."""
        return self._anchor_s + self._clock.monotonic_s()

    # -- inside of a submitted call ------------------------------------------------------------

    def apply(self, happening: Happening) -> list[Command]:
        """Let the router take it in and enter what follows; Fault when it does not fit."""
        try:
            commands = self.router.handle(happening)
        except Fault:
            self.enter(self.router.handle(TimePassed(happening.at_s)))
            raise
        self.enter(commands)
        return commands

    def enter(self, commands: list[Command]) -> None:
        """Put commands into the books."""
        self.books.enter(commands, self._clock.now(), self.router.now_s)

    def over_lately(self, interaction_id: InteractionId) -> bool:
        """Tell whether it was here and is over (as far back as is remembered)."""
        return interaction_id in self._recent

    def put_plan(self, plan: Plan, events: list[Event]) -> None:
        """Route by this plan from now on; Invalid when it contradicts itself."""
        self.apply(PlanChanged(self.now_s(), plan))
        self.books.enter_plan(plan, events)
        self.look_around()
        self.roster.forget()

    def put_agent(self, agent: Agent, events: list[Event]) -> None:
        """Add the agent or change their settings."""
        self.apply(AgentPut(self.now_s(), agent))
        self.agents[agent.id] = agent
        self.books.enter_agent(agent, events)
        self.roster.forget()
        if agent.id in self.phones_up:
            self.apply(PhoneChanged(self.now_s(), agent.id, True))

    def look_around(self) -> None:
        """Open and close queues and groups by their hours; see where nobody is there."""
        closed = out_of_hours(self.plan, self._clock.now())
        matcher = self.router.matcher
        if closed != (matcher.grid.out_of_hours, matcher.openings.out_of_hours):
            self.apply(HoursChanged(self.now_s(), *closed))
        self.look_where_nobody_is()

    def look_where_nobody_is(self) -> None:
        """Tell the router in which queues nobody is there, when that has changed."""
        left = deserted(self.router)
        if left != self.router.matcher.grid.deserted:
            self.apply(StaffSeen(self.now_s(), left))

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self.router.matcher.grid.plan

    # -- writing -----------------------------------------------------------------------------

    async def _write(self) -> None:
        jobs: list[_Job] = []
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                jobs, self._jobs = self._jobs, []
                if jobs:
                    await self._commit(jobs)
        finally:
            self._up = False  # whoever asks while the others end would wait for ever
            self._fail([*jobs, *self._jobs])

    async def _commit(self, jobs: list[_Job]) -> None:
        """Run the jobs and write what follows; then tell the callers."""
        results: list[Any] = []
        try:
            for job in jobs:
                results.append(self._result(job))
            entries = self.books.take_entries()
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
            if row_id not in self.books.rows:
                self._recent[row_id] = None
        while len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]

    async def _save_rows(self, entries: Entries) -> None:
        if entries.plan is not None:
            await self._store.save_plan(entries.plan)
        if entries.openings is not None:
            await self._store.save_openings(entries.openings)
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
            deadline_s = self.router.next_deadline_s()
            left_s = _TICK_S if deadline_s is None else deadline_s - self.now_s()
            if left_s > 0:
                await self._clock.sleep(min(left_s, _TICK_S))
            elif self._up:
                await self._pass_time()
            else:
                await self._clock.sleep(_TICK_S)

    async def _watch_hours(self) -> None:
        """Look every second what has opened or closed, and where nobody is there."""
        while True:
            await self._clock.sleep(HOURS_S)
            with contextlib.suppress(Unavailable):
                await self.submit(self.look_around)

    async def _pass_time(self) -> None:
        try:
            await self.tell(TimePassed)
        except Unavailable:
            await self._clock.sleep(_TICK_S)

    async def _rebuild_patiently(self) -> None:
        delay_s = 0.1
        while True:
            try:
                await self.build()
                return
            except LeaseLost:
                raise
            except Exception:
                _log.exception("routing cannot be built yet")
                await self._clock.sleep(delay_s)
                delay_s = min(delay_s * 2, 5.0)
