"""The HTTP API of the entry points: where customers reach us, and what they say they need."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from omni.acd.administration import Administration, find_part
from omni.acd.bodies import Level, Name, SkillBody, skill_bodies
from omni.acd.model import EntryPoint, EntryRule, Fact, Skill, Topic
from omni.acd.service import Acd
from omni.core.clock import Identities
from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.ids import AnnouncementId, EntryPointId
from omni.core.terms import ADMINS, STAFF, Medium

Address = Annotated[str, Field(min_length=1, max_length=320)]


class TopicBody(Wire):
    """What a customer may choose; see `omni.acd.model.Topic`."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label_en: Name
    label_zh: Name


class EntryRuleBody(Wire):
    """What a contact needs if a fact of it says `text`; see `omni.acd.model.EntryRule`."""

    fact: Fact
    text: str = Field(default="", max_length=200)
    needs: tuple[SkillBody, ...] = Field(default=(), max_length=20)
    priority: Level | None = None


Topics = Annotated[tuple[TopicBody, ...], Field(max_length=12)]
EntryRules = Annotated[tuple[EntryRuleBody, ...], Field(max_length=100)]


class EntryPointNew(Wire):
    """A new entry point. `address`: number in E.164, mailbox id, widget name."""

    name: Name
    medium: Medium
    address: Address
    open: bool = True
    announcement_id: AnnouncementId | None = None
    topics: Topics = ()
    rules: EntryRules = ()


class EntryPointBody(EntryPointNew):
    """An entry point."""

    entry_point_id: EntryPointId


class EntryPointPatch(Wire):
    """What to change of an entry point."""

    name: Name | None = None
    address: Address | None = None
    open: bool | None = None
    announcement_id: AnnouncementId | None = Field(default=None, description='"": none any more')
    topics: Topics | None = None
    rules: EntryRules | None = None


class EntryApi:
    """Handlers; see `entry_endpoints`."""

    def __init__(self, acd: Acd, administration: Administration, identities: Identities) -> None:
        self._acd = acd
        self._administration = administration
        self._identities = identities

    async def list(self, call: Call) -> list[EntryPointBody]:
        return [_body(entry) for entry in self._acd.plan.entry_points]

    async def add(self, call: Call) -> EntryPointBody:
        body: EntryPointNew = call.body
        entry = EntryPoint(
            id=EntryPointId(self._identities.new()),
            name=body.name,
            medium=body.medium,
            address=body.address,
            open=body.open,
            announcement_id=body.announcement_id,
            topics=_topics(body.topics),
            rules=_rules(body.rules),
        )
        await self._administration.save_entry_point(entry)
        return _body(entry)

    async def change(self, call: Call) -> EntryPointBody:
        patch: EntryPointPatch = call.body
        entry = find_part(self._acd.plan.entry_points, call.path["entry_point_id"])
        entry = replace(
            entry,
            name=entry.name if patch.name is None else patch.name,
            address=entry.address if patch.address is None else patch.address,
            open=entry.open if patch.open is None else patch.open,
            announcement_id=_announcement(entry, patch),
            topics=entry.topics if patch.topics is None else _topics(patch.topics),
            rules=entry.rules if patch.rules is None else _rules(patch.rules),
        )
        await self._administration.save_entry_point(entry)
        return _body(entry)


def entry_endpoints(api: EntryApi) -> list[Endpoint]:
    """Return the rows of the endpoint table."""
    return [
        Endpoint("GET", "/api/entry-points", "List the entry points.", api.list, STAFF,
                 result=list[EntryPointBody]),
        Endpoint("POST", "/api/entry-points", "Add an entry point.", api.add, ADMINS,
                 body=EntryPointNew, result=EntryPointBody),
        Endpoint("PATCH", "/api/entry-points/{entry_point_id}", "Change an entry point.",
                 api.change, ADMINS, body=EntryPointPatch, result=EntryPointBody),
    ]  # fmt: skip


def _announcement(entry: EntryPoint, patch: EntryPointPatch) -> AnnouncementId | None:
    given = patch.announcement_id
    return entry.announcement_id if given is None else given or None


def _topics(bodies: tuple[TopicBody, ...]) -> tuple[Topic, ...]:
    return tuple(Topic(body.key, body.label_en, body.label_zh) for body in bodies)


def _rules(bodies: tuple[EntryRuleBody, ...]) -> tuple[EntryRule, ...]:
    return tuple(
        EntryRule(
            fact=body.fact,
            text=body.text.strip(),
            needs=tuple(Skill(need.name, need.level, need.preferred) for need in body.needs),
            priority=body.priority,
        )
        for body in bodies
    )


def _body(entry: EntryPoint) -> EntryPointBody:
    return EntryPointBody(
        entry_point_id=entry.id,
        name=entry.name,
        medium=entry.medium,
        address=entry.address,
        open=entry.open,
        announcement_id=entry.announcement_id,
        topics=tuple(
            TopicBody(key=topic.key, label_en=topic.label_en, label_zh=topic.label_zh)
            for topic in entry.topics
        ),
        rules=tuple(
            EntryRuleBody(
                fact=rule.fact,
                text=rule.text,
                needs=skill_bodies(rule.needs),
                priority=rule.priority,
            )
            for rule in entry.rules
        ),
    )
