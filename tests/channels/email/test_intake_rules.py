"""What becomes of mails: each gets one fate, none is lost, strangers are never mixed."""

from dataclasses import replace
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from omni.channels.email.engine.intake import LOOP_MAILS, Fate, Known, decide
from omni.channels.email.engine.parse import parse
from omni.channels.email.model import (
    LedgerState,
    Limits,
    ParsedMail,
    Reason,
    Thread,
    Unreadable,
)
from omni.core.ids import InteractionId, MailboxId, MailId
from tests.channels.email.site import raw_mail

BOX = MailboxId("box")
OPEN = Thread("t" * 26, "t" * 12, BOX, InteractionId("i1"), True)
CLOSED = Thread("u" * 26, "u" * 12, BOX, InteractionId("i2"), False)
KNOWN = Known(
    mails={},
    own={"ours@shop.example": MailId("m-ours")},
    by_message={"open@x": OPEN.thread_id, "closed@x": CLOSED.thread_id},
    by_token={OPEN.token: OPEN.thread_id},
    threads={OPEN.thread_id: OPEN, CLOSED.thread_id: CLOSED},
    automatic={},
)


def read(raw: bytes) -> ParsedMail:
    mail = parse(raw, Limits())
    assert isinstance(mail, ParsedMail)
    return mail


def fates(*mails: ParsedMail | Unreadable, known: Known = KNOWN) -> list[Fate]:
    numbers = count(1)
    return decide(BOX, mails, known, lambda: f"{next(numbers):026d}")


def test_a_new_matter_opens_a_thread() -> None:
    [fate] = fates(read(raw_mail()))
    assert (fate.state, fate.opens) == (LedgerState.IMPORTED, True)
    assert fate.thread is not None
    assert fate.thread.open
    assert fate.thread.thread_id.endswith(fate.thread.token)


def test_an_answer_joins_what_is_open_and_reopens_what_is_not() -> None:
    joined, reopened = fates(
        read(raw_mail(In_Reply_To="<open@x>")),
        read(raw_mail(Message_ID="<2@x>", References="<unknown@x> <closed@x>")),
    )
    assert (joined.thread, joined.opens) == (OPEN, False)
    assert reopened.opens
    assert reopened.thread is not None
    assert reopened.thread.thread_id == CLOSED.thread_id
    assert reopened.thread.interaction_id != CLOSED.interaction_id


def test_a_token_joins_and_a_subject_does_not() -> None:
    joined, apart = fates(
        read(raw_mail(f"Re: Order 12 [#{OPEN.token}]")),
        read(raw_mail("Re: Order 12", Message_ID="<2@x>")),
    )
    assert joined.thread == OPEN
    assert apart.opens
    assert apart.thread is not None
    assert apart.thread.thread_id not in (OPEN.thread_id, CLOSED.thread_id)


def test_twice_the_same_is_a_duplicate_and_half_the_same_is_not() -> None:
    first, again, other = fates(
        read(raw_mail()),
        read(b"Received: by x\r\n" + raw_mail()),
        read(raw_mail(text="Not the same at all")),
    )
    assert first.state is LedgerState.IMPORTED
    assert (again.state, again.mail_id) == (LedgerState.DUPLICATE, first.mail_id)
    assert other.state is LedgerState.IMPORTED


def test_two_mails_without_an_id_are_two() -> None:
    one, two = fates(read(raw_mail(Message_ID="")), read(raw_mail(Message_ID="", text="other")))
    assert one.state is two.state is LedgerState.IMPORTED
    assert one.thread != two.thread


def test_a_mail_and_its_answer_in_one_batch_share_the_thread() -> None:
    first, second = fates(
        read(raw_mail()), read(raw_mail(Message_ID="<2@x>", In_Reply_To="<1@customer.example>"))
    )
    assert first.opens
    assert not second.opens
    assert first.thread == second.thread


def test_our_own_mail_coming_back_is_a_duplicate() -> None:
    [fate] = fates(read(raw_mail(Message_ID="<ours@shop.example>", X_Omni_Mailbox="box")))
    assert (fate.state, fate.reason, fate.mail_id) == (LedgerState.DUPLICATE, "own_mail", "m-ours")


def test_an_out_of_office_note_opens_no_work_in_a_finished_thread() -> None:
    note = {"Auto_Submitted": "auto-replied"}
    quiet, loud = fates(
        read(raw_mail(In_Reply_To="<closed@x>", **note)), read(raw_mail(Message_ID="<2@x>", **note))
    )
    assert (quiet.state, quiet.opens, quiet.thread) == (LedgerState.IMPORTED, False, CLOSED)
    assert loud.opens  # nobody knows the thread: somebody must look at it


def test_an_endless_answering_machine_is_stopped() -> None:
    mails = [
        read(raw_mail(Message_ID=f"<{number}@x>", text=str(number), Auto_Submitted="auto-replied"))
        for number in range(LOOP_MAILS + 2)
    ]
    found = fates(*mails)
    assert all(one.state is LedgerState.IMPORTED for one in found[:LOOP_MAILS])
    assert {one.reason for one in found[LOOP_MAILS:]} == {Reason.LOOP.value}
    person = replace(KNOWN, automatic={"zhang@customer.example": 500})
    assert fates(read(raw_mail()), known=person)[0].state is LedgerState.IMPORTED


def test_a_bounce_names_our_mail() -> None:
    raw = raw_mail(
        "Undeliverable", From="mailer-daemon@x.example", X_Failed_Recipients="a@b.example"
    )
    [fate] = fates(read(raw + b"\r\nMessage-ID: <ours@shop.example>\r\n"))
    assert fate.bounced == "ours@shop.example"


MAILS = st.lists(
    st.tuples(
        st.integers(0, 3),  # Message-ID, 0: none
        st.sampled_from(["", "open@x", "closed@x", "1@x", "2@x", "unknown@x"]),
        st.sampled_from(["one", "two"]),
        st.sampled_from(["", "auto-replied", "auto-generated"]),
    ),
    max_size=12,
)


@given(MAILS)
def test_each_mail_has_one_fate_and_nothing_is_lost(parts: list[tuple[int, str, str, str]]) -> None:
    mails = [
        read(
            raw_mail(
                text=text,
                Message_ID=f"<{number}@x>" if number else "",
                In_Reply_To=f"<{parent}>" if parent else "",
                Auto_Submitted=automatic,
            )
        )
        for number, parent, text, automatic in parts
    ]
    found = fates(*mails)
    assert len(found) == len(mails)
    imported = [one for one in found if one.state is LedgerState.IMPORTED]
    assert len({one.mail_id for one in imported}) == len(imported)
    for fate in found:
        assert (fate.state is LedgerState.QUARANTINED) == (fate.mail_id is None)
    contents = {(mail.message_id, mail.content_hash) for mail in mails}
    kept = {
        (mail.message_id, mail.content_hash)
        for mail, fate in zip(mails, found, strict=True)
        if fate.state is LedgerState.IMPORTED
    }
    stopped = {one.reason for one in found if one.state is LedgerState.QUARANTINED}
    assert kept == contents or stopped == {Reason.LOOP.value}
    opened = [one.thread.interaction_id for one in imported if one.opens and one.thread]
    assert len(set(opened)) == len(opened)
    worked_on = {OPEN.interaction_id, CLOSED.interaction_id, *opened}
    assert all(one.thread and one.thread.interaction_id in worked_on for one in imported)
