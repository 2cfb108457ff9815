"""The command line, as a person runs it: its own process, what it prints, how it ends."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from omni.app.database import MIGRATIONS

ROOT = Path(__file__).parents[2]


def omni(*words: str, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "omni", *words],
        input=given,
        env={**os.environ, "COLUMNS": "200", **environ},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_the_commands() -> None:
    done = omni("--help")
    assert done.returncode == 0
    for command in ("serve", "demo", "migrate", "user", "doctor", "bench"):
        assert command in done.stdout


def test_faulty_settings_are_sentences_not_tracebacks(tmp_path: Path) -> None:
    done = omni("migrate", OMNI_DATA=str(tmp_path), OMNI_PORT="eighty", OMNI_REGION="x")
    assert done.returncode == 1
    assert "OMNI_PORT" in done.stderr
    assert "OMNI_REGION" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(find_spec(MIGRATIONS) is None, reason="the first migration is not written")
def test_migrate_and_user_add(tmp_path: Path, database_url: str, redis_server: str) -> None:
    parts = {
        "OMNI_DATA": str(tmp_path),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_server,
    }
    assert omni("migrate", **parts).returncode == 0
    words = ("user", "add", "ada@example.org", "--role", "admin,agent", "--password-stdin")
    done = omni(*words, given="correct horse\n", **parts)
    assert (done.returncode, len(done.stdout.strip())) == (0, 26), done.stderr
    again = omni(*words, given="correct horse\n", **parts)
    assert (again.returncode, again.stdout) == (1, "")
    assert "has an account" in again.stderr
    wrong = omni(*words[:3], "--role", "king", "--password-stdin", given="x\n", **parts)
    assert "no such role" in wrong.stderr


def test_doctor_tells_what_is_missing(tmp_path: Path) -> None:
    nothing = {
        "OMNI_DATA": str(tmp_path),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1",
        "ARI_URL": "http://127.0.0.1:1/ari",
    }
    done = omni("doctor", "--json", **nothing)
    states = {row["name"]: row["state"] for row in json.loads(done.stdout)}
    assert done.returncode == 1
    assert [states[name] for name in ("PostgreSQL", "Redis", "Asterisk")] == ["missing"] * 3
    assert "DATABASE_URL" in omni("doctor", **nothing).stdout


def test_a_bench_that_is_not_there() -> None:
    done = omni("bench", "nonsense")
    assert done.returncode == 1
    assert "no benchmark nonsense" in done.stderr


@pytest.mark.parametrize("roles", ["", "king", "web,king"])
def test_unknown_roles_are_refused(tmp_path: Path, roles: str) -> None:
    done = omni("serve", "--roles", roles, OMNI_DATA=str(tmp_path))
    assert done.returncode == 2
    assert "expected all" in done.stderr
