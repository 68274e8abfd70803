"""What is learned by filling in gaps is what comes next, where order says so."""

import pytest

from generator.models.bert4rec_course_sequence import Bert4recCourseSequence
from shared.errors import SettingsError
from tests.planted_orders import chain, share_of_next_courses_found

SMALL = {"embedding_size": 16, "epochs": 25, "learning_rate": 0.005, "dropout": 0.0, "length": 8}


def small():
    return Bert4recCourseSequence(**SMALL)


def test_it_finds_what_follows_when_order_matters():
    assert share_of_next_courses_found(small, chain(0.95)) > 0.8


@pytest.mark.parametrize("option", [{"masked_share": 1.5}, {"last_share": 1.5}, {"n_heads": 3}])
def test_options_out_of_range_are_refused(option):
    with pytest.raises(SettingsError, match=next(iter(option))):
        Bert4recCourseSequence(**option)
