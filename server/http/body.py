"""JSON in and out, through orjson."""

import math
from typing import Any

import orjson
from flask import Request, Response
from flask.json.provider import JSONProvider
from werkzeug.exceptions import RequestEntityTooLarge

from server.problems import Problem
from server.process.slow_bodies import timed

EXAMPLE = '{"user_handle": 999}'


class JSONRequest(Request):
    """A request whose body, where a route wants one, is one JSON object and nothing else."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The body as a dict. Raises Problem whatever `silent` says, so that no cause is lost."""
        if not self.is_json:
            sent = self.content_type or "no Content-Type"
            raise _malformed(f"The request has {sent[:80]}; send Content-Type: application/json.")
        if encoding := self.headers.get("Content-Encoding", "").strip():
            raise Problem(
                "unsupported-encoding",
                f"The body comes with Content-Encoding {encoding[:80]}; send it as it is, without "
                "that header.",
            )
        text = timed(self.get_data, cache)
        if self.content_length is None and len(text) >= (self.max_content_length or math.inf):
            raise RequestEntityTooLarge  # werkzeug cuts a chunked body off at the limit
        if not text:
            raise _malformed("The body is empty.")
        try:
            body = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise _malformed(f"The body is not JSON in UTF-8: {error}.") from None
        if not isinstance(body, dict):
            raise _malformed("The body is JSON, but not an object.")
        return body


class OrjsonProvider(JSONProvider):
    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **_: Any) -> Response:
        return Response(orjson.dumps(args[0]), mimetype="application/json")


def _malformed(cause: str) -> Problem:
    return Problem("malformed-body", f"{cause} An example body: {EXAMPLE}")
