"""The compiled engine is the same engine (ADR 0036)."""

import subprocess
import sys
from pathlib import Path

import pytest

from omni import compiled
from tests.acd import compiled_worker

ROOT = compiled.ROOT.parent
needs_compiled = pytest.mark.skipif(
    not compiled.folder().is_dir(), reason="the engine is not compiled on this machine"
)


def test_tests_run_on_the_sources() -> None:
    assert not compiled.used()


@needs_compiled
def test_compiled_code_decides_as_its_sources() -> None:
    worker = [sys.executable, "-m", "tests.acd.compiled_worker"]
    done = subprocess.run(worker, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.stderr == ""
    assert done.stdout.strip() == compiled_worker.digest()


@needs_compiled
def test_the_command_line_and_its_children_run_compiled_code(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import omni.__main__
from omni import compiled

if __name__ == "__main__":
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        print(compiled.used(), pool.submit(compiled.used).result())
"""
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "True True", done.stderr


def test_other_sources_have_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = compiled.folder()
    changed = tmp_path / compiled.ENGINE[0].name
    changed.write_bytes(compiled.ENGINE[0].read_bytes() + b"\n")
    monkeypatch.setattr(compiled, "ENGINE", (changed, *compiled.ENGINE[1:]))
    assert compiled.folder() != before
    assert not compiled.prefer()
