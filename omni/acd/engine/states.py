"""States and outcomes by names of their own, for what every decision asks.

Python 3.11 takes ten times as long to find a member in its enum as to read a name and compare.
"""

from typing import Final

from omni.core.terms import AgentState, InteractionState, Outcome

WAITING: Final = InteractionState.WAITING
OFFERED: Final = InteractionState.OFFERED
ACTIVE: Final = InteractionState.ACTIVE
ENDING: Final = InteractionState.WRAP_UP
ENDED: Final = InteractionState.ENDED

READY: Final = AgentState.READY
DIALING: Final = AgentState.DIALING
BUSY: Final = AgentState.BUSY
IN_WRAP_UP: Final = AgentState.WRAP_UP
ON_BREAK: Final = AgentState.BREAK
SIGNED_OUT: Final = AgentState.SIGNED_OUT

ANSWERED: Final = Outcome.ANSWERED
ABANDONED: Final = Outcome.ABANDONED
