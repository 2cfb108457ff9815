"""Which of a contact's numbers is dialled next.

Rules:
1. The campaign says which kinds of number come first; within a kind, and for the kinds it does not
   name, the list's order holds.
2. The turn goes round: after a number comes the next in that order, after the last the first.
3. A number whose attempts of one outcome are used up, or that no rule tries again (invalid, a
   fax), is done; the contact goes on with its others, and is done when none is left.
4. When the retry rule passes the turn on, a number that had fewer attempts than the one just
   dialled is tried after the campaign's short pause; when all had theirs, the rule's delay holds.
"""

from collections.abc import Sequence

from omni.dialer.model import ContactNumber, NumberKind, RetryRule


def in_turn(
    numbers: Sequence[ContactNumber], order: Sequence[NumberKind], first: str = ""
) -> list[ContactNumber]:
    """Return a contact's numbers in the order of their turns, `first` (if known) at the head."""
    places = {kind: place for place, kind in enumerate(order)}
    ranked = sorted(numbers, key=lambda one: places.get(one.kind, len(places)))
    head = next((place for place, one in enumerate(ranked) if one.number == first), 0)
    return ranked[head:] + ranked[:head]


def is_used_up(rule: RetryRule | None, times: int) -> bool:
    """Tell whether a number is done that has ended so for the `times`-th time."""
    return rule is None or times >= rule.attempts


def others_left(turns: Sequence[ContactNumber], cap: int) -> list[ContactNumber]:
    """Return the numbers after the first that may still be dialled; `cap` 0: no cap of a number."""
    return [one for one in turns[1:] if not one.finished and (cap == 0 or one.attempts < cap)]
