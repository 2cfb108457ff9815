"""Tables as CSV text that a spreadsheet opens without running anything.

Source: OWASP, "CSV Injection". Text that begins like a formula gets an apostrophe before it; an
E.164 number does not (it is what it is even as a formula, and programs read the column).
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from omni.supervisor.engine.tables import Cell

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel takes UTF-8 for the machine's code page
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_PHONE = re.compile(r"\+[0-9]{1,15}\Z")


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    if text.startswith(_DANGEROUS) and not _PHONE.match(text):
        return "'" + text
    return text


def encode(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the rows as CSV, UTF-8, CRLF (RFC 4180), without a byte order mark."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    for row in rows:
        writer.writerow([_cell(cell) for cell in row])
    return lines.getvalue().encode()


def _cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, int | float):
        return cell
    return cell.isoformat()
