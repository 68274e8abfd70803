"""The time as records keep it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
