"""The Open University Learning Analytics Dataset (https://analyse.kmi.open.ac.uk): registrations,
clicks in the learning environment, assessments, results.

A course is a module in a presentation, `AAA+2013J`. Days count from its start: the first of
February (B) or of October (J). Sixty clicks count as one.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from generator.load.interactions import joined
from generator.load.platforms.export import Export
from generator.load.platforms.making import (
    Cells,
    derived,
    is_one_of,
    looked_up,
    once,
    plain,
    table_of,
    texts,
    weighed,
    with_lookups,
)
from generator.load.selection import without
from generator.validation.raw_table import RawTable
from generator.validation.values import numbers

COURSE = ("codemodule", "codepresentation")
CLICKS_OF_ONE_WEIGHT = 60
FIRST_MONTH = {"B": "02-01", "J": "10-01"}
PASSED = ("pass", "distinction")
# Region, education and age; neither gender, disability nor deprivation, by which nobody should be
# compared.
OF_USERS = ("region", "highesteducation", "ageband")
UNKNOWN = "?"


def read(export: Export) -> list[RawTable]:
    """Raises DataError if there are neither registrations nor clicks."""
    registrations = _rows(export, "studentRegistration", "idstudent", "dateregistration")
    clicks = _rows(export, "studentVle", "idstudent", "date", "sumclick")
    if registrations is None and clicks is None:
        raise export.lacks("studentRegistration.csv and no studentVle.csv")
    tables = []
    if registrations is not None:
        # Who is registered has seen the course; how much they did is what they clicked.
        weight = "1" if clicks is None else "0"
        tables.append(_views(registrations, "dateregistration", weight))
    if clicks is not None:
        clicks = _a_day(clicks)
        tables.append(_views(clicks, "date", _weights(clicks.frame["sumclick"])))
    return tables + _results(export) + _assessments(export) + _courses(export)


def recognises(export: Export) -> bool:
    paths = export.named("studentRegistration|studentVle|studentInfo")
    return bool(paths) and "code_presentation" in export.columns(paths[0])


def _views(raw: RawTable, day: str, weights: Cells | str) -> RawTable:
    columns: dict[str, Cells | str] = {
        "user_handle": raw.frame["idstudent"],
        "course_id": raw.frame["course"],
        "view_date": _dates(raw.frame["codepresentation"], raw.frame[day]),
        "view_time_seconds": weights,
    }
    return weighed(table_of(raw, "user_course_views", columns))


def _results(export: Export) -> list[RawTable]:
    """Who passed has completed; what is said of students are their attributes."""
    raw = _rows(export, "studentInfo", "idstudent", "finalresult", beside=OF_USERS)
    if raw is None:
        return []
    passed = raw.frame[is_one_of(raw.frame["finalresult"], *PASSED)]
    completions = derived(
        replace(raw, frame=passed),
        "course_completions",
        {"user_handle": passed["idstudent"], "course_id": passed["course"]},
    )
    attributes = {name: raw.frame[name] for name in OF_USERS}
    users = table_of(raw, "users", {"user_handle": raw.frame["idstudent"], **attributes})
    return [completions, once(users, "said before of the student")]


def _assessments(export: Export) -> list[RawTable]:
    """Scores under the code of the module that was assessed."""
    paths = export.named("studentAssessment")
    needed = ("idassessment", "idstudent", "score")
    raw = export.rows_if_any(paths, needed, ("datesubmitted",))
    assessed = _rows(export, "assessments", "idassessment")
    if raw is None or assessed is None:
        return []
    frame, known = raw.frame, assessed.frame
    module, presentation = (
        looked_up(frame["idassessment"], known["idassessment"], known[name]) for name in COURSE
    )
    columns: dict[str, Cells | str] = {
        "user_handle": frame["idstudent"],
        "assessment_tag": module,
        "user_assessment_date": _dates(pd.Series(presentation), frame["datesubmitted"]),
        "user_assessment_score": _known(frame["score"]),
    }
    return [with_lookups(table_of(raw, "user_assessment_scores", columns), assessed)]


def _courses(export: Export) -> list[RawTable]:
    raw = _rows(export, "courses", "modulepresentationlength")
    if raw is None:
        return []
    columns = {"duration": raw.frame["modulepresentationlength"], "module": raw.frame["codemodule"]}
    return [table_of(raw, "courses", {"course_id": raw.frame["course"], **columns})]


def _rows(export: Export, name: str, *needed: str, beside: tuple[str, ...] = ()) -> RawTable | None:
    """With the handle of the course as a column."""
    raw = export.rows_if_any(export.named(name), (*COURSE, *needed), beside)
    if raw is None:
        return None
    course = joined([raw.frame[column] for column in COURSE], raw.source)
    return replace(raw, frame=raw.frame.assign(course=course))


def _a_day(clicks: RawTable) -> RawTable:
    """What a student clicks on a day in a course, at all its sites, in one row."""
    counts = numbers(clicks.frame["sumclick"])
    codes = pd.DataFrame(
        {name: clicks.frame[name].cat.codes.to_numpy() for name in ("idstudent", "course", "date")}
    )
    readable = np.isfinite(counts)
    group = codes.groupby(list(codes), sort=False).ngroup().to_numpy()
    sums = np.bincount(group, np.where(readable, counts, 0))[group]
    rows = np.flatnonzero(readable)
    firsts = rows[np.unique(group[rows], return_index=True)[1]]
    added = readable.copy()
    added[firsts] = False
    distinct, places = np.unique(sums, return_inverse=True)
    written = np.array([f"{total:.12g}" for total in distinct], dtype=object)[places]
    sumclick = plain(np.where(readable, written, texts(clicks.frame["sumclick"])))
    return without(
        replace(clicks, frame=clicks.frame.assign(sumclick=sumclick)),
        added,
        "added to another of the student on the day in the course",
    )


def _weights(clicks: pd.Series) -> Cells:
    """Of counts of clicks; what is no number stays, to be set aside as it is."""
    counts = numbers(pd.Series(pd.Categorical(clicks.cat.categories)))
    pairs = zip(clicks.cat.categories, counts, strict=True)
    weights = [f"{n / CLICKS_OF_ONE_WEIGHT:.12g}" if np.isfinite(n) else t for t, n in pairs]
    return plain(np.array(weights, dtype=object)[clicks.cat.codes.to_numpy()])


def _dates(presentations: pd.Series, days: pd.Series) -> Cells:
    """Days since the start of the presentation as dates; a day that is none stays."""
    days = pd.Series(_known(days))
    places = days.cat.codes.to_numpy().astype(np.int64)
    key, distinct = pd.factorize(
        presentations.cat.codes.to_numpy().astype(np.int64) * len(days.cat.categories) + places
    )
    written = [
        _date(
            presentations.cat.categories[pair // len(days.cat.categories)],
            days.cat.categories[pair % len(days.cat.categories)],
        )
        for pair in distinct
    ]
    return plain(np.array(written, dtype=object)[key])


def _date(presentation: str, day: str) -> str:
    year, half = presentation.strip()[:4], presentation.strip()[4:5].upper()
    try:
        start = np.datetime64(f"{year}-{FIRST_MONTH[half]}")
        return str(start + np.timedelta64(int(float(day)), "D")) if day else ""
    except (ValueError, KeyError, OverflowError):
        return day


def _known(cells: pd.Series) -> Cells:
    """Without the ? that the data set writes for what is not known."""
    return plain(np.where(texts(cells) == UNKNOWN, "", texts(cells)))
