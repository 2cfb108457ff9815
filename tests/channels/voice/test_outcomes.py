"""One test per row of the table, and the rules around it."""

import pytest

from omni.channels.voice.outcomes import BY_CAUSE, BY_SIP_CODE, Ending, classify
from omni.core.terms import AttemptOutcome as Outcome

SIP = {
    400: ("congestion", None),
    401: ("failed", None),
    402: ("congestion", None),
    403: ("congestion", None),
    404: ("invalid_number", None),
    407: ("failed", None),
    408: ("no_answer", "congestion"),
    410: ("invalid_number", None),
    413: ("failed", None),
    415: ("failed", None),
    480: ("no_answer", "unreachable"),
    484: ("invalid_number", None),
    485: ("invalid_number", None),
    486: ("busy", None),
    487: ("no_answer", "congestion"),
    488: ("failed", None),
    500: ("congestion", None),
    502: ("congestion", None),
    503: ("congestion", None),
    504: ("congestion", None),
    600: ("busy", None),
    603: ("rejected", None),
    604: ("invalid_number", None),
    606: ("failed", None),
    607: ("rejected", None),
    608: ("rejected", None),
}
CAUSES = {
    1: ("invalid_number", None),
    2: ("congestion", None),
    3: ("congestion", None),
    16: ("no_answer", "unreachable"),
    17: ("busy", None),
    18: ("no_answer", "unreachable"),
    19: ("no_answer", "unreachable"),
    20: ("unreachable", None),
    21: ("rejected", None),
    22: ("invalid_number", None),
    26: ("no_answer", None),
    27: ("unreachable", None),
    28: ("invalid_number", None),
    29: ("congestion", None),
    31: ("no_answer", "unreachable"),
    34: ("congestion", None),
    38: ("congestion", None),
    41: ("congestion", None),
    42: ("congestion", None),
    44: ("congestion", None),
    58: ("failed", None),
    88: ("failed", None),
    102: ("congestion", None),
    127: ("congestion", None),
}


def test_every_row_has_a_test() -> None:
    assert SIP.keys() == BY_SIP_CODE.keys()
    assert CAUSES.keys() == BY_CAUSE.keys()


@pytest.mark.parametrize("code", SIP)
def test_sip_code(code: int) -> None:
    rang, silent = SIP[code]
    # The SIP code decides even when the cause says something else.
    assert classify(Ending(cause=17, sip_code=code, rang=True)) == rang
    assert classify(Ending(cause=17, sip_code=code)) == (silent or rang)


@pytest.mark.parametrize("cause", CAUSES)
def test_cause(cause: int) -> None:
    rang, silent = CAUSES[cause]
    assert classify(Ending(cause=cause, rang=True)) == rang
    assert classify(Ending(cause=cause)) == (silent or rang)


def test_a_withdrawn_call_is_cancelled_whatever_the_network_says() -> None:
    assert classify(Ending(cause=17, sip_code=486, rang=True, cancelled=True)) is Outcome.CANCELLED


def test_our_own_time_limit_is_no_answer_if_it_rang() -> None:
    ending = Ending(cause=19, sip_code=480, rang=True, timed_out=True)
    assert classify(ending) is Outcome.NO_ANSWER


def test_a_carrier_that_never_answers_is_congestion() -> None:
    assert classify(Ending(cause=19, sip_code=480, timed_out=True)) is Outcome.CONGESTION


def test_an_unknown_ending_is_a_failure_of_ours() -> None:
    assert classify(Ending(cause=0, sip_code=0)) is Outcome.FAILED
    assert classify(Ending(cause=999, sip_code=299)) is Outcome.FAILED
