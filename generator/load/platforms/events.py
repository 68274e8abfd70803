"""Events of learners, a JSON object each: views, assessments and titles of courses.

A view's time is what the event says, or the time until the same learner's next event, if that is
at most `Export.view_gap_seconds` away:

    09:00 play   09:12 stop       14:00 play
    |-- 12 min --|    (a new visit)  |  0
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.load.categorical import constant
from generator.load.platforms.export import Export
from generator.load.platforms.making import Cells, derived, plain, table_of
from generator.load.readers.json_files import JsonColumns
from generator.load.readers.json_lines import Chunk, Record, chunks_of, record_of
from generator.load.readers.parts import combined
from generator.load.selection import without
from generator.load.sources.folders import DAMAGED_FILE, unreadable
from generator.load.sources.formats import format_of
from generator.load.sources.table_files import TableFile
from generator.validation.columns import Column, Table
from generator.validation.dates import dates
from generator.validation.raw_table import BLANK, MALFORMED_COLUMNS, RawTable

EVENTS = Table(
    "events",
    (
        Column("user", "user_handle"),
        Column("course", "course_handle"),
        *(
            Column(name, "text", may_be_empty=True, may_be_absent=True)
            for name in ("time", "seconds", "completed", "score", "tag", "title", "id")
        ),
    ),
)
SAME_MOMENT = "at the same moment as another of the learner in the course"
VOIDED = "voided by a later statement"

Event = dict[str, Any]
Reader = Callable[[Record], Iterable[Event | str]]
"""From an object to events with the columns of EVENTS; a text is why one is left out."""


def event_tables(export: Export, reader: Reader, voided: Iterable[str] = ()) -> list[RawTable]:
    """`voided`: ids of events that do not count, filled by the reader until all are read.

    Raises DataError if a file cannot be read, or there is none with JSON.
    """
    paths = log_files(export)
    if not paths:
        raise export.lacks("file with JSON")
    raw = combined([_events(file, reader) for file in export.to_read(paths, "jsonl")])
    raw = without(raw, raw.frame["id"].isin({*voided} - {""}).to_numpy(), VOIDED)
    return tables_of_events(raw, export.view_gap_seconds)


def tables_of_events(raw: RawTable, gap_seconds: float) -> list[RawTable]:
    """Views and what else the events say, from rows with the columns of EVENTS."""
    seconds = view_seconds(raw.frame, gap_seconds)
    again = _again(raw.frame, seconds)
    raw, seconds = without(raw, again, SAME_MOMENT), seconds[~again]
    frame = raw.frame
    views = table_of(
        raw,
        "user_course_views",
        {
            "user_handle": frame["user"],
            "course_id": frame["course"],
            "view_date": frame["time"],
            "view_time_seconds": _written(seconds, frame["seconds"]),
            "completed": frame["completed"],
        },
    )
    names = {"user_handle": "user", "course_id": "course"}
    declared = {our: raw.declared[name] for our, name in names.items() if name in raw.declared}
    return [replace(views, declared=declared), *_assessments(raw), *_titles(raw, declared)]


def with_every_column(raw: RawTable) -> RawTable:
    """With those of EVENTS that are not there, empty."""
    absent = [name for name in EVENTS.column_names if name not in raw.frame]
    empty = {name: constant("", len(raw.frame)) for name in absent}
    return replace(raw, frame=raw.frame.assign(**empty))


def log_files(export: Export) -> list[str]:
    """Files of JSON, and logs; a file alone is one whatever its name."""
    if len(export.paths) == 1:
        return list(export.paths)
    return [p for p in export.paths if format_of(p) in ("jsonl", "json") or ".log" in p.lower()]


def first_record(export: Export) -> Record:
    """Of the first file of events; empty if there is none."""
    for file in export.files(log_files(export)[:1], "jsonl"):
        if file.format in ("jsonl", "json"):
            chunk = next(chunks_of(file.plain, file.format == "json"), Chunk())
            return next(iter(chunk.records), {})
    return {}


def view_seconds(frame: pd.DataFrame, gap_seconds: float) -> NDArray[np.float64]:
    """float64 a row: the time until the learner's next event; NaN where the event says it itself.

    0 where the next is too far away, or where other events of the learner in the course say how
    long they took. Events without a time have none.
    """
    times, users = dates(frame["time"]), frame["user"].cat.codes.to_numpy().astype(np.int64)
    dated = np.flatnonzero(~np.isnat(times))
    order = dated[np.lexsort((times[dated], users[dated]))]
    here, after = order[:-1], order[1:]
    gaps = (times[after] - times[here]) / np.timedelta64(1, "s")
    fits = (users[here] == users[after]) & (gaps <= gap_seconds)
    seconds = np.zeros(len(frame))
    seconds[here[fits]] = gaps[fits]
    said = (frame["seconds"] != "").to_numpy()
    pairs = users * (len(frame["course"].cat.categories) + 1) + frame["course"].cat.codes
    seconds[np.isin(pairs, pairs[said])] = 0
    seconds[said] = np.nan
    return seconds


def _events(file: TableFile, reader: Reader) -> RawTable:
    columns, left_out = JsonColumns(EVENTS), Counter[str]()
    bad: list[tuple[int, str, str]] = []
    try:
        for chunk in chunks_of(file.plain, file.format == "json"):
            columns.add(_read(chunk, reader, left_out))
            bad += _mended(chunk, columns, reader, left_out)
            left_out[BLANK] += chunk.blank
    except (*DAMAGED_FILE, UnicodeDecodeError) as error:
        raise unreadable(file.source, error) from error
    raw = RawTable(
        "user_course_views",
        file.source,
        EVENTS.column_names,
        columns.frame(),
        declared=columns.declared(),
        malformed=pd.DataFrame(bad, columns=pd.Index(MALFORMED_COLUMNS)),
        left_out={why: rows for why, rows in left_out.items() if rows},
    )
    return with_every_column(raw)


def _read(chunk: Chunk, reader: Reader, left_out: Counter[str]) -> Chunk:
    numbers: list[int] = []
    records: list[Record] = []
    for number, record in zip(chunk.numbers, chunk.records, strict=True):
        for event in reader(record):
            if isinstance(event, str):
                left_out[event] += 1
            else:
                numbers.append(number)
                records.append(event)
    return Chunk(numbers, records)


def _mended(
    chunk: Chunk, columns: JsonColumns, reader: Reader, left_out: Counter[str]
) -> Iterator[tuple[int, str, str]]:
    """Lines that are no objects, without those that only have something before the object, as
    syslog writes it."""
    mended = Chunk(numbers := [])
    for number, reason, line in chunk.bad:
        record = record_of(line[line.find("{") :].encode()) if line.rfind("}") > 0 else None
        if record is None:
            yield number, reason, line
        else:
            numbers.append(number)
            mended.records.append(record)
    columns.add(_read(mended, reader, left_out))


def _again(frame: pd.DataFrame, seconds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool a row: True for all but one of a learner's events in a course at one moment, which is
    the one that says most."""
    weight = np.nan_to_num(seconds, nan=np.inf) + (frame["completed"] == "true").to_numpy()
    order = np.argsort(-weight, kind="stable")
    columns = ["user", "course", "time"]
    codes = pd.DataFrame({name: frame[name].cat.codes.to_numpy()[order] for name in columns})
    again = np.zeros(len(frame), bool)
    again[order] = codes.duplicated().to_numpy()
    dated: NDArray[np.bool_] = (frame["time"] != "").to_numpy(bool)
    again &= dated
    return again


def _written(seconds: NDArray[np.float64], said: pd.Series) -> Cells:
    distinct, places = np.unique(np.nan_to_num(seconds, nan=-1.0), return_inverse=True)
    texts = np.array([f"{value:.12g}" for value in distinct], dtype=object)[places]
    return plain(np.where(np.isnan(seconds), said.astype(str).to_numpy(dtype=object), texts))


def _assessments(raw: RawTable) -> list[RawTable]:
    scored = (raw.frame["score"] != "").to_numpy()
    if not scored.any():
        return []
    rows = replace(raw, frame=raw.frame[scored])
    table = derived(
        rows,
        "user_assessment_scores",
        {
            "user_handle": rows.frame["user"],
            "assessment_tag": rows.frame["tag"],
            "user_assessment_date": rows.frame["time"],
            "user_assessment_score": rows.frame["score"],
        },
    )
    declared = {"user_handle": raw.declared["user"]} if "user" in raw.declared else {}
    return [replace(table, declared=declared)]


def _titles(raw: RawTable, declared: dict[str, Any]) -> list[RawTable]:
    titled = (raw.frame["title"] != "").to_numpy()
    if not titled.any():
        return []
    rows = replace(raw, frame=raw.frame[titled])
    columns: dict[str, Cells | str] = {
        "course_id": rows.frame["course"],
        "title": rows.frame["title"],
    }
    table = derived(rows, "courses", columns)
    said = {name: kind for name, kind in declared.items() if name == "course_id"}
    return [replace(table, declared=said)]
