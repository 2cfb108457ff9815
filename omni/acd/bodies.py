"""Bodies of the ACD's HTTP API: what is sent and received, with its bounds."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field

from omni.acd.codes import Meaning
from omni.acd.model import Load, Rule, Skill
from omni.acd.overflow import Action, Condition, Option, OverflowRule, Step
from omni.acd.service import NOTE_CHARS
from omni.core.endpoint import Wire
from omni.core.errors import Invalid
from omni.core.ids import (
    AgentId,
    AnnouncementId,
    AnswerId,
    CalendarId,
    EntryPointId,
    GroupId,
    QueueId,
)
from omni.core.terms import Medium

Name = Annotated[str, Field(min_length=1, max_length=80)]
Level = Annotated[int, Field(ge=0, le=9)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
PerMedium = tuple[Seconds, Seconds, Seconds]
Capacity = tuple[
    Annotated[int, Field(ge=0, le=1)],
    Annotated[int, Field(ge=0, le=100)],
    Annotated[int, Field(ge=0, le=20)],
]


class WantedState(StrEnum):
    """What an agent may ask for."""

    READY = "ready"
    BREAK = "break"
    SIGNED_OUT = "signed_out"


class StateBody(Wire):
    """`reason`: a break reason's code; needed for a break."""

    state: WantedState
    reason: str = Field(default="", max_length=40)


class WrapUpBody(Wire):
    """The result of a conversation."""

    disposition: str = Field(max_length=40)
    note: str = Field(default="", max_length=NOTE_CHARS)


class CodeBody(Wire):
    """A disposition or break reason with its names."""

    code: str
    label_en: str
    label_zh: str
    group: str
    meaning: Meaning
    limit_s: int = 0
    at_once: int = 0
    needs_approval: bool = False


class BreakReasonBody(Wire):
    """A break reason. `limit_s`, `at_once` 0: no limit; see `omni.acd.codes.Code`."""

    label_en: Name
    label_zh: Name
    limit_s: int = Field(default=0, ge=0, le=86_400)
    at_once: int = Field(default=0, ge=0, le=10_000)
    needs_approval: bool = False


class BreakDecision(Wire):
    """Whether the break that an agent asks for is allowed."""

    approve: bool


class AsideBody(Wire):
    """Until when a mail is set aside."""

    until: AwareDatetime


class MoreWrapUp(Wire):
    """How much longer the wrap-up is to be."""

    extra_s: float = Field(default=60.0, ge=1, le=3600)


class SkillBody(Wire):
    """A skill with a level 1–10. `preferred`: of what is needed, wanted and not required."""

    name: Name
    level: int = Field(default=1, ge=1, le=10)
    preferred: bool = False


def skill_bodies(skills: tuple[Skill, ...]) -> tuple[SkillBody, ...]:
    return tuple(
        SkillBody(name=skill.name, level=skill.level, preferred=skill.preferred) for skill in skills
    )


class RingBody(Wire):
    """A step of relaxation; see `omni.acd.model.Ring`."""

    after_s: Seconds
    lower_by: int = Field(default=0, ge=0, le=10)
    drop_all: bool = False


class OverflowStepBody(Wire):
    """What an overflow rule does; see `omni.acd.overflow.Step`."""

    action: Action
    queue_id: QueueId | None = None
    group_id: GroupId | None = None
    number: str = Field(default="", max_length=16)
    announcement_id: AnnouncementId | None = None
    answer_id: AnswerId | None = None

    def value(self) -> Step:
        return Step(**dict(self))


class OverflowOptionBody(Wire):
    """What a digit does."""

    digit: str = Field(pattern=r"^[0-9]$")
    step: OverflowStepBody


class OverflowBody(Wire):
    """An overflow rule; see `omni.acd.overflow`. `limit`: a number of people, or seconds."""

    when: Condition
    step: OverflowStepBody
    limit: float = Field(default=0, ge=0, le=1_000_000)
    media: tuple[Medium, ...] = (Medium.VOICE,)
    waiting_too: bool = False
    options: tuple[OverflowOptionBody, ...] = Field(default=(), max_length=10)

    def value(self) -> OverflowRule:
        options = tuple(Option(option.digit, option.step.value()) for option in self.options)
        return OverflowRule(
            self.when, self.step.value(), self.limit, self.media, self.waiting_too, options
        )

    @classmethod
    def of(cls, rule: OverflowRule) -> Self:
        return cls.model_validate(asdict(rule))


class GuideBody(Wire):
    """What callers hear while they wait; see `omni.acd.guide.Guide`."""

    languages: tuple[Literal["en", "zh"], ...] = Field(default=("en",), min_length=1, max_length=2)
    announcements: tuple[AnnouncementId, ...] = Field(default=(), max_length=10)
    place_every_s: float = Field(default=0, ge=0, le=3_600)


class Turns(Wire):
    """The calendar that a queue follows, and what it does with what it cannot let in or serve."""

    calendar_id: CalendarId | None = None
    overflow: tuple[OverflowBody, ...] = Field(default=(), max_length=30)
    guide: GuideBody = GuideBody()


class QueueNew(Wire):
    """A new queue. Triples are by medium: voice, email, chat."""

    name: Name
    open: bool = True
    target_answer_s: int = Field(default=20, ge=1, le=86_400)
    rule: Rule = Rule.LONGEST_IDLE
    offer_s: PerMedium = (20.0, 120.0, 45.0)
    wrap_up_s: PerMedium = (60.0, 120.0, 60.0)
    wrap_up_extra_s: PerMedium = (120.0, 240.0, 120.0)
    needs: tuple[SkillBody, ...] = ()
    rings: tuple[RingBody, ...] = ()
    owner_wait_s: Seconds = 0.0
    turns: Turns = Turns()


class QueueBody(QueueNew):
    """A queue. `served`: at least one open group serves it."""

    queue_id: QueueId
    served: bool


class QueuePatch(Wire):
    """What to change of a queue."""

    name: Name | None = None
    open: bool | None = None
    target_answer_s: int | None = Field(default=None, ge=1, le=86_400)
    rule: Rule | None = None
    offer_s: PerMedium | None = None
    wrap_up_s: PerMedium | None = None
    wrap_up_extra_s: PerMedium | None = None
    needs: tuple[SkillBody, ...] | None = None
    rings: tuple[RingBody, ...] | None = None
    owner_wait_s: Seconds | None = None
    turns: Turns | None = None


class LoadBody(Wire):
    """A switch on what waits; see `omni.acd.model.Load`. An upper limit of None: not looked at."""

    media: tuple[bool, bool, bool] = (True, False, True)
    over_s: Seconds | None = None
    under_s: Seconds = 0.0
    over_waiting: int | None = Field(default=None, ge=0, le=100_000)
    under_waiting: int = Field(default=0, ge=0, le=100_000)


def load_of(body: LoadBody | None) -> Load | None:
    """Return the value; Invalid when it contradicts itself."""
    if body is None:
        return None
    load = Load(**dict(body))
    fault = next(load.faults(), "")
    if fault:
        raise Invalid(f"load_{fault}", "these limits contradict each other", field="load")
    return load


def load_body(load: Load | None) -> LoadBody | None:
    if load is None:
        return None
    return LoadBody(
        media=load.media,
        over_s=load.over_s,
        under_s=load.under_s,
        over_waiting=load.over_waiting,
        under_waiting=load.under_waiting,
    )


class AgentBody(Wire):
    """An agent: a user who takes work. Triples are by medium: voice, email, chat."""

    agent_id: AgentId
    name: Name
    group_ids: tuple[GroupId, ...] = ()
    skills: tuple[SkillBody, ...] = ()
    capacity: Capacity = (1, 3, 4)
    auto_accept: tuple[bool, bool, bool] = (False, False, False)
    rank: int = Field(default=0, ge=0, le=10_000)
    robot: bool = False
    active: bool = True


class AgentPatch(Wire):
    """What to change of an agent."""

    name: Name | None = None
    group_ids: tuple[GroupId, ...] | None = None
    skills: tuple[SkillBody, ...] | None = None
    capacity: Capacity | None = None
    auto_accept: tuple[bool, bool, bool] | None = None
    rank: int | None = Field(default=None, ge=0, le=10_000)
    active: bool | None = None


class EntryLinkBody(Wire):
    """Entry point → queue with a priority, 0 highest."""

    entry_point_id: EntryPointId
    queue_id: QueueId
    priority: Level = 5
    open: bool = True


class GroupLinkBody(Wire):
    """Queue → group: which group the queue prefers, which queue a freed agent serves first.

    `aid`: the group only helps while the queue's load asks for it.
    """

    queue_id: QueueId
    group_id: GroupId
    distribution: Level = 0
    selection: Level = 0
    open: bool = True
    aid: LoadBody | None = None


class MatrixBody(Wire):
    """The whole matrix. Send back the `version` that was read: a newer one is not overwritten."""

    version: int
    entry_links: tuple[EntryLinkBody, ...]
    group_links: tuple[GroupLinkBody, ...]
