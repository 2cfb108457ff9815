"""Excel files, written row by row in constant memory (xlsxwriter's mode of that name).

Text is always written as text (`write_string`): nothing in the data can become a formula.
The library writes to temporary files and works on the processor, so it runs in a thread.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from omni.supervisor.engine.tables import Chart, Table

CHUNK_BYTES = 64 * 1024
TEXT_MAX_CHARS = 32_767  # Excel's limit for a cell
# Width of a column in characters: enough for times and names, from a look at the result.
WIDTH_MIN_CHARS, WIDTH_MAX_CHARS, WIDTH_TIME_CHARS = 10, 40, 19


class ExcelFile:
    """See `omni.supervisor.ports.Spreadsheet`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="omni-report-"))
        self._path = self._folder / "report.xlsx"
        self._book = xlsxwriter.Workbook(
            self._path,
            {"constant_memory": True, "tmpdir": str(self._folder), "remove_timezone": True},
        )
        bold = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        self._head = self._book.add_format(bold)
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._sheet: Any = None
        self._next_row = 0
        self._closed = False

    async def add(self, table: Table) -> None:
        """Add a sheet with a small table and its chart."""
        await asyncio.to_thread(self._add, table)

    async def begin(self, table: Table) -> None:
        """Begin a long sheet, whose rows follow by `append`."""
        await asyncio.to_thread(self._begin, table)

    async def append(self, rows: Sequence[Sequence[object]]) -> None:
        """Add rows to the sheet begun last."""
        await asyncio.to_thread(self._append, rows)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Close the workbook and yield the file."""
        await asyncio.to_thread(self._close)
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    async def discard(self) -> None:
        """Remove what lies on disk."""
        if not self._closed:
            await asyncio.to_thread(self._close)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _add(self, table: Table) -> None:
        self._begin(table)
        self._append(table.rows)
        if table.chart is not None and table.rows:
            self._draw(table, table.chart)

    def _begin(self, table: Table) -> None:
        self._sheet = self._book.add_worksheet(table.title[:31])
        self._sheet.freeze_panes(1, 0)
        for column, title in enumerate(table.header):
            self._sheet.set_column(column, column, _width(table, column))
            self._sheet.write_string(0, column, title, self._head)
        self._next_row = 1

    def _append(self, rows: Sequence[Sequence[object]]) -> None:
        for row in rows:
            for column, cell in enumerate(row):
                self._write(column, cell)
            self._next_row += 1

    def _write(self, column: int, cell: object) -> None:
        place = (self._next_row, column)
        match cell:
            case None:
                pass
            case str():
                self._sheet.write_string(*place, cell[:TEXT_MAX_CHARS])
            case datetime():
                self._sheet.write_datetime(*place, cell, self._time)
            case date():
                self._sheet.write_datetime(*place, datetime(*cell.timetuple()[:3]), self._day)  # noqa: DTZ001
            case int() | float():
                self._sheet.write_number(*place, cell)
            case _:
                raise TypeError(f"no cell type for {type(cell).__name__}")

    def _draw(self, table: Table, chart: Chart) -> None:
        name, last = table.title[:31], len(table.rows)
        columns = self._book.add_chart({"type": "column"})
        for bar in chart.bars:
            columns.add_series(_series(name, bar, last))
        line = self._book.add_chart({"type": "line"})
        line.add_series({**_series(name, chart.line, last), "y2_axis": True})
        columns.combine(line)
        columns.set_title({"name": name})
        columns.set_legend({"position": "bottom"})
        line.set_y2_axis({"name": table.header[chart.line], "min": 0})
        columns.set_size({"width": 960, "height": 420})
        self._sheet.insert_chart(1, len(table.header) + 1, columns)

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._book.close()


class ExcelFiles:
    """Makes Excel files."""

    def new(self) -> ExcelFile:
        return ExcelFile()


def _series(sheet: str, column: int, last: int) -> dict[str, object]:
    return {
        "name": [sheet, 0, column],
        "categories": [sheet, 1, 0, last, 0],
        "values": [sheet, 1, column, last, column],
    }


def _width(table: Table, column: int) -> int:
    cells = [row[column] for row in table.rows]
    longest = max((len(str(cell)) for cell in cells if isinstance(cell, str)), default=0)
    floor = WIDTH_TIME_CHARS if any(isinstance(cell, date) for cell in cells) else WIDTH_MIN_CHARS
    if not table.rows:
        floor = WIDTH_TIME_CHARS
    return min(max(floor, longest + 1), WIDTH_MAX_CHARS)
