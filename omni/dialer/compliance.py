"""The compliance file of a campaign: every attempt, the rules it was made under, what came of it.

Rules:
1. Each line carries the SHA-256 of itself and the line before; the first link is made of the
   campaign's id. A line that was changed, left out, put in or moved breaks the chain there.
2. The line `end` counts the attempts, so that a file whose end is missing is found, too.
3. The last line, `seal`, says of which campaign and when the file was made, and signs that and the
   chain's head with a key of the installation: who writes the whole file anew has the hashes right,
   but not the key. The seal says what omni gave out then; it does not watch over the database.
4. `verify` tells the first thing that is wrong, and where; lines are counted as in an editor, the
   heading is 1. A file that was made while calls were going on is right: it says what was known.
"""

import csv
import hashlib
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omni.core.seal import Signer
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
END, SEAL = "end", "seal"


class Wrong(StrEnum):
    """What is wrong with a file, in the order in which it is looked for."""

    HEADER = "header"
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    MOVED = "moved"
    CUT = "cut"
    MISCOUNTED = "miscounted"
    TRAILING = "trailing"
    UNSEALED = "unsealed"
    KEYLESS = "keyless"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong first, and in which line."""

    wrong: Wrong
    line: int

    def __str__(self) -> str:
        return WORDS[self.wrong].format(line=self.line)


WORDS = {
    Wrong.HEADER: "line {line}: the heading is missing or changed",
    Wrong.CHANGED: "line {line} was changed",
    Wrong.REMOVED: "lines that stood before line {line} were removed",
    Wrong.ADDED: "line {line} was added",
    Wrong.MOVED: "line {line} did not stand there: lines were moved",
    Wrong.CUT: "the file is cut off: from line {line} on its end is missing",
    Wrong.MISCOUNTED: "line {line} counts other attempts than the file has",
    Wrong.TRAILING: "line {line} and what follows stand behind the end",
    Wrong.UNSEALED: "the chain is whole, but there is no seal in line {line}: it was taken away, "
    "or the file is of an omni that made none",
    Wrong.KEYLESS: "the chain is whole, but the seal in line {line} cannot be checked: the key of "
    "the installation is not here (OMNI_SECRET_KEY, or secret.key in the data folder)",
    Wrong.FORGED: "the chain is whole, but the seal in line {line} is not of this installation's "
    "keys: the file was written anew, or made elsewhere, or with a key that was taken away since",
}


async def compliance_file(
    campaign: Campaign, attempts: AsyncIterator[Attempt], signer: Signer, at: datetime
) -> AsyncIterator[bytes]:
    """Yield the file line by line. `at`: now."""
    yield ("\ufeff" + csv_line(COLUMNS)).encode()
    link = first_link(campaign.campaign_id)
    count = 0
    async for attempt in attempts:
        cells = _cells(attempt)
        link = next_link(link, cells)
        count += 1
        yield csv_line([*cells, link]).encode()
    end = _short(END, str(count))
    link = next_link(link, end)
    yield csv_line([*end, link]).encode()
    seal = _short(SEAL, campaign.campaign_id, _instant(at))
    yield csv_line([*seal, signer.sign(next_link(link, seal))]).encode()


def first_link(campaign_id: str) -> str:
    """Return the hash that the first line builds on."""
    return hashlib.sha256(campaign_id.encode()).hexdigest()


def next_link(link: str, cells: Sequence[str]) -> str:
    """Return the hash of a line."""
    return hashlib.sha256("\n".join([link, *cells]).encode()).hexdigest()


def verify(campaign_id: str, text: str, signer: Signer | None) -> Finding | None:
    """Return what is wrong first, None: nothing. `signer`: None without the installation's keys."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    if rows[:1] != [list(COLUMNS)]:
        return Finding(Wrong.HEADER, 1)
    link = first_link(campaign_id)
    for place, row in enumerate(rows[1:], start=1):
        if row[-1:] != [next_link(link, row[:-1])]:
            return Finding(_broken(rows, place, link), place + 1)
        link = row[-1]
        if row[0] == END:
            if row[1] != str(place - 1):
                return Finding(Wrong.MISCOUNTED, place + 1)
            return _sealed(rows[place + 1 :], place + 2, link, signer)
    return Finding(Wrong.CUT, len(rows) + 1)


def _sealed(
    rows: Sequence[Sequence[str]], line: int, link: str, signer: Signer | None
) -> Finding | None:
    """Return what is wrong with what follows the chain's head `link`, from `line` on."""
    if not rows:
        return Finding(Wrong.UNSEALED, line)
    if rows[0][:1] != [SEAL]:
        return Finding(Wrong.TRAILING, line)
    if len(rows) > 1:
        return Finding(Wrong.TRAILING, line + 1)
    if signer is None:
        return Finding(Wrong.KEYLESS, line)
    *cells, signature = rows[0]
    if signer.signed(next_link(link, cells), signature):
        return None
    return Finding(Wrong.FORGED, line)


def _broken(rows: Sequence[Sequence[str]], place: int, link: str) -> Wrong:
    """Return why the row at `place` does not follow the link before it.

    A row that was put in has left its neighbours as they were: the next one fits without it. A row
    that belongs elsewhere follows a link that another row has. Else the number of rows decides.
    """
    more = _more_than_told(rows)
    if _follow(rows[place + 1 : place + 2], link) and more > 0:
        return Wrong.ADDED
    if any(other and _follow(rows[place : place + 1], other[-1]) for other in rows[1:]):
        return Wrong.MOVED
    return Wrong.REMOVED if more < 0 else Wrong.CHANGED


def _follow(rows: Sequence[Sequence[str]], link: str) -> bool:
    """Tell whether the one row, if it is there, was written behind this link."""
    return any(row and row[-1] == next_link(link, row[:-1]) for row in rows)


def _more_than_told(rows: Sequence[Sequence[str]]) -> int:
    """Return how many attempts the file has beyond what its end says; 0 when it does not say."""
    for place, row in enumerate(rows):
        if row[:1] == [END] and "".join(row[1:2]).isdecimal():
            return place - 1 - int(row[1])
    return 0


def _short(*cells: str) -> list[str]:
    """Return a line that is no attempt, as wide as the others, without its last cell."""
    return [*cells, *[""] * (len(COLUMNS) - 1 - len(cells))]


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
