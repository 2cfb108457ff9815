"""Where things are used that must then stay: announcements, and automatic answers to mails."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from omni.acd.model import Plan
from omni.acd.overflow import announcements_of, answers_of
from omni.acd.service import Acd
from omni.channels.voice.ports import Use
from omni.dialer.service import Campaigns


class AnnouncementUses:
    """`omni.channels.voice.ports.Uses`."""

    def __init__(self, acd: Acd, campaigns: Campaigns) -> None:
        self._acd = acd
        self._campaigns = campaigns

    async def __call__(self) -> Mapping[str, Sequence[Use]]:
        found: defaultdict[str, dict[Use, None]] = defaultdict(dict)
        for announcement_id, use in _of_plan(self._acd.plan):
            found[announcement_id][use] = None
        for campaign in await self._campaigns.all():
            for announcement_id in (campaign.message, campaign.drop_message):
                found[announcement_id][Use("campaign", campaign.name)] = None
        return {key: list(uses) for key, uses in found.items() if key}


def _of_plan(plan: Plan) -> Iterator[tuple[str, Use]]:
    for entry in plan.entry_points:
        yield entry.announcement_id or "", Use("entry_point", entry.name)
    for group in plan.groups:
        yield group.announcement_id or "", Use("group", group.name)
    for queue in plan.queues:
        for announcement_id in (*queue.guide.announcements, *announcements_of(queue.overflow)):
            yield announcement_id, Use("queue", queue.name)


class AnswerUses:
    """`omni.channels.email.service.answers.Uses`."""

    def __init__(self, acd: Acd) -> None:
        self._acd = acd

    async def __call__(self) -> Mapping[str, Sequence[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for queue in self._acd.plan.queues:
            for answer_id in dict.fromkeys(answers_of(queue.overflow)):
                found[answer_id].append(queue.name)
        return found
