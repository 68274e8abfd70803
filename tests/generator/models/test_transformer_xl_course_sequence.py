"""What is remembered of segments before is found, and is not where the memory is cut."""

import numpy as np
import pytest

from generator.models.run_options import RunOptions
from generator.models.transformer_xl_course_sequence import TransformerXlCourseSequence
from shared.errors import SettingsError
from tests.planted_orders import dated, views_of

APART, KINDS = 6, 9
"""Courses are taken up six at a time, of nine; then their second parts, in the same order."""
SMALL = {
    "embedding_size": 32,
    "segment": 3,
    "n_blocks": 1,
    "epochs": 20,
    "learning_rate": 0.005,
    "dropout": 0.0,
}


def echoes(users, echoed, seed):
    """Each course of the second half is decided by the one six steps before alone."""
    random = np.random.default_rng(seed)
    firsts = [random.permutation(KINDS)[:APART] for _ in range(users)]
    return [[f"first {n}" for n in f] + [f"second {n}" for n in f[:echoed]] for f in firsts]


def share_of_echoes_found(**options):
    """Of users who took up two second parts, how many have their third one listed first."""
    asked = {1000 + user: courses for user, courses in enumerate(echoes(100, 3, seed=4))}
    orders = dict(enumerate(echoes(300, APART, seed=3)))
    orders |= {user: courses[:-1] for user, courses in asked.items()}
    model = TransformerXlCourseSequence(**{**SMALL, **options})
    model.fit(dated(views_of(orders)), RunOptions(seed=1))
    users = model.dataset.users.index_of(list(asked))
    wanted = model.dataset.courses.index_of([courses[-1] for courses in asked.values()])
    return float((model.recommend(users, 1).indices[:, 0] == wanted).mean())


def test_what_follows_on_a_course_two_segments_ago_is_found_with_a_memory():
    assert share_of_echoes_found(memory=2) > 0.8


def test_without_the_memory_it_is_chance():
    assert share_of_echoes_found(memory=0) < 2 / (KINDS - 2)


@pytest.mark.parametrize("option", [{"segment": 0}, {"memory": -1}, {"n_heads": 3}])
def test_options_out_of_range_are_refused(option):
    with pytest.raises(SettingsError, match=next(iter(option))):
        TransformerXlCourseSequence(**option)
