"""One running Asterisk: its folders, its start, its command line, its end.

Rules:
1. Everything an instance reads and writes lies in its `run_dir`; several run side by side.
2. `asterisk.conf` and `modules.conf`'s place are ours, every other file's text is the caller's.
3. Its command line is spoken to on its own socket (`main/asterisk.c`, `ast_remotecontrol`): a
   command costs about a millisecond instead of a process.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from omni.app.embedded.asterisk_install import AsteriskInstall
from omni.app.embedded.child import Child, ChildSpec
from omni.app.embedded.places import socket_folder

CLI_S = 10.0
# A leading byte of a console line above this marks its verbosity: it is no part of the answer.
VERBOSE_MARK = 0x7F


class AsteriskInstance:
    """An Asterisk of our own with the given configuration files (name → text)."""

    def __init__(self, install: AsteriskInstall, run_dir: Path, conf: Mapping[str, str]) -> None:
        self.install = install
        self.run_dir = run_dir.absolute()
        self._conf = dict(conf)
        self._sockets = socket_folder(self.run_dir / "run")
        self._child = Child(
            ChildSpec(
                name="Asterisk",
                command=(*install.command, "-C", str(self._main_file), "-f", "-n"),
                log=self.run_dir / "log" / "console",
                start_s=30.0,
                cwd=self.run_dir,
            ),
            ready=self._booted,
        )

    @property
    def _main_file(self) -> Path:
        return self.run_dir / "asterisk.conf"

    @property
    def conf_dir(self) -> Path:
        """The folder of the configuration files."""
        return self.run_dir / "etc"

    @property
    def recordings(self) -> Path:
        """The folder in which ARI's recordings appear."""
        return self.run_dir / "spool" / "recording"

    @property
    def sounds(self) -> Path:
        """The folder of the sounds that came with Asterisk (`en/` and others)."""
        return self.install.share / "sounds"

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return self._child.pid

    async def start(self) -> None:
        """Write the configuration, start, and return once fully booted.

        Raises ChildFailed with the end of its log; then nothing is left running.
        """
        for name in ("lib/keys", "log", "cache", "spool/recording", "spool/monitor", "spool/tmp"):
            (self.run_dir / name).mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.conf_dir, ignore_errors=True)
        self.write(self._conf)
        self._main_file.write_text(self._main_text())
        (self._sockets / "asterisk.ctl").unlink(missing_ok=True)
        await self._child.start()

    def write(self, conf: Mapping[str, str]) -> None:
        """Write these configuration files; after this you must reload the modules concerned."""
        self.conf_dir.mkdir(parents=True, exist_ok=True)
        for name, text in conf.items():
            path = self.conf_dir / name
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(path.name + ".new")
            fresh.write_text(text)
            fresh.chmod(0o600)  # pjsip.conf and ari.conf hold secrets
            fresh.replace(path)
        self._conf |= conf

    async def stop(self) -> None:
        """End it, calls and all; nothing happens if it has ended."""
        await self._child.stop()

    async def watch(self, on_restart: Callable[[int], Awaitable[None]] | None = None) -> None:
        """Start it again when it dies; see `Child.watch`."""
        await self._child.watch(on_restart)

    async def cli(self, command: str) -> str:
        """Run a console command and return what it prints.

        Raises OSError when Asterisk is not running, TimeoutError after 10 s.
        """
        async with asyncio.timeout(CLI_S):
            reader, writer = await asyncio.open_unix_connection(self._sockets / "asterisk.ctl")
            try:
                await reader.readline()  # "host/pid/version"
                writer.write(b"cli quit after " + command.encode() + b"\0")
                answer = await reader.read()
            finally:
                writer.close()
        lines = answer.replace(b"\0", b"").split(b"\n")
        kept = [line for line in lines if not line or line[0] < VERBOSE_MARK or line[0] >= 0xC2]
        return b"\n".join(kept).decode(errors="replace").strip("\n")

    async def _booted(self) -> bool:
        try:
            return "fully booted" in await self.cli("core waitfullybooted")
        except OSError:
            return False

    def _main_text(self) -> str:
        run, share = self.run_dir, self.install.share
        places = {
            "astetcdir": self.conf_dir,
            "astmoddir": self.install.modules,
            "astvarlibdir": run / "lib",
            "astdbdir": run / "lib",
            "astkeydir": run / "lib",
            "astdatadir": share,
            "astagidir": run / "lib" / "agi-bin",
            "astspooldir": run / "spool",
            "astrundir": self._sockets,
            "astlogdir": run / "log",
            "astcachedir": run / "cache",
        }
        lines = ["[directories]", *(f"{name} => {place}" for name, place in places.items())]
        lines += ["[options]", "nocolor = yes", "hideconnect = yes", ""]
        return "\n".join(lines)
