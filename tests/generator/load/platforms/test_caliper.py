from tests.generator.load.platforms.exports import counts, loaded, put, rows

USER = "https://example.edu/users/554433"
SECTION = "https://example.edu/terms/201801/courses/7/sections/1"
COURSE = "https://example.edu/terms/201801/courses/7"


def event(minute: int, kind: str = "NavigationEvent", **other) -> dict:
    """An event as the specification's examples have it."""
    return {
        "@context": "http://purl.imsglobal.org/ctx/caliper/v1p2",
        "id": f"urn:uuid:{minute}",
        "type": kind,
        "actor": {"id": USER, "type": "Person"},
        "action": "NavigatedTo",
        "object": {"id": f"{SECTION}/pages/2", "type": "WebPage"},
        "eventTime": f"2018-11-15T10:{minute:02d}:00.000Z",
        "group": {
            "id": SECTION,
            "type": "CourseSection",
            "name": "Algebra I",
            "subOrganizationOf": {"id": COURSE, "type": "CourseOffering", "name": "Algebra"},
        },
        "membership": {"type": "Membership", "roles": ["Learner"]},
    } | other


def test_events_in_envelopes_and_alone_are_views_of_the_offering(tmp_path):
    envelope = {
        "sensor": "https://example.edu/sensors/1",
        "sendTime": "2018-11-15T10:15:00.000Z",
        "dataVersion": "http://purl.imsglobal.org/ctx/caliper/v1p2",
        "data": [event(0), event(10)],
    }
    put(tmp_path, c__jsonl=[envelope, event(15)])
    validated = loaded(tmp_path, "caliper")
    views = rows(validated, "user_course_views", "user_handle", "course_id", "view_time_seconds")
    assert views == [(USER, COURSE, 600), (USER, COURSE, 300), (USER, COURSE, 0)]
    assert rows(validated, "courses", "course_id", "title") == [(COURSE, "Algebra")]


def test_those_who_teach_programs_and_descriptions_are_left_out(tmp_path):
    events = [
        event(0),
        event(1, membership={"roles": ["Instructor"]}),
        event(2, actor={"id": "https://example.edu", "type": "SoftwareApplication"}),
        event(3, group=None),
        {"id": USER, "type": "Person"},
    ]
    put(tmp_path, c__jsonl=events)
    validated = loaded(tmp_path, "caliper")
    assert counts(validated) == (5, 1, 0, 4)
    assert validated.reports[0].left_out == {
        "of somebody who teaches": 1,
        "of no person": 1,
        "about no course": 1,
        "that describe and are no events": 1,
    }


def test_a_grade_is_the_score_of_whom_it_is_given_to(tmp_path):
    graded = event(
        0,
        "GradeEvent",
        actor={"id": "https://example.edu/autograder", "type": "SoftwareApplication"},
        action="Graded",
        object={"id": f"{SECTION}/assess/1/users/554433/attempts/1", "type": "Attempt",
                "assignee": {"id": USER, "type": "Person"},
                "assignable": {"id": f"{SECTION}/assess/1", "name": "Quiz One"}},
        generated={"id": "s", "type": "Score", "maxScore": 15.0, "scoreGiven": 12.0},
    )  # fmt: skip
    put(tmp_path, c__jsonl=[graded])
    scores = rows(
        loaded(tmp_path, "caliper"),
        "user_assessment_scores",
        *("user_handle", "assessment_tag", "user_assessment_score"),
    )
    assert scores == [(USER, "quiz one", 0.8)]


def test_the_spelling_of_caliper_1_0_is_read(tmp_path):
    old = {
        "@type": "http://purl.imsglobal.org/caliper/v1/NavigationEvent",
        "actor": {"@id": USER, "@type": "http://purl.imsglobal.org/caliper/v1/lis/Person"},
        "action": "http://purl.imsglobal.org/vocab/caliper/v1/action#NavigatedTo",
        "object": {"@id": "x"},
        "group": {
            "@id": SECTION,
            "@type": "http://purl.imsglobal.org/caliper/v1/lis/CourseSection",
        },
        "eventTime": "2015-09-15T10:15:00.000Z",
    }
    put(tmp_path, c__jsonl=[old])
    views = rows(loaded(tmp_path, "caliper"), "user_course_views", "user_handle", "course_id")
    assert views == [(USER, SECTION)]
