"""What callers leave us: a message that is stored becomes work of its queue.

The work has the recording's id, so that being told twice makes it once. The call on which it was
left stays as it ended, and both are on the customer's ticket.
"""

from omni.acd.model import Arrival
from omni.acd.record import MESSAGE, Errand
from omni.channels.voice.ports import Acd
from omni.core.errors import Forbidden, NotFound
from omni.core.events.base import Event, Recorded
from omni.core.events.voice import RecordingStored, VoicemailBegan
from omni.core.ids import AgentId, InteractionId, RecordingId
from omni.core.journal import Journal
from omni.core.terms import Direction, Medium

LEAST_S = 1.0
"""Shorter than this, nothing was said: it stays on the ticket of the call."""


class Messages:
    """Hands messages to the ACD."""

    def __init__(self, acd: Acd, journal: Journal) -> None:
        self._acd = acd
        self._journal = journal

    async def on_stored(self, recorded: Recorded[Event]) -> None:
        """Let a stored message wait in its queue."""
        event = recorded.event
        if not isinstance(event, RecordingStored) or event.message_for is None:
            return
        if event.length_s < LEAST_S:
            return
        await self._acd.arrive(
            Arrival(
                interaction_id=InteractionId(event.recording_id),
                medium=Medium.VOICE,
                direction=Direction.INBOUND,
                queue_id=event.message_for,
                address=event.address,
                errand=MESSAGE,
            )
        )

    def errand(self, agent_id: AgentId, interaction_id: InteractionId) -> Errand:
        """Return what this agent does for a customer who is not on the line.

        Raises:
            NotFound: it is nobody's errand (any more).
            Forbidden: another agent has it.
        """
        errand = self._acd.errand(interaction_id)
        if errand is None:
            raise NotFound("errand_unknown")
        if errand.agent_id != agent_id:
            raise Forbidden("errand_of_another_agent")
        return errand

    async def began(self, recording_id: RecordingId) -> VoicemailBegan | None:
        """Return the message that a recording is, from the journal; None: it is none."""
        async for recorded in self._journal.read(0, types=[VoicemailBegan.TYPE]):
            event = recorded.event
            if isinstance(event, VoicemailBegan) and event.recording_id == recording_id:
                return event
        return None
