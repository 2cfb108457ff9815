"""Folders: where they are, short enough for sockets, and never somebody else's."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from omni.app.embedded import places


def test_a_short_path_is_taken_as_it_is(tmp_path: Path) -> None:
    short = Path(tempfile.mkdtemp())
    assert places.socket_folder(short / "run") == short / "run"
    (short / "run").rmdir()
    short.rmdir()


def test_a_long_path_has_a_short_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Path(tempfile.mkdtemp())
    monkeypatch.setattr(tempfile, "tempdir", str(here))
    wanted = tmp_path / ("long" * 30) / "run"
    before = os.umask(0o077)
    try:
        folder = places.socket_folder(wanted)
        assert places.socket_folder(wanted) == folder
    finally:
        os.umask(before)
    assert folder != wanted
    assert folder.name == "run"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o711


def test_somebody_elses_stand_in_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Path(tempfile.mkdtemp())
    monkeypatch.setattr(tempfile, "tempdir", str(here))
    wanted = tmp_path / ("long" * 30) / "run"
    taken = places.socket_folder(wanted).parent
    (taken / "run").rmdir()
    taken.rmdir()
    taken.symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="not ours"):
        places.socket_folder(wanted)


@pytest.mark.parametrize(("given", "used"), [("/else", "/else/omni"), ("relative", "")])
def test_xdg_names_the_cache(monkeypatch: pytest.MonkeyPatch, given: str, used: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", given)
    expected = used or str(Path.home() / ".cache" / "omni")
    assert str(places.default_cache()) == expected
