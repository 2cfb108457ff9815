"""A call that an agent makes: shown to them, typed in by them, or promised by them."""

from dataclasses import dataclass

from omni.core.ids import CampaignId, ContactId, QueueId


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A contact of a campaign that an agent is to call; see `engine.own_calls`.

    `dialling`: the number is being dialled (or is to be at once); else the agent still decides.
    """

    campaign_id: CampaignId
    queue_id: QueueId
    contact_id: ContactId
    dialling: bool = False
