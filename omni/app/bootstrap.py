"""Start omni: database, switch, services, web; stop them in the opposite order.

`serve` is what `omni serve` and the demonstration run. Whatever fails at start is said in one
sentence; whatever fails later ends the process, because half a contact centre is worse than a
restart that takes seconds.
"""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager

from omni.acd import api as acd_api
from omni.app import account_api, database, passwords, wiring
from omni.app.asgi import application
from omni.app.attendance import Attendance
from omni.app.composition import Foundation, Omni, arranging, compose, foundation, list_imports
from omni.app.ending import end
from omni.app.jobs import ArqJobs, run_worker
from omni.app.people import AccountNames
from omni.app.rebuild import midnight, rebuild
from omni.app.server import listen, serve_http
from omni.app.settings import Settings
from omni.app.switchboard import Switchboard, switchboard
from omni.channels.chat import api as chat_api
from omni.channels.email.api import conversations as email_api
from omni.channels.email.api import mailboxes as mailbox_api
from omni.channels.email.api.answers import answer_endpoints
from omni.channels.voice import api as voice_api
from omni.channels.voice.announcement_api import announcement_endpoints
from omni.core.endpoint import Endpoint, SocketEndpoint
from omni.core.errors import Unavailable
from omni.core.events.base import Event
from omni.core.events.outbound import CampaignSaved
from omni.core.events.routing import AgentSaved, EntryPointSaved, GroupSaved, QueueSaved
from omni.core.events.voice import TrunkSaved
from omni.core.live import View
from omni.customers import api as customers_api
from omni.dialer import api as dialer_api
from omni.dialer.detection_api import detection_rows
from omni.dialer.imports import JOB as IMPORT_JOB
from omni.dialer.list_plans import JOB as ARRANGE_JOB
from omni.supervisor import api as supervisor_api
from omni.tickets import api as tickets_api

log = logging.getLogger(__name__)
COLLECT_AFTER = (20_000, 20, 100)  # objects made, young collections, middle collections

Ready = Callable[[str], None]
ROLL_S = 5.0  # how late the floor may notice midnight when nothing happens


async def serve(settings: Settings, ready: Ready, *, jobs: bool = True) -> None:
    """Run the site until cancelled; `ready` gets the address once everything answers.

    Without `jobs` another process (`serve_jobs`) does the background jobs.
    """
    async with running(settings, jobs=jobs) as omni:
        await serve_web(omni, ready)


async def serve_jobs(settings: Settings) -> None:
    """Do background jobs for a site that runs elsewhere, until cancelled."""
    async with database.opened(settings.database()):
        base = foundation(settings)
        queue = ArqJobs(settings.redis())
        try:
            work = {IMPORT_JOB: list_imports(base, queue).run, ARRANGE_JOB: arranging(base).run}
            await run_worker(settings.redis(), work)
        finally:
            await queue.close()


async def serve_web(omni: Omni, ready: Ready, *, shop: bool = False) -> None:
    """Serve the pages and the API until cancelled; `ready` gets the address.

    `shop`: also the demonstration's shop.

    Raises:
        Unavailable: the port is taken.
    """
    settings = omni.foundation.settings
    try:
        sock = listen(settings)
    except OSError as fault:
        text = f"cannot listen on {settings.host}:{settings.port}: {fault.strerror}"
        raise Unavailable("web.port", text) from fault
    app = application(omni.accounts, omni.hub, endpoints(omni), sockets(omni), shop=shop)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve_http(app, sock, settings), name="web")
        ready(settings.public_url or f"http://{settings.host}:{sock.getsockname()[1]}")


@asynccontextmanager
async def running(
    settings: Settings, say: Callable[[str], None] = lambda _: None, *, jobs: bool = True
) -> AsyncIterator[Omni]:
    """Run every service but the web for as long as the block lasts."""
    base = foundation(settings)
    async with (
        database.opened(settings.database()),
        _passwords(base),
        switchboard(settings, base.clock, base.identities, say) as board,
    ):
        omni = compose(base, board)
        await _start(omni)
        try:
            async with asyncio.TaskGroup() as tasks:
                background = [
                    tasks.create_task(work, name=name) for name, work in _work(omni, board, jobs)
                ]
                try:
                    await base.bus.running.wait()
                    await omni.imports.resume()
                    await omni.list_plans.resume()
                    _spare_the_collector()
                    yield omni
                finally:
                    await end(background)
        finally:
            omni.laboratory.close()
            await omni.jobs.close()


def _spare_the_collector() -> None:
    """Keep what lives as long as the process out of the garbage collector's way.

    A full collection of a large floor takes a tenth of a second, in which nobody is served.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


@asynccontextmanager
async def _passwords(base: Foundation) -> AsyncIterator[None]:
    """Have the stored passwords readable before anything is started that needs them."""
    await passwords.make_sure(base.seal, base.clock)
    yield


async def _start(omni: Omni) -> None:
    base = omni.foundation
    await omni.acd.start()
    await omni.announcements.start()
    await omni.voice.start()
    await omni.email.start()
    await omni.holidays.load()
    start = midnight(base.clock.now(), base.settings.time_zone)
    oldest = omni.acd.oldest_open()
    if oldest is not None:
        start = min(start, oldest)
    views: list[View] = [omni.desk, omni.floor]
    omni.hub.start_at(await rebuild(views, base.journal, await existing(omni), start))
    omni.hub.presence = Attendance(omni.acd, base.clock).presence
    wiring.connect(omni)


def _work(
    omni: Omni, board: Switchboard, jobs: bool
) -> Iterator[tuple[str, Coroutine[None, None, None]]]:
    """Return what runs in the background, each with its name."""
    base = omni.foundation
    yield "bus", base.bus.run()
    yield "acd", omni.acd.run()
    yield "voice", omni.voice.run()
    yield "chat", omni.widget.run()
    yield "dialer", _dial(omni)
    yield "email", omni.email.run()
    if jobs:
        work = {IMPORT_JOB: omni.imports.run, ARRANGE_JOB: arranging(base).run}
        yield "jobs", run_worker(base.settings.redis(), work)
    yield "days", _roll_days(omni)
    if board.instance is not None:
        yield "asterisk", board.instance.watch()


async def _dial(omni: Omni) -> None:
    """Dial, once events come: first what an earlier process left open is brought to its end."""
    await omni.foundation.bus.running.wait()
    await omni.dialing.start()
    await omni.dialing.run()


async def _roll_days(omni: Omni) -> None:
    """Let the floor begin a new day also when nothing happens."""
    clock = omni.foundation.clock
    while True:
        await clock.sleep(ROLL_S)
        omni.hub.push(omni.floor.roll(clock.now()))


async def existing(omni: Omni) -> list[Event]:
    """Tell everything that exists, as the events that said so."""
    plan = omni.acd.plan
    events: list[Event] = [
        EntryPointSaved(
            entry_point_id=one.id,
            name=one.name,
            medium=one.medium,
            address=one.address,
            open=one.open,
        )
        for one in plan.entry_points
    ]
    events += [
        QueueSaved(
            queue_id=one.id, name=one.name, open=one.open, target_answer_s=one.target_answer_s
        )
        for one in plan.queues
    ]
    events += [GroupSaved(group_id=one.id, name=one.name, open=one.open) for one in plan.groups]
    events += omni.acd.openings_told()
    events += [
        AgentSaved(
            agent_id=one.id,
            name=one.name,
            group_ids=one.group_ids,
            robot=one.robot,
            active=one.active,
        )
        for one in omni.acd.agents()
    ]
    events += [
        TrunkSaved(
            trunk_id=one.spec.trunk_id,
            name=one.spec.name,
            capacity=one.spec.capacity,
            calls_per_second=one.spec.calls_per_second,
            enabled=one.spec.enabled,
        )
        for one in omni.voice.trunks()
    ]
    events += [
        CampaignSaved(
            campaign_id=one.campaign_id,
            name=one.name,
            queue_id=one.queue_id,
            mode=one.mode,
            state=one.state,
            drop_limit_pct=one.drop_limit_pct,
        )
        for one in await omni.campaigns.all()
    ]
    events += await omni.callbacks.standing()
    return events


def endpoints(omni: Omni) -> list[Endpoint]:
    """Return the whole API."""
    identities = omni.foundation.identities
    return [
        *account_api.endpoints(omni.accounts),
        *acd_api.endpoints(omni.acd, omni.administration, identities, omni.foundation.clock),
        *customers_api.endpoints(omni.customers),
        *tickets_api.endpoints(omni.tickets),
        *dialer_api.endpoints(
            dialer_api.DialerServices(
                omni.campaigns,
                omni.imports,
                omni.list_plans,
                omni.mappings,
                omni.do_not_call,
                omni.holidays,
                omni.callbacks,
                omni.trials,
                omni.by_hand,
                AccountNames(),
                omni.foundation.seal,
            )
        ),
        *detection_rows(omni.detection),
        *voice_api.endpoints(omni.voice, identities, omni.recordings),
        *announcement_endpoints(omni.announcements),
        *chat_api.endpoints(omni.chats, omni.widget),
        *email_api.endpoints(omni.email),
        *mailbox_api.endpoints(omni.email),
        *answer_endpoints(omni.email.answers),
        *supervisor_api.endpoints(omni.reports),
    ]


def sockets(omni: Omni) -> list[SocketEndpoint]:
    """Return every WebSocket but the live one."""
    return [*voice_api.sockets(omni.phones), *omni.widget.sockets()]
