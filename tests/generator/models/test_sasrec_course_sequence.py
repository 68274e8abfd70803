"""What attention finds; what all of `SequenceModel` share is tested with the first of them."""

import pytest

from generator.models.sasrec_course_sequence import SasrecCourseSequence
from shared.errors import SettingsError
from tests.planted_orders import chain, share_of_next_courses_found

SMALL = {"embedding_size": 16, "epochs": 6, "learning_rate": 0.02, "dropout": 0.1, "n_blocks": 1}
ORDERS = chain(0.95, users=200)


def small(**options):
    return SasrecCourseSequence(**{**SMALL, **options})


def test_it_finds_what_follows_when_order_matters_and_little_where_it_is_shuffled():
    ordered = share_of_next_courses_found(small, ORDERS)
    assert ordered > 0.8
    assert share_of_next_courses_found(small, ORDERS, shuffled=True) < ordered - 0.2


def test_gated_blocks_with_places_and_heads_find_it_from_courses_drawn_too():
    options = {"gated": True, "positions": "absolute", "n_heads": 2, "n_blocks": 2}

    def made():
        return small(loss="sampled_softmax", negatives=8, **options)

    assert share_of_next_courses_found(made, ORDERS) > 0.6


def test_heads_that_cannot_share_the_size_are_refused_in_words():
    with pytest.raises(SettingsError, match="embedding_size is 64, which 5 heads cannot share"):
        SasrecCourseSequence(n_heads=5)
