"""A small contact centre for the dialing's tests: real ACD, database and journal; a fake telephone.

Time is the test's: `pass_s` moves the clock and wakes who sleeps, `leap` does so at one go.
`until` waits for what the database and the tasks are about to do.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from omni.acd.administration import Administration
from omni.acd.model import Agent, Group, GroupLink, Plan, Policy, Queue
from omni.acd.store import PostgresAcdStore
from omni.app.journal import PostgresJournal, current_transaction
from omni.core.clock import Identities
from omni.core.errors import Unavailable
from omni.core.events.base import Event, Recorded
from omni.core.events.outbound import AttemptEnded, AttemptStarted, CampaignStateChanged
from omni.core.events.routing import InteractionWrappedUp
from omni.core.events.voice import AnswerClassified, CallAnswered, CallDigit, CallEnded, CallFailed
from omni.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    ContactId,
    GroupId,
    QueueId,
    TrunkId,
)
from omni.core.journal import BatchHandler, Handler, Transaction
from omni.core.terms import AnswerKind, AttemptOutcome, Direction
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.attempts import AttemptParts, Attempts
from omni.dialer.dialing import Dialing, DialingParts
from omni.dialer.do_not_call_store import DoNotCallTable
from omni.dialer.list_store import ListTable
from omni.dialer.model import Campaign, Contact, ContactState
from omni.dialer.ports import DialRequest, Said, TrunkRoom
from omni.dialer.store import CampaignTable
from tests.dialer.calling import START, Lists, OwnClock, contact

QUEUE, GROUP = QueueId("queue1"), GroupId("group1")


@dataclass
class SleepingClock(OwnClock):
    """A clock whose sleepers wake when the test moves it."""

    sleepers: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    async def sleep(self, delay_s: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self.sleepers, (self.monotonic_s() + delay_s, next(self.numbers), waking))
        await waking

    async def pass_s_awake(self, seconds: float) -> None:
        """Move on in steps, so that who wakes can go on before the next one wakes."""
        end_s = self.monotonic_s() + seconds
        while self.sleepers and self.sleepers[0][0] <= end_s:
            due_s, _, waking = heapq.heappop(self.sleepers)
            self.at = START + timedelta(seconds=max(due_s, self.monotonic_s()))
            if not waking.done():
                waking.set_result(None)
                await asyncio.sleep(0.001)
        self.at = START + timedelta(seconds=end_s)

    def leap(self, seconds: float) -> None:
        """Move on at once, as a machine does that was asleep; who was due wakes, once."""
        self.at += timedelta(seconds=seconds)
        while self.sleepers and self.sleepers[0][0] <= self.monotonic_s():
            _, _, waking = heapq.heappop(self.sleepers)
            if not waking.done():
                waking.set_result(None)


class FakeTelephone:
    """A telephone whose calls do what the test says; tells it as the voice channel does."""

    def __init__(self, journal: PostgresJournal) -> None:
        self._journal = journal
        self.dialled: list[DialRequest] = []
        self.hung_up: list[AttemptId] = []
        self.messages: list[AttemptId] = []
        self.regrets: list[Said] = []
        self.announced: dict[AttemptId, Said] = {}
        self.waiting: list[AttemptId] = []
        self.left_on_machines: list[AttemptId] = []
        self.live: set[AttemptId] = set()
        self.lines = 100
        self.caller_id = "+15550100"  # of the trunk
        self.down = False
        self.slow = False  # nothing comes of an order to hang up for now

    async def dial(self, request: DialRequest) -> None:
        if self.down:
            raise Unavailable("switch_down")
        self.dialled.append(request)
        self.live.add(request.attempt_id)

    async def hang_up(self, attempt_id: AttemptId) -> None:
        self.hung_up.append(attempt_id)
        if attempt_id in self.announced:
            await self.end(attempt_id, by="system")
        elif attempt_id in self.live and not self.slow:
            await self.fail(attempt_id, AttemptOutcome.CANCELLED)

    async def play_drop_message(self, attempt_id: AttemptId, said: Said) -> None:
        self.regrets.append(said)
        self.messages.append(attempt_id)

    async def play_message(self, attempt_id: AttemptId, said: Said, listen_s: float) -> None:
        self.announced[attempt_id] = said

    async def let_wait(self, attempt_id: AttemptId) -> None:
        self.waiting.append(attempt_id)

    async def press(self, attempt_id: AttemptId, digit: str) -> None:
        """Let who hears a message press a key."""
        await self._tell(CallDigit(call_id=CallId(attempt_id), attempt_id=attempt_id, digit=digit))

    async def leave_message(self, attempt_id: AttemptId, said: Said) -> None:
        self.left_on_machines.append(attempt_id)

    async def classify(self, attempt_id: AttemptId, kind: AnswerKind, quiet_s: float = 0.0) -> None:
        await self._tell(
            AnswerClassified(
                call_id=CallId(attempt_id),
                attempt_id=attempt_id,
                kind=kind,
                took_s=1.6,
                quiet_s=quiet_s,
            )
        )

    async def live_attempts(self) -> frozenset[AttemptId]:
        return frozenset(self.live)

    async def trunk_room(
        self, trunk_id: TrunkId | None, caller_id: str, *, caller_id_needed: bool
    ) -> TrunkRoom:
        missing = caller_id_needed and not (caller_id or self.caller_id)
        lines = 0 if missing else self.lines - len(self.live)
        return TrunkRoom(lines, lines, "no_caller_id" if missing else "")

    async def answer(self, attempt_id: AttemptId, ring_s: float = 5.0) -> None:
        await self._tell(
            CallAnswered(call_id=CallId(attempt_id), attempt_id=attempt_id, ring_s=ring_s)
        )

    async def fail(self, attempt_id: AttemptId, outcome: AttemptOutcome) -> None:
        self.live.discard(attempt_id)
        await self._tell(
            CallFailed(
                call_id=CallId(attempt_id),
                attempt_id=attempt_id,
                outcome=outcome,
                cause=17,
                sip_code=486,
                ring_s=3.0,
            )
        )

    async def end(
        self, attempt_id: AttemptId, by: str = "customer", *, played: bool = False
    ) -> None:
        self.live.discard(attempt_id)
        await self._tell(
            CallEnded(
                call_id=CallId(attempt_id),
                attempt_id=attempt_id,
                direction=Direction.OUTBOUND,
                by=by,
                cause=16,
                talk_s=0.0,
                message_played=played,
            )
        )

    async def _tell(self, event: Event) -> None:
        async with self._journal.transaction() as tx:
            tx.emit(event)


class CurrentOnly:
    """A bus for consumers that are called by hand."""

    def current_transaction(self) -> Transaction:
        return current_transaction()

    def subscribe(self, name: str, types: Sequence[type[Event]], handler: Handler) -> None: ...
    def consume(self, name: str, types: Sequence[type[Event]], handler: Handler) -> None: ...
    def consume_together(
        self, name: str, types: Sequence[type[Event]], handler: BatchHandler
    ) -> None: ...


class Floor(Lists):
    """Campaigns that dial."""

    def __init__(
        self,
        folder: Path,
        clock: SleepingClock | None = None,
        identities: Identities | None = None,
    ) -> None:
        self.sleeping = clock or SleepingClock()
        super().__init__(folder, self.sleeping, identities)
        self.queue: asyncio.Queue[Recorded[Event]] = asyncio.Queue()
        self.journal.published = self._published
        self.answer_lost: type[Event] | None = None  # the commit with one is saved, seems to fail
        self.deaf = False
        self.telephone = FakeTelephone(self.journal)
        self.dialing = self.new_dialing()

    def _published(self, batch: list[Recorded[Event]]) -> None:
        self.log.extend(batch)
        for recorded in batch:
            self.queue.put_nowait(recorded)
        if any(type(recorded.event) is self.answer_lost for recorded in batch):
            self.answer_lost = None
            raise ConnectionError("the answer to the commit is lost")

    def new_dialing(self) -> Dialing:
        contacts, store = self.contacts, AttemptTable()
        attempts = Attempts(
            AttemptParts(
                store,
                contacts,
                CampaignTable(),
                DoNotCallTable(),
                self.telephone,
                self.acd,
                self.journal,
                CurrentOnly(),
                self.clock,
                self.identities,
                ListTable(),
            )
        )
        return Dialing(
            DialingParts(
                self.campaigns,
                contacts,
                store,
                attempts,
                self.by_hand,
                self.telephone,
                self.acd,
                self.journal,
                self.clock,
                self.identities,
                ZoneInfo("UTC"),
                DoNotCallTable(),
                ListTable(),
            )
        )

    async def staff(self, agents: int) -> None:
        """Have one queue, one group and so many ready agents with a phone."""
        plan = Plan(
            queues=(Queue(QUEUE, "Sales"),),
            groups=(Group(GROUP, "Team"),),
            group_links=(GroupLink(QUEUE, GROUP),),
        )
        await Administration(self.acd, PostgresAcdStore()).seed_codes()
        await self.acd.edit_plan(lambda _: (plan, []))
        for number in range(1, agents + 1):
            await self.comes_to_work(AgentId(f"agent{number}"))

    async def route_by(self, policy: Policy) -> None:
        """Let other work join or interrupt as the policy says."""
        await self.acd.edit_plan(
            lambda plan: (replace(plan, version=plan.version + 1, policy=policy), [])
        )

    async def comes_to_work(self, agent_id: AgentId) -> None:
        """Have one more ready agent with a phone."""
        await self.acd.put_agent(Agent(agent_id, agent_id, group_ids=(GROUP,)), [])
        await self.acd.phone_changed(agent_id, True)
        await self.acd.ready(agent_id)

    async def running_campaign(self, contacts: int, **fields: object) -> Campaign:
        campaign = await self.campaign(**fields)
        await self.add_contacts(
            campaign.campaign_id, *(contact(n, campaign.campaign_id) for n in range(contacts))
        )
        return await self.campaigns.start(campaign.campaign_id)

    async def pass_s(self, seconds: float) -> None:
        await self.sleeping.pass_s_awake(seconds)

    def leap(self, seconds: float) -> None:
        """Let a long time go by of which nothing is expected but its end."""
        self.sleeping.leap(seconds)

    async def dialled(self, number: int) -> list[DialRequest]:
        """Return the dials once there are so many."""
        await self.until(lambda: len(self.telephone.dialled) >= number)
        return self.telephone.dialled

    async def ended(self, number: int) -> list[AttemptEnded]:
        """Return the ends of attempts once there are so many."""
        await self.until(lambda: len(self.events(AttemptEnded)) >= number)
        return self.events(AttemptEnded)

    async def finished(self, campaign_id: CampaignId) -> None:
        """Wait until the campaign has finished by itself."""
        await self.until(
            lambda: any(
                event.campaign_id == campaign_id and event.state == "finished"
                for event in self.events(CampaignStateChanged)
            )
        )

    async def contact_done(self, contact_id: ContactId) -> Contact:
        """Wait until a contact is done; return it."""
        async with asyncio.timeout(60):
            while True:
                found = await self.contacts.get(contact_id)
                if found is not None and found.state is ContactState.DONE:
                    return found
                await self.quiet(0.2)

    async def until(self, condition: Callable[[], object], seconds: float = 60.0) -> None:
        """Let the clock tick slowly until the condition holds."""
        async with asyncio.timeout(seconds):
            while not condition():
                await self.pass_s(0.05)
                await asyncio.sleep(0.005)

    async def quiet(self, seconds: float = 3.0) -> None:
        """Let some time of the clock go by with everybody awake."""
        for _ in range(int(seconds / 0.1)):
            await self.pass_s(0.1)
            await asyncio.sleep(0.004)

    def check_books(self) -> None:
        """Every attempt that was started has ended exactly once, or is still going on."""
        started = [event.attempt_id for event in self.events(AttemptStarted)]
        ended = [event.attempt_id for event in self.events(AttemptEnded)]
        assert len(set(started)) == len(started)
        assert len(set(ended)) == len(ended)
        assert set(ended) <= set(started)

    async def _hear(self) -> None:
        while True:
            recorded = await self.queue.get()
            if self.deaf:
                continue
            await self.dialing.on_event(recorded)
            if isinstance(recorded.event, InteractionWrappedUp):
                async with self.journal.transaction():
                    await self.dialing.on_wrapped_up(recorded)
            if isinstance(recorded.event, CallDigit):
                async with self.journal.transaction():
                    await self.dialing.on_key(recorded)


@asynccontextmanager
async def floor(folder: Path, agents: int) -> AsyncIterator[Floor]:
    """Open a contact centre with so many ready agents."""
    world = Floor(folder)
    await world.acd.start()
    tasks = [asyncio.ensure_future(world.acd.run())]
    await world.staff(agents)
    await world.dialing.start()
    tasks += [asyncio.ensure_future(world.dialing.run()), asyncio.ensure_future(world._hear())]
    await asyncio.sleep(0)
    try:
        yield world
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    world.check_books()
