"""Real key files, and callers who show a key."""

import json
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from server.access.api_keys import new_key
from server.access.key_file import change


def add_key(
    path: Path,
    tenant: str = "default",
    rate: float | None = None,
    burst: int = 1,
    rights: str = "read",
) -> tuple[str, str]:
    """The public ID, and the key itself."""
    record, key = new_key(tenant, "test", rate, burst, frozenset(rights.split(",")))
    change(path, lambda records: [*records, record])
    return record.key_id, key


def remove_key(path: Path, key_id: str) -> None:
    change(path, lambda records: [record for record in records if record.key_id != key_id])


def ask(app: Flask, key: str | None, path: str = "/similar-users", **headers: str) -> TestResponse:
    """User 999's list, asked with this key."""
    shown = headers if key is None else headers | {"X-API-Key": key}
    return post(app, path, {"user_handle": 999}, shown)


def post(app: Flask, path: str, body: Any, headers: dict[str, str]) -> TestResponse:
    return app.test_client().post(
        path,
        data=json.dumps(body),
        content_type="application/json",
        headers=headers,
        buffered=True,
    )
