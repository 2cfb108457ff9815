"""What the command line's commands do, once their words are understood."""

import csv
import importlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from omni.app import database, passwords
from omni.app.auth import Accounts
from omni.app.doctor import bind_fault
from omni.app.embedded.asterisk_install import AsteriskMissing, ensure_installed
from omni.app.embedded.services import attached, running
from omni.app.keys import key_ring, known_keys
from omni.app.settings import Settings
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.core.errors import Invalid, Unavailable
from omni.core.terms import Role
from omni.dialer.model import Mode

Say = Callable[[str], None]

# How the step begins that says that everything answers.
READY = "omni is ready"


async def serve(settings: Settings, roles: frozenset[str], say: Say) -> None:
    """Run the parts named by `roles` until cancelled; `say` gets the steps, then the address.

    `site` is everything that is live (one process at a time owns it), `jobs` the background jobs.
    Raises Unavailable when a part cannot run, before anything is started if the port is taken.
    """
    bootstrap = importlib.import_module("omni.app.bootstrap")
    if "site" not in roles:
        async with attached(settings, say) as complete:
            say("omni does background jobs")
            await bootstrap.serve_jobs(complete)
        return
    _refuse_taken_port(settings)
    async with running(settings, say) as complete:
        say("Bringing the database up to date")
        await database.migrate(complete.database())

        def ready(address: str) -> None:
            say(f"{READY}: {address}")

        await bootstrap.serve(complete, ready, jobs="jobs" in roles)


async def demo(settings: Settings, seconds: int | None, robots: int, say: Say) -> object:
    """Run with demonstration data, for ever or for some seconds; return what was counted.

    Raises Unavailable as `serve` does.
    """
    _refuse_taken_port(settings)
    run = importlib.import_module("omni.app.demo.run")
    return await run.run(settings, seconds, robots, say)


async def fetch(settings: Settings, say: Say) -> None:
    """Fetch Asterisk, unless another one is to be used; say so where that is not possible."""
    if settings.ari_url is not None:
        return
    try:
        await ensure_installed(settings.cache, say, own=settings.asterisk)
    except AsteriskMissing as missing:
        say(str(missing))


async def migrate(settings: Settings, say: Say) -> None:
    """Bring the schema up to date; `say` gets each migration."""
    async with attached(settings, say) as complete:
        await database.migrate(complete.database(), say)


def tampered(settings: Settings, file: Path, campaign_id: str) -> str:
    """Return what is wrong first with a compliance file, in words; "": nothing is.

    Args:
        campaign_id: "" = the one in the file's name, as it was downloaded.

    Raises Invalid when there is no such file, or it is no text; Unavailable when the installation's
    keys cannot be read.
    """
    try:
        verify = importlib.import_module("omni.dialer.compliance").verify
        text = file.read_text(encoding="utf-8")
        campaign_id = campaign_id or file.stem.removeprefix("compliance-")
        finding = verify(campaign_id, text, known_keys(settings))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise Invalid("list.upload", f"{file} cannot be read") from fault
    return str(finding or "")


@dataclass(frozen=True, slots=True)
class TrialWords:
    """A trial as typed on the command line; None: as the campaign has it."""

    campaign: str
    agents: int
    hours: float
    mode: str | None
    limit_pct: float | None
    answer_pct: float | None
    seeds: int


async def try_campaign(settings: Settings, say: Say, words: TrialWords) -> dict[str, object]:
    """Simulate a campaign of the site, by name or id; return the figures.

    Raises NotFound when there is no such campaign, Invalid for a mode that there is not.
    """
    composition = importlib.import_module("omni.app.composition")
    trials = importlib.import_module("omni.dialer.trials")
    conversions = importlib.import_module("omni.dialer.conversions")
    laboratory = importlib.import_module("omni.app.laboratory").ProcessLaboratory()
    try:
        mode = Mode(words.mode) if words.mode else None
    except ValueError:
        text = f"there is no such mode; there are: {', '.join(Mode)}"
        raise Invalid("campaign.mode", text) from None
    wish = trials.TrialWish(
        agents=words.agents,
        hours=words.hours,
        mode=mode,
        limit_pct=words.limit_pct,
        answer_share=words.answer_pct / 100 if words.answer_pct else None,
        seeds=words.seeds,
    )
    async with attached(settings, say) as complete:
        await database.migrate(complete.database())
        async with database.opened(complete.database()):
            service = composition.campaign_trials(composition.foundation(complete), laboratory)
            try:
                say("Simulating")
                result = await service.try_out(await service.named(words.campaign), wish)
            finally:
                laboratory.close()
    shown: dict[str, object] = conversions.trial_out(result).model_dump(mode="json")
    return shown


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user as typed on the command line."""

    email: str
    name: str
    password: str
    roles: Sequence[str]


async def add_user(settings: Settings, say: Say, new: NewUser) -> str:
    """Make a user and return the id.

    Raises Invalid or Conflict as `Accounts.add` does.
    """
    try:
        roles = frozenset(Role(role) for role in new.roles)
    except ValueError:
        there = ", ".join(Role)
        raise Invalid("user.roles", f"there is no such role; there are: {there}") from None
    accounts = Accounts(SystemClock(), RandomIdentities(), PasswordHasher())
    async with attached(settings, say) as complete:
        await database.migrate(complete.database())
        async with database.opened(complete.database()):
            user = await accounts.add(new.email, new.name, roles, new.password)
    return str(user.id)


async def forget_passwords(settings: Settings, say: Say) -> int:
    """Empty the stored passwords that no key opens and return how many there were."""
    seal = key_ring(settings)
    async with attached(settings, say) as complete:
        await database.migrate(complete.database())
        async with database.opened(complete.database()):
            return await passwords.reseal(seal, SystemClock(), forget=True)


def _refuse_taken_port(settings: Settings) -> None:
    fault = bind_fault(settings.host, settings.port, socket.SOCK_STREAM)
    if fault:
        place = f"{settings.host}:{settings.port}"
        advice = "choose another with --port or OMNI_PORT (0 takes a free one)"
        raise Unavailable("port.taken", f"cannot listen on {place}: {fault}; {advice}")
