"""The dialer's API for list plans: order, mix, filters, quotas, and how far lists are worked."""

from omni.core.endpoint import Call, Endpoint
from omni.core.ids import CampaignId
from omni.core.terms import MANAGERS, STAFF
from omni.dialer import list_wire as wire
from omni.dialer.list_plans import ListPlans, Planned, Worked
from omni.dialer.model import Condition, ListPlan, Quota


def endpoints(plans: ListPlans) -> list[Endpoint]:
    """Return the rows of list plans."""

    async def get(call: Call) -> wire.ListPlanOut:
        return plan_out(await plans.get(_id(call)))

    async def put(call: Call) -> wire.ListPlanOut:
        body: wire.ListPlanBody = call.body
        quotas = [Quota(one.field, one.value, one.disposition, one.limit) for one in body.quotas]
        return plan_out(await plans.put(_id(call), plan_in(body), quotas))

    async def count(call: Call) -> wire.MatchingOut:
        contacts, matching = await plans.count(_id(call), conditions_in(call.body.filters))
        return wire.MatchingOut(contacts=contacts, matching=matching)

    async def fields(call: Call) -> list[str]:
        return await plans.fields(_id(call))

    async def penetration(call: Call) -> list[wire.PenetrationOut]:
        return [penetration_out(each) for each in await plans.penetration(_id(call))]

    of_one = "/api/campaigns/{campaign_id}"
    at = f"{of_one}/list-plan"
    return [
        Endpoint("GET", at, "Get a list plan", get, STAFF, result=wire.ListPlanOut),
        Endpoint(
            "PUT",
            at,
            "Say which contacts are dialled in which order, and up to which quotas",
            put,
            MANAGERS,
            body=wire.ListPlanBody,
            result=wire.ListPlanOut,
        ),
        Endpoint(
            "POST",
            f"{at}/count",
            "Count the contacts that pass filters",
            count,
            STAFF,
            body=wire.FiltersBody,
            result=wire.MatchingOut,
        ),
        Endpoint(
            "GET",
            f"{of_one}/fields",
            "List the fields of a campaign's contacts",
            fields,
            STAFF,
            result=list[str],
        ),
        Endpoint(
            "GET",
            f"{of_one}/penetration",
            "Say how far each list has been worked through",
            penetration,
            STAFF,
            result=list[wire.PenetrationOut],
        ),
    ]


def _id(call: Call) -> CampaignId:
    return CampaignId(call.path["campaign_id"])


def conditions_in(bodies: list[wire.ContactFilter]) -> tuple[Condition, ...]:
    """Return filters from the wire."""
    return tuple(Condition(body.field, body.operator, body.value) for body in bodies)


def plan_in(body: wire.ListPlanBody) -> ListPlan:
    """Return a list plan from the wire."""
    return ListPlan(
        order=body.order,
        by_field=body.by_field,
        descending=body.descending,
        seed=body.seed,
        retries_first=body.retries_first,
        weights=dict(body.weights),
        filters=conditions_in(body.filters),
    )


def plan_out(planned: Planned) -> wire.ListPlanOut:
    """Return a list plan for the wire."""
    plan = planned.plan
    return wire.ListPlanOut(
        order=plan.order,
        by_field=plan.by_field,
        descending=plan.descending,
        seed=plan.seed,
        retries_first=plan.retries_first,
        weights=dict(plan.weights),
        filters=[
            wire.ContactFilter(field=each.field, operator=each.operator, value=each.value)
            for each in plan.filters
        ],
        quotas=[
            wire.QuotaOut(
                field=stand.quota.field,
                value=stand.quota.value,
                disposition=stand.quota.disposition,
                limit=stand.quota.limit,
                results=stand.results,
                in_flight=stand.in_flight,
            )
            for stand in planned.quotas
        ],
        arranging=planned.arranging,
    )


def penetration_out(worked: Worked) -> wire.PenetrationOut:
    """Return how far a list has been worked through, for the wire."""
    one = worked.penetration
    return wire.PenetrationOut(
        import_id=one.import_id,
        file_name=worked.file_name,
        weight=worked.weight,
        contacts=one.contacts,
        untouched=one.untouched,
        open=one.open,
        done=one.done,
        reached=one.reached,
        stopped=one.stopped,
        attempts=one.attempts,
    )
