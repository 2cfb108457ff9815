"""The doctor sees what is there and what is not."""

import socket
from pathlib import Path

from omni.app.doctor import Finding, State, bind_fault, examine
from omni.app.settings import Settings
from omni.channels.email.tables import MailboxRecord


async def found(settings: Settings) -> dict[str, Finding]:
    return {finding.name: finding for finding in await examine(settings)}


def settings(folder: Path, **given: object) -> Settings:
    return Settings.model_validate({"data": folder / "data", "cache": folder / "cache", **given})


async def test_the_embedded_parts_are_said_to_start_with_omni(open_folder: Path) -> None:
    findings = await found(settings(open_folder, port=0))
    assert findings["PostgreSQL"].state is State.OK
    assert findings["Redis"].state is State.OK
    assert findings["Web port"].state is State.OK
    assert not (open_folder / "data" / "postgres").exists()


async def test_given_parts_are_connected_to(
    tmp_path: Path, database_url: str, redis_server: str
) -> None:
    given = settings(tmp_path, database_url=database_url, redis_url=redis_server)
    findings = await found(given)
    assert "connected" in findings["PostgreSQL"].seen
    assert "connected" in findings["Redis"].seen
    assert findings["Mail"].state is State.OK


async def test_a_taken_port_is_seen(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        findings = await found(settings(tmp_path, port=port))
    assert findings["Web port"].state is State.MISSING
    assert "OMNI_PORT" in findings["Web port"].advice


async def test_an_address_that_is_not_ours_is_seen() -> None:
    assert bind_fault("192.0.2.1", 0, socket.SOCK_STREAM)
    assert not bind_fault("127.0.0.1", 0, socket.SOCK_STREAM)


async def test_beyond_loopback_without_https_the_phone_is_weak(tmp_path: Path) -> None:
    findings = await found(settings(tmp_path, host="0.0.0.0", port=0))
    assert findings["Browser phone"].state is State.WEAK
    mended = settings(tmp_path, host="0.0.0.0", port=0, public_url="https://calls.example")
    assert (await found(mended))["Browser phone"].state is State.OK


async def test_no_advice_repeats_a_secret(tmp_path: Path) -> None:
    given = settings(
        tmp_path,
        database_url="postgres://me:hush@127.0.0.1:1/x",
        redis_url="redis://:hush@127.0.0.1:1",
        ari_url="http://me:hush@127.0.0.1:1/ari",
    )
    for finding in (await found(given)).values():
        assert "hush" not in finding.seen + finding.advice
        if finding.state is State.MISSING:
            assert finding.advice


async def test_mail_servers_that_do_not_answer_are_named(tmp_path: Path, database: str) -> None:
    with socket.socket() as there:
        there.bind(("127.0.0.1", 0))
        there.listen()
        answering = {"host": "127.0.0.1", "port": there.getsockname()[1]}
        await MailboxRecord.create(
            mailbox_id="m1",
            name="Support",
            address="support@example.org",
            imap=answering,
            smtp={"host": "127.0.0.1", "port": 1},
            options={},
        )
        finding = (await found(settings(tmp_path, database_url=database)))["Mail"]
        assert (finding.state, finding.seen) == (State.WEAK, "127.0.0.1:1 Connection refused")
        await MailboxRecord.filter(mailbox_id="m1").update(smtp=answering)
        finding = (await found(settings(tmp_path, database_url=database)))["Mail"]
        assert finding.state is State.OK
