"""What the command line offers, and what it says of options and settings that make no sense."""

import pytest

from generator.models.registry import MODELS
from shared.stores import open_store
from tests.generator.commands.shell import assert_one_sentence


def test_an_unknown_model_names_those_that_exist(shell):
    assert shell("--models", "tfidf") == 2
    assert_one_sentence(shell, *MODELS)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            '{"knn_collab_filtering_user_course_view": {"k": -1}}',
            ["k must be a whole number from 0 to 100000", "Received: -1"],
        ),
        (
            '{"knn_collab_filtering_user_course_view": {"k": "many"}}',
            ["k must be a whole number", "many"],
        ),
        (
            '{"knn_collab_filtering_user_course_view": {"k": true}}',
            ["k must be a whole number", "Received: True"],
        ),
        (
            '{"knn_collab_filtering_user_course_view": {"size": 9}}',
            ["size", "k, shrink, popularity_damping"],
        ),
        ('{"knn": {"k": 9}}', ["no model 'knn'"]),
        ('{"knn', ["model_options"]),
    ],
)
def test_options_of_a_model_that_make_no_sense_are_named(shell, monkeypatch, options, words):
    monkeypatch.setenv("MODEL_OPTIONS", options)
    assert shell() == 2
    assert_one_sentence(shell, *words)


def test_options_of_a_model_are_kept_with_the_generation(shell, monkeypatch):
    monkeypatch.setenv("MODEL_OPTIONS", '{"knn_collab_filtering_user_course_view": {"shrink": 3}}')
    assert shell() == 0
    live = open_store(shell.store_url).live("default")
    assert live.card("knn_collab_filtering_user_course_view").config == {
        "k": 0,
        "shrink": 3,
        "popularity_damping": 0.2,
        "reviews": True,
    }


def test_a_setting_that_makes_no_sense_is_named(shell, monkeypatch):
    monkeypatch.setenv("STORED_LIST_LENGTH", "many")
    assert shell() == 2
    assert_one_sentence(shell, "STORED_LIST_LENGTH", "many")


def test_models_lists_every_option_with_its_help(shell):
    assert shell("models") == 0
    for handle in MODELS:
        assert handle in shell.out
    assert "shrink" in shell.out
    assert "Neighbours whose courses are recommended." in shell.out
    assert "made from tfidf_user_interest" in shell.out
    assert "Pydantic" not in shell.out


def test_help_names_every_command_and_exit_code(shell):
    assert shell("--help") == 0
    for word in ("validate", "synthesize", "rollback", "prune", "Exit codes"):
        assert word in shell.out
