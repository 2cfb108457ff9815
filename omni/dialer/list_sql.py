"""A list plan as SQL: what a contact's row says about its lane, its place and what stops it.

The hopper finds contacts by `lane` and `place` in an index, so that it never looks at those it does
not take. Both are written when a contact comes in, when it is ready again, and when the plan
changes. Rows are named `c` in the expressions; texts of people come in as literals.
"""

import re

from omni.dialer.engine.selection import EXTRA
from omni.dialer.model import Campaign, Condition, ListOrder, ListPlan, ListStop, Operator, Quota

_FIXED = {
    "name": "c.name",
    "external_id": "c.external_id",
    "number": "c.number",
    "zone": "c.zone_key",
    "list": "c.import_id",
    "consent_source": "c.consent_source",
}
_NUMBER = re.compile(r"^-?\d{1,15}(\.\d{1,6})?$")
_IS_NUMBER = r"~ '^-?\d{1,15}(\.\d{1,6})?$'"
KEY_CHARS = 40
NOBODY = "0"  # is stopped
LAST_PLACE = "2"  # sorts after all places, which begin with 0 or 1


def literal(text: str) -> str:
    """Return a text as an SQL literal; PostgreSQL has no NUL in texts."""
    return "'" + text.replace("\x00", "").replace("'", "''") + "'"


def field_sql(name: str) -> str:
    """Return a contact's field, '' when it has none."""
    if name in _FIXED:
        return _FIXED[name]
    return f"coalesce(c.extra->>{literal(name.removeprefix(EXTRA))}, '')"


def condition_sql(condition: Condition) -> str:
    """Return whether a condition holds for a contact."""
    text = f"lower({field_sql(condition.field)})"
    value = literal(condition.value.lower())
    match condition.operator:
        case Operator.IS:
            return f"{text} = {value}"
        case Operator.IS_NOT:
            return f"{text} <> {value}"
        case Operator.CONTAINS:
            return f"strpos({text}, {value}) > 0"
        case Operator.STARTS:
            return f"starts_with({text}, {value})"
        case Operator.EMPTY:
            return f"{text} = ''"
        case Operator.PRESENT:
            return f"{text} <> ''"
        case Operator.ABOVE | Operator.BELOW:
            return _compared(text, ">" if condition.operator is Operator.ABOVE else "<", condition)


def _compared(text: str, sign: str, condition: Condition) -> str:
    if _NUMBER.match(condition.value):
        number = f"CASE WHEN {text} {_IS_NUMBER} THEN {text}::numeric END"
        return f"coalesce({number} {sign} {condition.value}, false)"
    return f"{text} {sign} {literal(condition.value.lower())}"


def filters_sql(plan: ListPlan) -> str:
    """Return whether all of a plan's filters hold for a contact."""
    return " AND ".join(f"({condition_sql(each)})" for each in plan.filters) or "true"


def quota_sql(quota: Quota) -> str:
    """Return whether a contact is one of a quota's."""
    return f"lower({field_sql(quota.field)}) = {literal(quota.value.lower())}"


def stop_sql(campaign: Campaign) -> str:
    """Return the `ListStop` of a contact."""
    plan = campaign.list_plan
    cases = [f"WHEN NOT ({filters_sql(plan)}) THEN {ListStop.FILTER:d}"] if plan.filters else []
    off = [literal(list_id) for list_id, weight in plan.weights.items() if weight == 0]
    if off:
        cases.append(f"WHEN c.import_id IN ({', '.join(off)}) THEN {ListStop.LIST:d}")
    full = [quota_sql(each) for each in campaign.quotas if each.key in campaign.quotas_full]
    if full:
        cases.append(f"WHEN {' OR '.join(full)} THEN {ListStop.QUOTA:d}")
    return f"CASE {' '.join(cases)} ELSE 0 END" if cases else NOBODY


def lane_sql(plan: ListPlan) -> str:
    """Return which part of the mix a contact belongs to; '' are the lists without a weight."""
    own = [literal(list_id) for list_id, weight in plan.weights.items() if weight > 0]
    return (
        f"CASE WHEN c.import_id IN ({', '.join(own)}) THEN c.import_id ELSE '' END" if own else "''"
    )


def backwards(plan: ListPlan) -> bool:
    """Tell whether the places are taken from the end."""
    by_field = plan.order is ListOrder.FIELD and plan.descending
    return plan.order is ListOrder.NEWEST or by_field


def place_sql(plan: ListPlan) -> str:
    """Return a contact's place in the list: a text that sorts, each contact's its own."""
    fresh_first = plan.retries_first == backwards(plan)
    fresh, again = ("0", "1") if fresh_first else ("1", "0")
    return f"CASE WHEN c.attempts = 0 THEN '{fresh}' ELSE '{again}' END || {_key(plan)} || c.id"


def _key(plan: ListPlan) -> str:
    match plan.order:
        case ListOrder.IMPORTED | ListOrder.NEWEST:
            return "''"
        case ListOrder.OLDEST:
            return "to_char(coalesce(extract(epoch FROM c.last_at), 0) * 1000, 'FM00000000000000')"
        case ListOrder.FEWEST:
            return "to_char(c.attempts, 'FM0000')"
        case ListOrder.RANDOM:
            return f"left(md5(c.id || '{plan.seed:d}'), 12)"
        case ListOrder.FIELD:
            text = f"lower({field_sql(plan.by_field)})"
            number = f"to_char({text}::numeric + 1e15, 'FM0000000000000000.000000')"
            return (
                f"CASE WHEN {text} {_IS_NUMBER} THEN '0' || {number}"
                f" ELSE '1' || left({text}, {KEY_CHARS}) END"
            )
