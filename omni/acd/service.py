"""The ACD as the rest of omni sees it: what customers, agents and supervisors can ask of it.

Everything that changes something goes through the writer, which owns the router, and is answered
when it has been saved (`writer`). What only reads is in `questions`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from omni.acd.callers import CallerLists, CallerRule, Listing, is_pattern, normal
from omni.acd.codes import BREAK_REASON, DISPOSITION, NO_DISPOSITION, Code
from omni.acd.engine.entrance import entered
from omni.acd.engine.happenings import (
    Arrived,
    BreakAsked,
    BreakDenied,
    BreakRequested,
    Chosen,
    ConversationEnded,
    CustomerLeft,
    CustomerWrote,
    Finish,
    GivenUp,
    LinesTold,
    OfferAccepted,
    OfferRejected,
    OwnCallGiven,
    OwnCallOver,
    PhoneChanged,
    ReadyAsked,
    Refuse,
    SetAside,
    SignedIn,
    SignOutAsked,
    TakenUp,
    WrapUpExtended,
    WrapUpGiven,
)
from omni.acd.model import Agent, Arrival, ArrivalResult, Plan, Queued, Skill
from omni.acd.own_call import OwnCall
from omni.acd.ports import AcdStore
from omni.acd.questions import Questions
from omni.acd.writer import Writer
from omni.core.clock import Clock
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.events.base import Event
from omni.core.ids import AgentId, CampaignId, ContactId, InteractionId, QueueId
from omni.core.journal import Journal
from omni.core.terms import AgentState, Direction, Outcome

Edit = Callable[[Plan], tuple[Plan, list[Event]]]

NOTE_CHARS = 10_000
ASIDE_MAX = timedelta(days=30)


class Acd(Questions):
    """One queue for calls, mails and chats. `start` it, then keep `run` running."""

    def __init__(self, journal: Journal, store: AcdStore, clock: Clock) -> None:
        super().__init__(journal, Writer(journal, store, clock))
        self._store = store
        self._clock = clock
        self._codes: dict[str, list[Code]] = {DISPOSITION: [], BREAK_REASON: []}
        self._callers = CallerLists()

    # -- life --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Become the owner of routing (wait while another is) and build its state.

        After this you must keep `run` running.
        """
        await self._writer.acquire()
        await self.reload_codes()
        self._callers = CallerLists(await self._store.callers())
        await self._writer.build()

    async def run(self) -> None:
        """Serve callers and deadlines until cancelled; LeaseLost when another has taken over."""
        await self._writer.run()

    # -- interactions ------------------------------------------------------------------------

    async def arrive(self, arrival: Arrival) -> ArrivalResult:
        """Let a contact in. Repeating it with the same id changes nothing."""
        owner = arrival.owner
        if owner is None and arrival.address and self._owners_count(arrival):
            owner = await self._store.last_agent(arrival.address)
        return await self._writer.submit(lambda: self._arrive(arrival, owner))

    async def customer_left(self, interaction_id: InteractionId) -> None:
        """The customer hung up or closed the page. Idempotent."""
        await self._writer.tell(lambda at: CustomerLeft(at, interaction_id))

    async def choose(self, interaction_id: InteractionId, digit: str) -> None:
        """The caller pressed a digit of what was offered last; Conflict when nothing (any more)."""
        await self._writer.tell(lambda at: Chosen(at, interaction_id, digit))

    async def drop(self, interaction_id: InteractionId) -> bool:
        """Give up a dialled person; False when an agent got them (or they left) before."""
        commands = await self._writer.tell(lambda at: GivenUp(at, interaction_id))
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
        await self._writer.tell(lambda at: ConversationEnded(at, interaction_id, agent_id))

    async def accept(self, agent_id: AgentId, interaction_id: InteractionId) -> None:
        """Take an offered interaction; Conflict `offer_gone` when the offer is over."""
        await self._writer.tell(lambda at: OfferAccepted(at, agent_id, interaction_id))

    async def reject(self, agent_id: AgentId, interaction_id: InteractionId) -> None:
        """Refuse an offered interaction; Conflict `offer_gone` when the offer is over."""
        await self._writer.tell(lambda at: OfferRejected(at, agent_id, interaction_id))

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
        await self._writer.tell(
            lambda at: WrapUpGiven(at, agent_id, interaction_id, disposition, note)
        )

    # -- agents ------------------------------------------------------------------------------

    async def sign_in(self, agent_id: AgentId) -> None:
        """Begin a shift, on break until `ready`. Idempotent."""
        await self._writer.tell(lambda at: SignedIn(at, agent_id))

    async def ready(self, agent_id: AgentId) -> None:
        """Take work from now on (signs in when needed, withdraws a break asked for)."""

        def ready() -> None:
            self._writer.apply(ReadyAsked(self._writer.now_s(), agent_id))
            self._writer.look_where_nobody_is()

        await self._writer.submit(ready)

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
                self._writer.apply(BreakRequested(self._writer.now_s(), agent_id, reason))
            else:
                self._writer.apply(BreakAsked(self._writer.now_s(), agent_id, reason, source))

        await self._writer.submit(ask)

    async def decide_break(self, agent_id: AgentId, approve: bool) -> None:
        """Allow or deny the break that an agent asks for.

        Raises:
            Conflict: `no_break_request`, or `break_full` when it is allowed.
        """

        def decide() -> None:
            seat = self._writer.router.matcher.seats.get(agent_id)
            reason = seat.requested if seat is not None else ""
            if not approve or not reason:
                self._writer.apply(BreakDenied(self._writer.now_s(), agent_id))
                return
            code = next((code for code in self.codes(BREAK_REASON) if code.code == reason), None)
            if code is not None:
                self._refuse_when_full(agent_id, code)
            self._writer.apply(BreakAsked(self._writer.now_s(), agent_id, reason, "supervisor"))

        await self._writer.submit(decide)

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
        until_s = self._writer.now_s() + left.total_seconds()
        await self._writer.tell(lambda at: SetAside(at, agent_id, interaction_id, until_s))

    async def take_up(self, agent_id: AgentId, interaction_id: InteractionId) -> None:
        """Go on with what was set aside; Conflict `not_aside` when it is not."""
        await self._writer.tell(lambda at: TakenUp(at, agent_id, interaction_id))

    async def customer_wrote(self, interaction_id: InteractionId) -> None:
        """Bring back what was set aside: another mail of the conversation came. Idempotent."""
        await self._writer.tell(lambda at: CustomerWrote(at, interaction_id))

    async def extend_wrap_up(
        self, agent_id: AgentId, interaction_id: InteractionId, extra_s: float
    ) -> None:
        """Make a wrap-up longer; Conflict `wrap_up_limit` when the queue does not let it."""
        await self._writer.tell(lambda at: WrapUpExtended(at, agent_id, interaction_id, extra_s))

    async def sign_out(self, agent_id: AgentId, source: str = "agent") -> None:
        """End a shift; Conflict `work_open` while a conversation is open."""
        await self._writer.tell(lambda at: SignOutAsked(at, agent_id, source))

    async def phone_changed(self, agent_id: AgentId, up: bool) -> None:
        """Say whether the agent's phone can take calls."""
        if up:
            self._writer.phones_up.add(agent_id)
        else:
            self._writer.phones_up.discard(agent_id)
        await self._writer.tell(lambda at: PhoneChanged(at, agent_id, up))

    async def hold(
        self,
        campaign_id: CampaignId,
        queue_id: QueueId,
        lines: int,
        life_s: float,
        needs: tuple[Skill, ...] = (),
    ) -> int:
        """Hold agents of a queue for so many lines of a campaign; see `engine.pledges`.

        Tell it whenever the number of ringing and waiting lines changes, and before dialling more.
        Returns how many held agents new lines may count on. `life_s`: no line lasts longer;
        `needs`: of the agents, beside what the queue needs.
        """

        def told() -> int:
            self._writer.apply(
                LinesTold(self._writer.now_s(), campaign_id, queue_id, lines, life_s, needs)
            )
            return self._writer.router.pledges.held(campaign_id)

        return await self._writer.submit(told)

    async def give_own_call(self, agent_id: AgentId, own_call: OwnCall, life_s: float) -> None:
        """Give an agent a call to make, or say that theirs is dialled; see `engine.own_calls`.

        After this you must say `own_call_over` if it does not become a call within `life_s`.

        Raises:
            Conflict: `agent_not_free`: the agent has no room for it (`gate` says why).
        """
        await self._writer.tell(lambda at: OwnCallGiven(at, agent_id, own_call, at + life_s))

    async def own_call_over(self, agent_id: AgentId, contact_id: ContactId) -> None:
        """Nothing came, or will come, of an agent's own call. Idempotent."""
        await self._writer.tell(lambda at: OwnCallOver(at, agent_id, contact_id))

    # -- plan, people, codes -----------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._writer.plan

    def agents(self) -> list[Agent]:
        """Return all agents by name."""
        return sorted(self._writer.agents.values(), key=lambda agent: (agent.name, agent.id))

    async def edit_plan(self, edit: Edit) -> Plan:
        """Change the plan: `edit` gets the one in force and returns the next with its events.

        Raises:
            Invalid: the next plan contradicts itself; nothing was changed.
        """
        return await self._writer.submit(lambda: self._edit_plan(edit))

    async def put_agent(self, agent: Agent, events: list[Event]) -> None:
        """Add an agent or change their settings."""
        await self._writer.submit(lambda: self._writer.put_agent(agent, events))

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
        if (
            rule.queue_id is not None
            and rule.queue_id not in self._writer.router.matcher.grid.queues
        ):
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
            for seat in self._writer.router.matcher.seats.values()
            if seat.id != agent_id
        )
        if code.at_once and on_it >= code.at_once:
            raise Conflict("break_full", "too many are on this break", limit=code.at_once)

    # -- inside the writer -------------------------------------------------------------------

    def _arrive(self, arrival: Arrival, owner: AgentId | None) -> ArrivalResult:
        known = self._writer.books.rows.get(arrival.interaction_id)
        if known is not None and known.queue_id is not None:
            return Queued(known.queue_id)
        if self._writer.over_lately(arrival.interaction_id):
            return Queued(arrival.queue_id or QueueId(""))
        entries = self._writer.router.matcher.grid.entries
        if arrival.entry_point_id in entries:
            arrival = entered(arrival, entries[arrival.entry_point_id])
        self._writer.books.expect(arrival, self._clock.now())
        inbound = arrival.direction is Direction.INBOUND
        rule = self._callers.find(arrival.address) if inbound else None
        if rule is not None and rule.listing is Listing.BLACK:
            self._writer.enter([Refuse(arrival.interaction_id, "black_listed")])
            return self._writer.books.arrival_result(arrival.interaction_id)
        queue_id, priority = arrival.queue_id, arrival.priority
        if rule is not None:
            priority = rule.priority
            if rule.queue_id in self._writer.router.matcher.grid.queues:
                queue_id = rule.queue_id
        self._writer.apply(
            Arrived(
                self._writer.now_s(),
                arrival.interaction_id,
                arrival.medium,
                queue_id=queue_id,
                entry_point_id=arrival.entry_point_id,
                priority=priority,
                auto_accept=arrival.auto_accept,
                needs=arrival.needs,
                owner=owner,
                holder=arrival.campaign_id or "",
                absent=bool(arrival.errand),
            )
        )
        return self._writer.books.arrival_result(arrival.interaction_id)

    def _edit_plan(self, edit: Edit) -> Plan:
        plan, events = edit(self.plan)
        self._writer.put_plan(plan, events)
        return plan

    # -- small things ------------------------------------------------------------------------

    def _known(self, kind: str) -> set[str]:
        return {code.code for code in self._codes[kind]}

    def _owners_count(self, arrival: Arrival) -> bool:
        """Tell whether any queue prefers the customer's last agent (else do not look them up)."""
        queues = self._writer.router.matcher.grid.queues
        if arrival.queue_id is not None:
            queue = queues.get(arrival.queue_id)
            return queue is not None and queue.owner_wait_s > 0
        return any(queue.owner_wait_s > 0 for queue in queues.values())
