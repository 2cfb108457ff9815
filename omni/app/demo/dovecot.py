"""A private Dovecot on loopback, with folders of its own; works as root and as an ordinary user."""

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

from omni.app.demo.mailserver import PASSWORD

BINARY = shutil.which("dovecot") or "/usr/sbin/dovecot"
ACCOUNT = "mail"  # as root, mails belong to this account: Dovecot opens none as root
_numbers = itertools.count(1)

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
first_valid_uid = 1
{users}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tls(certificate: tuple[Path, Path] | None) -> str:
    if certificate is None:
        return "no"
    chain, key = certificate
    return f"yes\nssl_cert = <{chain}\nssl_key = <{key}"


def installed() -> bool:
    """Tell whether Dovecot is there."""
    return Path(BINARY).exists()


class Dovecot:
    """`start`, then `imap_port` is open; every account exists.

    With a certificate (PEM files of chain and key) `imap_port` takes STARTTLS, and `imaps_port` is
    open for TLS from the first byte.
    """

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self._certificate = certificate
        self.folder = Path(tempfile.mkdtemp(prefix="omni-dovecot-"))
        self.folder.chmod(0o755)
        self.imap_port = 0
        self.imaps_port = 0
        self.smtp_port = 0
        self._process: asyncio.subprocess.Process | None = None
        root = os.getuid() == 0
        account = pwd.getpwnam(ACCOUNT) if root else pwd.getpwuid(os.getuid())
        self._uid, self._gid = account.pw_uid, account.pw_gid
        self._users = (
            ""
            if root
            else f"default_internal_user = {account.pw_name}\n"
            f"default_internal_group = {self._gid}\ndefault_login_user = {account.pw_name}"
        )

    async def start(self) -> None:
        """Start on a free port, and again on the same one after `stop`."""
        self.imap_port = self.imap_port or _free_port()
        if self._certificate is not None:
            self.imaps_port = self.imaps_port or _free_port()
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir(exist_ok=True)
        os.chown(self.folder / "mail", self._uid, self._gid)
        config = self.folder / "dovecot.conf"
        config.write_text(
            CONFIG.format(
                folder=self.folder,
                users=self._users,
                password=PASSWORD,
                uid=self._uid,
                gid=self._gid,
                port=self.imap_port,
                imaps_port=self.imaps_port,
                ssl=_tls(self._certificate),
            )
        )
        # A process group of its own: `stop` reaches all of it.
        self._process = await asyncio.create_subprocess_exec(
            BINARY, "-F", "-c", str(config), process_group=0
        )
        async with asyncio.timeout(20):
            while not self._answers():  # noqa: ASYNC110 - a child process tells nobody
                await asyncio.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.imap_port)) == 0

    async def stop(self) -> None:
        """Stop it; its mails stay until `remove`."""
        if self._process is not None:
            self._process.terminate()
            await self._process.wait()
            # The master does not signal who has not told it of its start yet: such a process would
            # keep its client's connection open for as long as the client likes.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None

    def remove(self) -> None:
        """Remove all it has written."""
        shutil.rmtree(self.folder)

    async def put(self, account: str, raw: bytes) -> None:
        """Put a mail into an account's INBOX, as a delivery agent does."""
        self.put_all(account, [raw])

    def put_all(self, account: str, mails: list[bytes]) -> None:
        """Put many mails into an account's INBOX."""
        folder = self.folder / "mail" / account
        for path in (folder, *(folder / name for name in ("tmp", "new", "cur"))):
            path.mkdir(exist_ok=True)
            os.chown(path, self._uid, self._gid)
        for raw in mails:
            number = next(_numbers)
            made = folder / "tmp" / f"{1763719200 + number}.{os.getpid()}_{number}.host"
            made.write_bytes(raw)
            os.chown(made, self._uid, self._gid)
            made.rename(folder / "new" / made.name)

    def forget_numbers(self, account: str) -> None:
        """Lose the folder's index: all mails get new numbers under another UIDVALIDITY."""
        for path in (self.folder / "mail" / account).glob("dovecot*"):
            path.unlink()
