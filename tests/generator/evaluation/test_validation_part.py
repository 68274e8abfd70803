"""Options are chosen on a part that asks what the test part asks."""

import numpy as np
import pytest

from generator.evaluation.protocols import given_tables, leave_last_out, random_share, time_split
from generator.evaluation.validation_part import kind_of_test, validation_of
from generator.validation.columns import VIEWS


def given(cut):
    """As if the two parts had come from two folders."""
    return given_tables(cut.train, cut.held_out)


def undated(tables):
    return {**tables, VIEWS: tables[VIEWS].assign(view_date=np.datetime64("NaT", "us"))}


@pytest.mark.parametrize(
    ("cut_of", "kind", "words"),
    [
        (time_split, "time", "taken up from"),
        (leave_last_out, "leave-last-out", "last new course"),
        (random_share, "random", "by lot"),
    ],
)
def test_a_given_test_part_is_validated_by_a_part_like_it(sample, cut_of, kind, words):
    cut = given(cut_of(sample.tables))
    assert kind_of_test(cut) == kind
    validation = validation_of(cut, "given")
    assert words in validation.how
    assert len(validation.train[VIEWS]) + len(validation.held_out) <= len(cut.train[VIEWS])


def test_without_dates_one_course_a_user_is_the_last_and_several_are_a_lot(sample):
    tables = undated(sample.tables)
    assert kind_of_test(given(leave_last_out(tables))) == "leave-last-out"
    assert kind_of_test(given(random_share(tables))) == "random"


def test_a_named_protocol_cuts_the_training_part_as_it_cut_the_whole(sample):
    cut = time_split(sample.tables)
    assert validation_of(cut, "time").how == time_split(cut.train).how


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_a_share_by_lot_is_that_share_of_each_users_courses_and_nobody_loses_all(sample, share):
    cut = random_share(sample.tables, share, seed=7)
    columns = ["user_handle", "course_id"]
    whole, kept, held = (
        views.drop_duplicates(columns).groupby("user_handle", observed=False).size()
        for views in (sample.tables[VIEWS], cut.train[VIEWS], cut.held_out)
    )
    assert (kept + held == whole).all()
    assert (kept[whole > 0] >= 1).all()
    assert (held == np.minimum(np.rint(share * whole), np.maximum(whole - 1, 0))).all()
    again, other = (random_share(sample.tables, share, seed=seed).held_out for seed in (7, 8))
    assert again.equals(cut.held_out)
    assert not other.equals(cut.held_out)
