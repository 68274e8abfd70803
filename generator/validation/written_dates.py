"""Dates as people and web servers write them: with names of months, slashes, AM and PM."""

import re
from datetime import datetime, timedelta

import numpy as np

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>[0-9]{4})"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +)?"
_TIME = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})"
    r"(?::(?P<second>[0-9]{1,2})(?:[.,](?P<part>[0-9]{1,9}))?)?(?: ?(?P<half>[ap])\.?m\.?)?"
)
# +0000 UTC as Go writes it, GMT+0200 (CEST) as JavaScript does. A name alone is no offset.
_ZONE = (
    r"(?: ?(?:z|(?:utc|gmt)?(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2})?"
    r"(?: \(?[a-z][a-z ]+\)?)?|utc|gmt))?"
)
_CLOCK = rf"(?:(?:t|,? +(?:at +)?|:){_TIME}{_ZONE})?"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_YEAR}(?P<s>[-/.])(?P<month>[0-9]{{1,2}})(?P=s){_DAY}{_CLOCK}",
        rf"(?P<first>[0-9]{{1,2}})(?P<s>[-/.])(?P<other>[0-9]{{1,2}})(?P=s){_YEAR}{_CLOCK}",
        rf"{_WEEKDAY}{_DAY}(?P<s>[-/ ])(?:of )?{_NAME}(?:(?P=s)|, ?){_YEAR}{_CLOCK}",
        rf"{_WEEKDAY}{_NAME} +{_DAY}(?:,| ) ?{_YEAR}{_CLOCK}",
        rf"{_YEAR}(?P<s>[-/ ]){_NAME}(?P=s){_DAY}{_CLOCK}",
        rf"{_WEEKDAY}{_NAME} +{_DAY} {_TIME}{_ZONE} {_YEAR}",
    )
]


def written_date(text: str) -> np.datetime64:
    """In UTC, which is also what a time without a zone is taken for; NaT for anything else.

    01/08/2020 is NaT too, as 1 August and January 8 are both dates; 13/08/2020 and 08/08/2020 are
    read.
    """
    for form in _FORMS:
        if match := form.fullmatch(text):
            try:
                parts = {name: part for name, part in match.groupdict().items() if part}
                return np.datetime64(_moment(parts), "us")
            except (ValueError, OverflowError):
                break
    return np.datetime64("NaT", "us")


def _moment(parts: dict[str, str]) -> datetime:
    """Raises ValueError where the parts are no date, or two."""
    month, day = _month_and_day(parts)
    local = datetime(
        int(parts["year"]),
        month,
        day,
        _hour(int(parts.get("hour", 0)), parts.get("half", "")),
        int(parts.get("minute", 0)),
        int(parts.get("second", 0)),
        int(parts.get("part", "")[:6].ljust(6, "0")),
    )
    offset = timedelta(hours=int(parts.get("hours", 0)), minutes=int(parts.get("minutes", 0)))
    return local + offset if parts.get("sign") == "-" else local - offset


def _month_and_day(parts: dict[str, str]) -> tuple[int, int]:
    if "first" not in parts:
        month = MONTHS.index(parts["name"][:3].lower()) + 1 if "name" in parts else parts["month"]
        return int(month), int(parts["day"])
    first, other = int(parts["first"]), int(parts["other"])
    if first != other and max(first, other) <= 12:
        raise ValueError("either may be the month")
    return min(first, other), max(first, other)


def _hour(hour: int, half: str) -> int:
    """13:00 PM, which some programs write, is one o'clock; 13:00 AM is nothing."""
    if not half or (half.lower() == "p" and hour > 12):
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("no hour of half a day")
    return hour % 12 + (12 if half.lower() == "p" else 0)
