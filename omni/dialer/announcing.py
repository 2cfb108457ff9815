"""Agentless campaigns: everybody on the list hears a recorded message, and may press a key.

Rules:
1. Nobody is dialled without consent (the gate asks for it in this mode).
2. Pace is the campaign's own: so many calls a second, so many lines; no agent is counted on. Who
   hears the message was not dropped.
3. `1` (when offered) stops the message: the person waits in the campaign's queue as long as they
   like. `9` (when offered) puts the number on the do-not-call list for all campaigns: the line is
   hung up at once, the list is written by a durable consumer (`Attempts.key_pressed`).
4. With answer detection, machines are hung up on, or the message begins after their greeting
   (`omni.dialer.engine.detection`); without it they are taken for people. A person who is hung up
   on as a machine was dropped: the drop budget pays for that before the line is dialled; on a line
   that is not paid for, the message is played whatever answers.
5. Who heard the message to its end has the outcome `message`, who pressed 9 `opted_out`, who hung
   up before that `hung_up`.
"""

from datetime import datetime, timedelta

from omni.core.events.voice import CallEnded
from omni.core.terms import AttemptOutcome
from omni.dialer.lines import Line, Run
from omni.dialer.model import CONNECT_KEY, FORBID_KEY

LISTEN_S = 5.0  # after the message, for a key
SECOND = timedelta(seconds=1.05)  # the carrier counts by its own clock


def calls_due(run: Run, going_on: int, now: datetime) -> int:
    """Return how many numbers may be dialled now.

    Args:
        going_on: the campaign's lines that ring or hear the message.
    """
    campaign = run.campaign
    while run.announced and run.announced[0] <= now - SECOND:
        run.announced.popleft()
    pace = campaign.calls_per_second - len(run.announced)
    return max(0, min(run.room.lines, run.room.dials, pace, campaign.max_lines - going_on))


def outcome_of(line: Line, event: CallEnded) -> AttemptOutcome:
    """Return how an answered line ended that nobody took.

    Answered while we were ending it, or cut off by our own side (the switch died): it was we who
    left nobody on the line.
    """
    if not line.announced and (line.withdrawn or event.by == "system"):
        return AttemptOutcome.DROPPED
    if line.pressed == FORBID_KEY:
        return AttemptOutcome.OPTED_OUT
    if line.announced and line.pressed != CONNECT_KEY and event.message_played:
        return AttemptOutcome.MESSAGE
    return AttemptOutcome.HUNG_UP
