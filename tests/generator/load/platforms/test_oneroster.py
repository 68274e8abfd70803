import pytest

from generator.load.files import load_tables
from shared.errors import DataError
from tests.generator.load.platforms.exports import counts, loaded, put, rows

FILES = {
    "enrollments__csv": (
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,"
        "primary,beginDate,endDate\n"
        "e1,active,,k1,s,u1,student,,2024-08-15,2025-06-15\n"
        "e2,active,,k1,s,t1,teacher,true,2024-08-15,\n"
        "e3,tobedeleted,,k1,s,u2,student,,2024-08-15,\n"
        "e4,active,,k2,s,u2,student,,2024-08-16,\n"
        "e5,active,,k9,s,u2,student,,2024-08-16,\n"
    ),
    "classes__csv": (
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode\n"
        "k1,active,,Math 7 Period 3,7,c1,M\nk2,active,,Bio,7,c2,B\n"
    ),
    "courses__csv": (
        "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,"
        'orgSourcedId,subjects,subjectCodes\nc1,active,,y,Math 7,M7,7,s,"Mathematics,Algebra",\n'
        "c2,active,,y,Biology,B7,7,s,Science,\n"
    ),
    "users__csv": (
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,grades\n"
        "u1,active,,true,s,student,ann,07\nt1,active,,true,s,teacher,tom,\n"
    ),
    "lineItems__csv": (
        "sourcedId,status,dateLastModified,title,classSourcedId,categorySourcedId\n"
        "l1,active,,Quiz 1,k1,cat\nl2,active,,Essay,k9,cat\n"
    ),
    "results__csv": (
        "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,"
        "scoreDate,comment\nr1,active,,l1,u1,fully graded,87.5,2024-10-01,\n"
        "r2,active,,l2,u1,fully graded,3,2024-10-02,\nr3,active,,l1,u2,not submitted,,,\n"
    ),
}


def test_students_are_enrolled_in_the_courses_of_their_classes(tmp_path):
    validated = loaded(put(tmp_path, **FILES), "oneroster")
    views = rows(validated, "user_course_views", "user_handle", "course_id", "view_time_seconds")
    assert views == [("u1", "c1", 3600), ("u2", "c2", 3600)]
    # A class that no file has is a fault of the export: its row is set aside.
    assert counts(validated) == (5, 2, 1, 2)
    assert rows(validated, "courses", "course_id", "title") == [("c1", "Math 7"), ("c2", "Biology")]
    assert rows(validated, "users", "user_handle", "grades") == [("u1", "07")]
    tags = rows(validated, "course_tags", "course_id", "course_tags")
    assert set(tags) == {("c1", "mathematics"), ("c1", "algebra"), ("c2", "science")}


def test_results_are_scores_of_the_course_or_else_the_line_item(tmp_path):
    validated = loaded(put(tmp_path, **FILES), "oneroster")
    scores = rows(
        validated, "user_assessment_scores", "user_handle", "assessment_tag",
        "user_assessment_score",
    )  # fmt: skip
    assert scores == [("u1", "math 7", 87.5), ("u1", "essay", 3)]
    assert counts(validated, "user_assessment_scores") == (3, 2, 0, 1)


def test_version_1_2_has_roles_in_a_file_of_their_own(tmp_path):
    users = "sourcedId,status,dateLastModified,enabledUser,username,grades\n"
    users += "u1,active,,true,ann,07\nt1,active,,true,tom,\n"
    roles = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,orgSourcedId\n"
    roles += "r1,active,,u1,primary,student,s\nr2,active,,t1,primary,teacher,s\n"
    validated = loaded(put(tmp_path, **FILES | {"users__csv": users, "roles__csv": roles}),
                       "oneroster")  # fmt: skip
    assert rows(validated, "users", "user_handle") == [("u1",)]


def test_what_is_missing_is_named(tmp_path):
    put(tmp_path, enrollments__csv=FILES["enrollments__csv"])
    with pytest.raises(DataError, match=r"has no classes\.csv; found enrollments\.csv"):
        loaded(tmp_path, "oneroster")


def test_rows_that_are_looked_up_are_said(tmp_path):
    tables = load_tables(str(put(tmp_path, **FILES)), {}, "oneroster")
    said = [remark.rpartition("/")[2] for remark in tables["user_course_views"].remarks]
    assert said == ["classes.csv: 2 rows looked up, 0 not usable."]
