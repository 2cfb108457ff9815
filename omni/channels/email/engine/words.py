"""Bytes of mails into text: charsets as they are really used, transfer encodings, header words.

Rules:
1. Nothing here raises on any input: what cannot be read is read with replacement characters.
2. A declared charset is believed only when it is a known text charset; some codec names that
   Python knows ("idna", "unicode_escape") are slow or no charsets at all.
3. A wrong charset is noticed (strict decoding fails) and the likely ones are tried in turn.

Sources: RFC 2045, RFC 2047, RFC 2231; WHATWG Encoding for the names that mean a larger set.
"""

import binascii
import codecs
import re

# Labels of mails → codec. Superset codecs where senders declare the smaller set (WHATWG).
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8-sig": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-8-i": "iso-8859-8",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "big5-hkscs": "big5hkscs",
}
_KNOWN = re.compile(
    r"(utf-?(8|16|16le|16be|32|32le|32be|7)|gb18030|hz|big5|big5hkscs|cp\d{3,4}|windows-\d{4}"
    r"|iso-?8859-?\d{1,2}|iso2022_jp|iso2022_kr|iso-2022-(jp|kr)(-\w+)?|euc_?-?(jp|kr|jis_2004)"
    r"|koi8-?[rut]|mac-?roman|macintosh|tis-?620|johab)",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[ \t\r\n]+")
# Charset, encoding and text of an encoded word are bounded so that no input is slow.
_WORD = re.compile(
    r"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[A-Za-z-]{0,20})?\?([bBqQ])\?([^?]{0,2000})\?="
)
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(=\?)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_GB_PAIR = re.compile(rb"[\xa1-\xfe]{2}")
_NOT_BASE64 = bytes(
    sorted(
        set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    )
)


def codec_of(label: str) -> str | None:
    """Return the codec that a charset label of a mail means, None when it is no known charset."""
    name = label.strip(" \"'").lower()
    name = _ALIASES.get(name, name)
    if not _KNOWN.fullmatch(name):
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def text_of(content: bytes, charset: str = "") -> str:
    """Decode bytes by their declared charset, or by the likeliest other one when that is wrong."""
    declared = codec_of(charset) if charset else None
    for codec in dict.fromkeys((declared or "utf-8", "utf-8")):
        try:
            return _tidy(content.decode(codec))
        except (UnicodeError, ValueError):
            continue
    return _tidy(content.decode(_likely(content, declared), errors="replace"))


def _likely(content: bytes, declared: str | None) -> str:
    """Return the codec of bytes that are neither what they claim nor proper UTF-8.

    Chinese bytes come in pairs of high ones, western ones stand alone between letters; UTF-8 that
    was cut or slightly damaged loses few of its many high bytes.
    """
    high = sum(map(len, _HIGH.findall(content)))
    if content.decode("utf-8", "replace").count("\ufffd") * 4 <= high:
        return "utf-8"
    paired = 2 * len(_GB_PAIR.findall(content))
    if paired * 10 >= high * 8:
        return "gb18030"
    return declared if declared not in (None, "utf-8") else "cp1252"


def _tidy(text: str) -> str:
    # NUL cannot be stored; lone surrogates (utf-7, utf-16) cannot be encoded again.
    if text.startswith("\ufeff"):
        text = text[1:]
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text.encode("utf-8", "replace").decode("utf-8")


def header_text(raw: bytes) -> str:
    """Return a header's value as one line of text, encoded words decoded, no control characters."""
    text = _SPACES.sub(" ", text_of(raw)).strip()
    if "=?" in text:
        text = _decode_words(_BETWEEN_WORDS.sub(r"\1\2", text))
    return _CONTROL.sub("", _SPACES.sub(" ", text)).strip()


def _decode_words(text: str) -> str:
    """Decode encoded words; neighbours of one charset are joined first, as some senders cut
    characters in two."""
    out: list[str] = []
    end, charset, pending = 0, "", b""
    for match in _WORD.finditer(text):
        if match.start() != end or match.group(1).lower() != charset:
            out.append(text_of(pending, charset))
            pending, charset = b"", match.group(1).lower()
        out.append(text[end : match.start()])
        pending += _word(match.group(2), match.group(3))
        end = match.end()
    out.append(text_of(pending, charset))
    out.append(text[end:])
    return "".join(out)


def _word(encoding: str, body: str) -> bytes:
    content = body.encode("utf-8", "replace")
    return from_base64(content) if encoding in "bB" else binascii.a2b_qp(content, header=True)


def from_base64(content: bytes) -> bytes:
    """Decode base64, ignoring what does not belong to it and a broken end."""
    letters = content.translate(None, _NOT_BASE64)
    rest = len(letters) % 4
    if rest == 1:
        letters = letters[:-1]
    elif rest:
        letters += b"=" * (4 - rest)
    return binascii.a2b_base64(letters)


def from_transfer(content: bytes, encoding: str) -> bytes:
    """Undo a Content-Transfer-Encoding; unknown ones are taken as none."""
    name = encoding.strip().lower()
    if name == "base64":
        return from_base64(content)
    if name == "quoted-printable":
        return binascii.a2b_qp(content)
    return content
