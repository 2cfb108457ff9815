"""Who gets an automatic answer, in which language, and what a template may do."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.channels.email.engine.answering import (
    MOST_TO_ADDRESS,
    chosen,
    hindrance,
    language_of,
    time_text,
    too_many,
)
from omni.channels.email.engine.mime import Headers
from omni.channels.email.gateway.templates import MOST_CHARS, JinjaTemplates
from omni.channels.email.model import Answered, Kind
from omni.core.errors import Invalid

CUSTOMER = "zhang@customer.example"


def headers(**fields: str) -> Headers:
    return Headers([(name.replace("_", "-"), value.encode()) for name, value in fields.items()])


@pytest.mark.parametrize(
    ("why", "kind", "sender", "fields"),
    [
        ("", Kind.PERSON, CUSTOMER, {}),
        ("", Kind.PERSON, CUSTOMER, {"auto_submitted": "no", "return_path": f"<{CUSTOMER}>"}),
        ("", Kind.PERSON, "noreen@customer.example", {}),
        ("", Kind.PERSON, "bouncer@customer.example", {}),
        ("not_a_person", Kind.AUTO_REPLY, CUSTOMER, {}),
        ("not_a_person", Kind.AUTOMATIC, CUSTOMER, {}),
        ("not_a_person", Kind.BOUNCE, CUSTOMER, {}),
        ("not_a_person", Kind.PERSON, CUSTOMER, {"auto_submitted": "auto-generated; x=1"}),
        ("list", Kind.PERSON, CUSTOMER, {"list_unsubscribe": "<mailto:leave@l.example>"}),
        ("list", Kind.PERSON, CUSTOMER, {"list_post": "<mailto:l@l.example>"}),
        ("list", Kind.PERSON, CUSTOMER, {"list_id": "<l.example>"}),
        ("suppressed", Kind.PERSON, CUSTOMER, {"x_auto_response_suppress": "OOF"}),
        ("suppressed", Kind.PERSON, CUSTOMER, {"precedence": "first-class"}),
        ("nobody_reads", Kind.PERSON, CUSTOMER, {"return_path": "<>"}),
        ("nobody_reads", Kind.PERSON, "no_reply@shop.example", {}),
        ("nobody_reads", Kind.PERSON, "orders-noreply@shop.example", {}),
        ("nobody_reads", Kind.PERSON, "DoNotReply@shop.example", {}),
        ("nobody_reads", Kind.PERSON, "Postmaster@shop.example", {}),
        ("nobody_reads", Kind.PERSON, "news-bounces@shop.example", {}),
        ("nobody_reads", Kind.PERSON, "bounce+123@shop.example", {}),
        ("nobody_reads", Kind.PERSON, "owner-news@shop.example", {}),
    ],
)
def test_who_is_answered(why: str, kind: Kind, sender: str, fields: dict[str, str]) -> None:
    assert hindrance(kind, sender, headers(**fields)) == why


@given(st.integers(0, 3), st.integers(0, 2 * MOST_TO_ADDRESS))
def test_never_twice_in_a_thread_nor_often_to_an_address(thread: int, address: int) -> None:
    assert too_many(Answered(thread, address)) is (thread > 0 or address >= MOST_TO_ADDRESS)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my order?", "en"),
        ("我的订单在哪里？", "zh"),
        ("订单 iPhone 15 Pro Max 还没有收到", "zh"),
        ("I wrote to 张三 last week and nobody answered me since", "en"),
        ("", "en"),
        ("Où est ma commande ?", "en"),
    ],
)
def test_in_which_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_the_language_there_is() -> None:
    both = {"en": "Hello", "zh": "您好"}
    assert chosen(both, "zh") == ("zh", "您好")
    assert chosen({"en": "Hello", "zh": " "}, "zh") == ("en", "Hello")
    assert chosen({"en": "", "zh": ""}, "zh") == ("", "")


def test_when_it_opens_in_words() -> None:
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert time_text(at, "en") == "Monday, 23 November, 09:00"
    assert time_text(at, "zh") == "11月23日星期一 09:00"
    assert time_text(None, "zh") == ""


VALUES = {"name": "Zhang San", "subject": "{{ 7 }}", "mailbox": "a@b.example", "opens": ""}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Dear {{ name }},\nthank you.", "Dear Zhang San,\nthank you."),
        ("{% if opens %}We open {{ opens }}.{% else %}Soon.{% endif %}", "Soon."),
        ("{{ name or 'customer' }} {{ name | upper }}", "Zhang San ZHANG SAN"),
        ("About {{ subject }}", "About {{ 7 }}"),  # what a customer writes is no template
        ("<b>{{ name }}</b> & co", "<b>Zhang San</b> & co"),
    ],
)
def test_a_template_is_filled(text: str, filled: str) -> None:
    assert JinjaTemplates().fill(text, VALUES) == filled


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Dear {{ name", 1),
        ("Dear {{ name }}\n{% if opens %}", 2),
        ("Dear {{ nmae }}", 0),
        ("{{ name.__class__.__mro__ }}", 0),
        ("{{ ''['__class__'] }}", 0),
        ("{{ name | attr('__class__') }}", 1),
        ("{{ 'a' * 10000000000 }}", 0),
        ("{{ '%1000000000d' % 1 }}", 0),
        ("{{ '%1000000000d' | format(1) }}", 1),
        ("{{ name.format('x') }}", 0),
        ("{{ name.center(1000000000) }}", 0),
        ("{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}", 0),
        ("{% include 'secret' %}", 0),
        ("{{ 1 / 0 }}", 0),
    ],
)
def test_a_wrong_or_wicked_template_is_refused(text: str, line: int) -> None:
    with pytest.raises(Invalid) as refused:
        JinjaTemplates().fill(text, VALUES)
    assert refused.value.code == "answer.template"
    assert refused.value.data["line"] == line


def test_an_endless_answer_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        JinjaTemplates().fill("x" * (MOST_CHARS + 1), VALUES)
    assert refused.value.code == "answer.too_long"
