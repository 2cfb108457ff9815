"""What the ACD's services need from outside."""

from collections.abc import Sequence
from typing import Protocol

from omni.acd.callers import CallerRule
from omni.acd.codes import Code
from omni.acd.model import Agent, Plan
from omni.acd.record import InteractionRow, OpeningsRow, PresenceRow
from omni.core.ids import AgentId, InteractionId


class AcdStore(Protocol):
    """The ACD's tables. Writes happen inside the caller's journal transaction."""

    async def insert(self, rows: Sequence[InteractionRow]) -> None:
        """Write interactions that are not there yet."""
        ...

    async def update(self, rows: Sequence[InteractionRow]) -> None:
        """Write what changed of interactions that are there."""
        ...

    async def save_presences(self, rows: Sequence[PresenceRow]) -> None:
        """Write agents' states, replacing the earlier ones."""
        ...

    async def acquire(self, ttl_s: float) -> int | None:
        """Become the owner of routing; return the fencing number, None while another is."""
        ...

    async def renew(self, fence: int, ttl_s: float) -> bool:
        """Stay the owner for another `ttl_s`; False when another has taken over."""
        ...

    async def hold(self, fence: int) -> bool:
        """Inside a transaction: make sure we are the owner until its commit; False: we are not."""
        ...

    async def release(self, fence: int) -> None:
        """Let another become the owner at once."""
        ...

    async def open_interactions(self) -> list[InteractionRow]:
        """Return every interaction that is not over, in order of arrival."""
        ...

    async def recently_over(self, limit: int) -> list[InteractionId]:
        """Return the ids of the newest interactions that are over."""
        ...

    async def find(self, interaction_id: InteractionId) -> InteractionRow | None:
        """Return one interaction, also an old one."""
        ...

    async def presences(self) -> list[PresenceRow]:
        """Return the last state of every agent that ever signed in."""
        ...

    async def openings(self) -> OpeningsRow:
        """Return which groups opened, closed or help by themselves."""
        ...

    async def save_openings(self, row: OpeningsRow) -> None:
        """Write that, replacing what was."""
        ...

    async def plan(self) -> Plan:
        """Return the plan as it stands."""
        ...

    async def save_plan(self, plan: Plan) -> None:
        """Replace the plan."""
        ...

    async def agents(self) -> list[Agent]:
        """Return all agents, also inactive ones, by name."""
        ...

    async def save_agent(self, agent: Agent) -> None:
        """Write an agent, new or known."""
        ...

    async def last_agent(self, address: str) -> AgentId | None:
        """Return who last talked with this address."""
        ...

    async def callers(self) -> list[CallerRule]:
        """Return the black list and the VIP list."""
        ...

    async def save_caller(self, rule: CallerRule) -> None:
        """Write an entry of these lists, new or known."""
        ...

    async def remove_caller(self, pattern: str) -> bool:
        """Remove an entry; False when there was none."""
        ...

    async def codes(self, kind: str) -> list[Code]:
        """Return the dispositions or break reasons, in their order."""
        ...

    async def save_code(self, code: Code, position: int) -> None:
        """Write a disposition or break reason, new or known."""
        ...
