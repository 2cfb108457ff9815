"""Set the demonstration up through the product's own services; what is there stays."""

import random
from collections.abc import AsyncIterator

from omni.acd.administration import Administration, Matrix
from omni.acd.model import (
    Agent,
    EntryLink,
    EntryPoint,
    EntryRule,
    Fact,
    Group,
    GroupLink,
    Load,
    Queue,
    Skill,
    Topic,
)
from omni.app.auth_store import UserAccount
from omni.app.composition import Omni
from omni.app.demo.carrier import HOST, SECOND_HOST, Carrier
from omni.app.demo.mailserver import HOST as MAIL_HOST
from omni.app.demo.mailserver import PASSWORD as MAIL_PASSWORD
from omni.app.demo.mailserver import MailServer
from omni.app.demo.world import (
    CALLER_ID,
    CAMPAIGN,
    CHAT_SITE,
    INBOUND_NUMBER,
    PASSWORD,
    PEOPLE,
    SUPPORT_MAILBOX,
    Person,
    contact_list,
    robots,
)
from omni.channels.email.model import Mailbox, Security, Server
from omni.channels.voice.model import PhoneKind, PhoneSpec, TrunkSpec
from omni.core.endpoint import Upload
from omni.core.ids import AgentId, CampaignId, EntryPointId, GroupId, MailboxId, QueueId, TrunkId
from omni.core.terms import Medium, Role
from omni.dialer.list_model import ColumnMapping

TRUNK, SECOND_TRUNK = TrunkId("demo-trunk"), TrunkId("demo-trunk-2")
SALES, SERVICE = GroupId("demo-sales"), GroupId("demo-service")
OUTBOUND, CALLS = QueueId("demo-outbound"), QueueId("demo-calls")
MAILS, CHATS = QueueId("demo-mails"), QueueId("demo-chats")
SUPPORT = MailboxId("demo-support")
NUMBER, MAILBOX, SITE = (
    EntryPointId("demo-number"),
    EntryPointId("demo-mailbox"),
    EntryPointId("demo-site"),
)
TOPICS = (
    Topic("topic_1", "Delivery", "配送"),
    Topic("topic_2", "Returns", "退货"),
    Topic("topic_3", "Advice", "选购"),
)


async def seed(omni: Omni, carrier: Carrier, robot_count: int) -> list[Person]:
    """Make what is missing and return the robots; the trunks follow the carrier's ports."""
    people = robots(robot_count)
    await _plan(omni.administration)
    await omni.administration.seed_codes()
    for person in (*PEOPLE, *people):
        await _person(omni, carrier, person)
    for trunk_id, name, host, cost in (
        (TRUNK, "Demo carrier · 演示线路", HOST, 10),
        (SECOND_TRUNK, "Second carrier · 备用线路", SECOND_HOST, 20),
    ):
        await omni.voice.save_trunk(
            TrunkSpec(
                trunk_id=trunk_id,
                name=name,
                host=host,
                port=carrier.sip_port,
                caller_id=CALLER_ID,
                capacity=60,
                calls_per_second=10,
                cost=cost,
            )
        )
    return people


async def _plan(administration: Administration) -> None:
    if administration.matrix().group_links:
        return  # somebody may have changed it since
    await administration.save_group(Group(SALES, "Sales · 销售组"))
    await administration.save_group(Group(SERVICE, "Service · 客服组"))
    for queue_id, name in (
        (OUTBOUND, "Campaign calls · 外呼"),
        (CALLS, "Service calls · 来电"),
        (MAILS, "Mails · 邮件"),
        (CHATS, "Chats · 在线咨询"),
    ):
        await administration.save_queue(Queue(queue_id, name))
    for entry in (
        EntryPoint(
            NUMBER, f"Service line · 服务热线 {INBOUND_NUMBER}", Medium.VOICE, INBOUND_NUMBER
        ),
        EntryPoint(
            MAILBOX,
            SUPPORT_MAILBOX,
            Medium.EMAIL,
            SUPPORT_MAILBOX,
            rules=(EntryRule(Fact.SUBJECT, "invoice", (Skill("billing", 1, preferred=True),)),),
        ),
        EntryPoint(
            SITE,
            "Demo shop · 演示商店",
            Medium.CHAT,
            CHAT_SITE,
            topics=TOPICS,
            rules=(EntryRule(Fact.TOPIC, TOPICS[1].key, priority=1),),
        ),
    ):
        await administration.save_entry_point(entry)
    await administration.save_matrix(
        Matrix(
            version=administration.matrix().version,
            entry_links=(
                EntryLink(NUMBER, CALLS, 2),
                EntryLink(MAILBOX, MAILS, 5),
                EntryLink(SITE, CHATS, 3),
            ),
            group_links=(
                GroupLink(OUTBOUND, SALES, 0, 1),
                GroupLink(CALLS, SERVICE, 0, 0),
                GroupLink(CALLS, SALES, 1, 0),
                GroupLink(MAILS, SERVICE, 0, 2),
                GroupLink(CHATS, SERVICE, 0, 1),
                GroupLink(CHATS, SALES, 1, 2, aid=Load(over_s=20, under_s=5, over_waiting=4)),
            ),
        )
    )


async def _person(omni: Omni, carrier: Carrier, person: Person) -> None:
    user = await UserAccount.get_or_none(email=person.email)
    if user is None:
        user = await omni.accounts.add(
            person.email, person.name, person.roles, PASSWORD, robot=person.robot
        )
    if Role.AGENT not in person.roles:
        return
    agent_id = AgentId(user.id)
    known = {agent.id for agent in omni.acd.agents()}
    if agent_id not in known:
        await omni.administration.save_agent(
            Agent(
                agent_id,
                person.name,
                group_ids=(SALES, SERVICE),
                auto_accept=(person.robot, False, False),
                robot=person.robot,
            )
        )
    if person.robot:
        uri = carrier.robot_uri(person.email.partition("@")[0].removeprefix("robot"))
        await omni.voice.save_phone(PhoneSpec(agent_id, PhoneKind.SIP, uri))


async def mailbox(omni: Omni, server: MailServer) -> None:
    """Make the support mailbox read from and write to this server."""
    await omni.email.mailboxes.save(
        Mailbox(
            mailbox_id=SUPPORT,
            name="Support · 客服邮箱",
            address=SUPPORT_MAILBOX,
            display_name="omni demo shop",
            imap=Server(MAIL_HOST, server.imap_port, Security.NONE, SUPPORT_MAILBOX, MAIL_PASSWORD),
            smtp=Server(MAIL_HOST, server.smtp_port, Security.NONE),
            entry_point_id=MAILBOX,
            signature="omni demo shop · 演示商店",
            undo_s=2,
        )
    )


async def campaign(omni: Omni, rng: random.Random) -> CampaignId:
    """Return the demonstration's campaign; make it and import its list when it is not there."""
    for one in await omni.campaigns.all():
        if one.name == CAMPAIGN:
            return one.campaign_id
    made = await omni.campaigns.create(
        name=CAMPAIGN,
        queue_id=OUTBOUND,
        profile="NONE",
        ring_s=15,
    )
    text = contact_list(rng)

    async def chunks() -> AsyncIterator[bytes]:
        yield text.encode()

    upload = Upload("spring-offer.csv", "text/csv", chunks())
    preview = await omni.imports.preview(made.campaign_id, upload)
    mapping = ColumnMapping(number="Phone", name="Name", external_id="Customer no.")
    await omni.imports.begin(made.campaign_id, preview.upload_id, mapping, "US")
    return made.campaign_id
