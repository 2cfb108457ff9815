"""A small world that tells only valid stories: events for the tests of the supervisor's folds."""

from datetime import UTC, datetime, timedelta
from random import Random

from omni.core.events.base import Event, Recorded
from omni.core.events.outbound import AttemptEnded, AttemptStarted, CampaignSaved
from omni.core.events.routing import (
    AgentSaved,
    AgentStateChanged,
    EntryPointSaved,
    GroupSaved,
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionRefused,
    InteractionWrappedUp,
    QueueSaved,
)
from omni.core.events.voice import (
    CallAnswered,
    CallEnded,
    CallFailed,
    CallRinging,
    CallStarted,
    TrunkSaved,
)
from omni.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    ContactId,
    EntryPointId,
    GroupId,
    InteractionId,
    QueueId,
    TrunkId,
)
from omni.core.terms import AgentState, AttemptOutcome, Direction, Medium, Outcome

BEGINNING = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
CAMPAIGN = CampaignId("campaign")
QUEUES = (QueueId("queue-0"), QueueId("queue-1"))
ENTRY = EntryPointId("entry")
TRUNK = TrunkId("trunk")
UNANSWERED = (AttemptOutcome.BUSY, AttemptOutcome.NO_ANSWER, AttemptOutcome.CANCELLED)


class World:
    """Draws what happens next; `step` returns the events of one happening."""

    def __init__(self, seed: int, agents: int = 3) -> None:
        self.random = Random(seed)
        self.at = BEGINNING
        self.seq = 0
        self.made = 0
        self.agents = [AgentId(f"agent-{number}") for number in range(agents)]
        self.states = dict.fromkeys(self.agents, AgentState.SIGNED_OUT)
        self.waiting: list[InteractionArrived] = []
        self.active: list[tuple[AgentId, InteractionArrived]] = []
        self.wrapping: list[tuple[AgentId, InteractionArrived]] = []
        self.dialling: list[AttemptStarted] = []
        self.ringing: set[AttemptId] = set()

    def found(self) -> list[Recorded[Event]]:
        """Return the events by which everything comes to exist."""
        events: list[Event] = [
            EntryPointSaved(entry_point_id=ENTRY, name="Sales", medium=Medium.VOICE, address="1"),
            GroupSaved(group_id=GroupId("group-0"), name="One"),
            GroupSaved(group_id=GroupId("group-1"), name="Two"),
            TrunkSaved(trunk_id=TRUNK, name="Carrier", capacity=30, calls_per_second=5),
            CampaignSaved(
                campaign_id=CAMPAIGN,
                name="Spring",
                queue_id=QUEUES[0],
                mode="predictive",
                state="running",
                drop_limit_pct=3,
            ),
        ]
        events += [QueueSaved(queue_id=queue, name=queue.title()) for queue in QUEUES]
        events += [
            AgentSaved(agent_id=agent, name=agent.title(), group_ids=(GroupId("group-0"),))
            for agent in self.agents
        ]
        return [self._record(event) for event in events]

    def step(self) -> list[Recorded[Event]]:
        """Return the events of one more happening (none when it cannot be now)."""
        self.at += timedelta(seconds=self.random.randrange(0, 400))
        happenings = (
            self._presence,
            self._regroup,
            self._arrive,
            self._refuse,
            self._accept,
            self._leave,
            self._end,
            self._wrap_up,
            self._dial,
            self._dial,
            self._dial_fails,
            self._dial_answered,
            self._rings,
        )
        return [self._record(event) for event in self.random.choice(happenings)()]

    def _record(self, event: Event) -> Recorded[Event]:
        self.seq += 1
        return Recorded(self.seq, self.at, event)

    def _id(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-{self.made}"

    def _presence(self) -> list[Event]:
        agent = self.random.choice(self.agents)
        state = self.random.choice([state for state in AgentState if state != self.states[agent]])
        event = AgentStateChanged(agent_id=agent, state=state, previous=self.states[agent])
        self.states[agent] = state
        return [event]

    def _regroup(self) -> list[Event]:
        agent = self.random.choice(self.agents)
        groups = tuple(GroupId(f"group-{n}") for n in range(2) if self.random.random() < 0.5)
        active = self.random.random() < 0.8
        return [AgentSaved(agent_id=agent, name=agent.title(), group_ids=groups, active=active)]

    def _arrive(self) -> list[Event]:
        event = InteractionArrived(
            interaction_id=InteractionId(self._id("interaction")),
            medium=self.random.choice(list(Medium)),
            direction=Direction.INBOUND,
            queue_id=self.random.choice(QUEUES),
            entry_point_id=ENTRY,
        )
        self.waiting.append(event)
        return [event]

    def _refuse(self) -> list[Event]:
        return [
            InteractionRefused(
                interaction_id=InteractionId(self._id("interaction")),
                medium=Medium.CHAT,
                direction=Direction.INBOUND,
                entry_point_id=ENTRY,
                reason="closed",
            )
        ]

    def _accept(self) -> list[Event]:
        if not self.waiting:
            return []
        arrived = self.waiting.pop(self.random.randrange(len(self.waiting)))
        agent = self.random.choice(self.agents)
        self.active.append((agent, arrived))
        return [
            InteractionAccepted(
                interaction_id=arrived.interaction_id,
                agent_id=agent,
                queue_id=arrived.queue_id,
                group_id=GroupId("group-0"),
                medium=arrived.medium,
                direction=arrived.direction,
                waited_s=self.random.randrange(40),
                campaign_id=arrived.campaign_id,
                attempt_id=arrived.attempt_id,
            )
        ]

    def _leave(self) -> list[Event]:
        if not self.waiting:
            return []
        arrived = self.waiting.pop(0)
        if arrived.attempt_id is None:
            outcome = self.random.choice(
                [Outcome.ABANDONED, Outcome.OVERFLOWED, Outcome.REFUSED, Outcome.ABANDONED]
            )
            return [self._ended(arrived, outcome, None)]
        outcome = self.random.choice([Outcome.ABANDONED, Outcome.DROPPED])
        ended = AttemptOutcome.DROPPED if outcome is Outcome.DROPPED else AttemptOutcome.HUNG_UP
        return [self._ended(arrived, outcome, None), *self._attempt_over(arrived, ended)]

    def _end(self) -> list[Event]:
        if not self.active:
            return []
        agent, arrived = self.active.pop(self.random.randrange(len(self.active)))
        self.wrapping.append((agent, arrived))
        events: list[Event] = [self._ended(arrived, Outcome.ANSWERED, agent)]
        if arrived.attempt_id is not None:
            events += self._attempt_over(arrived, AttemptOutcome.ANSWERED)
        return events

    def _ended(
        self, arrived: InteractionArrived, outcome: Outcome, agent: AgentId | None
    ) -> InteractionEnded:
        return InteractionEnded(
            interaction_id=arrived.interaction_id,
            medium=arrived.medium,
            direction=arrived.direction,
            queue_id=arrived.queue_id,
            outcome=outcome,
            agent_id=agent,
            entry_point_id=arrived.entry_point_id,
            campaign_id=arrived.campaign_id,
            attempt_id=arrived.attempt_id,
            handled_s=self.random.randrange(1, 300) if agent else 0,
        )

    def _wrap_up(self) -> list[Event]:
        if not self.wrapping:
            return []
        agent, arrived = self.wrapping.pop(0)
        return [
            InteractionWrappedUp(
                interaction_id=arrived.interaction_id,
                agent_id=agent,
                queue_id=arrived.queue_id,
                medium=arrived.medium,
                direction=arrived.direction,
                disposition=self.random.choice(["sale", "callback", "=1+1"]),
                note="@note",
                wrap_up_s=self.random.randrange(30),
                campaign_id=arrived.campaign_id,
                contact_id=arrived.contact_id,
                attempt_id=arrived.attempt_id,
            )
        ]

    def _dial(self) -> list[Event]:
        attempt = AttemptStarted(
            attempt_id=AttemptId(self._id("attempt")),
            campaign_id=CAMPAIGN,
            contact_id=ContactId(self._id("contact")),
            number=f"+4930{self.made:07}",
            name="=cmd|calc" if self.made % 5 == 0 else f"Person {self.made}",
        )
        self.dialling.append(attempt)
        call = CallStarted(
            call_id=CallId(f"call-{attempt.attempt_id}"),
            direction=Direction.OUTBOUND,
            trunk_id=TRUNK,
            from_number="+49301",
            to_number=attempt.number,
            attempt_id=attempt.attempt_id,
            campaign_id=CAMPAIGN,
        )
        return [attempt, call]

    def _rings(self) -> list[Event]:
        if not self.dialling:
            return []
        attempt_id = self.random.choice(self.dialling).attempt_id
        self.ringing.add(attempt_id)
        call_id = CallId(f"call-{attempt_id}")
        return [CallRinging(call_id=call_id, attempt_id=attempt_id, campaign_id=CAMPAIGN)]

    def _dial_fails(self) -> list[Event]:
        if not self.dialling:
            return []
        attempt = self.dialling.pop(0)
        outcome = self.random.choice(UNANSWERED)
        failed = CallFailed(
            call_id=CallId(f"call-{attempt.attempt_id}"),
            outcome=outcome,
            cause=17,
            sip_code=486,
            ring_s=8,
            attempt_id=attempt.attempt_id,
            campaign_id=CAMPAIGN,
        )
        ended = AttemptEnded(
            attempt_id=attempt.attempt_id,
            campaign_id=CAMPAIGN,
            contact_id=attempt.contact_id,
            number=attempt.number,
            name=attempt.name,
            outcome=outcome,
            ring_s=8,
        )
        return [failed, ended]

    def _dial_answered(self) -> list[Event]:
        if not self.dialling:
            return []
        attempt = self.dialling.pop(0)
        answered = CallAnswered(
            call_id=CallId(f"call-{attempt.attempt_id}"),
            ring_s=5,
            attempt_id=attempt.attempt_id,
            campaign_id=CAMPAIGN,
        )
        arrived = InteractionArrived(
            interaction_id=InteractionId(self._id("interaction")),
            medium=Medium.VOICE,
            direction=Direction.OUTBOUND,
            queue_id=QUEUES[0],
            address=attempt.number,
            name=attempt.name,
            campaign_id=CAMPAIGN,
            contact_id=attempt.contact_id,
            attempt_id=attempt.attempt_id,
        )
        self.waiting.append(arrived)
        return [answered, arrived]

    def _attempt_over(self, arrived: InteractionArrived, outcome: AttemptOutcome) -> list[Event]:
        if arrived.attempt_id is None or arrived.contact_id is None:
            raise AssertionError("only of a dialled contact")
        over = CallEnded(
            call_id=CallId(f"call-{arrived.attempt_id}"),
            direction=Direction.OUTBOUND,
            by="customer",
            cause=16,
            talk_s=1,
            attempt_id=arrived.attempt_id,
            campaign_id=CAMPAIGN,
        )
        ended = AttemptEnded(
            attempt_id=arrived.attempt_id,
            campaign_id=CAMPAIGN,
            contact_id=arrived.contact_id,
            number=arrived.address,
            name=arrived.name,
            outcome=outcome,
            ring_s=5,
            interaction_id=arrived.interaction_id,
        )
        return [over, ended]
