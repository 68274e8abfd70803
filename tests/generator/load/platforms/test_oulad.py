import pandas as pd
import pytest

from tests.generator.load.platforms.exports import counts, loaded, put, rows

FILES = {
    "studentRegistration__csv": (
        "code_module,code_presentation,id_student,date_registration,date_unregistration\n"
        "AAA,2013J,11391,-159,\nAAA,2014B,28400,?,12\n"
    ),
    "studentVle__csv": (
        "code_module,code_presentation,id_student,id_site,date,sum_click\n"
        "AAA,2013J,11391,546652,-10,4\nAAA,2013J,11391,546614,-10,4\nAAA,2013J,11391,546614,0,11\n"
        "AAA,2013J,11391,546614,0,many\n"
    ),
    "studentInfo__csv": (
        "code_module,code_presentation,id_student,gender,region,highest_education,imd_band,"
        "age_band,num_of_prev_attempts,studied_credits,disability,final_result\n"
        "AAA,2013J,11391,M,East Anglian Region,HE Qualification,90-100%,55<=,0,240,N,Pass\n"
        "AAA,2014B,28400,F,Scotland,HE Qualification,20-30%,35-55,0,60,N,Withdrawn\n"
        "BBB,2013J,11391,M,East Anglian Region,HE Qualification,90-100%,55<=,0,240,N,Fail\n"
    ),
    "assessments__csv": (
        "code_module,code_presentation,id_assessment,assessment_type,date,weight\n"
        "AAA,2013J,1752,TMA,19,10.0\n"
    ),
    "studentAssessment__csv": (
        "id_assessment,id_student,date_submitted,is_banked,score\n1752,11391,18,0,78\n"
        "1752,28400,22,0,?\n"
    ),
    "courses__csv": "code_module,code_presentation,module_presentation_length\nAAA,2013J,268\n",
}


def test_sixty_clicks_count_as_one_and_registrations_say_who_has_seen(tmp_path):
    validated = loaded(put(tmp_path, **FILES), "oulad")
    views = rows(
        validated, "user_course_views", "user_handle", "course_id", "view_date",
        "view_time_seconds",
    )  # fmt: skip
    assert views == [
        (11391, "AAA+2013J", pd.Timestamp("2013-04-25"), 0),
        (28400, "AAA+2014B", None, 0),
        (11391, "AAA+2013J", pd.Timestamp("2013-09-21"), pytest.approx(480)),
        (11391, "AAA+2013J", pd.Timestamp("2013-10-01"), pytest.approx(660)),
    ]
    assert counts(validated) == (6, 4, 1, 1)
    assert not validated.view_times_are_measured


def test_those_who_passed_have_completed_and_only_fair_attributes_are_kept(tmp_path):
    validated = loaded(put(tmp_path, **FILES), "oulad")
    assert rows(validated, "course_completions", "user_handle", "course_id") == [
        (11391, "AAA+2013J")
    ]
    assert list(validated.tables["users"]) == [
        "user_handle", "region", "highesteducation", "ageband"
    ]  # fmt: skip
    assert counts(validated, "users") == (3, 2, 0, 1)
    assert rows(validated, "courses", "course_id", "duration") == [("AAA+2013J", "268")]


def test_scores_are_of_the_module_on_the_day_of_submission(tmp_path):
    validated = loaded(put(tmp_path, **FILES), "oulad")
    scores = rows(
        validated, "user_assessment_scores", "user_handle", "assessment_tag",
        "user_assessment_date", "user_assessment_score",
    )  # fmt: skip
    assert scores == [(11391, "aaa", pd.Timestamp("2013-10-19"), 78)]
    assert counts(validated, "user_assessment_scores") == (2, 1, 1, 0)


def test_registrations_alone_are_views(tmp_path):
    only = {"studentRegistration__csv": FILES["studentRegistration__csv"]}
    validated = loaded(put(tmp_path, **only), "oulad")
    assert rows(validated, "user_course_views", "view_time_seconds") == [(3600,), (3600,)]
