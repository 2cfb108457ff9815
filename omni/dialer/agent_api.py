"""The API of what agents do: promise calls, dial by hand, dial or skip what is shown.

Types stand in `wire.py`.
"""

from omni.core.endpoint import Call, Endpoint
from omni.core.ids import CampaignId, ContactId, InteractionId
from omni.core.terms import AGENTS
from omni.dialer import wire
from omni.dialer.by_hand import ByHand
from omni.dialer.callbacks import Callbacks


def endpoints(callbacks: Callbacks, by_hand: ByHand) -> list[Endpoint]:
    """Return the rows for agents."""

    async def promise(call: Call) -> None:
        body: wire.PromiseBody = call.body
        agent_id = call.actor.agent_id if body.personal else ""
        interaction_id = InteractionId(call.path["interaction_id"])
        await callbacks.promise(interaction_id, body.at, agent_id, body.note)

    async def choices(call: Call) -> list[wire.DialChoice]:
        return [
            wire.DialChoice(campaign_id=one.campaign_id, name=one.name, mode=one.mode)
            for one in await by_hand.open_campaigns(call.actor.agent_id)
        ]

    async def dial(call: Call) -> None:
        body: wire.DialBody = call.body
        campaign_id = CampaignId(call.path["campaign_id"])
        await by_hand.dial(call.actor.agent_id, campaign_id, body.number, body.name)

    async def dial_shown(call: Call) -> None:
        await by_hand.dial_shown(call.actor.agent_id, ContactId(call.path["contact_id"]))

    async def skip_shown(call: Call) -> None:
        await by_hand.skip_shown(call.actor.agent_id, ContactId(call.path["contact_id"]))

    return [
        Endpoint(
            "POST",
            "/api/interactions/{interaction_id}/callback",
            "Promise the person of a conversation a call",
            promise,
            AGENTS,
            body=wire.PromiseBody,
        ),
        Endpoint(
            "GET",
            "/api/dial",
            "List the campaigns for which numbers may be dialled by hand",
            choices,
            AGENTS,
            result=list[wire.DialChoice],
        ),
        Endpoint(
            "POST",
            "/api/dial/{campaign_id}",
            "Dial a number by hand",
            dial,
            AGENTS,
            body=wire.DialBody,
        ),
        Endpoint(
            "POST",
            "/api/previews/{contact_id}/dial",
            "Dial the contact that is shown",
            dial_shown,
            AGENTS,
        ),
        Endpoint(
            "POST",
            "/api/previews/{contact_id}/skip",
            "Skip the contact that is shown",
            skip_shown,
            AGENTS,
        ),
    ]
