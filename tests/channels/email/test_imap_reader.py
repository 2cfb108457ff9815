"""The client's side of IMAP: the same responses for any cutting of the bytes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.channels.email.engine.imap import (
    MAX_LINE_BYTES,
    Garbled,
    Reader,
    Response,
    capabilities,
    fetched,
    folder_name,
    found_uids,
    quoted,
    uid_set,
    uid_validity,
)

STREAM = (
    b"* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n"
    b"* 2 EXISTS\r\n"
    b"* OK [UIDVALIDITY 99] ok\r\n"
    b"* SEARCH 4 5 7\r\n"
    b"* 1 FETCH (UID 4 RFC822.SIZE 12 BODY[] {12}\r\nA1 OK no end FLAGS (\\Seen))\r\n"
    b"* 2 FETCH (BODY[] {0}\r\n UID 5)\r\n"
    b"* 3 FETCH (FLAGS (\\Seen))\r\n"
    b"+ idling\r\n"
    b"A1 OK [READ-ONLY] done\r\n"
    b"* BYE\r\n"
)


def responses(cuts: list[int]) -> list[Response]:
    reader = Reader(1000)
    places = sorted({0, len(STREAM), *cuts})
    return [one for start, end in pairwise(places) for one in reader.feed(STREAM[start:end])]


def test_the_whole_stream_at_once() -> None:
    found = responses([])
    assert len(found) == 10
    assert capabilities(found[0]) == {"IMAP4REV1", "IDLE"}
    assert found[1].exists == 2
    assert uid_validity(found[2]) == 99
    assert found_uids(found[3]) == [4, 5, 7]
    first, second = fetched(found[4]), fetched(found[5])
    assert first is not None
    assert (first.uid, first.size_bytes, first.content) == (4, 12, b"A1 OK no end")
    assert second is not None
    assert (second.uid, second.content) == (5, b"")
    assert fetched(found[6]) is None
    assert found[7].continuation
    assert found[8].tagged == ("A1", "OK", "[READ-ONLY] done")
    assert found[9].bye
    assert not any(one.bye for one in found[:9])


def test_byte_by_byte() -> None:
    assert responses(list(range(len(STREAM)))) == responses([])


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_cut_anywhere(cuts: list[int]) -> None:
    assert responses(cuts) == responses([])


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_given_up(raw: bytes) -> None:
    reader = Reader(100)
    try:
        for response in reader.feed(raw):
            fetched(response)
            found_uids(response)
            capabilities(response)
            uid_validity(response)
    except Garbled:
        pass


def test_what_would_fill_the_memory_is_given_up() -> None:
    with pytest.raises(Garbled):
        Reader(100).feed(b"* 1 FETCH (BODY[] {101}\r\n")
    reader = Reader(100)
    with pytest.raises(Garbled):
        for _ in range(MAX_LINE_BYTES // 1_000_000 + 2):
            reader.feed(b"x" * 1_000_000)


def test_arguments() -> None:
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'
    with pytest.raises(Garbled):
        quoted("a\r\nA2 DELETE INBOX")
    assert uid_set([1, 2, 3, 7, 9, 10]) == "1:3,7,9:10"
    assert folder_name("INBOX/收件箱 & co") == "INBOX/&ZTZO9nux- &- co"
    assert capabilities(Response(b"* CAPABILITY IMAP4rev1 IDLE")) == {"IMAP4REV1", "IDLE"}
    assert capabilities(Response(b"* OK hello")) == frozenset()
    assert found_uids(Response(b"* SEARCH")) == []
