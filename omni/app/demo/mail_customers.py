"""Customers of the demonstration who write mails, in English and Chinese, and answer once.

They are real clients: they send by SMTP and get the answers in folders of the same mail server.
Chance comes from a seeded source, so that a demonstration can be repeated.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid
from itertools import count
from random import Random

import aiosmtplib

from omni.app.demo.mailserver import HOST, MailServer

log = logging.getLogger(__name__)

DOMAIN = "customers.example"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a customer writes: first mail and answer to our answer."""

    subject: str
    text: str
    answer: str


WORDINGS = (
    Wording(
        "Where is my order {n}?",
        "Hello,\n\nI ordered a blue kettle ten days ago (order {n}) and it has not come yet.\n"
        "Could you tell me where it is?\n\nBest regards,\n{name}",
        "Thank you, that helps. I will wait until Thursday then.\n\n{name}",
    ),
    Wording(
        "Return of order {n}",
        "Hi,\n\nthe lamp I got is a size too large. How can I send it back?\n\nThanks, {name}",
        "Great, the parcel is on its way to you.\n\n{name}",
    ),
    Wording(
        "Invoice {n} needs our VAT number",
        "Dear team,\n\nplease put our VAT number GB 999 9999 73 on invoice {n}.\n\n"
        "Kind regards\n{name}",
        "Perfect, thanks for the quick answer!\n{name}",
    ),
    Wording(
        "订单 {n} 什么时候发货？",
        "您好：\n\n我上周下的订单 {n} 到现在还没有发货，请帮忙查询一下，谢谢！\n\n{name}",
        "好的，谢谢您的回复，我再等两天。\n\n{name}",
    ),
    Wording(
        "申请退货（订单 {n}）",
        "客服您好：\n\n收到的水壶有划痕，想申请退货，请告诉我退货地址。\n\n{name}",
        "已经寄出，麻烦收到后尽快处理退款。\n\n{name}",
    ),
)
WRITERS = (
    ("Alice Brown", "alice"),
    ("Tom Becker", "tom"),
    ("Maria Rossi", "maria"),
    ("李雷", "lilei"),
    ("韩梅梅", "hanmeimei"),
    ("王小明", "wangxiaoming"),
)
# 1×1 grey pixel: an inline picture and an attachment that cost nothing.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c6368000000820081dd436af40000000049454e44ae426082"
)


def addresses(support: str) -> list[str]:
    """Return the accounts that the demonstration's mail server needs."""
    return [support, *(f"{local}@{DOMAIN}" for _, local in WRITERS)]


class MailCustomers:
    """Writes a mail to `support` every `every_s` seconds; `written` and `answered` count."""

    def __init__(
        self, server: MailServer, support: str, random: Random, every_s: float = 12.0
    ) -> None:
        self._server = server
        self._support = support
        self._random = random
        self._every_s = every_s
        self._numbers = count(10_000 + random.randrange(1000))
        self._open: dict[str, tuple[Wording, str]] = {}  # Message-ID → what its writer answers
        self._got: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self.written = 0
        self.answered = 0
        server.delivered = self._got.put_nowait

    async def run(self) -> None:
        """Write and answer until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write(), name="demo:mail-writers")
            tasks.create_task(self._answer(), name="demo:mail-readers")

    async def _write(self) -> None:
        while True:
            try:
                await self.write()
            except (aiosmtplib.SMTPException, OSError):
                log.warning("the demonstration's mail server is away; trying again")
            await asyncio.sleep(self._every_s * self._random.uniform(0.5, 1.5))

    async def write(self) -> str:
        """Send one new mail and return its Message-ID without brackets."""
        name, local = self._random.choice(WRITERS)
        chinese = ord(name[0]) > 0x2E7F
        wording = self._random.choice(
            [one for one in WORDINGS if (ord(one.subject[0]) > 0x2E7F) == chinese]
        )
        number = next(self._numbers)
        text = wording.text.format(n=number, name=name)
        subject = wording.subject.format(n=number)
        message = self._message((name, f"{local}@{DOMAIN}"), subject, text)
        if self._random.random() < 0.3:
            _decorate(message, text)
        self._open[message["Message-ID"]] = (wording, name)
        await self._send(message)
        self.written += 1
        return str(message["Message-ID"]).strip("<>")

    async def _answer(self) -> None:
        """Answer our answers, each conversation once."""
        while True:
            recipient, raw = await self._got.get()
            message = message_from_bytes(raw, policy=default)
            opened = self._open.pop(str(message.get("In-Reply-To", "")), None)
            if recipient == self._support or opened is None:
                continue
            wording, name = opened
            await asyncio.sleep(self._every_s * self._random.uniform(0.2, 0.6))
            answer = self._message((name, recipient), str(message["Subject"]), "")
            body = message.get_body(("plain",))
            quoted = body.get_content() if body is not None else ""
            lines = "".join(f"> {line}\n" for line in quoted.splitlines())
            answer.set_content(f"{wording.answer.format(name=name)}\n\n{lines}")
            answer["In-Reply-To"] = message["Message-ID"]
            answer["References"] = (
                f"{message.get('References', '')} {message['Message-ID']}".strip()
            )
            try:
                await self._send(answer)
            except (aiosmtplib.SMTPException, OSError):
                log.warning("the demonstration's mail server is away; an answer is lost")
            self.answered += 1

    def _message(self, writer: tuple[str, str], subject: str, text: str) -> EmailMessage:
        name, address = writer
        message = EmailMessage()
        message["From"] = f'"{name}" <{address}>'
        message["To"] = self._support
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=DOMAIN)
        message.set_content(text)
        return message

    async def _send(self, message: EmailMessage) -> None:
        try:
            await aiosmtplib.send(
                message,
                hostname=HOST,
                port=self._server.smtp_port,
                start_tls=False,
                local_hostname="customers.example",
            )
        finally:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # Its goodbye to a server that is gone, or an answer of the server in this very
                # moment (`asyncio.wait_for` of Python 3.11), would hide that we are to stop.
                raise asyncio.CancelledError


def _decorate(message: EmailMessage, text: str) -> None:
    """Add what office clients add: an HTML version with an inline picture, and a file."""
    lines = text.replace("\n", "<br>\n")
    message.add_alternative(f'<p>{lines}</p><img src="cid:logo@{DOMAIN}" alt="">', subtype="html")
    page = message.get_body(("html",))
    if page is not None:
        page.add_related(PIXEL, "image", "png", cid=f"<logo@{DOMAIN}>", filename="logo.png")
    message.add_attachment(PIXEL, maintype="image", subtype="png", filename="photo.png")
