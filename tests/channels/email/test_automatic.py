"""Who speaks: persons, answering machines, senders of bulk, reporting servers."""

import pytest

from omni.channels.email.engine.parse import parse
from omni.channels.email.model import Kind, Limits, ParsedMail
from tests.channels.email.site import raw_mail


def read(raw: bytes) -> ParsedMail:
    mail = parse(raw, Limits())
    assert isinstance(mail, ParsedMail)
    return mail


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, Kind.PERSON),
        ({"Auto_Submitted": "no"}, Kind.PERSON),
        ({"Auto_Submitted": "auto-replied"}, Kind.AUTO_REPLY),
        ({"Auto_Submitted": "auto-generated"}, Kind.AUTOMATIC),
        ({"Subject": "Automatic reply: Order 12"}, Kind.AUTO_REPLY),
        ({"Subject": "自动回复：订单"}, Kind.AUTO_REPLY),
        ({"Subject": "Out of office: back Monday"}, Kind.AUTO_REPLY),
        ({"Subject": "Is your out of office reply right?"}, Kind.PERSON),
        ({"Subject": "Undeliverable parcel, please help"}, Kind.PERSON),
        ({"X_Autoreply": "yes"}, Kind.AUTO_REPLY),
        ({"Precedence": "bulk"}, Kind.AUTOMATIC),
        ({"List_Id": "<news.example>"}, Kind.AUTOMATIC),
        ({"From": "no-reply@shop.example"}, Kind.AUTOMATIC),
        ({"X_Auto_Response_Suppress": "All"}, Kind.PERSON),
    ],
)
def test_kinds(headers: dict[str, str], kind: Kind) -> None:
    assert read(raw_mail(**headers)).kind is kind


REPORT = (
    b"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
    b"--x\r\n\r\nI am sorry.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
    b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; gone@x.example\r\n"
    b"Action: %s\r\nStatus: %s\r\n\r\n"
    b"--x\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Message-ID: <ours@shop.example>\r\n\r\nhi\r\n--x--\r\n"
)


def test_a_delivery_report_names_recipient_status_and_our_mail() -> None:
    mail = read(REPORT % (b"failed", b"5.1.1"))
    assert mail.kind is Kind.BOUNCE
    assert mail.bounce is not None
    assert (mail.bounce.recipient, mail.bounce.status) == ("gone@x.example", "5.1.1")
    assert mail.bounce.about_message_id == "ours@shop.example"
    assert mail.bounce.permanent


def test_a_report_of_delay_or_success_is_no_bounce() -> None:
    for action in (b"delayed", b"delivered", b"relayed"):
        mail = read(REPORT % (action, b"4.4.1"))
        assert (mail.kind, mail.bounce) == (Kind.AUTOMATIC, None)


def test_an_old_servers_bounce_is_recognised_by_its_words() -> None:
    raw = (
        b"From: postmaster@old.example\r\nSubject: Mail delivery failed: returning message\r\n\r\n"
        b"550 5.7.1 rejected\r\n\r\n> Message-ID: <ours@shop.example>\r\n"
    )
    bounce = read(raw).bounce
    assert bounce is not None
    assert (bounce.status, bounce.about_message_id) == ("5.7.1", "ours@shop.example")


def test_a_chinese_bounce_and_a_failed_recipients_header() -> None:
    raw = raw_mail(subject="退信通知", From="postmaster@qq.example")
    assert read(raw).kind is Kind.BOUNCE
    raw = raw_mail(From="x@y.example", X_Failed_Recipients="gone@x.example")
    bounce = read(raw).bounce
    assert bounce is not None
    assert bounce.recipient == "gone@x.example"
