"""Templates of answers, and what was answered by them, in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from omni.channels.email.model import Answer, Answered
from omni.channels.email.tables import ADDRESS, MailAnsweredRecord, MailAnswerRecord
from omni.core.ids import AnswerId, InteractionId


class AnswerTable:
    """`omni.channels.email.ports.AnswerStore`."""

    async def answers(self) -> Sequence[Answer]:
        found: list[Answer] = []
        for row in await MailAnswerRecord.all().order_by("name"):
            texts: Any = row.texts
            found.append(Answer(AnswerId(row.answer_id), row.name, texts))
        return found

    async def save_answer(self, answer: Answer) -> None:
        columns = {"name": answer.name, "texts": dict(answer.texts)}
        await MailAnswerRecord.update_or_create(columns, answer_id=answer.answer_id)

    async def remove_answer(self, answer_id: AnswerId) -> None:
        await MailAnswerRecord.filter(answer_id=answer_id).delete()

    async def answered_since(self, thread_id: str, address: str, since: datetime) -> Answered:
        late = MailAnsweredRecord.filter(at__gte=since)
        return Answered(
            in_thread=await late.filter(thread_id=thread_id).count(),
            to_address=await late.filter(address=address[:ADDRESS].lower()).count(),
        )

    async def note_answered(
        self, interaction_id: InteractionId, thread_id: str, address: str, at: datetime
    ) -> bool:
        if await MailAnsweredRecord.exists(interaction_id=interaction_id):
            return False
        await MailAnsweredRecord.create(
            interaction_id=interaction_id,
            thread_id=thread_id,
            address=address[:ADDRESS].lower(),
            at=at,
        )
        return True
