"""Mails as they come: good ones, broken ones, hostile ones."""

import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.channels.email.engine.parse import parse, safe_file_name
from omni.channels.email.model import Address, Kind, Limits, ParsedMail, Reason, Unreadable
from tests.channels.email.site import raw_mail

LIMITS = Limits()


def read(raw: bytes, limits: Limits = LIMITS) -> ParsedMail:
    mail = parse(raw, limits)
    assert isinstance(mail, ParsedMail)
    return mail


def rejected(raw: bytes, limits: Limits = LIMITS) -> Reason:
    mail = parse(raw, limits)
    assert isinstance(mail, Unreadable)
    return mail.reason


def office_mail() -> EmailMessage:
    """Return what an office client sends: text and HTML, a picture in it, a file."""
    message = EmailMessage()
    message["From"] = "张三 <zhang@customer.example>"
    message["To"] = "support@shop.example, Bob <bob@x.example>"
    message["Cc"] = "carol@x.example"
    message["Subject"] = "订单 12"
    message["Message-ID"] = "<m1@customer.example>"
    message.set_content("你好\n")
    message.add_alternative('<p>你好</p><img src="cid:logo@x">', subtype="html")
    page = message.get_body(("html",))
    assert page is not None
    page.add_related(b"PNG", "image", "png", cid="<logo@x>")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="报告.pdf")
    return message


def test_an_office_clients_mail_is_read_whole() -> None:
    mail = read(office_mail().as_bytes())
    assert mail.sender == Address("zhang@customer.example", "张三")
    assert [one.address for one in mail.to] == ["support@shop.example", "bob@x.example"]
    assert [one.address for one in mail.cc] == ["carol@x.example"]
    assert (mail.subject, mail.text) == ("订单 12", "你好")
    assert "cid:logo@x" in mail.html
    picture, file = mail.files
    assert (picture.content_id, picture.inline, picture.content) == ("logo@x", True, b"PNG")
    assert (file.file_name, file.inline, file.content) == ("报告.pdf", False, b"%PDF")
    assert mail.kind is Kind.PERSON


def test_html_alone_gives_text_too() -> None:
    mail = read(
        raw_mail(text="<style>p{}</style><p>Hi<br>you &amp; me</p>", Content_Type="text/html")
    )
    assert mail.text == "Hi\nyou & me"
    assert mail.html.startswith("<style>")


def test_texts_around_a_picture_are_all_kept() -> None:
    raw = (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\n\r\nbefore\r\n--x\r\nContent-Type: image/png\r\nContent-ID: <p@x>\r\n\r\nPNG\r\n"
        b"--x\r\nContent-Type: text/html\r\n\r\n<b>after</b>\r\n--x--\r\n"
    )
    mail = read(raw)
    assert mail.text == "before\n\nafter"
    assert "before" in mail.html
    assert "<b>after</b>" in mail.html


def test_an_attached_mail_is_a_file_and_not_gone_into() -> None:
    outer = EmailMessage()
    outer["From"] = "a@b.example"
    outer.set_content("see below")
    outer.add_attachment(office_mail())
    [file] = read(outer.as_bytes()).files
    assert (file.media_type, file.file_name) == ("message/rfc822", "订单 12.eml")


# --- bad input


@pytest.mark.parametrize("value", ["", "<>", "< >", "   "])
def test_an_empty_message_id_is_none(value: str) -> None:
    raw = raw_mail(Message_ID=value).replace(b"Message-ID: \r\n", b"Message-ID:\r\n")
    assert read(raw).message_id == ""


def test_without_an_id_every_byte_counts_for_the_hash() -> None:
    one = raw_mail(Message_ID="")
    other = b"Received: by another\r\n" + one
    assert read(one).content_hash != read(other).content_hash


def test_with_an_id_the_way_does_not_count_but_the_text_does() -> None:
    one = raw_mail()
    assert read(one).content_hash == read(b"Received: by another\r\n" + one).content_hash
    assert read(one).content_hash != read(raw_mail(text="Something else")).content_hash


@pytest.mark.parametrize(
    ("body", "text", "defect"),
    [
        (b"--x\r\n\r\nhello\r\n", "hello", "no_end_delimiter"),
        (b"hello, no delimiter at all", "hello, no delimiter at all", "boundary_not_found"),
        (b"--x\r\nContent-Type: nonsense\r\n\r\nhello\r\n--x--", "hello", None),
        (b"--x\r\nContent-Type: multipart/mixed\r\n\r\nhello\r\n--x--", "hello", "no_boundary"),
        (b"--x\r\nno header at all\r\n--x--", "no header at all", None),
    ],
)
def test_a_broken_tree_is_read_as_far_as_it_goes(
    body: bytes, text: str, defect: str | None
) -> None:
    mail = read(b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + body)
    assert mail.text == text
    assert mail.defects == ((defect,) if defect else ())


def test_fifty_megabytes_are_too_large_and_cost_little() -> None:
    raw = raw_mail() + b"A" * 50_000_000
    began = time.process_time()
    assert rejected(raw) is Reason.TOO_LARGE
    assert time.process_time() - began < 2.0


def test_forty_megabytes_of_files_are_read() -> None:
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJz\r\n"
    raw = (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n"
        b"--x\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + line * 600_000
        + b"--x--\r\n"
    )
    [file] = read(raw).files
    assert len(file.content) == 600_000 * 45


def test_thousands_of_parts() -> None:
    raw = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    assert rejected(raw + b"--x\r\n\r\nhi\r\n" * 5000) is Reason.TOO_MANY_PARTS
    assert len(read(raw + b"--x\r\nContent-Type: a/b\r\n\r\nhi\r\n" * 400).files) == 400


def test_parts_within_parts_without_end() -> None:
    levels = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
        for number in range(5000)
    )
    assert rejected(b"From: a@b.example\r\n" + levels) is Reason.TOO_DEEP


def test_headers_without_end() -> None:
    assert rejected(b"From: a@b.example\r\n" + b"X-Y: z\r\n" * 100_000) is Reason.HEADER_TOO_LONG
    assert rejected(b"From: " + b"a" * 1_000_000) is Reason.HEADER_TOO_LONG


def test_nobody_to_answer() -> None:
    assert rejected(b"") is Reason.NO_SENDER
    assert rejected(b"hello") is Reason.NO_SENDER
    assert rejected(raw_mail(From="")) is Reason.NO_SENDER
    assert read(raw_mail(From="", Return_Path="<a@b.example>")).sender.address == "a@b.example"


def test_an_unreadable_mail_still_says_its_subject() -> None:
    mail = parse(raw_mail(subject="=?utf-8?B?5L2g5aW9?=", From=""), LIMITS)
    assert isinstance(mail, Unreadable)
    assert (mail.subject, mail.message_id) == ("你好", "1@customer.example")


@pytest.mark.parametrize("evil", ['\\"', "(\\", '"', "<", "a,", "=?", "[", ":", "<a", "\\"])
@pytest.mark.parametrize("name", ["To", "Subject", "References", "Content-Type", "Date"])
def test_no_header_is_slow(evil: str, name: str) -> None:
    headers = {name.replace("-", "_"): evil * (100_000 // len(evil))}
    began = time.process_time()
    parse(raw_mail(**headers), LIMITS)
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize("evil", ["<", "<a ", "<!--", "&", "<style>", "</", "<p"])
def test_no_html_is_slow(evil: str) -> None:
    began = time.process_time()
    parse(raw_mail(text=evil * (1_000_000 // len(evil)), Content_Type="text/html"), LIMITS)
    assert time.process_time() - began < 3.0


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.exe", "a.exe"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nb.txt", "a b.txt"),
        ("..", ""),
        ("x" * 300 + ".pdf", "x" * 137 + ".pdf"),
    ],
)
def test_file_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe


# --- properties

HEADERS = st.sampled_from(
    [
        b"From: a@b.example\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n",
        b'Content-Type: multipart/alternative; boundary="y"\r\n',
        b"Content-Type: text/html; charset=gb2312\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n",
        b"Content-Type: message/delivery-status\r\n",
        b"Content-Type: text/plain; charset*=utf-8''%E4%BD; name*0=\"a\"; name*9=b\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Content-Disposition: attachment; filename*=utf-8''%FF%00\r\n",
        b"Subject: =?utf-8?B?5L2g?=\r\n",
        b"References: <a@b> <\r\n",
        b"Auto-Submitted: auto-replied\r\n",
        b"\r\n",
        b"--x\r\n",
        b"--x--\r\n",
        b"--y\r\n",
        b"Action: failed\r\nFinal-Recipient: rfc822; a@b.example\r\nStatus: 5.1.1\r\n",
    ]
)
SOUP = st.lists(HEADERS | st.binary(max_size=40), max_size=30).map(b"".join)


@given(SOUP | st.binary(max_size=500))
def test_any_bytes_give_a_mail_or_a_reason(raw: bytes) -> None:
    mail = parse(raw, Limits(parts=10, depth=4))
    assert len(mail.content_hash) == 64
    assert "\x00" not in mail.subject
    if isinstance(mail, ParsedMail):
        assert mail.sender.address
        for text in (mail.text, mail.html, mail.subject, *(one.file_name for one in mail.files)):
            assert "\x00" not in text
            text.encode()


@given(st.integers(0, 3000))
def test_a_mail_cut_anywhere_is_read(length: int) -> None:
    parse(office_mail().as_bytes()[:length], LIMITS)


def test_the_module_reads_no_clock() -> None:
    folder = Path("omni/channels/email/engine")
    assert not any("import time" in path.read_text() for path in folder.glob("*.py"))
