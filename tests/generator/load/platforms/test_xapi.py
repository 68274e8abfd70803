import json

import pytest

from generator.load.platforms.xapi import learner_of, seconds_of
from tests.generator.load.platforms.exports import counts, loaded, put, rows

DEMO = "https://lms.example/course/demo"
COURSE = {"type": "http://adlnet.gov/expapi/activities/course", "name": {"en": "Demo", "de": "x"}}
VIDEO = {"type": "http://adlnet.gov/expapi/activities/media"}
VERBS = "http://adlnet.gov/expapi/verbs/"
ADA = {"mbox": "mailto:ada@example.org"}
SEVENTEEN = {"account": {"homePage": "https://lms.example", "name": "17"}}


def statement(actor: dict, verb: str, subject: dict, minute: int = 0, **other) -> dict:
    time = f"2024-03-01T09:{minute:02d}:00.123Z"
    return {
        "actor": actor,
        "verb": {"id": VERBS + verb},
        "object": subject,
        "timestamp": time,
    } | other


def within(place: str, activity: object) -> dict:
    return {"contextActivities": {place: activity}}


def test_durations_scores_and_titles_are_read(tmp_path):
    completed = statement(
        SEVENTEEN,
        "completed",
        {"id": DEMO, "definition": COURSE},
        result={"duration": "PT45M", "score": {"scaled": 0.8}},
    )
    put(tmp_path, s__jsonl=[completed])
    validated = loaded(tmp_path, "xapi")
    names = ("user_handle", "course_id", "view_time_seconds", "completed")
    user = "17@https://lms.example"
    assert rows(validated, "user_course_views", *names) == [(user, DEMO, 2700, 1)]
    score = rows(
        validated,
        "user_assessment_scores",
        "user_handle",
        "assessment_tag",
        "user_assessment_score",
    )
    assert score == [(user, "demo", 0.8)]
    assert rows(validated, "courses", "course_id", "title") == [(DEMO, "Demo")]


@pytest.mark.parametrize(
    ("subject", "context"),
    [
        ({"id": DEMO, "definition": COURSE}, {}),
        ({"id": "v", "definition": VIDEO}, within("parent", [{"id": DEMO, "definition": COURSE}])),
        ({"id": "v", "definition": VIDEO}, within("grouping", {"id": DEMO, "definition": COURSE})),
        (
            {"id": "v", "definition": VIDEO},
            {"contextActivities": {"parent": [{"id": "module"}],
                                   "grouping": [{"id": DEMO, "definition": COURSE}]}},
        ),
        ({"id": DEMO}, {}),
    ],
)  # fmt: skip
def test_the_course_is_the_object_or_among_the_contexts_activities(tmp_path, subject, context):
    put(tmp_path, s__jsonl=[statement(ADA, "experienced", subject, context=context)])
    views = rows(loaded(tmp_path, "xapi"), "user_course_views", "user_handle", "course_id")
    assert views == [("ada@example.org", DEMO)]


def test_what_is_no_learners_interaction_with_a_course_is_left_out(tmp_path):
    course = {"id": DEMO, "definition": COURSE}
    statements = [
        statement(ADA, "experienced", course, 0, id="kept"),
        statement(ADA, "experienced", course, 1, id="wrong"),
        statement(ADA, "voided", {"objectType": "StatementRef", "id": "wrong"}, 2),
        statement({"objectType": "Group", "member": [ADA]}, "experienced", course, 3),
        statement({"name": "nobody"}, "experienced", course, 4),
        statement(ADA, "experienced", {"id": "v", "definition": VIDEO}, 5),
        statement(ADA, "followed", {"objectType": "Agent", **SEVENTEEN}, 6),
    ]
    put(tmp_path, s__json=json.dumps(statements))
    validated = loaded(tmp_path, "xapi")
    assert counts(validated) == (7, 1, 0, 6)
    assert validated.reports[0].left_out == {
        "voided by a later statement": 1,
        "that void another statement": 1,
        "of no single learner": 2,
        "about no course": 2,
    }


def test_answers_of_a_store_and_broken_lines_are_read(tmp_path):
    course = {"id": DEMO, "definition": COURSE}
    answer = {"statements": [statement(ADA, "experienced", course, m) for m in (0, 4)], "more": ""}
    lines = [answer, {"statement": statement(ADA, "experienced", course, 9), "active": True}]
    put(tmp_path, s__jsonl="\n".join([*map(json.dumps, lines), "broken", ""]))
    validated = loaded(tmp_path, "xapi")
    assert rows(validated, "user_course_views", "view_time_seconds") == [(240,), (300,), (0,)]
    assert counts(validated) == (4, 3, 1, 0)


def test_where_durations_are_said_the_time_between_statements_does_not_count_again(tmp_path):
    course = {"id": DEMO, "definition": COURSE}
    put(
        tmp_path,
        s__jsonl=[
            statement(ADA, "launched", course, 0),
            statement(ADA, "completed", course, 20, result={"duration": "PT20M"}),
        ],
    )
    views = rows(loaded(tmp_path, "xapi"), "user_course_views", "view_time_seconds")
    assert views == [(0,), (1200,)]


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("PT45M", "2700"),
        ("PT1H30M", "5400"),
        ("PT0.5S", "0.5"),
        ("P1DT2H", "93600"),
        ("P2W", "1209600"),
        ("PT16559.14S", "16559.14"),
        (None, None),
        ("45 minutes", "45 minutes"),
        ("PT", "PT"),
    ],
)
def test_durations_of_iso_8601_are_seconds(duration, seconds):
    assert seconds_of(duration) == seconds


@pytest.mark.parametrize(
    ("actor", "learner"),
    [
        (SEVENTEEN, "17@https://lms.example"),
        ({"account": {"homePage": "https://b.example", "name": "17"}}, "17@https://b.example"),
        (SEVENTEEN | ADA, "17@https://lms.example"),
        (ADA, "ada@example.org"),
        ({"mbox_sha1sum": "ebd31e95"}, "ebd31e95"),
        ({"openid": "https://ada.example"}, "https://ada.example"),
        ({"name": "Ada"}, None),
        (ADA | {"objectType": "Group"}, None),
    ],
)
def test_a_learner_is_an_account_with_its_home_page_or_else_a_mail_address(actor, learner):
    assert learner_of(actor) == learner
