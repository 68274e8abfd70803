import csv

import pytest

from generator.duplicates.across import TenantCourses, shared_courses
from generator.duplicates.records import Records
from generator.duplicates.report import lines_of, write_csv
from shared.errors import SettingsError
from tests.generator.duplicates.catalogues import CALCULUS, PYTHON, grouping


def _lines():
    courses = [("=Python Bootcamp 2019", PYTHON), ("Python Bootcamp 2020", PYTHON)]
    courses += [("Calculus", CALCULUS), ("Calculus", CALCULUS), ("Calculus 2020", CALCULUS)]
    groups = grouping(courses)[1]
    return lines_of(groups, ["a", "b", "c", "d", "e"], [title for title, _ in courses])


def test_the_largest_group_is_first_and_who_stands_for_it_leads():
    assert [(line.group, line.course, line.stands_for) for line in _lines()] == [
        (1, "c", "c"),
        (1, "d", "c"),
        (1, "e", "c"),
        (2, "a", "a"),
        (2, "b", "a"),
    ]


def test_the_file_has_a_line_a_course_and_no_formula(tmp_path):
    write_csv(_lines(), tmp_path / "new" / "found.csv")
    with (tmp_path / "new" / "found.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["course"] for row in rows] == ["c", "d", "e", "a", "b"]
    assert rows[3]["title"] == "'=Python Bootcamp 2019"
    assert rows[1]["why"] == "same text"


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        write_csv(_lines(), tmp_path / "file" / "found.csv")


def test_across_tenants_only_what_several_have_is_shown():
    ours = Records(
        ["Python Bootcamp 2019", "Calculus", "Calculus"],
        [PYTHON, CALCULUS, CALCULUS],
        {"level": ["all", "all", "all"]},
    )
    theirs = Records(["Python Bootcamp 2020"], [PYTHON], {"author": ["Ada"]})
    shared = shared_courses({"a": TenantCourses([1, 2, 3], ours), "b": TenantCourses([1], theirs)})
    lines = lines_of(shared.groups, shared.handles, shared.titles, shared.tenants)
    assert [(line.tenant, line.course) for line in lines] == [("a", 1), ("b", 1)]
