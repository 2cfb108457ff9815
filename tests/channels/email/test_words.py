"""Charsets and encodings as they are really sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.channels.email.engine.words import (
    codec_of,
    from_base64,
    from_transfer,
    header_text,
    text_of,
)


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("你好".encode(), "utf-8", "你好"),
        ("你好，请问".encode("gbk"), "gb2312", "你好，请问"),
        ("你好，请问".encode("gbk"), "utf-8", "你好，请问"),  # lies about itself
        ("你好，请问".encode("gbk"), "", "你好，请问"),
        ("Grüße aus Köln".encode("latin-1"), "us-ascii", "Grüße aus Köln"),
        ("Grüße".encode("cp1252"), "iso-8859-1", "Grüße"),
        ("“quotes”".encode("cp1252"), "iso-8859-1", "“quotes”"),
        ("Grüße".encode(), "no-such-charset", "Grüße"),
        ("Grüße".encode(), "idna", "Grüße"),  # a codec, but no charset
        ("caf\u00e9 你好".encode()[:-1], "utf-8", "café 你\ufffd"),  # cut in a character
        ("こんにちは".encode("shift_jis"), "shift_jis", "こんにちは"),
        (b"\xef\xbb\xbfbom", "utf-8", "bom"),
        (b"a\x00b\r\nc\rd", "utf-8", "ab\nc\nd"),
        ("안녕".encode("cp949"), "ks_c_5601-1987", "안녕"),
    ],
)
def test_text_is_read_by_what_it_is(raw: bytes, charset: str, text: str) -> None:
    assert text_of(raw, charset) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?B?5L2g5aW9?=", "你好"),
        (b"=?UTF-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?q?_aus?=", "Grüße aus"),
        (b"=?gb2312?B?xOO6ww==?= order", "你好 order"),
        (b"=?utf-8?B?5L2g5Q==?= =?utf-8?B?pb0=?=", "你好"),  # cut inside a character
        (b"=?utf-8*zh-CN?Q?=E4=BD=A0?=", "你"),
        (b"plain\r\n folded\x07", "plain folded"),
        (b"=?broken", "=?broken"),
        ("直接的中文".encode("gbk"), "直接的中文"),
        (b"=?x-unknown?Q?abc?=", "abc"),
    ],
)
def test_header_words(raw: bytes, text: str) -> None:
    assert header_text(raw) == text


def test_base64_with_a_broken_end_gives_what_there_is() -> None:
    assert from_base64(b"aGVsbG8") == b"hello"
    assert from_base64(b"aGVs\r\nbG8=\r\n-- footer").startswith(b"hello")
    assert from_base64(b"!") == b""
    assert from_transfer(b"a=3Db=\r\nc", "Quoted-Printable") == b"a=bc"
    assert from_transfer(b"as it is", "x-uuencode") == b"as it is"


def test_only_text_charsets_are_codecs() -> None:
    assert codec_of("GB2312") == "gb18030"
    assert codec_of("unicode_escape") is None
    assert codec_of("zip") is None


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_in_any_charset_give_storable_text(raw: bytes, charset: str) -> None:
    for text in (text_of(raw, charset), header_text(raw)):
        assert "\x00" not in text
        text.encode("utf-8")


@given(st.binary(max_size=300))
def test_any_base64_decodes(raw: bytes) -> None:
    from_base64(raw)
    from_transfer(raw, "quoted-printable")
