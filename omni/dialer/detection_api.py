"""The API of answer detection: how right it is, per campaign."""

from datetime import datetime

from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.ids import CampaignId
from omni.core.terms import STAFF, AnswerKind
from omni.dialer.detection import Detection, Scored
from omni.dialer.engine.detection import CHECK_EVERY, CHECKS_MIN, PERSONS_MAX, Truth
from omni.dialer.model import OnMachine


class VerdictRow(Wire):
    """What agents found behind one verdict of the detector."""

    kind: AnswerKind
    person: int
    machine: int


class DetectionOut(Wire):
    """How right the detector is since `since`.

    `off`: why it was switched off by itself, "" when it was not. `allowed`: the rules allow it.
    `ended`: machines nobody heard; `checked`, `persons`: machines that agents saw, and persons
    among them; `lost`: persons believed to be among `ended`. `corrected_pct`: the drop rate with
    them, and without the machines that were taken for persons. `check_every`, `checks_min`,
    `persons_max_pct`: the rule by which it is switched off.
    """

    on: bool
    off: str
    allowed: bool
    on_machine: OnMachine
    since: datetime
    matrix: list[VerdictRow]
    ended: int
    checked: int
    persons: int
    lost: float | None
    drop_pct: float | None
    corrected_pct: float | None
    limit_pct: float
    check_every: int
    checks_min: int
    persons_max_pct: float


def detection_rows(detection: Detection) -> list[Endpoint]:
    """Return the endpoints."""

    async def scored(call: Call) -> DetectionOut:
        return _out(await detection.score(CampaignId(call.path["campaign_id"])))

    return [
        Endpoint(
            "GET",
            "/api/campaigns/{campaign_id}/answer-detection",
            "Say how right the detector of answering machines is",
            scored,
            STAFF,
            result=DetectionOut,
        )
    ]


def _out(found: Scored) -> DetectionOut:
    campaign, score = found.campaign, found.score
    return DetectionOut(
        on=campaign.answer_detection,
        off=campaign.detection_off,
        allowed=found.allowed,
        on_machine=campaign.on_machine,
        since=found.since,
        matrix=[
            VerdictRow(kind=kind, person=row[Truth.PERSON], machine=row[Truth.MACHINE])
            for kind, row in score.matrix.items()
        ],
        ended=score.ended,
        checked=score.checked,
        persons=score.persons,
        lost=None if score.lost is None else round(score.lost, 1),
        drop_pct=score.drop_pct,
        corrected_pct=score.corrected_pct,
        limit_pct=found.limit_pct,
        check_every=CHECK_EVERY,
        checks_min=CHECKS_MIN,
        persons_max_pct=100 * PERSONS_MAX,
    )
