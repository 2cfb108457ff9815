"""What runs between fork and exec of a child: python -I -S shim.py SIGNAL PARENT ACCOUNT COMMAND...

Rules:
1. The child gets SIGNAL when its parent dies, however it dies (PR_SET_PDEATHSIG of prctl(2)), so
   that a `kill -9` of omni leaves nothing running.
2. The kernel forgets the setting when the user changes, so the account comes first.
3. A parent that died before the setting was made is noticed by its number.

A program of its own, not a `preexec_fn`: that would run Python in a forked copy of a process with
threads, which may deadlock and which newer Pythons warn of. It imports nothing of ours, because
the account it serves may not be able to read our source.
"""

import ctypes
import os
import resource
import sys

PR_SET_PDEATHSIG = 1
# Asterisk needs two descriptors a call and more; above this nothing of ours gains.
DESCRIPTORS = 65536


def run(arguments: list[str]) -> None:
    """Prepare this process as told and become COMMAND; ACCOUNT is "uid:gid" or "-"."""
    stop_signal, parent, account, *command = arguments
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    if account != "-":
        uid, gid = (int(part) for part in account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit(1)
    os.umask(0o077)
    try:
        os.execvp(command[0], command)
    except OSError as fault:
        sys.exit(f"{command[0]}: {fault.strerror}")


if __name__ == "__main__":
    run(sys.argv[1:])
