"""Values as the pages write them."""

from datetime import UTC, datetime
from typing import Any

import orjson
from flask.sansio.app import App
from markupsafe import Markup, escape

from server.lookup.reasons import minutes
from shared.records import handle_key

NOTHING = "\N{EN DASH}"
CODE = Markup("<code>{}</code>")


def as_number(value: float | None, form: str) -> str:
    return NOTHING if value is None else format(value, form)


def as_milliseconds(seconds: float | None) -> str:
    return NOTHING if seconds is None else f"{1000 * seconds:.3g} ms"


def as_percent(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.1%}".replace("%", " %")


def as_moment(seconds: float) -> str:
    """Seconds since the epoch as the time in UTC, in ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def as_pretty_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def as_json(value: Any) -> str:
    """Text, to be escaped like any other."""
    return orjson.dumps(value).decode()


def with_code(text: str) -> Markup:
    """What stands between backticks as code; all of it escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    pieces = (CODE.format(part) if i % 2 else escape(part) for i, part in enumerate(parts))
    return Markup("").join(pieces)


def teach(app: App) -> None:
    """Let the templates of `app` write so."""
    app.jinja_env.filters |= {
        "number": as_number,
        "milliseconds": as_milliseconds,
        "percent": as_percent,
        "moment": as_moment,
        "pretty_json": as_pretty_json,
        "handle_json": handle_key,
        "json": as_json,
        "with_code": with_code,
    }
    app.jinja_env.globals["minutes"] = minutes
