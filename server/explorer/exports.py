"""What a page shows as a file: CSV for spreadsheets, JSON for programs."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Response, request

from server.problems import Problem

FORMATS = ("csv", "json")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is a formula to a spreadsheet, which may run or send something."""

Record = Mapping[str, Any]


def format_asked() -> str | None:
    """`csv` or `json` where the address says so. Raises Problem if it says something else."""
    asked = request.args.get("format")
    if asked is not None and asked not in FORMATS:
        raise Problem("bad-request", f"`format` must be one of: {', '.join(FORMATS)}.")
    return asked


def exported(form: str, name: str, fields: Sequence[str], records: Sequence[Record]) -> Response:
    """The records as a file to keep, called `name`: letters, digits, - and _ of our own."""
    text = _csv(fields, records) if form == "csv" else orjson.dumps(records).decode()
    response = Response(text, mimetype="text/csv" if form == "csv" else "application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="kindred-{name}.{form}"'
    return response


def _csv(fields: Sequence[str], records: Sequence[Record]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(fields)
    writer.writerows([_cell(record.get(field)) for field in fields] for record in records)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe, as OWASP advises."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
