"""Log lines: one a record, values behind the message."""

import json
import logging
import sys

from omni.app.logs import JsonLines, TextLines


def record(**extra: object) -> logging.LogRecord:
    made = logging.LogRecord("omni.acd", logging.WARNING, __file__, 1, "late", None, None)
    made.created = 0.0
    for name, value in extra.items():
        setattr(made, name, value)
    return made


def test_text_has_the_values_behind_the_message() -> None:
    line = TextLines().format(record(wait_s=3, queue="q1"))
    assert line == "1970-01-01T00:00:00.000+00:00 warning omni.acd: late wait_s=3 queue=q1"


def test_json_is_one_object_a_line() -> None:
    line = JsonLines().format(record(wait_s=3, text="两\nlines"))
    assert "\n" not in line
    assert json.loads(line) == {
        "at": "1970-01-01T00:00:00.000+00:00",
        "level": "warning",
        "logger": "omni.acd",
        "message": "late",
        "wait_s": 3,
        "text": "两\nlines",
    }


def test_a_traceback_is_kept() -> None:
    faulty = record()
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        faulty.exc_info = sys.exc_info()
    assert "ZeroDivisionError" in TextLines().format(faulty)
    assert "ZeroDivisionError" in json.loads(JsonLines().format(faulty))["traceback"]
