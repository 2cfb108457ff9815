"""Where log records go: one line each on standard error, as text or as JSON.

The message of a record is static and free of personal data; its values are the attributes given
as `extra`, which are written behind it (`name=value`) or as fields of the JSON object.
"""

import json
import logging
import sys
from datetime import UTC, datetime

from omni.app.settings import Settings

# What every record has; anything else was given as `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Libraries that tell at "info" what interests only their authors.
QUIET = (
    "arq",
    "asyncio",
    "httpcore",
    "httpx",
    "mail.log",
    "pymap",
    "tortoise",
    "uvicorn.access",
    "uvicorn.error",
    "websockets",
)


def set_up(settings: Settings) -> None:
    """Send all records of the process to standard error as the settings say."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    if settings.log_level != "debug":
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)


def _values(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _OWN}


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class TextLines(logging.Formatter):
    """One line for people; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        values = "".join(f" {name}={value}" for name, value in _values(record).items())
        text = f"{_at(record)} {record.levelname.lower():7} {record.name}: {record.getMessage()}"
        if record.exc_info:
            return f"{text}{values}\n{self.formatException(record.exc_info)}"
        return text + values


class JsonLines(logging.Formatter):
    """One JSON object a line, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the JSON text of a record."""
        fields: dict[str, object] = {
            "at": _at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_values(record),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False, default=str)
