"""A process of another program that we start, wait for, watch and stop.

Rules:
1. A child never outlives us: it is stopped in order at our end, and the kernel signals it when we
   are killed (see `shim`).
2. A child has its own session: Ctrl-C reaches omni alone, which then stops the children in order.
3. `start` returns only when the child is ready, or raises with the last lines of its log.
4. A child that dies unasked is started again, later each time; one that keeps dying is given up.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from omni.core.errors import Unavailable

SHIM = Path(__file__).with_name("shim.py")
LOG_TAIL_BYTES = 2000
# The pauses before a restart; after the last of them fails too, the child is given up.
RESTART_PAUSES_S = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
# A child that lived this long had started well: the pauses begin anew.
STEADY_S = 60.0
READY_POLL_S = 0.02
# Where the kernel has no pidfd (macOS), exits are looked for this often.
EXIT_POLL_S = 0.2


class ChildFailed(Unavailable):
    """A child did not start, or kept dying; `log_tail` holds its last words."""

    def __init__(self, name: str, reason: str, log_tail: str = "") -> None:
        text = f"{name} {reason}" + (f":\n{log_tail}" if log_tail else "")
        super().__init__("child.failed", text, name=name)
        self.name = name
        self.reason = reason
        self.log_tail = log_tail


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine as whom a child runs."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run and how to end it.

    `stop_signal` asks for an orderly end and is also what the kernel sends when we are killed.
    """

    name: str
    command: tuple[str, ...]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    stop_s: float = 10.0
    start_s: float = 15.0
    account: Account | None = None
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)


class Child:
    """One running process of a `ChildSpec`."""

    def __init__(self, spec: ChildSpec, ready: Callable[[], Awaitable[bool]]) -> None:
        self.spec = spec
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def running(self) -> bool:
        """Whether the process exists and has not ended."""
        return self.pid is not None

    async def start(self) -> None:
        """Start the process and wait until it is ready.

        Raises ChildFailed when it ends or is not ready in `start_s`; then nothing is left running.
        """
        self._stopping = False
        await self._start_once()

    async def _start_once(self) -> None:
        self._spawn()
        try:
            async with asyncio.timeout(self.spec.start_s):
                while not await self._ready():
                    if not self.running:
                        raise ChildFailed(self.spec.name, "ended at start", self._log_tail())
                    await asyncio.sleep(READY_POLL_S)
        except TimeoutError:
            await self._kill()
            raise ChildFailed(
                self.spec.name, f"was not ready in {self.spec.start_s:g} s", self._log_tail()
            ) from None
        except BaseException:
            await self._kill()
            raise

    async def stop(self) -> None:
        """Ask the process to end, wait `stop_s`, then kill it; nothing happens if it has ended."""
        self._stopping = True
        if self._process is None or not self.running:
            return
        self._process.send_signal(self.spec.stop_signal)
        try:
            async with asyncio.timeout(self.spec.stop_s):
                await self.wait_exit()
        except TimeoutError:
            await self._kill()

    async def _kill(self) -> None:
        if self._process is not None and self.running:
            self._process.kill()
            await self.wait_exit()

    async def wait_exit(self) -> int:
        """Wait until the process ends and return its exit code (minus the signal's number)."""
        process = self._process
        if process is None:
            raise ChildFailed(self.spec.name, "was never started")
        while process.poll() is None:
            if hasattr(os, "pidfd_open"):
                await _pidfd_exit(process.pid)
            else:
                await asyncio.sleep(EXIT_POLL_S)
        assert process.returncode is not None
        return process.returncode

    async def watch(self, on_restart: Callable[[int], Awaitable[None]] | None = None) -> None:
        """Start the process again whenever it ends unasked; return once it is stopped.

        `on_restart` is called with the exit code after each restart, when the child is ready.
        Raises ChildFailed when it keeps dying.
        """
        loop = asyncio.get_running_loop()
        pauses = iter(RESTART_PAUSES_S)
        while True:
            began_s = loop.time()
            code = await self.wait_exit()
            if self._stopping:
                return
            if loop.time() - began_s > STEADY_S:
                pauses = iter(RESTART_PAUSES_S)
            await self._restart(pauses, code)
            if on_restart is not None and not self._stopping:
                await on_restart(code)

    async def _restart(self, pauses: Iterator[float], code: int) -> None:
        for pause_s in pauses:
            await asyncio.sleep(pause_s)
            if self._stopping:
                return
            try:
                await self._start_once()
            except ChildFailed:
                continue
            return
        self._give_up(code)

    def _give_up(self, code: int) -> NoReturn:
        raise ChildFailed(
            self.spec.name, f"keeps ending (exit code {code}) and was given up", self._log_tail()
        )

    def _spawn(self) -> None:
        spec = self.spec
        spec.log.parent.mkdir(parents=True, exist_ok=True)
        account = f"{spec.account.uid}:{spec.account.gid}" if spec.account else "-"
        prefix = [sys.executable, "-I", "-S", str(SHIM)]
        prefix += [str(int(spec.stop_signal)), str(os.getpid()), account]
        with spec.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                [*prefix, *spec.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=spec.cwd,
                env={**os.environ, **spec.env},
                start_new_session=True,
            )

    def _log_tail(self) -> str:
        with self.spec.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, size - LOG_TAIL_BYTES))
            return log.read().decode(errors="replace").strip()


async def _pidfd_exit(pid: int) -> None:
    """Wait until the process ends, without a thread or a poll."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    descriptor = os.pidfd_open(pid)
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
