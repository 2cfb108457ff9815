"""What the dialling remembers: lines that are going on, campaigns that run."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from omni.core.events.outbound import AttemptStarted
from omni.core.ids import AttemptId
from omni.dialer.engine.answering import Traits, traits_of
from omni.dialer.engine.detection import DETECT_S, costs, detects, treatment
from omni.dialer.engine.forecast import Crew
from omni.dialer.engine.gates import Room
from omni.dialer.engine.hours import closing, zone_named
from omni.dialer.engine.pacing import Pacer, PacingPlan
from omni.dialer.engine.profiles import (
    RuleProfile,
    Window,
    effective_drop_limit_pct,
    effective_ring_s,
)
from omni.dialer.hopper import Hopper
from omni.dialer.model import BY_HAND, Attempt, Campaign, CampaignState, Contact, Mode, OnMachine
from omni.dialer.standing import Standing

LEAST_RING_S = 15  # where the law says nothing: nobody is rung for less
SETUP_S = 3.0  # from the dial until the callee's phone rings
LINE_LIFE_MARGIN_S = 10.0  # beyond ring and message time: signalling on its way


class LineState(Enum):
    """Where one line is."""

    RINGING = "ringing"
    LISTENING = "listening"  # answered; by what is being found out
    WAITING = "waiting"
    CONNECTED = "connected"
    OVER = "over"


@dataclass(slots=True)
class Line:
    """One attempt that is going on.

    `agent_id`: who promised the call and is to have it; `own`: they do nothing but wait for it.
    `withdrawn`: we are ending it; `given_up`: as it has rung long enough. `announced`: who answers
    hears the campaign's message; no agent is counted on. `pressed`: the key they answered it with.
    """

    attempt: Attempt
    state: LineState = LineState.RINGING
    ring_s: float = 0.0
    dialled_at: datetime | None = None
    agent_id: str = ""
    own: bool = False
    withdrawn: bool = False
    given_up: bool = False
    announced: bool = False
    pressed: str = ""
    answered_at: datetime | None = None

    @property
    def detect(self) -> bool:
        """Whether it is found out what answers."""
        return self.attempt.on_machine is not None

    @property
    def costly(self) -> bool:
        """Whether a machine that answers is ended, and a person taken for one is dropped."""
        done = self.attempt.on_machine
        return done is not None and costs(done, announced=self.announced)


@dataclass(slots=True)
class Run:
    """A campaign that dials, or still has lines. `announced`: when its message was dialled for.

    `crew`, `room`: the agents and the trunks that the latest decision counted on.
    """

    campaign: Campaign
    profile: RuleProfile
    pacer: Pacer
    hopper: Hopper
    standing: Standing
    unpaid_since: datetime | None = None
    lines_told: int = 0
    announced: deque[datetime] = field(default_factory=deque)
    room: Room = field(default_factory=Room)
    crew: Crew = field(default_factory=lambda: Crew(0, 0, (), ()))


def share_of(run: Run, runs: Iterable[Run]) -> float:
    """Return the part of the agents that is this campaign's, by the weights of those that want the
    same agents and have somebody to dial."""
    rivals = [
        other.campaign.weight
        for other in runs
        if other is not run
        and other.campaign.state is CampaignState.RUNNING
        and other.campaign.queue_id == run.campaign.queue_id
        and other.campaign.mode not in (*BY_HAND, Mode.AGENTLESS)
        and not other.hopper.empty()
    ]
    return run.campaign.weight / (run.campaign.weight + sum(rivals))


def plan_of(campaign: Campaign, profile: RuleProfile) -> PacingPlan:
    """Return how a campaign dials, under the stricter of its own and its profile's limit."""
    return PacingPlan(
        # Agents of an agentless campaign only keep promises.
        mode=Mode.MANUAL if campaign.mode is Mode.AGENTLESS else campaign.mode,
        limit_pct=effective_drop_limit_pct(profile, campaign.drop_limit_pct),
        lines_per_agent=campaign.lines_per_agent,
        max_lines_per_agent=campaign.max_lines_per_agent,
        give_up_s=max(LEAST_RING_S, profile.min_ring_s) + SETUP_S,
    )


def budget_rules(campaign: Campaign) -> tuple[object, ...]:
    """Return what of a campaign its drop budget depends on."""
    return (
        campaign.profile,
        campaign.profile_version,
        campaign.drop_limit_pct,
        campaign.ring_s,
        campaign.answer_detection,
    )


def closes_s(campaign: Campaign, profile: RuleProfile, local: datetime) -> float | None:
    """Return when the campaign's dialling ends today (epoch seconds), by the site's clock.

    None: not known, or of no matter, as a longer window than the day keeps what the day leaves.
    """
    if Window.CALENDAR_DAY not in profile.windows:
        return None
    end = closing((profile.hours, campaign.hours), local)
    return end.timestamp() if end else None


def traits_now(contact: Contact, local: datetime) -> Traits:
    """Return what a contact's chance of answering is learned by; `local`: now, at the site."""
    zone = zone_named(contact.zones[0]) if contact.zones else None
    hour = local.astimezone(zone).hour if zone else local.hour
    return traits_of(contact.attempts, hour, contact.kind)


def treatments(
    run: Run, contacts: Iterable[Contact], now_s: float, *, announced: bool
) -> Iterator[OnMachine | None]:
    """Yield for each contact what is done when a machine answers, as far as the budget pays."""
    room = run.pacer.listening_room(now_s)
    for contact in contacts:
        if contact.callback_agent:
            yield None  # whom they know waits for them
            continue
        done = treatment(run.campaign, run.profile, announced=announced, paid=room > 0)
        if done is not None and costs(done, announced=announced):
            room -= 1
        yield done


def line_life_s(campaign: Campaign, profile: RuleProfile) -> float:
    """Return how long a line of the campaign lasts at most, from the dial to its outcome."""
    ring_s = effective_ring_s(profile, campaign.ring_s)
    detect_s = DETECT_S if detects(campaign, profile) else 0.0
    return ring_s + detect_s + profile.message_after_s + LINE_LIFE_MARGIN_S


def attempt_at(
    campaign: Campaign,
    contact: Contact,
    attempt_id: AttemptId,
    now: datetime,
    on_machine: OnMachine | None,
) -> Attempt:
    """Return the attempt that begins now."""
    return Attempt(
        attempt_id=attempt_id,
        campaign_id=campaign.campaign_id,
        contact_id=contact.contact_id,
        number=contact.number,
        started_at=now,
        attempt_no=contact.attempts + 1,
        name=contact.name,
        trunk_id=campaign.trunk_id,
        profile=campaign.profile,
        profile_version=campaign.profile_version,
        kind=contact.kind,
        on_machine=on_machine,
    )


def started(attempt: Attempt) -> AttemptStarted:
    """Return the event that an attempt begins."""
    return AttemptStarted(
        attempt_id=attempt.attempt_id,
        campaign_id=attempt.campaign_id,
        contact_id=attempt.contact_id,
        number=attempt.number,
        name=attempt.name,
        attempt_no=attempt.attempt_no,
    )
