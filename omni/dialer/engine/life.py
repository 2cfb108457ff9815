"""The life of a campaign as one table: which command leads from which state to which.

    draft ── start ──► running ⇄ paused                 pause: what is in the air goes on
                          │ drain    finished: the list is exhausted
                          ▼
                       draining ── drained ──► stopped   by itself, when nothing is in the air

`stop` also withdraws what rings; `drain` waits for it, for conversations and for wrap-ups. What is
not in the table is refused.
"""

from enum import StrEnum

from omni.dialer.model import CampaignState


class Order(StrEnum):
    """What a person (start, pause, drain, stop) or the dialling itself wants of a campaign."""

    START = "start"
    PAUSE = "pause"
    DRAIN = "drain"
    STOP = "stop"
    FINISH = "finish"  # no contact can be dialled any more
    DRAINED = "drained"  # nothing is in the air any more


_S = CampaignState
LIFE: dict[tuple[CampaignState, Order], CampaignState] = {
    (_S.DRAFT, Order.START): _S.RUNNING,
    (_S.RUNNING, Order.PAUSE): _S.PAUSED,
    (_S.RUNNING, Order.DRAIN): _S.DRAINING,
    (_S.RUNNING, Order.STOP): _S.STOPPED,
    (_S.RUNNING, Order.FINISH): _S.FINISHED,
    (_S.PAUSED, Order.START): _S.RUNNING,
    (_S.PAUSED, Order.STOP): _S.STOPPED,
    (_S.DRAINING, Order.START): _S.RUNNING,
    (_S.DRAINING, Order.PAUSE): _S.PAUSED,
    (_S.DRAINING, Order.STOP): _S.STOPPED,
    (_S.DRAINING, Order.DRAINED): _S.STOPPED,
    (_S.STOPPED, Order.START): _S.RUNNING,
    (_S.FINISHED, Order.START): _S.RUNNING,
    (_S.FINISHED, Order.STOP): _S.STOPPED,
}

FRESH = frozenset({_S.DRAFT, _S.STOPPED, _S.FINISHED})
"""States from which a start begins anew: under the newest version of the rule profile."""


def after(state: CampaignState, order: Order) -> CampaignState | None:
    """Return the state that follows, None when the order makes no sense in this state."""
    return LIFE.get((state, order))
