"""Frames from pages: the good ones are read, every other is refused with its reason."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.channels.chat.engine.protocol import (
    FAILURES,
    FRAME_MAX_BYTES,
    Ack,
    Failure,
    Hello,
    Post,
    Refused,
    parse,
)


@pytest.mark.parametrize(
    ("frame", "read"),
    [
        ({"op": "hello"}, Hello(op="hello")),
        (
            {"op": "post", "client_ref": "r", "text": "x" * 4000},
            Post(op="post", client_ref="r", text="x" * 4000),
        ),
        (
            {"op": "ack", "conversation": "c", "number": 3, "read": True},
            Ack(op="ack", conversation="c", number=3, read=True),
        ),
    ],
)
def test_frames_that_are_read(frame: object, read: object) -> None:
    assert parse(json.dumps(frame)) == read


def test_the_longest_line_fits_into_a_frame_however_it_is_escaped() -> None:
    for sign in "\n好\x01":
        frame = parse(json.dumps({"op": "post", "client_ref": "r", "text": sign * 4000}))
        assert isinstance(frame, Post)
        assert len(frame.text) == 4000


@pytest.mark.parametrize(
    ("raw", "failure"),
    [
        (b"{}", Failure.NOT_TEXT),
        ("x" * (FRAME_MAX_BYTES + 1), Failure.TOO_LARGE),
        ("好" * (FRAME_MAX_BYTES // 2), Failure.TOO_LARGE),
        ("", Failure.NOT_JSON),
        ("hello", Failure.NOT_JSON),
        ('{"op": "post"', Failure.NOT_JSON),
        ("[" * 30_000, Failure.NOT_JSON),
        ("null", Failure.INVALID),
        ("[]", Failure.INVALID),
        ("{}", Failure.INVALID),
        ('{"op": "fly"}', Failure.INVALID),
        ('{"op": "post", "text": "no reference"}', Failure.INVALID),
        ('{"op": "post", "client_ref": "r", "text": 7}', Failure.INVALID),
        ('{"op": "typing", "extra": 1}', Failure.INVALID),
        ('{"op": "ack", "conversation": "c", "number": -1}', Failure.INVALID),
        ('{"op": "ack", "conversation": "c", "number": 1e300}', Failure.INVALID),
        ('{"op": "ack", "conversation": "c", "number": NaN}', Failure.INVALID),
        (f'{{"op": "ack", "conversation": "c", "number": {"9" * 5000}}}', Failure.NOT_JSON),
        ('{"op": "hello", "token": ["x"]}', Failure.INVALID),
    ],
)
def test_frames_that_are_refused(raw: str | bytes, failure: Failure) -> None:
    with pytest.raises(Refused) as refused:
        parse(raw)
    assert refused.value.failure is failure


def test_a_refused_post_says_which_one_it_was() -> None:
    with pytest.raises(Refused) as refused:
        parse('{"op": "post", "client_ref": "r7", "text": 7}')
    assert refused.value.client_ref == "r7"


def test_every_failure_says_what_becomes_of_the_connection() -> None:
    assert set(FAILURES) == set(Failure)


@given(st.text() | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_nothing_but_a_frame_or_a_refusal_comes_out_of_any_input(value: object) -> None:
    raw = value if isinstance(value, str) else json.dumps({"op": "post", "text": value})
    with contextlib.suppress(Refused):
        assert parse(raw).op in raw
