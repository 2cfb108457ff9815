"""How answers find back, and what they look like to the customer."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from omni.channels.email.engine.compose import (
    Stamp,
    compose,
    everybody,
    reply_references,
    reply_subject,
)
from omni.channels.email.engine.parse import parse
from omni.channels.email.engine.thread import (
    evidence,
    mark,
    own_message_id,
    plus_address,
    token_of,
)
from omni.channels.email.model import (
    Address,
    File,
    Limits,
    Mailbox,
    Outgoing,
    ParsedMail,
    Quoted,
    Reply,
    Server,
    TokenPlace,
)
from omni.core.ids import MailboxId, MailId
from tests.channels.email.site import raw_mail

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
TOKEN = "0123456789ab"
SERVER = Server("127.0.0.1", 1)
BOX = Mailbox(MailboxId("box"), "Support", "support@shop.example", SERVER, SERVER)
CUSTOMER = Address("zhang@customer.example", "张三")
QUOTED = Quoted(
    MailId("m1"), "1@customer.example", ("0@customer.example",), "Order 12", CUSTOMER, NOW, "Where?"
)


def read(raw: bytes) -> ParsedMail:
    mail = parse(raw, Limits())
    assert isinstance(mail, ParsedMail)
    return mail


def written(mailbox: Mailbox = BOX, quoted: Quoted = QUOTED, **reply: object) -> Outgoing:
    values: dict[str, object] = {"text": "Soon.", "to": (CUSTOMER,), "cc": (), **reply}
    stamp = Stamp(own_message_id(TOKEN, "a" * 26, mailbox.address), NOW, TOKEN)
    return compose(mailbox, quoted, Reply(**values), stamp)  # type: ignore[arg-type]


def test_references_come_before_tokens_and_the_newest_first() -> None:
    raw = raw_mail("Re: x [#0123456789AB]", In_Reply_To="<c@x>", References="<a@x> <b@x> <c@x>")
    found = evidence(read(raw))
    assert found.message_ids == ("c@x", "b@x", "a@x")
    assert found.tokens == (TOKEN,)


@pytest.mark.parametrize(
    "headers",
    [
        {"To": f"support+{TOKEN}@shop.example"},
        {"Cc": f"support+{TOKEN}@shop.example"},
        {"Delivered_To": f"support+{TOKEN}@shop.example"},
        {"X_Original_To": f"support+{TOKEN}@shop.example"},
        {"Subject": f"Re: order {mark(TOKEN)}"},
        {"text": f"Thanks\n> {mark(TOKEN)}\n"},
        {"In_Reply_To": f"<{TOKEN}.{'a' * 26}@shop.example>"},
    ],
)
def test_the_token_is_found_wherever_it_survives(headers: dict[str, str]) -> None:
    assert evidence(read(raw_mail(**headers))).tokens == (TOKEN,)


def test_a_subject_alone_is_no_evidence() -> None:
    found = evidence(read(raw_mail("Re: Order 12")))
    assert (found.message_ids, found.tokens) == ((), ())


def test_tokens_are_the_end_of_the_thread_and_stand_in_addresses() -> None:
    assert token_of("x" * 14 + TOKEN) == TOKEN
    assert plus_address("support+old@shop.example", TOKEN) == f"support+{TOKEN}@shop.example"


def test_an_answer_is_threaded_in_every_client() -> None:
    mail = read(written().raw)
    assert mail.subject == "Re: Order 12"
    assert mail.in_reply_to == ("1@customer.example",)
    assert mail.references == ("0@customer.example", "1@customer.example")
    assert mail.message_id == f"{TOKEN}.{'a' * 26}@shop.example"
    assert mail.omni_mailbox == "box"
    assert mark(TOKEN) in mail.text
    assert mail.reply_to == ()
    assert "2026-11-21 10:00 UTC, 张三 <zhang@customer.example>:\n> Where?" in mail.text


def test_the_same_answer_has_the_same_bytes() -> None:
    files = (File("a.pdf", "application/pdf", b"%PDF"),)
    assert written(html="<p>x</p>", files=files).raw == written(html="<p>x</p>", files=files).raw


@pytest.mark.parametrize(
    ("place", "plus", "body"),
    [
        (TokenPlace.BODY, False, True),
        (TokenPlace.PLUS, True, False),
        (TokenPlace.BOTH, True, True),
        (TokenPlace.OFF, False, False),
    ],
)
def test_the_token_stands_where_the_mailbox_says(place: TokenPlace, plus: bool, body: bool) -> None:
    mail = read(written(replace(BOX, reply_token=place)).raw)
    assert bool(mail.reply_to) is plus
    assert (mark(TOKEN) in mail.text) is body


def test_files_page_signature_and_names_in_any_language() -> None:
    files = (File("报告.pdf", "application/pdf", b"%PDF"), File("m.eml", "message/rfc822", b"x"))
    box = replace(BOX, signature="此致\n商店", display_name="商店客服")
    mail = read(
        written(box, text="好的", html="<p>好的</p>", files=files, cc=(Address("b@x.cn"),)).raw
    )
    assert mail.sender == Address("support@shop.example", "商店客服")
    assert [one.file_name for one in mail.files] == ["报告.pdf", "m.eml"]
    assert mail.files[1].media_type == "application/octet-stream"
    assert "<p>好的</p>" in mail.html
    assert "此致" in mail.html
    assert "此致\n商店" in mail.text
    assert [one.address for one in mail.cc] == ["b@x.cn"]


def test_a_hostile_subject_or_name_makes_no_header() -> None:
    quoted = replace(
        QUOTED,
        subject="x\r\nBcc: victim@x.example",
        sender=Address("a@b.example", "x\r\nBcc: victim@x.example"),
        message_id="",
    )
    outgoing = written(quoted=quoted, to=(quoted.sender,))
    head = outgoing.raw.partition(b"\r\n\r\n")[0]
    assert b"\r\nBcc" not in head
    assert b"In-Reply-To" not in head


def test_an_international_domain_is_written_as_the_net_has_it() -> None:
    assert b"xn--fsqu00a" in written(to=(Address("a@例子.cn"),)).raw


@pytest.mark.parametrize(
    ("subject", "reply"),
    [
        ("Order", "Re: Order"),
        ("Re: Order", "Re: Order"),
        ("RE: AW: Re[2]: 回复：Order", "Re: Order"),
        ("Fwd: Order", "Re: Fwd: Order"),
        ("", "Re:"),
        ("Revenue", "Re: Revenue"),
    ],
)
def test_subjects(subject: str, reply: str) -> None:
    assert reply_subject(subject) == reply


def test_everybody_but_ourselves_each_once() -> None:
    to, cc = everybody(
        [CUSTOMER],
        [
            Address("SUPPORT+abc@shop.example"),
            Address("bob@x.example"),
            Address("Zhang@customer.example"),
            Address("help@shop.example"),
        ],
        ["support@shop.example", "help@shop.example"],
    )
    assert to == (CUSTOMER,)
    assert [one.address for one in cc] == ["bob@x.example"]


def test_a_long_chain_keeps_its_first_and_newest_ids() -> None:
    quoted = replace(QUOTED, references=tuple(f"{number}@x" for number in range(100)))
    chain = reply_references(quoted)
    assert (len(chain), chain[0], chain[-1]) == (20, "0@x", "1@customer.example")
