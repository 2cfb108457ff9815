"""Lists as people send them: encodings, delimiters, missing headers, and files that are broken."""

import csv
import io
from pathlib import Path

import pytest

from omni.core.errors import Invalid
from omni.dialer.listfile import (
    LINE_MAX_BYTES,
    csv_line,
    dialect_of,
    inspect,
    neutral,
    rows,
)

ENGLISH = "Name,Phone,Zone\r\nAda,+12025550101,America/New_York\r\nBob,+12025550102,\r\n"
CHINESE = "姓名;手机;编号\n王芳;13800138000;A1\n李雷;13800138001;A2\n"


def written(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_reads_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, CHINESE + "韩梅梅;13800138002;A3\n" * 30, encoding)
    preview = inspect(path, "u1", "名单.csv")
    assert preview.columns == ("姓名", "手机", "编号")
    assert preview.delimiter == ";"
    assert preview.sample_rows[0] == ("王芳", "13800138000", "A1")
    assert preview.suggested == {"number": "手机", "name": "姓名", "external_id": "编号"}


def test_guesses_western_encodings(tmp_path: Path) -> None:
    text = "Name;Telefon\n" + "Jürgen Müller;+493012345678\nFrançois Lefèvre;+33123456789\n" * 20
    preview = inspect(written(tmp_path, text, "cp1252"), "u1", "liste.csv")
    assert preview.sample_rows[0][0] == "Jürgen Müller"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_finds_the_delimiter(tmp_path: Path, mark: str) -> None:
    path = written(tmp_path, ENGLISH.replace(",", mark))
    assert dialect_of(path).delimiter == mark
    assert [row.cells[1] for row in rows(path, dialect_of(path))] == [
        "+12025550101",
        "+12025550102",
    ]


def test_without_a_header_the_columns_are_numbered_and_the_first_row_counts(tmp_path: Path) -> None:
    path = written(tmp_path, "Ada,+12025550101\nBob,+12025550102\n")
    preview = inspect(path, "u1", "list.csv")
    assert not preview.has_header
    assert preview.columns == ("Column 1", "Column 2")
    assert preview.suggested == {"number": "Column 2"}
    assert [row.line for row in rows(path, dialect_of(path))] == [1, 2]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "list.empty"),
        (b"  \r\n \n", "list.empty"),
        (b"PK\x03\x04 a workbook", "list.not_text"),
        (b"\x00\x01\x02\x00" * 100, "list.not_text"),
        (b"," * 600 + b"\n", "list.columns"),
        (b"x" * (LINE_MAX_BYTES * 2), "list.no_rows"),
    ],
)
def test_says_why_a_file_cannot_be_used(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        inspect(written(tmp_path, content), "u1", "list.csv")
    assert caught.value.code == code


def test_a_line_of_ten_megabytes_costs_one_row(tmp_path: Path) -> None:
    path = written(tmp_path, "phone\n+12025550101\n" + "9" * 10_000_000 + "\n+12025550102\n")
    found = list(rows(path, dialect_of(path)))
    assert [(row.line, row.problem) for row in found] == [(2, ""), (3, "too_long"), (4, "")]
    assert len(found[1].raw) <= 1000


def test_a_line_in_another_encoding_costs_one_row(tmp_path: Path) -> None:
    path = written(tmp_path, b"phone,name\n1,a\n" * 20000 + b"2,\xff\xfe\n3,c\n")
    problems = [row.problem for row in rows(path, dialect_of(path))][-2:]
    assert problems == ["encoding", ""]


def test_an_open_quote_costs_one_row_and_not_the_file(tmp_path: Path) -> None:
    lines = [f"+1202555{n:04d},name {n}" for n in range(100, 160)]
    lines[10] = '+12025550110,"never closed'
    path = written(tmp_path, "phone,name\n" + "\n".join(lines) + "\n")
    found = list(rows(path, dialect_of(path)))
    assert len(found) == 60
    assert [row.line for row in found if row.problem] == [12]


def test_a_quoted_line_break_is_part_of_the_cell(tmp_path: Path) -> None:
    path = written(tmp_path, 'phone,note\n1,"two\nlines"\n2,"a ""word"""\n')
    found = list(rows(path, dialect_of(path)))
    assert [row.cells for row in found] == [("1", "two\nlines"), ("2", 'a "word"')]
    assert [row.line for row in found] == [2, 4]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+1+1*cmd", "'+1+1*cmd"),
        ("\t=1", "'\t=1"),
        ("+12025550101", "+12025550101"),
        ("-5", "-5"),
        ("plain", "plain"),
    ],
)
def test_a_formula_leaves_us_as_text(cell: str, shown: str) -> None:
    assert neutral(cell) == shown
    assert next(csv.reader(io.StringIO(csv_line([cell])))) == [shown]


@pytest.mark.parametrize(
    ("head", "cells", "numbers"),
    [
        ("Name,Phone", "Ada,2125550101", [("Phone", "other")]),
        (
            "Mobile,Work phone,Home,Account number",
            "2125550101,2125550102,2125550103,A-17",
            [("Mobile", "mobile"), ("Work phone", "work"), ("Home", "home")],
        ),
        (
            "姓名,手机,办公电话",
            "张,13900000000,01066000000",
            [("手机", "mobile"), ("办公电话", "work")],
        ),
        ("Home town,Phone", "Bonn,2125550101", [("Phone", "other")]),
    ],
)
def test_columns_with_numbers_are_found_with_their_kind(
    tmp_path: Path, head: str, cells: str, numbers: list[tuple[str, str]]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"{head}\n{cells}\n", encoding="utf-8")
    assert list(inspect(path, "u", "list.csv").numbers) == numbers
