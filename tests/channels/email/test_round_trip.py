"""Mails in and out through a real mail server (pymap and aiosmtpd), a real database and journal."""

import pytest

from omni.channels.email.engine.parse import parse
from omni.channels.email.model import Draft, Limits, ParsedMail
from omni.core.errors import Forbidden
from omni.core.events.messages import MailImported, MailSent
from omni.core.ids import AgentId
from tests.channels.email.site import ANN, CUSTOMER, SUPPORT, Site, raw_mail, running

pytestmark = pytest.mark.usefixtures("database")


async def test_a_mail_arrives_is_answered_and_the_answer_finds_back() -> None:
    async with running() as site:
        await site.server.put(SUPPORT, raw_mail())
        [imported] = await site.events_of(MailImported, 1)
        assert isinstance(imported, MailImported)
        assert (imported.subject, imported.from_address) == ("Order 12", CUSTOMER)
        assert not imported.joins
        [arrival] = site.acd.arrivals
        assert (arrival.address, arrival.entry_point_id) == (CUSTOMER, "mail")
        assert arrival.interaction_id == imported.interaction_id
        await _accept(site, imported)
        with pytest.raises(Forbidden):
            await site.email.replies.reply(
                AgentId("ben"), imported.interaction_id, Draft("Not mine")
            )
        await site.email.replies.reply(ANN, imported.interaction_id, Draft("It is on its way."))
        [sent] = await site.events_of(MailSent, 1)
        assert isinstance(sent, MailSent)
        assert (sent.state, sent.to_address) == ("sent", CUSTOMER)
        [raw] = await site.server.mails(CUSTOMER)
        answer = parse(raw, Limits())
        assert isinstance(answer, ParsedMail)
        assert answer.subject == "Re: Order 12"
        assert answer.in_reply_to == ("1@customer.example",)
        assert answer.references == ("1@customer.example",)
        assert "It is on its way." in answer.text
        assert "> Where is my order?" in answer.text
        reply = raw_mail(
            "Re: Order 12",
            "Thanks!",
            Message_ID="<2@customer.example>",
            In_Reply_To=f"<{answer.message_id}>",
            References=f"<1@customer.example> <{answer.message_id}>",
        )
        await site.server.deliver(SUPPORT, reply)
        again = (await site.events_of(MailImported, 2))[1]
        assert isinstance(again, MailImported)
        assert again.joins
        assert again.interaction_id == imported.interaction_id
        assert len(site.acd.arrivals) == 1
        shown = await site.email.conversation.mails(imported.interaction_id)
        assert [one.mail.direction.value for one in shown] == ["inbound", "outbound", "inbound"]


async def _accept(site: Site, imported: MailImported) -> None:
    await site.acd.accept(imported.interaction_id)

    async def accepted() -> bool:
        handling = await site.store.handling(imported.interaction_id)
        return handling is not None and handling.agent_id == ANN

    await site.until(accepted)
