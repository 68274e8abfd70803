"""Exports in a folder, loaded and validated as a run would."""

import json
from pathlib import Path

from generator.load.files import load_tables
from generator.validation.validation import Validated, validate_tables


def put(folder: Path, **files: str | list[dict]) -> Path:
    """Each file by its name, with __ for a point; objects are written as lines of JSON."""
    for name, content in files.items():
        text = (
            content
            if isinstance(content, str)
            else "".join(f"{json.dumps(record)}\n" for record in content)
        )
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def loaded(folder: Path, platform: str, minutes: float = 30, **words: str) -> Validated:
    return validate_tables(load_tables(str(folder), words, platform, minutes * 60))


def rows(validated: Validated, table: str, *columns: str) -> list[tuple]:
    frame = validated.tables[table][list(columns)].astype(object)
    return list(frame.where(frame.notna(), None).itertuples(index=False, name=None))


def counts(validated: Validated, table: str = "user_course_views") -> tuple[int, int, int, int]:
    """Rows read, kept, set aside and left out; the last three make up the first."""
    report = next(report for report in validated.reports if report.table == table)
    left_out = sum(report.left_out.values())
    assert report.rows_read == report.rows_kept + report.rows_set_aside + left_out
    return report.rows_read, report.rows_kept, report.rows_set_aside, left_out
