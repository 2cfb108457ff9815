"""Addresses, ids and dates of headers, also broken ones."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.channels.email.engine.fields import address_of, addresses, ids, instant
from omni.channels.email.engine.mime import Headers
from omni.channels.email.model import Address


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.example", [("a@b.example", "")]),
        ("Ann <A@B.Example>", [("A@b.example", "Ann")]),
        (
            '"Doe, John" <j@b.example>, c@d.example',
            [("j@b.example", "Doe, John"), ("c@d.example", "")],
        ),
        ('"a \\" b" <j@b.example>', [("j@b.example", 'a " b')]),
        ("j@b.example (John Doe)", [("j@b.example", "John Doe")]),
        ("Team: a@b.example, c@d.example;", [("a@b.example", ""), ("c@d.example", "")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?B?5byg5LiJ?= <z@b.example>", [("z@b.example", "张三")]),
        ("<@relay.example,@x.example:a@b.example>", [("a@b.example", "")]),
        (
            '"unclosed <a@b.example>, c@d.example',
            [("a@b.example", "unclosed"), ("c@d.example", "")],
        ),
        ("a@b.example, A@B.example", [("a@b.example", "")]),
        ("nobody", []),
        ("<>", []),
        ("张三@例子.cn", [("张三@例子.cn", "")]),
        ("'a@b.example'", [("a@b.example", "")]),
    ],
)
def test_addresses(value: str, expected: list[tuple[str, str]]) -> None:
    assert addresses([value.encode()]) == tuple(Address(*one) for one in expected)


def test_one_address() -> None:
    assert address_of(" a@B.Example. ") == "a@b.example"
    assert address_of("a@b.example\r\nBcc: x@y.example") == ""
    assert address_of("a b@c.example") == ""


def test_ids_are_each_once_in_order_and_bounded() -> None:
    assert ids([b"<a@b> <c@d>\r\n <a@b>"]) == ("a@b", "c@d")
    assert ids([b"a@b"]) == ("a@b",)
    assert ids([b"", b"<>", b"< >"]) == ()
    many = b" ".join(b"<%d@x>" % number for number in range(500))
    found = ids([many])
    assert len(found) == 100
    assert (found[0], found[-1]) == ("0@x", "499@x")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Sat, 21 Nov 2026 18:00:00 +0800", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        ("Sat, 21 Nov 2026 10:00:00 -0000", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("yesterday", None),
        ("", None),
        ("Sat, 99 Nov 2026 10:00:00 +9999", None),
    ],
)
def test_dates(value: str, expected: datetime | None) -> None:
    assert instant(Headers([("date", value.encode())])) == expected


@given(st.binary(max_size=400))
def test_any_bytes_are_read(raw: bytes) -> None:
    for one in addresses([raw]):
        assert "@" in one.address
    ids([raw])
    instant(Headers([("date", raw)]))


@given(st.text(alphabet='"\\(<>@,;: a', max_size=200))
def test_any_punctuation_is_read(text: str) -> None:
    addresses([text.encode()])
