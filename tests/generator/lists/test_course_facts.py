from generator.lists.course_facts import course_facts
from shared.records import COURSE_FACTS, read_row
from tests.datasets import make_dataset


def test_every_course_has_a_row_of_what_it_can_be_chosen_by(catalogue):
    assert {row.subject: row.facts for row in course_facts(catalogue)} == {
        "docker": {
            "title": "Docker Deep Dive",
            "tags": ["containers", "devops"],
            "levels": ["beginner", "advanced"],
            "viewers": 3,
            "attributes": {"language": ["en", "fr"], "hours": 3.5},
        },
        "go": {"title": "", "tags": [], "levels": [], "viewers": 1, "attributes": {}},
        "unwatched": {
            "title": "Nobody has seen it",
            "tags": [],
            "levels": [],
            "viewers": 0,
            "attributes": {"language": ["fr"]},
        },
    }


def test_facts_survive_their_json(catalogue):
    for row in course_facts(catalogue):
        assert read_row((COURSE_FACTS, row.subject), row.to_json()) == row


def test_no_courses_have_no_rows():
    assert list(course_facts(make_dataset(interests=[(1, "go")]))) == []
