"""Asterisk 22 for a user without root: unpacked from Debian's own packages, or the machine's own.

Rules:
1. Nothing on the host changes: apt works on a private state and downloads only, dpkg-deb unpacks
   into the user's cache, and the program runs under the dynamic linker that came with it, so that
   it fits any Debian whatever its C library.
2. Signatures are checked with the host's Debian keys, on the mirror that the host already uses.
3. The suite is `sid`, the only one that has Asterisk 22; it moves, hence the major version is
   checked, and what is unpacked stays until its folder is deleted.
4. The folder appears whole or not at all; of two processes that want it one does the work.
5. Maintainer scripts are not run; what they would have made and we need is made here.
"""

import asyncio
import fcntl
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from omni.core.errors import Unavailable

MAJOR = 22
SUITE = "sid"
PACKAGES = ("asterisk", "asterisk-moh-opsound-gsm")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Dependencies of modules that we never load, and of maintainer scripts. apt is told that they are
# installed, which saves two thirds of the download; a name that is out of date only costs time.
UNUSED = """
adduser debconf dirmngr gnupg gpg gpgconf libcodec2-1.2 libcurl4t64 libgmime-3.0-0t64 libical3t64
libiksemel3 libjack-jackd2-0 libjwt2 libldap2 liblua5.1-0 libneon27t64 libodbc2 libopencore-amrnb0
libopencore-amrwb0 libperl5.42 libportaudio2 libpq5 libradcli4 libsnmp45 libspandsp2t64 libsybdb5
libunbound8 libvo-amrwbenc0 passwd perl perl-base
"""
# Folders of the packages that nothing reads at run time.
DISCARD = ("bug", "doc", "info", "lintian", "locale", "man", "perl", "perl5", "snmp")
# Where distributions put the modules of their own Asterisk.
MODULES = ("/usr/lib*/asterisk/modules", "/usr/lib/*/asterisk/modules")

Progress = Callable[[str], None]


class AsteriskMissing(Unavailable):
    """No usable Asterisk, with what the user can do about it."""

    def __init__(self, text: str) -> None:
        super().__init__("asterisk.missing", text)


@dataclass(frozen=True, slots=True)
class AsteriskInstall:
    """A usable Asterisk: how to run it and where its parts lie."""

    command: tuple[str, ...]
    version: str
    modules: Path
    share: Path


async def ensure_installed(
    cache: Path, progress: Progress, *, own: Path | None = None
) -> AsteriskInstall:
    """Return an Asterisk of the right major version, unpacking it into `cache` if needed.

    `own` names a program to use instead. Without it the order is: what is unpacked already, a
    fresh unpacking where there is apt, then the machine's own `asterisk`.
    Raises AsteriskMissing when none of them can be had.
    """
    if own is not None:
        return await _machines(own)
    root = cache / "asterisk" / f"{MAJOR}-{platform.machine()}"
    if not (root / "version").exists():
        try:
            await _install(root, progress)
        except AsteriskMissing as missing:
            found = shutil.which("asterisk", path=os.environ.get("PATH", "") + ":/usr/sbin")
            if found is None:
                raise
            progress(f"{missing}; using {found}")
            return await _machines(Path(found))
    return _unpacked(root, (root / "version").read_text().strip())


def installed(cache: Path) -> AsteriskInstall | None:
    """Return the unpacked Asterisk if there is one already; nothing is fetched."""
    root = cache / "asterisk" / f"{MAJOR}-{platform.machine()}"
    if not (root / "version").exists():
        return None
    return _unpacked(root, (root / "version").read_text().strip())


async def _machines(binary: Path) -> AsteriskInstall:
    version = await asterisk_version((str(binary),))
    modules, share = _first(*MODULES), _first("/usr/share/asterisk", "/var/lib/asterisk")
    if modules is None or share is None:
        raise AsteriskMissing(f"the modules or the sounds of {binary} were not found")
    return AsteriskInstall((str(binary),), version, modules, share)


def _first(*patterns: str) -> Path | None:
    found = (path for pattern in patterns for path in Path("/").glob(pattern.lstrip("/")))
    return next(found, None)


def _unpacked(root: Path, version: str) -> AsteriskInstall:
    libraries = root / "usr" / "lib" / f"{platform.machine()}-linux-gnu"
    linker = next(libraries.glob("ld-linux-*.so.*"), None)
    if linker is None:
        raise AsteriskMissing(f"{root} is damaged: delete it and try again")
    command = (str(linker), "--argv0", "asterisk", "--library-path", str(libraries))
    return AsteriskInstall(
        command=(*command, str(root / "usr" / "sbin" / "asterisk")),
        version=version,
        modules=libraries / "asterisk" / "modules",
        share=root / "usr" / "share" / "asterisk",
    )


async def asterisk_version(command: tuple[str, ...]) -> str:
    """Return the version of the Asterisk run so; AsteriskMissing if it is not one of ours."""
    text = await _run(*command, "-V")
    found = re.search(r"Asterisk (\d+)\.\S+", text)
    if found is None or int(found[1]) != MAJOR:
        raise AsteriskMissing(f"Asterisk {MAJOR} is needed, and {command[-1]} says {text.strip()}")
    return found[0].removeprefix("Asterisk ")


async def _install(root: Path, progress: Progress) -> None:
    for tool in ("apt-get", "dpkg-deb", "dpkg"):
        if shutil.which(tool) is None:
            raise AsteriskMissing(
                f"Asterisk {MAJOR} is unpacked with {tool}, which is not here: "
                "install Asterisk and set ASTERISK to its path, or set ARI_URL to a running one"
            )
    root.parent.mkdir(parents=True, exist_ok=True)
    with _alone(root.parent / "lock"):
        if (root / "version").exists():
            return
        fresh, apt = root.with_name(root.name + ".new"), root.with_name("apt")
        for folder in (root, fresh, apt):
            shutil.rmtree(folder, ignore_errors=True)
        try:
            progress("Fetching Asterisk's packages")
            await _fetch(apt)
            progress("Unpacking Asterisk")
            await _unpack(sorted((apt / "cache" / "archives").glob("*.deb")), fresh)
            version = await asterisk_version(_unpacked(fresh, "").command)
            (fresh / "version").write_text(version + "\n")
            fresh.rename(root)
        finally:
            shutil.rmtree(apt, ignore_errors=True)
        progress(f"Asterisk {version} is unpacked")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock between processes; the second one waits."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


async def _fetch(apt: Path) -> None:
    """Download the packages and what they need into `apt`/cache/archives."""
    for folder in ("state/lists/partial", "cache/archives/partial", "none"):
        (apt / folder).mkdir(parents=True)
    architecture = (await _run("dpkg", "--print-architecture")).strip()
    status = apt / "status"
    status.write_text("".join(_pretended(name, architecture) for name in UNUSED.split()))
    source = f"deb [signed-by={KEYRING}] {await _mirror()} {SUITE} main\n"
    (apt / "sources.list").write_text(source)
    (apt / "apt.conf").write_text(_apt_settings(apt))
    env = {"APT_CONFIG": str(apt / "apt.conf")}
    await _run("apt-get", "-qq", "update", env=env)
    download = ("apt-get", "-qq", "-y", "--download-only", "-o", "Debug::NoLocking=1", "install")
    try:
        await _run(*download, *PACKAGES, env=env)
    except AsteriskMissing:
        status.write_text("")  # sid has changed under UNUSED: take everything
        await _run(*download, *PACKAGES, env=env)


def _pretended(name: str, architecture: str) -> str:
    return (
        f"Package: {name}\nStatus: install ok installed\nArchitecture: {architecture}\n"
        "Version: 9999\nMulti-Arch: same\nMaintainer: none\nDescription: not fetched\n\n"
    )


def _apt_settings(apt: Path) -> str:
    settings = {
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "Dir::Etc::SourceList": apt / "sources.list",
        "Dir::Etc::SourceParts": apt / "none",
        "Dir::Etc::Parts": apt / "none",
        "Dir::Etc::Preferences": apt / "none" / "preferences",
        "Dir::Etc::PreferencesParts": apt / "none",
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
        "Acquire::Retries": "3",
        # A mirror that is a little behind is still signed.
        "Acquire::Check-Valid-Until": "false",
        "APT::Install-Recommends": "false",
        # As root apt would change to the user _apt, who cannot write to our folder.
        "APT::Sandbox::User": "",
    }
    return "".join(f'{name} "{value}";\n' for name, value in settings.items())


async def _mirror() -> str:
    """Return the address of the Debian mirror that this machine uses."""
    form = "$(REPO_URI) $(CODENAME) $(ORIGIN)"
    lines = await _run("apt-get", "indextargets", "--format", form, "Created-By: Packages")
    candidates = [line.split(" ") for line in lines.splitlines() if line.strip()]
    for uri, codename, *_ in candidates:
        # Not the security, updates or backports suites: they live on mirrors of their own.
        if uri and "-" not in codename and "security" not in uri:
            return uri
    raise AsteriskMissing("no Debian mirror is configured in /etc/apt")


async def _unpack(packages: list[Path], root: Path) -> None:
    root.mkdir()
    # Two at a time: unpacking is bound by xz on a core each.
    gate = asyncio.Semaphore(os.cpu_count() or 2)

    async def unpack(package: Path) -> None:
        async with gate:
            await _run("dpkg-deb", "-x", str(package), str(root))

    async with asyncio.TaskGroup() as group:
        for package in packages:
            group.create_task(unpack(package))
    share = root / "usr" / "share"
    for name in DISCARD:
        shutil.rmtree(share / name, ignore_errors=True)
    english = next((share / "asterisk" / "sounds").glob("en_*"), None)
    if english is not None:
        (english.parent / "en").symlink_to(english.name)


async def _run(*command: str, env: dict[str, str] | None = None) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C", **(env or {})},
    )
    try:
        out, err = await process.communicate()
    except BaseException:
        process.kill()
        raise
    if process.returncode != 0:
        said = (err or out).decode(errors="replace").strip()[-500:]
        raise AsteriskMissing(f"{Path(command[0]).name} failed: {said}")
    return out.decode(errors="replace")
