"""The HTTP API of the policy: what may interrupt what, and what waiting work weighs."""

from typing import Annotated

from pydantic import Field

from omni.acd.administration import Administration
from omni.acd.bodies import PerMedium, Seconds
from omni.acd.model import Policy
from omni.acd.service import Acd
from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.terms import ADMINS, STAFF

Row = tuple[bool, bool, bool]


class PolicyBody(Wire):
    """See `omni.acd.model.Policy`. Rows and columns of `may_join`: voice, email, chat.

    `may_join_own_call`: what may come beside a call that the agent is to make themselves;
    `own_call_may_join`: beside what such a call may come.
    """

    may_join: tuple[Row, Row, Row]
    may_join_own_call: Row
    own_call_may_join: Row
    priority_step_s: Annotated[float, Field(ge=0, le=86_400)]
    selection_step_s: Annotated[float, Field(ge=0, le=86_400)]
    head_start_s: PerMedium
    reject_rest_s: Seconds


class PolicyApi:
    """Handlers."""

    def __init__(self, acd: Acd, administration: Administration) -> None:
        self._acd = acd
        self._administration = administration

    async def read(self, call: Call) -> PolicyBody:
        return _body(self._acd.plan.policy)

    async def save(self, call: Call) -> PolicyBody:
        policy = Policy(**dict(call.body))
        await self._administration.save_policy(policy)
        return _body(policy)


def policy_endpoints(api: PolicyApi) -> list[Endpoint]:
    """Return the rows of the API."""
    return [
        Endpoint("GET", "/api/routing-policy", "Read what may interrupt what, and the weights.",
                 api.read, STAFF, result=PolicyBody),
        Endpoint("PUT", "/api/routing-policy", "Replace what may interrupt what, and the weights.",
                 api.save, ADMINS, body=PolicyBody, result=PolicyBody),
    ]  # fmt: skip


def _body(policy: Policy) -> PolicyBody:
    first, second, third = policy.may_join
    return PolicyBody(
        may_join=(first, second, third),
        may_join_own_call=policy.may_join_own_call,
        own_call_may_join=policy.own_call_may_join,
        priority_step_s=policy.priority_step_s,
        selection_step_s=policy.selection_step_s,
        head_start_s=policy.head_start_s,
        reject_rest_s=policy.reject_rest_s,
    )
