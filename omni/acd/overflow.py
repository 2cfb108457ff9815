"""What a queue does with what it cannot let in or serve in time: rules, looked at in order.

Rules:
1. They are looked at when something arrives, when the queue closes or is deserted, and when a
   waiting limit of theirs is reached. The first that holds decides; each is used at most once for
   an interaction.
2. An interaction never comes back to a queue it has been in, so that rules which send in a circle
   stop: the rule that would close the circle does not hold, and the next one is looked at.
3. It keeps its arrival time and priority in another queue: it is served as if it had waited there.
4. Who has been promised a call back is no longer subject to rules: they wait for their turn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from omni.core.ids import AnnouncementId, AnswerId, GroupId, QueueId
from omni.core.terms import Medium


class Condition(StrEnum):
    """When a rule holds."""

    CLOSED = "closed"  # outside the hours of its calendar, or closed by hand
    FULL = "full"  # on arrival: so many (`limit`) wait already
    WAITED = "waited"  # it has waited so long (`limit`, seconds)
    EXPECTED = "expected_wait"  # on arrival: longer than `limit` seconds by `engine.pace`
    NOBODY = "nobody"  # no agent who serves the queue is signed in and not on break


class Action(StrEnum):
    """What is done. Those of `STAYING` leave the interaction in the queue."""

    QUEUE = "queue"
    GROUP = "group"  # agents of another group serve it too
    ANNOUNCE = "announce"
    CALLBACK = "callback"  # press 1 to be called back, at the same place in the line
    MENU = "menu"  # press one of the digits of `options`
    VOICEMAIL = "voicemail"
    NUMBER = "number"  # put through to an external number
    TICKET = "ticket"  # tell the customer, end it, leave the ticket open
    ANSWER = "answer"  # answer the mail by a template; it waits on


STAYING = frozenset({Action.GROUP, Action.ANNOUNCE, Action.CALLBACK, Action.MENU, Action.ANSWER})
BY_MEDIUM = {
    Medium.VOICE: frozenset(Action) - {Action.ANSWER},
    Medium.CHAT: frozenset({Action.QUEUE, Action.GROUP, Action.TICKET}),
    Medium.EMAIL: frozenset({Action.QUEUE, Action.GROUP, Action.ANSWER}),
}
"""What can be done with each: mail is never turned away, a chat has no ears."""
ASKING = frozenset({Action.CALLBACK, Action.MENU})
CALLBACK_DIGIT = "1"
NUMBER_CHARACTERS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Step:
    """An action and its object.

    `announcement_id`: what a caller hears; None: what is usual for the action. `answer_id`: the
    template by which mail is answered.
    """

    action: Action
    queue_id: QueueId | None = None
    group_id: GroupId | None = None
    number: str = ""
    announcement_id: AnnouncementId | None = None
    answer_id: AnswerId | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """What a digit of a menu does."""

    digit: str
    step: Step


@dataclass(frozen=True, slots=True)
class OverflowRule:
    """One rule. `waiting_too`: CLOSED and NOBODY also concern those who wait at that moment."""

    when: Condition
    step: Step
    limit: float = 0.0
    media: tuple[Medium, ...] = (Medium.VOICE,)
    waiting_too: bool = False
    options: tuple[Option, ...] = ()

    def concerns(self, medium: Medium) -> bool:
        """Tell whether it is a rule for this medium."""
        return medium in self.media and self.step.action in BY_MEDIUM[medium]

    def steps(self) -> Iterator[Step]:
        """Yield its step and those of its options."""
        yield self.step
        for option in self.options:
            yield option.step

    def choice(self, digit: str) -> Step | None:
        """Return what the caller chooses with this digit."""
        if self.step.action is Action.CALLBACK and digit == CALLBACK_DIGIT:
            return self.step
        return next((option.step for option in self.options if option.digit == digit), None)

    @property
    def digits(self) -> str:
        """The digits that choose something."""
        if self.step.action is Action.CALLBACK:
            return CALLBACK_DIGIT
        return "".join(option.digit for option in self.options)

    def faults(self) -> Iterator[str]:
        """Yield the code of each contradiction."""
        if self.limit < 0 or (self.when is Condition.WAITED and self.limit <= 0):
            yield "overflow_limit"
        if not self.media:
            yield "overflow_no_medium"
        if (self.step.action is Action.MENU) is not bool(self.options):
            yield "overflow_menu_empty"
        digits = [option.digit for option in self.options]
        if len(set(digits)) != len(digits) or not all(
            digit in NUMBER_CHARACTERS for digit in digits
        ):
            yield "overflow_digit"
        if any(option.step.action is Action.MENU for option in self.options):
            yield "overflow_menu_in_menu"
        if any(option.step.action is Action.ANSWER for option in self.options):
            yield "overflow_menu_answers"
        for step in self.steps():
            yield from _faults(step)


def announcements_of(rules: Iterable[OverflowRule]) -> Iterator[AnnouncementId]:
    """Yield what is said by these rules."""
    for rule in rules:
        for step in rule.steps():
            if step.announcement_id:
                yield step.announcement_id


def answers_of(rules: Iterable[OverflowRule]) -> Iterator[AnswerId]:
    """Yield by what mails are answered."""
    for rule in rules:
        if rule.step.answer_id:
            yield rule.step.answer_id


def _faults(step: Step) -> Iterator[str]:
    if step.action is Action.QUEUE and step.queue_id is None:
        yield "overflow_no_queue"
    if step.action is Action.GROUP and step.group_id is None:
        yield "overflow_no_group"
    if step.action is Action.ANSWER and step.answer_id is None:
        yield "overflow_no_answer"
    if step.action is Action.NUMBER and not _is_number(step.number):
        yield "overflow_no_number"


def _is_number(text: str) -> bool:
    digits = text.removeprefix("+")
    return text.startswith("+") and 7 <= len(digits) <= 15 and set(digits) <= NUMBER_CHARACTERS
