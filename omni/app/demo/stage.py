"""The stage of the demonstration: the whole product running, a carrier, a mail server, the seed.

Nothing happens on it by itself; `omni.app.demo.run` brings the customers, tests bring their own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from omni.app import bootstrap, database
from omni.app.composition import Omni
from omni.app.demo import seed
from omni.app.demo.carrier import HOST, Carrier, Mood
from omni.app.demo.mail_customers import addresses
from omni.app.demo.mailserver import MailServer
from omni.app.demo.world import SUPPORT_MAILBOX, Person
from omni.app.embedded.asterisk_install import ensure_installed
from omni.app.embedded.services import running
from omni.app.settings import Settings
from omni.app.switchboard import free_port

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """What is on it. `address` is where the pages are."""

    omni: Omni
    carrier: Carrier
    mail: MailServer
    robots: list[Person]
    address: str


@asynccontextmanager
async def stage(settings: Settings, mood: Mood, robots: int, say: Say) -> AsyncIterator[Stage]:
    """Have everything running for as long as the block lasts."""
    async with running(settings, say) as complete:
        say("Bringing the database up to date")
        await database.migrate(complete.database())
        # Carrier and mail server end after omni: it would say that they have gone.
        async with AsyncExitStack() as stack, bootstrap.running(complete, say) as omni:
            carrier = await _carrier(omni, mood, say)
            stack.push_async_callback(carrier.stop)
            mail = MailServer(addresses(SUPPORT_MAILBOX))
            await mail.start()
            stack.push_async_callback(mail.stop)
            people = await seed.seed(omni, carrier, robots)
            await seed.mailbox(omni, mail)
            address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            async with asyncio.TaskGroup() as tasks:
                web = tasks.create_task(bootstrap.serve_web(omni, address.set_result, shop=True))
                yield Stage(omni, carrier, mail, people, await address)
                web.cancel()


async def _carrier(omni: Omni, mood: Mood, say: Say) -> Carrier:
    settings = omni.foundation.settings
    say("Starting the demonstration's carrier")
    install = await ensure_installed(settings.cache, say, own=settings.asterisk)
    ports = (free_port(HOST), free_port(HOST), omni.switchboard.sip_port)
    carrier = Carrier(install, settings.data / "carrier", ports, mood)
    await carrier.start()
    return carrier
