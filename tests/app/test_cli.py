"""The command line: what it prints where, and how it ends."""

import asyncio
import io
import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omni.app.cli import main
from omni.app.database import opened
from omni.app.keys import KeyRing, new_key
from omni.core.ids import CampaignId, QueueId
from omni.dialer.compliance import COLUMNS, first_link, next_link
from omni.dialer.listfile import csv_line
from omni.dialer.model import Campaign
from omni.dialer.store import CampaignTable


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    code: object
    out: str
    err: str


Omni = Callable[..., Done]


@pytest.fixture
def omni(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Omni:
    """Run a command with these words and this environment."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str, given: str = "", environ: Mapping[str, str]) -> Done:
        monkeypatch.delenv("OMNI_SECRET_KEY", raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        code: object = 0
        try:
            main(words)
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run


def test_help_names_the_commands(omni: Omni) -> None:
    done = omni("--help", environ={})
    assert done.code == 0
    for command in ("serve", "demo", "migrate", "user", "doctor", "bench"):
        assert command in done.out


def test_faulty_settings_are_sentences(omni: Omni, tmp_path: Path) -> None:
    given = {"OMNI_DATA": str(tmp_path), "OMNI_PORT": "eighty", "OMNI_REGION": "x"}
    done = omni("migrate", environ=given)
    assert done.code == 1
    assert "OMNI_PORT" in done.err
    assert "OMNI_REGION" in done.err


def test_migrate_and_user_add(
    omni: Omni, tmp_path: Path, empty_database_url: str, redis_server: str
) -> None:
    parts = {
        "OMNI_DATA": str(tmp_path),
        "DATABASE_URL": empty_database_url,
        "REDIS_URL": redis_server,
    }
    assert omni("migrate", environ=parts).code == 0
    words = ("user", "add", "ada@example.org", "--role", "admin,agent", "--password-stdin")
    done = omni(*words, given="correct horse\n", environ=parts)
    assert (done.code, len(done.out.strip())) == (0, 26), done.err
    again = omni(*words, given="correct horse\n", environ=parts)
    assert (again.code, again.out) == (1, "")
    assert "has an account" in again.err
    wrong = omni(*words[:3], "--role", "king", "--password-stdin", given="x\n", environ=parts)
    assert "no such role" in wrong.err


def test_a_compliance_file_is_checked(omni: Omni, tmp_path: Path) -> None:
    key = new_key()
    ours = {"OMNI_DATA": str(tmp_path / "data"), "OMNI_SECRET_KEY": key}
    end = ["end", "0", *[""] * (len(COLUMNS) - 3)]
    link = next_link(first_link("campaign1"), end)
    seal = ["seal", "campaign1", "2026-11-22T12:00:00.000+00:00", *[""] * (len(COLUMNS) - 4)]
    signature = KeyRing([key]).sign(next_link(link, seal))
    rows = [COLUMNS, [*end, link], [*seal, signature]]
    file = tmp_path / "compliance-campaign1.csv"
    file.write_text("".join(csv_line(row) for row in rows))

    def verify(*words: str, environ: dict[str, str] = ours) -> Done:
        return omni("campaign", "verify", *words, environ=environ)

    assert verify(str(file)).code == 0, verify(str(file)).err
    other = verify(str(file), "--campaign", "campaign2")
    assert (other.code, other.out) == (1, "")
    assert "line 2 was changed" in other.err
    elsewhere = verify(str(file), environ={"OMNI_DATA": str(tmp_path / "data")})
    assert elsewhere.code == 1
    assert "the key of the installation is not here" in " ".join(elsewhere.err.split())
    assert not (tmp_path / "data" / "secret.key").exists(), "a look makes no key"
    strange = verify(str(file), environ={**ours, "OMNI_SECRET_KEY": new_key()})
    assert "is not of this installation's keys" in " ".join(strange.err.split())
    file.write_text(csv_line(COLUMNS))
    assert verify(str(file)).code == 1
    assert "cannot be read" in verify("nowhere.csv").err


def test_doctor_tells_what_is_missing(omni: Omni, tmp_path: Path) -> None:
    nothing = {
        "OMNI_DATA": str(tmp_path),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1",
        "ARI_URL": "http://127.0.0.1:1/ari",
    }
    done = omni("doctor", "--json", environ=nothing)
    states = {row["name"]: row["state"] for row in json.loads(done.out)}
    assert done.code == 1
    assert [states[name] for name in ("PostgreSQL", "Redis", "Asterisk")] == ["missing"] * 3
    assert "DATABASE_URL" in omni("doctor", environ=nothing).out


def test_a_bench_that_is_not_there(omni: Omni) -> None:
    done = omni("bench", "nonsense", environ={})
    assert done.code == 1
    assert "no benchmark nonsense" in done.err


@pytest.mark.parametrize("roles", [",", "king", "web,king"])
def test_unknown_roles_are_refused(omni: Omni, tmp_path: Path, roles: str) -> None:
    done = omni("serve", "--roles", roles, environ={"OMNI_DATA": str(tmp_path)})
    assert done.code == 2
    assert "expected all" in done.err


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_is_refused_before_anything_starts(
    omni: Omni, tmp_path: Path, command: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = omni(command, "--port", port, environ={"OMNI_DATA": str(tmp_path / "data")})
    assert done.code == 1
    assert "OMNI_PORT" in done.err
    assert not (tmp_path / "data").exists()


def test_a_campaign_is_tried_by_its_name(
    omni: Omni, tmp_path: Path, database_url: str, redis_server: str
) -> None:
    parts = {
        "OMNI_DATA": str(tmp_path),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_server,
    }
    words = ("campaign", "try", "Spring", "--agents", "3", "--hours", "0.5", "--seeds", "1")
    none = omni(*words, environ=parts)
    assert (none.code, "no such campaign" in none.err) == (1, True)

    async def make() -> None:
        async with opened(database_url):
            at = datetime(2026, 11, 22, tzinfo=UTC)
            await CampaignTable().save(
                Campaign(CampaignId("campaign1"), "Spring", QueueId("queue1"), at)
            )

    asyncio.run(make())
    done = omni(*words, "--answer-rate", "40", "--json", environ=parts)
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert result["assumed"]["answer_rate_pct"] == 40
    assert result["utilisation_pct"]["mean"] > 0
    shown = omni(*words, environ=parts)
    assert "utilisation_pct" in shown.out
    wrong = omni(*words, "--mode", "shouting", environ=parts)
    assert "no such mode" in wrong.err


def test_the_configuration_of_another_asterisk_is_written_once(omni: Omni, tmp_path: Path) -> None:
    environ = {"OMNI_DATA": str(tmp_path / "data")}
    printed = omni("asterisk", "config", environ=environ)
    assert "; ---- ari.conf" in printed.out
    assert "ARI_URL=http://omni:" in printed.err
    environ["ARI_URL"] = "http://boss:word@10.0.0.5:9000/ari"
    folder = str(tmp_path / "conf")
    for _ in range(2):  # the same again changes nothing
        done = omni("asterisk", "config", folder, "--bind", "10.0.0.5", environ=environ)
        assert (done.code, done.out) == (0, "")
    assert "password = word" in (tmp_path / "conf" / "ari.conf").read_text()
    assert "bindaddr = 10.0.0.5\nbindport = 9000" in (tmp_path / "conf" / "http.conf").read_text()
    assert (tmp_path / "conf" / "ari.conf").stat().st_mode & 0o077 == 0
    environ["ARI_URL"] = "http://boss:other@10.0.0.5:9000/ari"
    refused = omni("asterisk", "config", folder, environ=environ)
    assert refused.code == 1
    assert "exists" in refused.err
    environ["ARI_URL"] = "http://boss:a;b@10.0.0.5:9000/ari"
    assert omni("asterisk", "config", environ=environ).code == 1


def test_a_key_is_printed(omni: Omni, tmp_path: Path) -> None:
    assert len(omni("key", "new", environ={"OMNI_DATA": str(tmp_path)}).out.strip()) == 44
