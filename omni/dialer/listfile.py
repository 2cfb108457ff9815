"""Reading uploaded lists: which encoding, which delimiter, which columns, and then row by row.

Rules:
1. One bad row costs one row: it comes out with its line number and a reason, and reading goes on
   with the next physical line. Nothing in a file can make us hold more than one row in memory.
2. A cell is text, never a formula or a number; `neutral` makes it harmless for spreadsheets when it
   leaves us again (OWASP, "CSV injection").
3. A quoted cell may hold line breaks, but only `RECORD_LINES_MAX`: beyond that the quote was a
   mistake, and the row that began it is rejected instead of swallowing the file.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from omni.core.errors import Invalid
from omni.dialer.model import NumberKind

LINE_MAX_BYTES = 64 * 1024  # a contact with a page of notes fits; a 10 MB line does not
RECORD_LINES_MAX = 20
SAMPLE_BYTES = 256 * 1024
SAMPLE_ROWS = 10
SNIFF_ROWS = 50
REJECTED_ROW_CHARS = 1000  # what is kept of a rejected row
COLUMNS_MAX = 500
NUMBERS_MAX = 10  # of one contact
DELIMITERS = (",", ";", "\t", "|")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PHONE = re.compile(r"^\s*\+?[\d\s().\-/]{6,20}\s*$")
_FORMULA = re.compile(r"^[\t\r\n ]*[=+\-@]")
_PLAIN_NUMBER = re.compile(r"^[+\-]?[\d .]+$")
_NUMBER = re.compile(r"phone|mobile|cell|tel|number|msisdn|电话|手机|号码", re.I)
_KINDS = (
    (NumberKind.MOBILE, re.compile(r"mobile|cell|msisdn|手机|移动", re.I)),
    (NumberKind.WORK, re.compile(r"work|office|business|company|公司|办公|单位", re.I)),
    (NumberKind.HOME, re.compile(r"home|private|land|家|住宅|固定", re.I)),
)
_GUESSES = (
    ("number", _NUMBER),
    ("time_zone", re.compile(r"zone|\btz\b|时区", re.I)),
    ("consent_source", re.compile(r"consent.*(source|from)|同意(来源|途径)", re.I)),
    ("consent_at", re.compile(r"consent|opt.?in|同意", re.I)),
    ("external_id", re.compile(r"\bid\b|_id$|^id|reference|编号|客户号", re.I)),
    ("name", re.compile(r"name|姓名|名字|客户", re.I)),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written. Without a header the columns are named Column 1, Column 2 …"""

    encoding: str
    delimiter: str
    has_header: bool
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an uploaded file seems to be."""

    upload_id: str
    file_name: str
    size_bytes: int
    encoding: str
    delimiter: str
    has_header: bool
    columns: tuple[str, ...]
    sample_rows: tuple[tuple[str, ...], ...]
    suggested: dict[str, str]
    numbers: tuple[tuple[str, NumberKind], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells, or why it has none (`problem`). `line` counts from 1."""

    line: int
    cells: tuple[str, ...]
    raw: str
    problem: str = ""


def inspect(path: Path, upload_id: str, file_name: str) -> Preview:
    """Say what a file is.

    Raises:
        Invalid: it is empty (`list.empty`), not text (`list.not_text`), has no readable row
            (`list.no_rows`) or too many columns (`list.columns`).
    """
    size_bytes = path.stat().st_size
    dialect = dialect_of(path)
    body = (row for row in rows(path, dialect) if not row.problem)
    sample = tuple(row.cells for _, row in zip(range(SAMPLE_ROWS), body, strict=False))
    suggested = suggest(dialect, sample)
    return Preview(
        upload_id=upload_id,
        file_name=file_name,
        size_bytes=size_bytes,
        encoding=dialect.encoding,
        delimiter=dialect.delimiter,
        has_header=dialect.has_header,
        columns=dialect.columns,
        sample_rows=sample,
        suggested=suggested,
        numbers=number_columns(dialect, sample, suggested),
    )


def dialect_of(path: Path) -> Dialect:
    """Return how a file is written; raises as `inspect` does."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    if not sample.strip():
        raise Invalid("list.empty", "the file is empty")
    encoding = _encoding(sample)
    first = [text for _, text in zip(range(SNIFF_ROWS), _texts(path, encoding), strict=False)]
    if not first:
        raise Invalid("list.no_rows", "no row of the file can be read")
    delimiter = max(DELIMITERS, key=lambda mark: _fitness(first, mark))
    head = _cells(first[0], delimiter) or ()
    if len(head) > COLUMNS_MAX:
        raise Invalid("list.columns", "too many columns", max=COLUMNS_MAX)
    has_header = bool(head) and not any(_PHONE.match(cell) for cell in head)
    return Dialect(encoding, delimiter, has_header, _names(head, has_header))


def suggest(dialect: Dialect, sample: Sequence[Sequence[str]]) -> dict[str, str]:
    """Guess which column is which, from the header, else from where phone numbers stand."""
    found: dict[str, str] = {}
    if dialect.has_header:
        for field, pattern in _GUESSES:
            for column in dialect.columns:
                if column not in found.values() and pattern.search(column):
                    found[field] = column
                    break
    if "number" not in found and sample:
        likely = Counter(
            index for row in sample for index, cell in enumerate(row) if _PHONE.match(cell)
        )
        if likely and (index := likely.most_common(1)[0][0]) < len(dialect.columns):
            found["number"] = dialect.columns[index]
    return found


def number_columns(
    dialect: Dialect, sample: Sequence[Sequence[str]], suggested: Mapping[str, str]
) -> tuple[tuple[str, NumberKind], ...]:
    """Guess which columns hold telephone numbers, and of what kind; the suggested one is first."""
    first = suggested.get("number")
    others = set(suggested.values()) - {first}
    found = [
        column
        for place, column in enumerate(dialect.columns)
        if column != first
        and column not in others
        and _named_phone(column, dialect)
        and any(place < len(row) and _PHONE.match(row[place]) for row in sample)
    ]
    listed = ([first] if first else []) + found[: NUMBERS_MAX - 1]
    return tuple((column, _kind_of(column)) for column in listed)


def _named_phone(column: str, dialect: Dialect) -> bool:
    return dialect.has_header and bool(_NUMBER.search(column) or _kind_of(column) != "other")


def _kind_of(column: str) -> NumberKind:
    kinds = (kind for kind, pattern in _KINDS if pattern.search(column))
    return next(kinds, NumberKind.OTHER)


def rows(path: Path, dialect: Dialect) -> Iterator[Row]:
    """Yield the data rows of a file (not the header, not blank ones), bad ones with a problem."""
    header_pending = dialect.has_header
    for line, text, problem in _records(path, dialect.encoding):
        if problem:
            yield Row(line, (), text[:REJECTED_ROW_CHARS], problem)
            continue
        if not text.strip():
            continue
        if header_pending:
            header_pending = False
            continue
        cells = _cells(text, dialect.delimiter)
        raw = text[:REJECTED_ROW_CHARS]
        if cells is None:
            yield Row(line, (), raw, "quotes")
        elif len(cells) > COLUMNS_MAX:
            yield Row(line, (), raw, "columns")
        elif any(cells):
            yield Row(line, cells, raw)


def neutral(cell: str) -> str:
    """Return a cell that a spreadsheet shows and does not run."""
    runs = _FORMULA.match(cell) and not _PLAIN_NUMBER.match(cell)
    return f"'{cell}" if runs else cell


def csv_line(cells: Sequence[str]) -> str:
    """Return one line of CSV with harmless cells."""
    quoted = ('"' + neutral(cell).replace('"', '""') + '"' for cell in cells)
    return ",".join(quoted) + "\r\n"


def _encoding(sample: bytes) -> str:
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    if b"\x00" in sample or sample.startswith(b"PK\x03\x04"):
        raise Invalid("list.not_text", "this is not a text file; save the list as CSV")
    # GB 2312 before the guesser, which takes short Chinese lists for Korean ones.
    for strict, name in (("utf-8", "utf-8"), ("gb2312", "gb18030")):
        try:
            codecs.getincrementaldecoder(strict)("strict").decode(sample)
        except UnicodeDecodeError:
            continue
        return name
    best = from_bytes(sample[: 64 * 1024]).best()
    if best is None:
        raise Invalid("list.not_text", "the encoding is not known; save as UTF-8")
    return best.encoding


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line number, text without line break, problem) of every physical line."""
    wide = encoding == "utf-16"
    with path.open("rb") as binary:
        file = codecs.getreader("utf-16")(binary, "replace") if wide else binary
        number, first = 0, True
        while True:
            chunk = file.readline(LINE_MAX_BYTES)
            if not chunk:
                return
            number += 1
            if not _complete(chunk) and len(chunk) >= LINE_MAX_BYTES:
                yield number, _lenient(chunk[:REJECTED_ROW_CHARS]), "too_long"
                while chunk and not _complete(chunk):
                    chunk = file.readline(LINE_MAX_BYTES)
                continue
            try:
                text = chunk if isinstance(chunk, str) else chunk.decode(_plain(encoding))
            except UnicodeDecodeError:
                yield number, _lenient(chunk), "encoding"
                continue
            text = text.lstrip("\ufeff") if first else text
            first = False
            yield number, text.rstrip("\r\n"), ""


def _plain(encoding: str) -> str:
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _complete(chunk: str | bytes) -> bool:
    return chunk.endswith("\n") if isinstance(chunk, str) else chunk.endswith(b"\n")


def _lenient(chunk: str | bytes) -> str:
    if isinstance(chunk, str):
        return chunk.rstrip("\r\n")
    return chunk.decode("utf-8", "replace").rstrip("\r\n")


def _records(path: Path, encoding: str) -> Iterator[tuple[int, str, str]]:
    """Yield (first line, text, problem) of every record, joining lines inside quotes."""
    held: list[tuple[int, str]] = []
    for number, text, problem in _lines(path, encoding):
        text = text.replace("\x00", "")
        if problem:
            yield from _given_up(held)
            held = []
            yield number, text, problem
            continue
        held.append((number, text))
        joined = "\n".join(part for _, part in held)
        if joined.count('"') % 2 == 0:
            yield held[0][0], joined, ""
            held = []
        elif len(held) >= RECORD_LINES_MAX or len(joined) > LINE_MAX_BYTES:
            yield from _given_up(held)
            held = []
    yield from _given_up(held)


def _given_up(held: list[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    """Reject the line whose quote never closed; the lines after it stand for themselves."""
    for index, (number, text) in enumerate(held):
        bad = index == 0 or text.count('"') % 2 == 1
        yield number, text, "quotes" if bad else ""


def _texts(path: Path, encoding: str) -> Iterator[str]:
    return (text for _, text, problem in _records(path, encoding) if not problem and text.strip())


def _cells(text: str, delimiter: str) -> tuple[str, ...] | None:
    """Return the cells of one record, None when its quotes make no sense."""
    lines = [text] if "\n" not in text else text.splitlines(keepends=True)
    try:
        parsed = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    if len(parsed) != 1:
        return None
    return tuple(cell.strip() for cell in parsed[0])


def _fitness(texts: Sequence[str], delimiter: str) -> tuple[int, int]:
    """Return how well a delimiter explains the rows: rows that agree, then columns."""
    widths = Counter(len(_cells(text, delimiter) or ()) for text in texts)
    width, agreeing = widths.most_common(1)[0]
    return (agreeing, width) if width > 1 else (0, 0)


def _names(head: Sequence[str], has_header: bool) -> tuple[str, ...]:
    """Return column names, each once: empty and repeated ones get their place as name."""
    names: list[str] = []
    for place, cell in enumerate(head, start=1):
        usable = has_header and cell and cell not in names
        names.append(cell if usable else f"Column {place}")
    return tuple(names)
