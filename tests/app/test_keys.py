"""Passwords at rest: sealed, moved to a new key at start, and a clear word when the key is gone."""

import stat
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from omni.app import keys
from omni.app.doctor import State, examine
from omni.app.keys import KeyRing, key_ring, new_key
from omni.app.passwords import make_sure, reseal
from omni.app.settings import Settings, SettingsFaulty, load
from omni.app.timekeeping import SystemClock
from omni.channels.email.model import Mailbox, Security, Server
from omni.channels.email.store import PostgresMailStore
from omni.channels.email.tables import MailboxRecord
from omni.channels.voice.model import TrunkSpec
from omni.channels.voice.store import PostgresVoiceStore, TrunkRow
from omni.core.errors import Unavailable
from omni.core.ids import MailboxId, TrunkId
from omni.core.seal import Seal

SECRET = "hush-hush-密码"
CLOCK = SystemClock()


def settings(folder: Path, **given: object) -> Settings:
    folder.mkdir(exist_ok=True)
    return Settings.model_validate({"data": folder, **given})


async def stored(seal: Seal) -> None:
    imap = Server("mail.example", 993, Security.TLS, "support", SECRET)
    box = Mailbox(MailboxId("box"), "Support", "s@shop.example", imap, replace(imap, port=465))
    await PostgresMailStore(seal).save_mailbox(box)
    trunk = TrunkSpec(TrunkId("trunk"), "Carrier", "sip.example", user="u", secret=SECRET)
    await PostgresVoiceStore(CLOCK, seal).save_trunk(trunk)


async def known(seal: Seal) -> set[str]:
    """Return the passwords as services get them."""
    box = await PostgresMailStore(seal).mailbox(MailboxId("box"))
    [trunk] = await PostgresVoiceStore(CLOCK, seal).trunks()
    assert box is not None
    return {box.imap.password, box.smtp.password, trunk.secret}


async def rows(url: str) -> str:
    """Return the two tables as a dump has them."""
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch(
            "SELECT m::text FROM mailbox m UNION SELECT t::text FROM trunk t"
        )
        return "\n".join(row[0] for row in found)
    finally:
        await connection.close()


async def test_the_database_alone_tells_no_password(database: str) -> None:
    seal = KeyRing([new_key()])
    await stored(seal)
    dump = await rows(database)
    assert SECRET not in dump
    assert "hush" not in dump
    assert dump.count(keys.MARK) == 3
    assert await known(seal) == {SECRET}


@pytest.mark.usefixtures("database")
async def test_plain_rows_of_an_earlier_version_are_sealed_at_start() -> None:
    seal = KeyRing([new_key()])
    await stored(seal)
    await TrunkRow.all().update(secret="plain")
    row = await MailboxRecord.get(mailbox_id="box")
    row.imap["password"], row.smtp["password"] = "plain", ""
    await row.save()
    assert await known(seal) == {"plain", ""}
    await make_sure(seal, CLOCK)
    assert (await TrunkRow.get(id="trunk")).secret.startswith(keys.MARK)
    row = await MailboxRecord.get(mailbox_id="box")
    assert str(row.imap["password"]).startswith(keys.MARK)
    assert row.smtp["password"] == ""
    assert await known(seal) == {"plain", ""}


async def test_a_key_is_changed_by_putting_a_new_one_in_front(database: str) -> None:
    old, new = new_key(), new_key()
    await stored(KeyRing([old]))
    await make_sure(KeyRing([new, old]), CLOCK)
    assert await known(KeyRing([new])) == {SECRET}
    before = await rows(database)
    await make_sure(KeyRing([new]), CLOCK)
    assert await rows(database) == before  # what is sealed with the present key stays as it is


@pytest.mark.usefixtures("database")
async def test_a_lost_key_ends_the_start_and_can_be_given_up() -> None:
    await stored(KeyRing([new_key()]))
    seal = KeyRing([new_key()])
    with pytest.raises(Unavailable, match="3 stored passwords") as caught:
        await make_sure(seal, CLOCK)
    assert caught.value.code == "secret.unreadable"
    assert await reseal(seal, CLOCK, forget=True) == 3
    await make_sure(seal, CLOCK)
    assert await known(seal) == {""}


def test_a_changed_byte_is_noticed() -> None:
    seal = KeyRing([new_key()])
    sealed = seal.close(SECRET)
    for at in range(len(keys.MARK), len(sealed) - 2, 7):
        other = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        with pytest.raises(Unavailable):
            seal.open(other)
    assert seal.close("") == seal.open("") == ""
    assert seal.close(SECRET) != sealed  # equal passwords do not look equal


async def test_the_first_start_makes_a_key_that_stays(tmp_path: Path) -> None:
    given = settings(tmp_path / "data")
    sealed = key_ring(given).close(SECRET)
    path = given.data / keys.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in given.data.iterdir()] == [keys.FILE]
    assert key_ring(given).open(sealed) == SECRET
    path.chmod(0o644)
    finding = {one.name: one for one in await examine(given)}["Key of passwords"]
    assert (finding.state, finding.advice) == (State.WEAK, f"chmod 600 {path}")


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", new_key() + "\nnonsense\n", "é"],
    ids=["empty", "word", "key-and-word", "not-ascii"],
)
async def test_a_key_file_that_is_none_is_said(tmp_path: Path, text: str) -> None:
    given = settings(tmp_path / "data")
    (given.data / keys.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(Unavailable, match="holds no keys") as caught:
        key_ring(given)
    assert caught.value.code == "secret.key"
    finding = {one.name: one for one in await examine(given)}["Key of passwords"]
    assert finding.state is State.MISSING


def test_keys_may_come_from_the_environment(tmp_path: Path) -> None:
    one, two = new_key(), new_key()
    environ = {"OMNI_DATA": str(tmp_path), "OMNI_SECRET_KEY": f"{two}, {one}"}
    ring = key_ring(load(environ, tmp_path))
    assert ring.open(KeyRing([one]).close(SECRET)) == SECRET
    assert KeyRing([two]).open(ring.close(SECRET)) == SECRET
    assert not (tmp_path / keys.FILE).exists()
    with pytest.raises(SettingsFaulty, match="OMNI_SECRET_KEY") as caught:
        load({**environ, "OMNI_SECRET_KEY": "my-own-word"}, tmp_path)
    assert "my-own-word" not in str(caught.value)
