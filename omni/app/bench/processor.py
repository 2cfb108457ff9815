"""Processor time of running programs, which tells what work costs whatever else the machine does.

Source: proc(5), /proc/PID/stat: user and system time of a process, and of its children that have
ended, in clock ticks. Where there is no /proc nothing is told.
"""

import os
from collections.abc import Mapping
from pathlib import Path

PROC = Path("/proc")
# Places in the line, counted behind the name in brackets, which may hold anything.
PARENT, USER, CHILDREN_SYSTEM = 1, 11, 14
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def used_s(roots: Mapping[str, int]) -> dict[str, float]:
    """Return the seconds that each named process and its descendants have used.

    A descendant that has a name of its own counts under that name only.
    """
    parents, spent = {}, {}
    for place in PROC.glob("[0-9]*"):
        try:
            words = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parents[int(place.name)] = int(words[PARENT])
        spent[int(place.name)] = sum(int(word) for word in words[USER : CHILDREN_SYSTEM + 1])
    names = {pid: name for name, pid in roots.items()}
    found = dict.fromkeys(roots, 0.0)
    for pid, ticks in spent.items():
        above = pid
        while above in parents and above not in names:
            above = parents[above]
        if above in names:
            found[names[above]] += ticks / TICKS_PER_S
    return found
