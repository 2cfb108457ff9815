"""The HTTP API of automatic answers: their templates, and what they would say."""

from typing import Annotated

from pydantic import Field

from omni.channels.email.model import Answer
from omni.channels.email.service.answers import Answers
from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.ids import AnswerId
from omni.core.terms import MANAGERS

AT = "/api/mail-answers"
Text = Annotated[str, Field(max_length=10_000)]


class AnswerTexts(Wire):
    """What is answered in each language; "": people who write in it get the other one."""

    en: Text = ""
    zh: Text = ""


class AnswerBody(Wire):
    """A template; what it may use stands in `engine.answering.NAMES`."""

    name: Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]
    texts: AnswerTexts


class AnswerItem(AnswerBody):
    """A template and the queues whose rules use it."""

    answer_id: AnswerId
    uses: list[str]


class AnswerApi:
    """Handlers."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def all(self, _: Call) -> list[AnswerItem]:
        uses = await self._answers.uses()
        return [
            AnswerItem(
                answer_id=one.answer_id,
                name=one.name,
                texts=AnswerTexts(**one.texts),
                uses=list(uses.get(one.answer_id, ())),
            )
            for one in self._answers.all()
        ]

    async def add(self, call: Call) -> None:
        await self._save(self._answers.new_id(), call.body)

    async def change(self, call: Call) -> None:
        await self._save(self._answers.known(call.path["answer_id"]).answer_id, call.body)

    async def _save(self, answer_id: AnswerId, body: AnswerBody) -> None:
        await self._answers.save(Answer(answer_id, body.name, dict(body.texts)))

    async def preview(self, call: Call) -> AnswerTexts:
        return AnswerTexts(**self._answers.preview(dict(call.body)))

    async def remove(self, call: Call) -> None:
        await self._answers.remove(AnswerId(call.path["answer_id"]))


def answer_endpoints(answers: Answers) -> list[Endpoint]:
    """Return the rows of the API."""
    api = AnswerApi(answers)
    one = f"{AT}/{{answer_id}}"
    return [
        Endpoint("GET", AT, "List the automatic answers to mails.", api.all, MANAGERS,
                 result=list[AnswerItem]),
        Endpoint("POST", AT, "Add an automatic answer.", api.add, MANAGERS, body=AnswerBody),
        Endpoint("PUT", one, "Change an automatic answer.", api.change, MANAGERS,
                 body=AnswerBody),
        Endpoint("DELETE", one, "Remove an automatic answer that no queue uses.", api.remove,
                 MANAGERS),
        Endpoint("POST", f"{AT}/preview", "See what a template says.", api.preview, MANAGERS,
                 body=AnswerTexts, result=AnswerTexts),
    ]  # fmt: skip
