"""Answering machines: what is done with one, and whether the detector is right often enough.

Rules:
1. A machine goes to an agent when the campaign says so, or to check the detector: every
   `CHECK_EVERY`-th does, and the agent's disposition says whether it was one. Whoever the detector
   is not sure of is a person. A campaign without agents plays its message at once to people, and
   to machines when it says so; nobody checks its detector, so that what is believed beforehand
   stays believed (who talks to an agent there has pressed a key: no machine does).
2. A person taken for a machine and hung up on was abandoned, and counts as such: of the machines
   that agents saw, the share of persons is what the unseen ones are believed to hold. A machine
   taken for a person was no call to a person. The corrected drop rate says both.
3. What it may cost is paid for before (`omni.dialer.engine.budget`, rule 5), by the share of
   persons that is believed beforehand (`PRIOR_PERSONS` of `PRIOR_CHECKS`) and corrected by what
   agents find (`lost_share`). No window pays: the line is not listened to, or, where nobody needs
   an agent, whatever answers it is treated as a person once it is known.
4. A recorded message that a person hears is no dropped call; to be hung up on is one, with agents
   or without. Where the call is a message anyhow, a machine that it is left on costs nothing: it
   begins 1.2 s after who answered has fallen silent, within the law's seconds. Where an agent was
   to come, a person who gets a machine's message was dropped.
5. What becomes of machines is settled for each line when it is dialled (`treatment`), written with
   the attempt, and kept: a campaign that is changed meanwhile changes it for later lines only.
   Thus nothing that rings costs more than was paid for, also for who reads the books after a crash.
6. The detector is switched off when it harms beyond doubt, that is by the lower end of the 95 %
   interval (Wilson) of that share, from `CHECKS_MIN` checks on: more than `PERSONS_MAX` of its
   machines are persons, or they alone put the corrected drop rate over the campaign's limit.

Sources: Ofcom, persistent misuse, 2010 (the abandoned call rate with a reasoned estimate of false
positives); 16 CFR 310.4(b)(4) for where the seconds begin; 16 CFR 310.4(b)(1)(v)(B): a message that
begins within two seconds of the completed greeting does not abandon the call.
"""

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from omni.core.terms import AnswerKind, AttemptOutcome
from omni.dialer.engine.profiles import RuleProfile, StartPoint
from omni.dialer.model import BY_HAND, Attempt, Campaign, Mode, OnMachine

CHECK_EVERY = 10
CHECKS_MIN = 20
PERSONS_MAX = 0.10
PRIOR_PERSONS, PRIOR_CHECKS = 1, 50
Z_95 = 1.96
DETECT_S = 6.0  # the longest time that finding out takes


class Truth(StrEnum):
    """What an agent found on the line."""

    PERSON = "person"
    MACHINE = "machine"


class Harm(StrEnum):
    """Why the detector was switched off; "" on the campaign: it was not."""

    LOSES_PEOPLE = "loses_people"
    OVER_LIMIT = "over_limit"


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """So many attempts with this verdict; `truth` "": no agent said."""

    kind: AnswerKind
    truth: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class Score:
    """How right the detector is.

    Attributes:
        matrix: verdict → truth → how many, of those that agents saw.
        ended: machines that no person heard: hung up on, or given a message.
        checked, persons: machines that agents saw, and how many of them were persons.
        real: of whom the detector took for persons, the share that were.
        lost: persons believed to be among `ended`. lost_least: by the lower end of the interval.
        drop_pct, corrected_pct: dropped of answered, as counted and as corrected (rule 2).
        corrected_least_pct: with `lost_least`.
    """

    matrix: dict[AnswerKind, dict[Truth, int]]
    ended: int
    checked: int
    persons: int
    lost: float | None
    lost_least: float
    real: float
    drop_pct: float | None
    corrected_pct: float | None
    corrected_least_pct: float | None


def detects(campaign: Campaign, profile: RuleProfile) -> bool:
    """Tell whether the campaign finds out what answers."""
    by_hand = campaign.mode in BY_HAND
    return campaign.answer_detection and profile.machine_detection and not by_hand


def treatment(
    campaign: Campaign, profile: RuleProfile, *, announced: bool, paid: bool
) -> OnMachine | None:
    """Return what is done when a machine answers a line; None: it is not listened to.

    Args:
        announced: who answers hears the campaign's message, nobody waits for an agent.
        paid: the drop budget has what ending one more machine may cost.
    """
    # Whoever is called back in a campaign without agents was promised one: nobody is tested.
    if not detects(campaign, profile) or announced is not (campaign.mode is Mode.AGENTLESS):
        return None
    if paid or not costs(campaign.on_machine, announced=announced):
        return campaign.on_machine
    return OnMachine.CONNECT if announced else None


def costs(on_machine: OnMachine, *, announced: bool) -> bool:
    """Tell whether a person who is taken for a machine would be a dropped call (rule 4)."""
    return on_machine is OnMachine.HANG_UP or (on_machine is OnMachine.MESSAGE and not announced)


def goes_on(attempt: Attempt, kind: AnswerKind, *, announced: bool) -> bool:
    """Tell whether the call goes on as a person's: to an agent, or to the message (rule 1)."""
    if kind in (AnswerKind.HUMAN, AnswerKind.UNSURE):
        return True
    if kind is AnswerKind.FAX:
        return False
    check = not announced and zlib.crc32(attempt.attempt_id.encode()) % CHECK_EVERY == 0
    return check or attempt.on_machine is OnMachine.CONNECT


def seconds_from(
    profile: RuleProfile, answered_at: datetime, known_at: datetime, quiet_s: float
) -> datetime:
    """Return from when the seconds until the message are counted.

    Args:
        quiet_s: how long the person had been silent when the detector knew.
    """
    if profile.message_from is StartPoint.GREETING_END:
        return max(answered_at, known_at - timedelta(seconds=quiet_s))
    return answered_at  # where a greeting begins is not heard: no later than this


def score_of(counts: Iterable[VerdictCount]) -> Score:
    """Add up verdicts and what agents found."""
    matrix = {kind: dict.fromkeys(Truth, 0) for kind in AnswerKind}
    ended = live = dropped = 0
    for row in counts:
        if row.truth:
            matrix[row.kind][Truth(row.truth)] += row.count
        if row.outcome == AttemptOutcome.MACHINE:
            ended += row.count
        elif row.kind is not AnswerKind.FAX and row.outcome:
            live += row.count
            dropped += row.count if row.outcome == AttemptOutcome.DROPPED else 0
    taken = [matrix[kind] for kind in (AnswerKind.HUMAN, AnswerKind.UNSURE)]
    real = _share(sum(row[Truth.PERSON] for row in taken), sum(sum(r.values()) for r in taken))
    persons = matrix[AnswerKind.MACHINE][Truth.PERSON]
    checked = persons + matrix[AnswerKind.MACHINE][Truth.MACHINE]
    lost = persons / checked * ended if checked else None
    lost_least = wilson_low(persons, checked) * ended
    return Score(
        matrix=matrix,
        ended=ended,
        checked=checked,
        persons=persons,
        lost=lost,
        lost_least=lost_least,
        real=real,
        drop_pct=_pct(dropped, live),
        corrected_pct=_pct(dropped * real + (lost or 0.0), live * real + (lost or 0.0)),
        corrected_least_pct=_pct(dropped * real + lost_least, live * real + lost_least),
    )


def lost_share(score: Score | None = None) -> float:
    """Return the share of ended machines to be taken for persons, in calls as they are counted.

    Counted calls hold machines that were taken for persons: one real person weighs more than one.
    """
    if score is None:
        return PRIOR_PERSONS / PRIOR_CHECKS
    persons = (score.persons + PRIOR_PERSONS) / (score.checked + PRIOR_CHECKS)
    return min(1.0, persons / max(score.real, persons))


def harm(score: Score, limit_pct: float) -> Harm | None:
    """Return why the detector must be switched off, None when it need not (rule 4)."""
    if score.checked < CHECKS_MIN:
        return None
    if wilson_low(score.persons, score.checked) > PERSONS_MAX:
        return Harm.LOSES_PEOPLE
    corrected, counted = score.corrected_least_pct, score.drop_pct or 0.0
    over = corrected is not None and corrected > limit_pct >= counted
    return Harm.OVER_LIMIT if over and score.lost_least > 0 else None


def wilson_low(hits: int, trials: int) -> float:
    """Return the lower end of the 95 % interval of a share; 0 without trials."""
    if not trials:
        return 0.0
    share, z2 = hits / trials, Z_95 * Z_95
    spread = Z_95 * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    return max(0.0, (share + z2 / (2 * trials) - spread) / (1 + z2 / trials))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _pct(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 3) if whole > 0 else None
