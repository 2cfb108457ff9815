"""States and outcomes by names of their own, for what every decision asks.

Python 3.11 takes ten times as long to find a member in its enum as to read a name and compare.
"""

from omni.core.terms import AgentState, InteractionState, Outcome

WAITING = InteractionState.WAITING
OFFERED = InteractionState.OFFERED
ACTIVE = InteractionState.ACTIVE
ENDING = InteractionState.WRAP_UP
ENDED = InteractionState.ENDED

READY = AgentState.READY
BUSY = AgentState.BUSY
IN_WRAP_UP = AgentState.WRAP_UP
ON_BREAK = AgentState.BREAK
SIGNED_OUT = AgentState.SIGNED_OUT

ANSWERED = Outcome.ANSWERED
ABANDONED = Outcome.ABANDONED
