"""The command line: `omni serve | demo | user | campaign | key | asterisk | doctor | bench | …`.

Rules:
1. What a person reads on the way goes to standard error; standard output has the result alone.
2. A fault is one clear sentence and exit code 1, never a traceback; a traceback is our bug.
3. Ctrl-C and SIGTERM end `serve` and `demo` in order: the web first, then every child (`ending`).
4. The demonstration and the benchmarks are loaded when they are called.
"""

import asyncio
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from omni.app import asterisk_files, commands, database, logs
from omni.app.bench import registry
from omni.app.commands import NewUser
from omni.app.doctor import State, examine
from omni.app.ending import until_signal
from omni.app.keys import new_key as make_key
from omni.app.settings import Settings, load
from omni.core.errors import Fault, Invalid

app = typer.Typer(
    name="omni",
    help="Open contact centre: predictive dialer, one queue for voice, email and chat, tickets.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
campaigns = typer.Typer(help="Campaigns.", no_args_is_help=True)
app.add_typer(campaigns, name="campaign")
users = typer.Typer(help="Users and their log-ins.", no_args_is_help=True)
app.add_typer(users, name="user")
keys = typer.Typer(
    help="Keys that stored passwords and compliance files are sealed with.", no_args_is_help=True
)
app.add_typer(keys, name="key")
asterisks = typer.Typer(help="An Asterisk of your own.", no_args_is_help=True)
app.add_typer(asterisks, name="asterisk")

screen = Console(stderr=True, highlight=False)
out = Console(highlight=False)

ROLES = ("site", "jobs")
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line; `words` are those after `omni`, by default the process's own."""
    before = os.umask(0o077)  # recordings, uploads and logs are nobody else's business
    try:
        app(args=words)
    except Fault as fault:
        screen.print(str(fault), style="red", markup=False)
        sys.exit(1)
    finally:
        os.umask(before)


@app.command()
def serve(
    roles: Annotated[str, typer.Option(help="Parts to run, separated by commas.")] = "all",
    host: Annotated[str, typer.Option(help="Where to listen.")] = "",
    port: Annotated[int, typer.Option(help="Where to listen; 0 takes a free one.")] = -1,
) -> None:
    """Run the contact centre until Ctrl-C."""
    settings = _settings(host=host, port=port)
    with _steps() as say:
        _run(commands.serve(settings, _roles(roles), say))


@app.command()
def demo(
    unattended: Annotated[bool, typer.Option(help="End by itself and report.")] = False,
    seconds: Annotated[int, typer.Option(help="How long an unattended run lasts.", min=5)] = 90,
    as_json: Json = False,
    robots: Annotated[int, typer.Option(help="How many robot agents help.", min=0, max=50)] = 8,
    port: Annotated[int, typer.Option(help="Where to listen; 0 takes a free one.")] = -1,
) -> None:
    """Run with demonstration data: a carrier, a mail server, visitors and robot agents."""
    settings = _settings(port=port)
    with _steps() as say:
        result = _run(commands.demo(settings, seconds if unattended else None, robots, say))
    if unattended and result is not None:
        _print(result, as_json)


@app.command()
def migrate(
    write: Annotated[bool, typer.Option(help="Write a migration for changed models.")] = False,
) -> None:
    """Bring the database's schema up to date."""
    if write:
        for path in asyncio.run(database.write_migrations()):
            out.print(path, markup=False)
        return
    settings = _settings()
    with _steps() as say:
        _run(commands.migrate(settings, say))


@users.command("add")
def add_user(
    email: Annotated[str, typer.Argument(help="The address to log in with.")],
    name: Annotated[str, typer.Option(help="The name others see.")] = "",
    role: Annotated[str, typer.Option(help="agent, supervisor, manager, admin; commas.")] = "agent",
    password_stdin: Annotated[bool, typer.Option(help="Read the password from a pipe.")] = False,
) -> None:
    """Add a user; the password is asked for, or read from standard input."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    settings = _settings()
    new = NewUser(email, name or email.partition("@")[0], password, _split(role))
    with _steps() as say:
        user_id = _run(commands.add_user(settings, say, new))
    out.print(user_id)


@keys.command("new")
def new_key() -> None:
    """Print a new key, for OMNI_SECRET_KEY or a line of secret.key in the data folder."""
    out.print(make_key(), markup=False)


@keys.command("forget")
def forget_passwords() -> None:
    """Empty the stored passwords that no key opens; they have to be entered again."""
    settings = _settings()
    with _steps() as say:
        count = _run(commands.forget_passwords(settings, say))
    out.print(f"{count} passwords emptied", markup=False)


@campaigns.command("verify")
def verify_campaign(
    file: Annotated[Path, typer.Argument(help="A campaign's compliance file.")],
    campaign: Annotated[str, typer.Option(help="Its id; else it is in the file's name.")] = "",
) -> None:
    """Check a compliance file: no line changed, left out, added or moved, the seal this omni's."""
    wrong = commands.tampered(_settings(), file, campaign)
    if wrong:
        raise Invalid("compliance.tampered", wrong)
    out.print("every line is as it was written, and the seal is of this installation")


@campaigns.command("try")
def try_campaign(  # noqa: PLR0913  # one for each word of the command
    campaign: Annotated[str, typer.Argument(help="Its name or id.")],
    agents: Annotated[int, typer.Option(min=1, max=500, help="How many agents work.")],
    hours: Annotated[float, typer.Option(min=0.1, max=12, help="How long the shift is.")] = 4.0,
    mode: Annotated[str | None, typer.Option(help="Instead of the campaign's own.")] = None,
    limit_pct: Annotated[float | None, typer.Option("--limit", help="Drops of answered.")] = None,
    answer_pct: Annotated[
        float | None, typer.Option("--answer-rate", help="Answered of dialled, in percent.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, max=20, help="How many days to simulate.")] = 3,
    as_json: Json = False,
) -> None:
    """Simulate a campaign's next shift with the code that dials for real; nobody is called."""
    words = commands.TrialWords(campaign, agents, hours, mode, limit_pct, answer_pct, seeds)
    with _steps() as say:
        result = _run(commands.try_campaign(_settings(), say, words))
    if result is None:
        return
    if as_json:
        _print(result, as_json)
        return
    rows = [
        {"figure": name, **band}
        for name, band in result.items()
        if isinstance(band, dict) and "mean" in band
    ]
    for name in ("worst_drop_pct", "predictive_gain_pct"):
        rows.append({"figure": name, "low": "", "mean": result[name], "high": ""})
    _print(rows, as_json)


@asterisks.command("config")
def asterisk_config(
    folder: Annotated[Path | None, typer.Argument(help="Where to write; else printed.")] = None,
    bind: Annotated[str, typer.Option(help="Where that Asterisk listens.")] = "",
) -> None:
    """Give the configuration of an Asterisk that omni is to use without starting it (ARI_URL)."""
    settings = _settings()
    made = asterisk_files.asterisk_files(settings, bind or settings.voice_host)
    if folder is None:
        for name, text in sorted(made.files.items()):
            out.print(f"; ---- {name}\n{text}", markup=False, soft_wrap=True)
    else:
        asterisk_files.write(made.files, folder)
    steps = (
        "Use these files as the /etc/asterisk of an Asterisk 22 that serves omni alone, start it,",
        "set these for omni, and ask `omni doctor`:",
        f"  ARI_URL={made.ari_url}",
        f"  OMNI_SIP_PORT={made.sip_port}",
    )
    for step in steps:
        screen.print(step, markup=False, soft_wrap=True)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is missing on this machine and what to do about it."""
    findings = _run(examine(_settings()))
    rows = [{k: str(v) for k, v in dataclasses.asdict(finding).items()} for finding in findings]
    if as_json:
        _print(rows, as_json)
    else:
        table = Table("", "", "seen", "what to do", box=None, header_style="dim")
        marks = {"ok": "[green]✓[/]", "weak": "[yellow]![/]", "missing": "[red]✗[/]"}
        for row in rows:
            table.add_row(marks[row["state"]], row["name"], row["seen"], row["advice"])
        out.print(table)
    if any(finding.state is State.MISSING for finding in findings):
        raise typer.Exit(1)


@app.command(hidden=True)
def fetch() -> None:
    """Fetch now what the first start would fetch; done where there is nothing to fetch with."""
    with _steps() as say:
        _run(commands.fetch(_settings(), say))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Which one; `list` names them.")],
    as_json: Json = False,
) -> None:
    """Measure; further options are the benchmark's own."""
    if name == "list":
        out.print(", ".join(registry.BENCHES))
        return
    _print(registry.measure(name, context.args), as_json)


def _settings(*, host: str = "", port: int = -1) -> Settings:
    settings = load(os.environ, Path.cwd())
    changes: dict[str, object] = {"host": host} if host else {}
    if port >= 0:
        changes["port"] = port
    logs.set_up(settings)
    return settings.model_copy(update=changes)


def _roles(text: str) -> frozenset[str]:
    if text == "all":
        return frozenset(ROLES)
    roles = frozenset(_split(text))
    unknown = roles - set(ROLES)
    if unknown or not roles:
        raise typer.BadParameter(f"expected all, or some of {', '.join(ROLES)}")
    return roles


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to its end, or until a signal; the second signal changes nothing."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(until_signal(work, lambda: screen.print("Stopping …")))


@contextmanager
def _steps() -> Iterator[Callable[[str], None]]:
    """Give a function that shows a step: a spinner on a terminal, a line elsewhere.

    The step that says that omni is ready ends the start: it stays on the screen, and goes to
    standard output unless that is for JSON.
    """
    status = screen.status("Starting")
    if screen.is_terminal:
        status.start()

    def say(step: str) -> None:
        if step.startswith(commands.READY):
            status.stop()
            (screen if "--json" in sys.argv else out).print(step, markup=False)
        elif screen.is_terminal:
            status.update(step)
        else:
            screen.print(step, markup=False)

    try:
        yield say
    finally:
        status.stop()


def _print(result: Any, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")
        return
    rows = [result] if isinstance(result, dict) else list(result)
    if len(rows) == 1:
        table = Table(show_header=False, box=None)
        for name, value in rows[0].items():
            table.add_row(name, _figure(value))
    else:
        table = Table(*rows[0].keys() if rows else (), box=None)
        for row in rows:
            table.add_row(*map(_figure, row.values()))
    out.print(table)


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
