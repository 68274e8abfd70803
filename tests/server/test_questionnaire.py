"""GET /questionnaire: what the generator chose to ask, and what answers to it bring."""

import pytest

from shared.records import Question
from tests.server.generations import COURSE, publish

NEWCOMER = 4711


@pytest.fixture
def asking(store):
    """Publish a generation that asks these questions."""

    def ask(*questions):
        generation = publish(store)
        manifest = store.manifest("default", generation)
        manifest.questionnaire = list(questions)
        store.save_progress(manifest)
        return generation

    return ask


def test_questions_come_as_the_generator_chose_them(app, asking):
    generation = asking(Question("tag", "python", 0.4, 0.97), Question("tag", "sql", 0.2, 0.6))
    assert app.test_client().get("/questionnaire").get_json() == {
        "generation": generation,
        "questions": [
            {"about": "tag", "name": "python", "share": 0.4, "bits": 0.97},
            {"about": "tag", "name": "sql", "share": 0.2, "bits": 0.6},
        ],
    }


def test_courses_come_with_their_titles(app, asking):
    asking(Question("course", COURSE, 0.4, 0.97), Question("course", "gone", 0.1, 0.2))
    known, gone = app.test_client().get("/questionnaire").get_json()["questions"]
    assert (known["title"], "title" in gone) == (f"All of {COURSE}", False)


def test_a_generation_without_questions_asks_none(api):
    assert api.get("/questionnaire").get_json()["questions"] == []
