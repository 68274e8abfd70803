"""How a line of the log looks: JSON for machines, text for terminals.

Whatever a caller sends stays within its line: JSON escapes it, and so does the text format.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from server.watching.repeated import OnceInAWhile
from server.watching.request_ids import CURRENT
from shared.settings import LogFormat


class JSONLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := CURRENT.get():
            line["request_id"] = request_id
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """The same for a reader; lines of a traceback are indented."""

    def format(self, record: logging.LogRecord) -> str:
        request_id = f" [{CURRENT.get()}]" if CURRENT.get() else ""
        said = _escaped(record.getMessage())
        line = f"{_time(record)} {record.levelname} {record.name}: {said}{request_id}"
        if record.exc_info:
            trace = self.formatException(record.exc_info).split("\n")
            line += "".join(f"\n    {_escaped(part)}" for part in trace)
        return line


def logging_config(log_format: LogFormat, on_terminal: bool) -> dict[str, Any]:
    """For logging.config.dictConfig; `on_terminal` decides what `auto` means."""
    as_json = log_format == "json" or (log_format == "auto" and not on_terminal)
    formatter = JSONLines if as_json else TextLines
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"kindred": {"()": formatter}},
        "filters": {"once in a while": {"()": OnceInAWhile}},
        "handlers": {
            "kindred": {
                "class": "logging.StreamHandler",
                "formatter": "kindred",
                "filters": ["once in a while"],
            }
        },
        "loggers": {
            "_granian": {"handlers": ["kindred"], "propagate": False},
            "botocore": {"level": "WARNING"},
        },
        "root": {"handlers": ["kindred"], "level": "INFO"},
    }


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _escaped(text: str) -> str:
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
