"""Texts of courses as a part of their vectors: a course that nobody has taken up is foretold."""

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.models.lstm_course_sequence import LstmCourseSequence
from generator.models.run_options import RunOptions
from shared.errors import ModelError
from tests.datasets import table

SUBJECTS = {
    "cooking": "bread oven dough flour kitchen",
    "sailing": "boat wind rope harbour knots",
    "painting": "canvas brush colour easel portrait",
}
PER_SUBJECT = 8
OPTIONS = {"embedding_size": 16, "epochs": 15, "learning_rate": 0.01, "texts": "words"}


def platform(also=()):
    """Learners of one subject each; the last course of each subject is new."""
    random = np.random.default_rng(2)
    courses = [
        (f"{subject}-{n}", f"{subject} {' '.join(random.permutation(words.split())[:4])}")
        for subject, words in SUBJECTS.items()
        for n in range(PER_SUBJECT + 1)
    ]
    views = []
    for user in range(90):
        subject = list(SUBJECTS)[user % 3]
        for day, n in enumerate(random.permutation(PER_SUBJECT)[:5]):
            views.append((user, f"{subject}-{n}", 600.0, "", f"2026-01-{1 + day:02}"))
    return build_dataset(
        {
            "user_course_views": table(
                "user_course_views",
                "user_handle course_id view_time_seconds level view_date",
                views,
            ),
            "courses": table("courses", "course_id title", [*courses, *also]),
        }
    )


@pytest.fixture(scope="module")
def model():
    return LstmCourseSequence(**OPTIONS).fit(platform(), RunOptions(seed=1))


def subjects_of(model, entries):
    names = model.dataset.courses.handles()
    return [str(names[entry]).split("-")[0] for entry in np.ravel(entries)]


def new_ones_rank_their_subject_first(model):
    new = model.dataset.courses.index_of([f"{subject}-{PER_SUBJECT}" for subject in SUBJECTS])
    users = np.arange(90, dtype=np.int32)
    scores = model.score(users, np.tile(new, (90, 1)))
    return float((scores.argmax(axis=1) == users % 3).mean())


def test_who_takes_a_subject_up_is_foretold_its_new_course_before_those_of_others(model):
    assert new_ones_rank_their_subject_first(model) > 0.95


def test_a_new_course_is_similar_to_those_of_its_subject(model):
    new = model.dataset.courses.index_of([f"{subject}-{PER_SUBJECT}" for subject in SUBJECTS])
    top = model.similar_courses(new, 4)
    assert (top.indices >= 0).all()
    assert subjects_of(model, top.indices) == list(np.repeat(list(SUBJECTS), 4))


def test_without_texts_a_new_course_is_not_known():
    plain = LstmCourseSequence(**{**OPTIONS, "texts": "", "epochs": 1}).fit(
        platform(), RunOptions()
    )
    known = plain.known_courses()
    assert len(known) == 3 * PER_SUBJECT


def test_a_course_that_comes_after_the_training_is_folded_in_by_its_text(model, tmp_path):
    model.save(tmp_path)
    later = LstmCourseSequence.load(tmp_path, platform())
    before = later.recommend([0, 1, 2], 5).scores
    later.fold_in(platform(also=[("sailing-9", "sailing boat wind rope"), ("mute", "")]))
    row = later.dataset.courses.index_of(["sailing-9"])
    assert subjects_of(later, later.similar_courses(row, 3).indices) == ["sailing"] * 3
    names = later.dataset.courses.handles()
    assert "mute" not in [names[course] for course in later.known_courses()]
    assert (later.recommend([0, 1, 2], 5).scores >= before - 1e-6).all()


def test_an_encoder_that_is_not_there_is_said_before_anything_is_trained():
    trained = []
    lost = LstmCourseSequence(**{**OPTIONS, "texts": "/nowhere/encoder"})
    with pytest.raises(ModelError, match="/nowhere/encoder"):
        lost.fit(platform(), RunOptions(progress=lambda done, total: trained.append(done)))
    assert not trained
