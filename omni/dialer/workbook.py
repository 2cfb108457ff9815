"""Excel lists: turned into CSV when they come in, so that one reader reads everything.

A workbook is a zip of XML: what it would unpack to is looked at before it is opened.
"""

import zipfile
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from omni.core.errors import Invalid, TooLarge
from omni.dialer.listfile import COLUMNS_MAX

ZIP_START = b"PK\x03\x04"
UNPACKED_MAX_BYTES = 1_000_000_000  # a million rows of a full list are about 300 MB of XML


def is_workbook(path: Path) -> bool:
    """Tell whether a file is a zip, as workbooks are."""
    with path.open("rb") as file:
        return file.read(4) == ZIP_START


def to_csv(path: Path) -> None:
    """Replace a workbook by the rows of its first sheet as CSV, in UTF-8.

    Raises:
        Invalid: it is no workbook, or it has no sheet. TooLarge: it unpacks to too much.
    """
    target = path.with_suffix(".converting")
    try:
        _check_size(path)
        _convert(path, target)
        target.rename(path)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as fault:
        raise Invalid("list.not_text", "this is neither a CSV file nor a workbook") from fault
    finally:
        target.unlink(missing_ok=True)


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        size_bytes = sum(entry.file_size for entry in archive.infolist())
    if size_bytes > UNPACKED_MAX_BYTES:
        raise TooLarge("list.too_large", "the workbook is too large", max=UNPACKED_MAX_BYTES)


def _convert(path: Path, target: Path) -> None:
    with path.open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise Invalid("list.empty", "the workbook has no sheet")
        with target.open("w", encoding="utf-8", newline="") as out:
            for row in sheet.iter_rows(values_only=True):
                cells = [_text(value) for value in row[:COLUMNS_MAX]]
                out.write(",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n")
        book.close()


def _text(value: object) -> str:
    """Return a cell as a person reads it: whole numbers without a point, no line breaks."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return " ".join(str(value).split())
