"""The compliance file of a campaign: every attempt, the rules it was made under, what came of it.

Each line carries the SHA-256 of itself and the line before: a line that was changed, left out or
put in later breaks the chain from there on (`verify`). The first link is made of the campaign's id;
the last line counts the attempts, so that a file whose end is missing is found, too.
"""

import csv
import hashlib
import io
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from omni.dialer.listfile import csv_line
from omni.dialer.model import Attempt, Campaign

COLUMNS = (
    "attempt",
    "number",
    "started_utc",
    "answered_utc",
    "ended_utc",
    "ring_s",
    "outcome",
    "rules",
    "rules_version",
    "number_type",
    "hash",
)
END = "end"


async def compliance_file(
    campaign: Campaign, attempts: AsyncIterator[Attempt]
) -> AsyncIterator[bytes]:
    """Yield the file line by line."""
    yield ("\ufeff" + csv_line(COLUMNS)).encode()
    link = first_link(campaign.campaign_id)
    count = 0
    async for attempt in attempts:
        cells = _cells(attempt)
        link = next_link(link, cells)
        count += 1
        yield csv_line([*cells, link]).encode()
    end = [END, str(count), *[""] * (len(COLUMNS) - 3)]
    yield csv_line([*end, next_link(link, end)]).encode()


def first_link(campaign_id: str) -> str:
    """Return the hash that the first line builds on."""
    return hashlib.sha256(campaign_id.encode()).hexdigest()


def next_link(link: str, cells: Sequence[str]) -> str:
    """Return the hash of a line."""
    return hashlib.sha256("\n".join([link, *cells]).encode()).hexdigest()


def verify(campaign_id: str, text: str) -> int:
    """Return the number of the first line that is wrong or missing (the header is 1), 0: none is.

    A file that was made while calls were going on is right, too: it says what was known then.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    link = first_link(campaign_id)
    if rows[:1] != [list(COLUMNS)]:
        return 1
    for line, row in enumerate(rows[1:], start=2):
        link = next_link(link, row[:-1])
        if row[-1:] != [link]:
            return line
        if row[0] == END:
            return 0 if row[1] == str(line - 2) and line == len(rows) else line
    return len(rows) + 1


def _cells(attempt: Attempt) -> list[str]:
    return [
        attempt.attempt_id,
        attempt.number,
        _instant(attempt.started_at),
        _instant(attempt.answered_at),
        _instant(attempt.ended_at),
        f"{attempt.ring_s:.3f}",
        attempt.outcome.value if attempt.outcome else "",
        attempt.profile,
        str(attempt.profile_version),
        attempt.kind.value,
    ]


def _instant(at: datetime | None) -> str:
    return at.isoformat(timespec="milliseconds") if at else ""
