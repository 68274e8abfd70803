"""The planted tribes are what they say they are: what else would the models be held to?"""

import itertools

import numpy as np
import pytest

from tests.planted import place_in_order, plant_tribes

PLANTED = plant_tribes()
DATASET = PLANTED.dataset


def test_every_user_takes_courses_in_the_order_of_the_tribe_not_of_the_rows():
    names = np.array(DATASET.courses.handles(), dtype=object)
    taken = [names[DATASET.interactions.courses[DATASET.interactions.of(u)]] for u in range(48)]
    for courses in taken:
        places = [place_in_order(course) for course in courses]
        assert places == sorted(places)
        assert len(set(places)) == len(places)
    assert any(list(courses) != sorted(courses) for courses in taken)
    assert DATASET.interactions.tied_share == 0


@pytest.mark.parametrize("side", ["course", "user"])
def test_labels_are_a_tribes_own_and_numbers_lie_apart(side):
    tribes = getattr(PLANTED, f"tribe_of_{side}")
    for attribute in getattr(DATASET, f"{side}_attributes"):
        of_tribe = [attribute.matrix[tribes == tribe] for tribe in range(3)]
        if attribute.kind == "number":
            bounds = [(rows.data.min(), rows.data.max()) for rows in of_tribe]
            assert all(low[1] < high[0] for low, high in itertools.pairwise(bounds))
        else:
            labels = [set(rows.indices.tolist()) for rows in of_tribe]
            assert not any(labels[a] & labels[b] for a, b in [(0, 1), (0, 2), (1, 2)])


def test_words_are_a_tribes_own():
    words = [
        {word for course in np.flatnonzero(PLANTED.tribe_of_course == tribe)
         for word in DATASET.texts.joined[course].split()}
        for tribe in range(3)
    ]  # fmt: skip
    assert all(words)
    assert not words[0] & words[1] | words[1] & words[2] | words[0] & words[2]
