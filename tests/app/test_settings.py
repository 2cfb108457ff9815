"""Settings: where they come from, who wins, and that all faults are told at once."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from omni.app.settings import Settings, SettingsFaulty, load


def environ(folder: Path, **given: str) -> dict[str, str]:
    return {"OMNI_DATA": str(folder / "data"), **given}


def test_defaults_stay_on_loopback(tmp_path: Path) -> None:
    settings = load(environ(tmp_path), tmp_path)
    assert settings.host == settings.voice_host == "127.0.0.1"
    assert settings.address == "http://127.0.0.1:8080"
    assert not settings.listens_beyond_loopback
    assert settings.database_url is settings.redis_url is settings.ari_url is None


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "omni.toml").write_text('port = 9000\nregion = "CN"\n')
    settings = load(environ(tmp_path, OMNI_PORT="9001"), tmp_path)
    assert (settings.port, settings.region) == (9001, "CN")


def test_the_file_may_lie_in_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "omni.toml").write_text('time_zone = "Asia/Shanghai"\n')
    assert load(environ(tmp_path), tmp_path).time_zone == "Asia/Shanghai"


def test_the_named_file_is_the_only_one(tmp_path: Path) -> None:
    (tmp_path / "omni.toml").write_text("port = 1\n")
    (tmp_path / "other.toml").write_text("port = 2\n")
    assert load(environ(tmp_path, OMNI_CONFIG="other.toml"), tmp_path).port == 2
    with pytest.raises(SettingsFaulty, match=r"missing\.toml is not a file"):
        load(environ(tmp_path, OMNI_CONFIG="missing.toml"), tmp_path)


def test_all_faults_are_told_together_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "omni.toml").write_text('prot = 1\nregion = "China"\nsession_hours = 0\n')
    with pytest.raises(SettingsFaulty) as caught:
        load(
            environ(
                tmp_path,
                OMNI_PORT="eighty",
                OMNI_TIME_ZONE="Mars/Olympus",
                DATABASE_URL="mysql://me:secret@there/x",
            ),
            tmp_path,
        )
    faults = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 6
    for place in ("OMNI_PORT", "OMNI_TIME_ZONE", "DATABASE_URL", "prot in ", "region in "):
        assert place in faults
    assert "secret" not in faults


@pytest.mark.parametrize("text", ["port =", "\ufeffport = 1", "port = 1\nport = 2"])
def test_a_broken_file_is_a_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "omni.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsFaulty, match=r"omni\.toml"):
        load(environ(tmp_path), tmp_path)


def test_contradictions_are_faults(tmp_path: Path) -> None:
    given = environ(tmp_path, OMNI_RTP_FIRST="20000", OMNI_RTP_LAST="20010", ASTERISK="/none")
    (tmp_path / "ca.pem").write_text("no certificate")
    for authority in (tmp_path / "ca.pem", tmp_path / "none.pem"):
        with pytest.raises(SettingsFaulty) as caught:
            load({**given, "OMNI_MAIL_CA": str(authority)}, tmp_path)
        assert len(caught.value.faults) == 3
        assert "OMNI_MAIL_CA" in caught.value.faults[-1]


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("DATABASE_URL", "postgres://me:pass@db/omni", True),
        ("DATABASE_URL", "postgresql://db/omni", True),
        ("DATABASE_URL", "sqlite://x", False),
        ("DATABASE_URL", "postgres://[", False),
        ("REDIS_URL", "rediss://cache:6379/1", True),
        ("REDIS_URL", "unix:///run/redis.sock", True),
        ("REDIS_URL", "cache", False),
        ("ARI_URL", "http://omni:secret@pbx:8088/ari", True),
        ("ARI_URL", "ftp://pbx", False),
        ("OMNI_PUBLIC_URL", "https://calls.example", True),
        ("OMNI_PUBLIC_URL", "https://calls.example/omni", False),
        ("OMNI_PORT", "0", True),
        ("OMNI_PORT", "65536", False),
    ],
)
def test_addresses(tmp_path: Path, name: str, value: str, good: bool) -> None:
    faults: list[str] = []
    try:
        load(environ(tmp_path, **{name: value}), tmp_path)
    except SettingsFaulty as fault:
        faults = fault.faults
    assert [text.startswith(name) for text in faults] == ([] if good else [True])


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    settings = load(environ(tmp_path, DATABASE_URL="postgres://me:hush@db/omni"), tmp_path)
    assert "hush" not in repr(settings)
    assert "hush" not in settings.model_dump_json()
    assert "hush" in settings.database()


def test_paths_are_absolute_and_proxies_a_list(tmp_path: Path) -> None:
    settings = load({"OMNI_DATA": "here", "OMNI_FORWARDED_FROM": "10.0.0.1, 10.0.0.2,"}, tmp_path)
    assert settings.data.is_absolute()
    assert settings.forwarded_from == ("10.0.0.1", "10.0.0.2")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1
