"""Setting up the ACD: entry points, queues, groups, agents, the matrix, dispositions.

Every change is one new version of the plan, in force at once; waiting work keeps its place.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from omni.acd.codes import BREAK_REASON, DEFAULT_CODES, Code
from omni.acd.engine.board import SIGN_OUT
from omni.acd.model import (
    Agent,
    Calendar,
    EntryLink,
    EntryPoint,
    Group,
    GroupLink,
    Plan,
    Policy,
    Queue,
)
from omni.acd.overflow import announcements_of, answers_of
from omni.acd.ports import AcdStore
from omni.acd.service import Acd
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.events.base import Event
from omni.core.events.routing import (
    AgentSaved,
    EntryPointSaved,
    GroupSaved,
    MatrixChanged,
    QueueSaved,
    TopicOffered,
)
from omni.core.ids import AgentId, AnnouncementId, CalendarId


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_RESERVED = {SIGN_OUT, "no_answer", "page_gone", "signed_in"}


@dataclass(frozen=True, slots=True)
class Matrix:
    """The links of the plan: rows queues × columns groups, and entry points → queues."""

    version: int
    entry_links: tuple[EntryLink, ...]
    group_links: tuple[GroupLink, ...]


def find_part(parts: Iterable[N], part_id: str) -> N:
    """Return the part of the plan with this id. Raises NotFound."""
    for part in parts:
        if part.id == part_id:
            return part
    raise NotFound("setup_unknown", "no such part of the set-up")


class Administration:
    """Changes the plan and the people of the ACD."""

    def __init__(self, acd: Acd, store: AcdStore) -> None:
        self._acd = acd
        self._store = store
        self.can_be_said: Callable[[str], bool] = lambda _: True
        self.can_be_answered: Callable[[str], bool] = lambda _: True

    async def save_entry_point(self, entry: EntryPoint) -> None:
        """Add or change an entry point.

        Raises:
            Conflict: another entry point of this medium has this address.
            Invalid: `announcement_unknown`.
        """
        self._check_said([entry.announcement_id])

        def edit(plan: Plan) -> tuple[Plan, list[Event]]:
            for other in plan.entry_points:
                same = (other.medium, other.address) == (entry.medium, entry.address)
                if same and other.id != entry.id:
                    raise Conflict("entry_point_address_taken", "that address is in use")
            event = EntryPointSaved(
                entry_point_id=entry.id,
                name=entry.name,
                medium=entry.medium,
                address=entry.address,
                open=entry.open,
                topics=tuple(
                    TopicOffered(key=topic.key, label_en=topic.label_en, label_zh=topic.label_zh)
                    for topic in entry.topics
                ),
            )
            return replace(plan, entry_points=_put(plan.entry_points, entry)), [event]

        await self._acd.edit_plan(_next(edit))

    async def save_queue(self, queue: Queue) -> None:
        """Add or change a queue. Raises Invalid: `announcement_unknown`, `answer.unknown`."""
        self._check_said((*queue.guide.announcements, *announcements_of(queue.overflow)))
        if not all(self.can_be_answered(one) for one in answers_of(queue.overflow)):
            raise Invalid("answer.unknown", "no such answer", field="answer_id")
        event = QueueSaved(
            queue_id=queue.id,
            name=queue.name,
            open=queue.open,
            target_answer_s=queue.target_answer_s,
        )
        await self._acd.edit_plan(
            _next(lambda plan: (replace(plan, queues=_put(plan.queues, queue)), [event]))
        )

    def _check_said(self, announcement_ids: Iterable[AnnouncementId | None]) -> None:
        if not all(self.can_be_said(one) for one in announcement_ids if one):
            raise Invalid("announcement_unknown", "no such announcement", field="announcement_id")

    async def save_group(self, group: Group) -> None:
        """Add or change a group. Raises Invalid: `announcement_unknown`."""
        self._check_said([group.announcement_id])
        event = GroupSaved(group_id=group.id, name=group.name, open=group.open)
        await self._acd.edit_plan(
            _next(lambda plan: (replace(plan, groups=_put(plan.groups, group)), [event]))
        )

    def calendars(self) -> tuple[Calendar, ...]:
        """Return all calendars."""
        return self._acd.plan.calendars

    async def save_calendar(self, calendar: Calendar) -> None:
        """Add or change a calendar; what follows it opens or closes at once.

        Raises:
            Invalid: it contradicts itself.
        """
        await self._acd.edit_plan(
            _next(lambda plan: (replace(plan, calendars=_put(plan.calendars, calendar)), []))
        )

    async def remove_calendar(self, calendar_id: CalendarId) -> None:
        """Remove a calendar.

        Raises:
            NotFound: there is none.
            Conflict: something follows it.
        """

        def edit(plan: Plan) -> tuple[Plan, list[Event]]:
            kept = tuple(one for one in plan.calendars if one.id != calendar_id)
            if len(kept) == len(plan.calendars):
                raise NotFound("calendar_unknown", "no such calendar")
            followed = {queue.calendar_id for queue in plan.queues}
            if calendar_id in followed | {group.calendar_id for group in plan.groups}:
                raise Conflict("calendar_in_use", "a queue or group follows this calendar")
            return replace(plan, calendars=kept), []

        await self._acd.edit_plan(_next(edit))

    async def save_agent(self, agent: Agent) -> None:
        """Add or change an agent.

        Raises:
            Invalid: a group that does not exist.
            Conflict: deactivation while a conversation is open.
        """
        groups = {group.id for group in self._acd.plan.groups}
        if not set(agent.group_ids) <= groups:
            raise Invalid("group_unknown", "no such group", field="group_ids")
        event = AgentSaved(
            agent_id=agent.id,
            name=agent.name,
            group_ids=agent.group_ids,
            robot=agent.robot,
            active=agent.active,
        )
        await self._acd.put_agent(agent, [event])

    def agent(self, agent_id: AgentId) -> Agent:
        """Return an agent's settings; NotFound when there is none."""
        for agent in self._acd.agents():
            if agent.id == agent_id:
                return agent
        raise NotFound("agent_unknown", "no such agent")

    def matrix(self) -> Matrix:
        """Return the links as they stand."""
        plan = self._acd.plan
        return Matrix(plan.version, plan.entry_links, plan.group_links)

    async def save_matrix(self, matrix: Matrix) -> Matrix:
        """Replace all links, unless they changed since `matrix.version` was read.

        Raises:
            Conflict: somebody else changed the plan meanwhile.
            Invalid: a link to what does not exist, or a number out of range.
        """

        def edit(plan: Plan) -> tuple[Plan, list[Event]]:
            if plan.version != matrix.version:
                raise Conflict("plan_changed", "somebody else changed it", version=plan.version)
            links = {"entry_links": matrix.entry_links, "group_links": matrix.group_links}
            return replace(plan, **links), []  # type: ignore[arg-type]  # the two fields by name

        plan = await self._acd.edit_plan(_next(edit))
        return Matrix(plan.version, plan.entry_links, plan.group_links)

    async def save_policy(self, policy: Policy) -> None:
        """Replace what may interrupt what, and what waiting work weighs; it holds at once."""
        await self._acd.edit_plan(_next(lambda plan: (replace(plan, policy=policy), [])))

    async def save_break_reason(self, code: Code) -> Code:
        """Add or change a break reason; a new one comes last.

        Raises:
            Invalid: a code that is no plain word, or means something else already.
        """
        if not _WORD.fullmatch(code.code) or code.code in _RESERVED:
            raise Invalid("code_invalid", "not a code for a break reason", field="code")
        known = [other.code for other in await self._store.codes(BREAK_REASON)]
        position = known.index(code.code) if code.code in known else len(known)
        await self._store.save_code(code, position)
        await self._acd.reload_codes()
        return code

    async def seed_codes(self, codes: Sequence[Code] = DEFAULT_CODES) -> None:
        """Write the codes that come with the product, where there are none yet."""
        for kind in {code.kind for code in codes}:
            if not await self._store.codes(kind):
                of_kind = [code for code in codes if code.kind == kind]
                for position, code in enumerate(of_kind):
                    await self._store.save_code(code, position)
        await self._acd.reload_codes()


def _next(
    edit: Callable[[Plan], tuple[Plan, list[Event]]],
) -> Callable[[Plan], tuple[Plan, list[Event]]]:
    """Return the edit as one that also counts the version and says so."""

    def versioned(plan: Plan) -> tuple[Plan, list[Event]]:
        edited, events = edit(plan)
        edited = replace(edited, version=plan.version + 1)
        return edited, [*events, MatrixChanged(version=edited.version)]

    return versioned


def _put(things: tuple[N, ...], thing: N) -> tuple[N, ...]:
    """Return the things with this one added, or in the place of the one with its id."""
    if any(other.id == thing.id for other in things):
        return tuple(thing if other.id == thing.id else other for other in things)
    return (*things, thing)
