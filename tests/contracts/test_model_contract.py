"""What every registered model keeps, whatever it is made of."""

from itertools import chain

import numpy as np
import pytest

from generator.checks.list_facts import could_list
from generator.lists.candidates import Candidates
from generator.lists.ranked import listed_block, ranked
from generator.models.base import Model
from generator.models.registry import MODELS, model_class
from generator.models.run_options import RunOptions
from shared.errors import ModelError, SettingsError
from shared.kinds import KINDS
from tests.datasets import make_dataset
from tests.planted import Planted, plant_tribes
from tests.planted_evidence import read_of_courses, read_of_users, supported, tags_of
from tests.quick_models import quick_model

N = 8
SHARE_OF_TRIBE = 0.9


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant_tribes()


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest, planted: Planted) -> Model:
    return quick_model(request.param).fit(planted.dataset, RunOptions(seed=1))


@pytest.mark.parametrize("hybrid", [handle for handle in MODELS if model_class(handle).uses])
def test_a_hybrid_takes_each_model_with_such_lists_as_a_part_and_no_hybrid(
    model: Model, planted: Planted, hybrid: str
) -> None:
    """Of one model alone it lists what that model lists, with the same reasons."""
    (kind,) = model_class(hybrid).serves
    if model.uses or kind not in model.serves:
        with pytest.raises(SettingsError, match=f"'{model.handle}' is no model with"):
            model_class(hybrid)(components=[model.handle])
        return
    blend = model_class(hybrid)(components=[model.handle], scale="rank")
    candidates = Candidates.for_hybrids([blend], N, N)
    known = model.known_subjects(kind)
    expected = ranked(model, kind, known, N, candidates)
    blend.over(candidates).fit(planted.dataset, RunOptions(seed=1))
    np.testing.assert_array_equal(blend.known_subjects(kind), known)
    np.testing.assert_array_equal(blend.top_n(kind, known, N).indices, expected)
    if model.reason_kinds.get(kind) == blend.reason_kinds[kind] == "watched_courses":
        whys = (of.reasons(kind, known, expected) for of in (blend, model))
        for part, same in zip(*whys, strict=True):
            np.testing.assert_array_equal(part, same)


def needs_kind(model: Model, kind: str) -> None:
    """A model that does not serve the kind refuses it in words; its test ends there."""
    if kind not in model.serves:
        with pytest.raises(ModelError, match=f"{model.handle} serves .*, not {kind}"):
            model.top_n(kind, [0], N)
        pytest.skip(f"{model.handle} serves no {kind}")


def all_subjects(planted: Planted, kind: str) -> np.ndarray:
    return np.arange(len(vocabulary(planted, KINDS[kind].subject)))


def vocabulary(planted: Planted, entity: str):
    return planted.dataset.users if entity == "user" else planted.dataset.courses


def tribes(planted: Planted, entity: str) -> np.ndarray:
    return planted.tribe_of_user if entity == "user" else planted.tribe_of_course


@pytest.mark.parametrize("handle", MODELS)
def test_a_model_is_named_after_its_file_and_explains_itself(handle: str) -> None:
    found = model_class(handle)
    assert found.handle == handle
    room = "hybrids" if found.uses else "models"
    assert found.__module__ == f"generator.{room}.{handle}"
    assert found.title
    assert found.needs
    assert "Score" in found.__doc__
    assert "Cost" in found.__doc__
    assert set(found.serves) <= set(KINDS)
    assert set(found.reason_kinds) <= set(found.serves)
    assert set(found.uses) <= set(MODELS)
    assert found.learned, "or it cannot be saved"


def test_shapes_types_and_padding(model: Model, planted: Planted) -> None:
    for kind in model.serves:
        top = model.top_n(kind, all_subjects(planted, kind), N)
        assert top.indices.shape == top.scores.shape == (len(all_subjects(planted, kind)), N)
        assert top.indices.dtype == np.int32
        assert top.scores.dtype == np.float32
        padding = top.indices == -1
        assert (top.scores[padding] == 0).all()
        assert (np.diff(padding.astype(int), axis=1) >= 0).all(), "padding comes last"
        assert np.isfinite(top.scores).all()


def test_nothing_that_is_not_above_zero_is_listed(model: Model, planted: Planted) -> None:
    for kind in (kind for kind in model.serves if kind not in model.logit_kinds):
        top = model.top_n(kind, all_subjects(planted, kind), 200)
        assert (top.scores[top.indices >= 0] > 0).all()


def test_best_first_and_courses_of_one_score_by_viewers(model: Model, planted: Planted) -> None:
    for kind in model.serves:
        top = model.top_n(kind, all_subjects(planted, kind), N)
        viewers = planted.dataset.viewers if KINDS[kind].entry == "course" else None
        for indices, scores in zip(*top, strict=True):
            listed = [
                (-s, 0 if viewers is None else -viewers[i])
                for i, s in zip(indices, scores, strict=True)
                if i >= 0
            ]
            assert listed == sorted(listed)


def test_lists_are_the_same_whatever_else_is_in_the_data(model: Model, planted: Planted) -> None:
    """Of equal scores the handles decide, and no row number; of other seeds, others may come."""
    if model.handle != "tfidf_user_interest":
        pytest.skip("its scores depend on nobody else's row")
    rows = [(user, "python") for user in range(10, 60)]
    few = make_dataset(interests=rows)
    more = make_dataset(interests=rows, users=range(10), courses=["a", "b"])
    lists = {
        name: data.users.handles(
            type(model)()
            .fit(data, RunOptions(seed=seed))
            .similar_users(data.users.index_of([30]), 20)
            .indices[0]
        )
        for name, data, seed in (("few", few, 1), ("more", more, 1), ("other seed", few, 2))
    }
    assert lists["few"] == lists["more"]
    assert lists["few"] != lists["other seed"]


def test_nothing_is_listed_twice(model: Model, planted: Planted) -> None:
    for kind in model.serves:
        for indices in model.top_n(kind, all_subjects(planted, kind), N).indices:
            listed = indices[indices >= 0]
            assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("kind", ["similar_users", "similar_courses"])
def test_nothing_is_similar_to_itself(model: Model, planted: Planted, kind: str) -> None:
    needs_kind(model, kind)
    subjects = all_subjects(planted, kind)
    assert not (model.top_n(kind, subjects, len(subjects)).indices == subjects[:, None]).any()


@pytest.mark.parametrize("kind", ["recommendations", "course_users"])
def test_no_user_meets_a_course_they_have_seen(model: Model, planted: Planted, kind: str) -> None:
    needs_kind(model, kind)
    seen = planted.dataset.seen.toarray()
    seen = seen if kind == "recommendations" else seen.T
    listed = model.top_n(kind, all_subjects(planted, kind), seen.shape[1]).indices
    for subject, entries in enumerate(listed):
        assert not seen[subject, entries[entries >= 0]].any()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_listed_is_of_the_subjects_tribe(model: Model, planted: Planted, kind: str) -> None:
    needs_kind(model, kind)
    if not model.is_personal:
        pytest.skip("the same for everybody")
    subjects = model.known_subjects(kind)
    listed = model.top_n(kind, subjects, 4).indices
    theirs = tribes(planted, KINDS[kind].subject)[subjects]
    same = tribes(planted, KINDS[kind].entry)[listed] == theirs[:, None]
    assert same[listed >= 0].mean() >= SHARE_OF_TRIBE


def test_known_subjects_get_lists_and_unknown_ones_padding(model: Model, planted: Planted) -> None:
    idle = len(planted.dataset.users) - 1
    if model.is_personal:
        assert list(model.known_users()) == list(range(idle))
    for kind in model.serves:
        known = model.known_subjects(kind)
        assert len(known) >= len(all_subjects(planted, kind)) - 1
        could = could_list(kind, planted.dataset)[known]
        assert ((model.top_n(kind, known, N).indices[:, 0] >= 0) == could).all()
        outside = [*np.setdiff1d(all_subjects(planted, kind), known), -1, 10**6, 2**31]
        assert (model.top_n(kind, outside, N).indices == -1).all()
        assert (model.top_n(kind, outside, N).scores == 0).all()
        assert model.top_n(kind, [], N).indices.shape == (0, N)


def test_the_named_verbs_are_the_kinds(model: Model) -> None:
    verbs = (
        *(model.similar_users, model.recommend, model.similar_courses, model.course_users),
        model.resume,
    )
    for verb, kind in zip(verbs, KINDS, strict=True):
        if kind in model.serves:
            np.testing.assert_array_equal(verb([0, 1], N), model.top_n(kind, [0, 1], N))
        else:
            with pytest.raises(ModelError, match=f"not {kind}"):
                verb([0], N)


def test_more_than_there_is_gets_padding(model: Model, planted: Planted) -> None:
    many = len(planted.dataset.users) + len(planted.dataset.courses) + 5
    for kind in model.serves:
        top = model.top_n(kind, [0], many)
        assert top.indices.shape == (1, many)
        assert top.indices[0, -1] == -1


def test_a_block_of_subjects_gets_what_each_gets_alone(model: Model, planted: Planted) -> None:
    for kind in model.serves:
        subjects = all_subjects(planted, kind)
        together = model.top_n(kind, subjects, N)
        alone = np.vstack([model.top_n(kind, [subject], N).scores for subject in subjects])
        np.testing.assert_allclose(together.scores, alone, atol=2e-6)


def test_a_block_of_rows_is_the_same_whatever_else_is_asked_for(
    model: Model, planted: Planted
) -> None:
    """What a block lists depends on its arguments alone: it may be made anywhere."""
    for kind in model.serves:
        subjects = model.known_subjects(kind)
        assert len(subjects) > 4
        whole = listed_block(model, kind, subjects, 5, 3)
        fours = np.split(subjects, range(4, len(subjects), 4))
        parts = [listed_block(model, kind, few, 5, 3) for few in fours]
        assert list(chain.from_iterable(parts)) == whole
        with_reasons = kind in model.reason_kinds
        assert all((row.reasons is not None) == with_reasons for row in whole)


def test_same_seed_same_lists(model: Model, planted: Planted) -> None:
    again = type(model)(**model.options).fit(planted.dataset, RunOptions(seed=1))
    for kind in model.serves:
        subjects = all_subjects(planted, kind)
        first, second = model.top_n(kind, subjects, N), again.top_n(kind, subjects, N)
        np.testing.assert_array_equal(first.indices, second.indices)
        np.testing.assert_array_equal(first.scores, second.scores)


def test_a_small_memory_budget_changes_no_list(model: Model, planted: Planted) -> None:
    ample = model.run
    for kind in model.serves:
        subjects = all_subjects(planted, kind)
        expected = model.top_n(kind, subjects, N)
        model.run = RunOptions(seed=1, memory_budget_bytes=4096)
        try:
            np.testing.assert_array_equal(model.top_n(kind, subjects, N).indices, expected.indices)
        finally:
            model.run = ample


def test_a_course_scores_what_it_has_in_the_list(model: Model, planted: Planted) -> None:
    if not model.can_score:
        with pytest.raises(ModelError, match="scores only what it lists"):
            model.score([0], [[0]])
        pytest.skip(f"{model.handle} scores only what it lists")
    users, n_courses = all_subjects(planted, "recommendations"), len(planted.dataset.courses)
    top = model.recommend(users, n_courses)
    scores = model.score(users, top.indices)
    assert scores.dtype == np.float32
    listed = top.indices >= 0
    np.testing.assert_allclose(scores[listed], top.scores[listed], atol=2e-5)
    assert np.isnan(scores[~listed]).all()
    every_course = np.tile(np.arange(n_courses), (len(users), 1))
    unlisted = np.ones(every_course.shape, bool)
    unlisted[np.nonzero(listed)[0], top.indices[listed]] = False
    best = model.score(users, every_course)[unlisted & ~planted.dataset.seen.toarray()]
    assert not (best > 1e-6).any(), "what scores above zero and is unseen is listed"
    assert np.isnan(model.score([-1, 10**6], [[0], [0]])).all()
    assert np.isnan(model.score([0], [[10**6]])).all()


def test_only_a_model_that_is_not_personal_has_a_ranking_for_everybody(
    model: Model, planted: Planted
) -> None:
    if model.is_personal:
        with pytest.raises(ModelError, match="none for everybody"):
            model.ranking(N)
        return
    ranking = model.ranking(len(planted.dataset.courses))
    assert ranking.indices.shape == (1, len(planted.dataset.courses))
    everybody = all_subjects(planted, "recommendations")
    seen = planted.dataset.seen.toarray()
    for user, listed in zip(everybody, model.recommend(everybody, N).indices, strict=True):
        left = [c for c in ranking.indices[0] if c >= 0 and not seen[user, c]][:N]
        assert [c for c in listed if c >= 0] == left


def explained(model: Model, kind: str, planted: Planted):
    subjects = all_subjects(planted, kind)
    listed = model.top_n(kind, subjects, N).indices
    return subjects, listed, model.reasons(kind, subjects, listed)


def test_reasons_name_what_is_there(model: Model, planted: Planted) -> None:
    for kind, reason_kind in model.reason_kinds.items():
        subjects, listed, reasons = explained(model, kind, planted)
        if reason_kind == "shared_words":
            assert_words_are_in_the_texts_of_both(model, kind, planted)
            continue
        if reason_kind == "shared_tags":
            ours = tags_of(planted, KINDS[kind].subject)
            allowed = ours[:, None] & tags_of(planted, KINDS[kind].entry)[None]
        else:
            allowed = supported(planted, reason_kind)
        of_pair = allowed[subjects[:, None], listed]
        assert reasons.counts[listed >= 0].any()
        assert not reasons.counts[listed < 0].any()
        assert (reasons.counts <= of_pair.sum(axis=2)).all()
        if reason_kind.startswith("shared"):
            np.testing.assert_array_equal(reasons.counts, of_pair.sum(axis=2) * (listed >= 0))
        row, entry, place = np.nonzero(reasons.indices >= 0)
        assert of_pair[row, entry, reasons.indices[row, entry, place]].all()


def assert_words_are_in_the_texts_of_both(model: Model, kind: str, planted: Planted) -> None:
    subjects, listed, reasons = explained(model, kind, planted)
    texts = read_of_courses(planted)
    ours = texts if kind == "similar_courses" else read_of_users(planted, texts)
    assert (reasons.counts > 0).all(where=listed >= 0)
    for row, entry, place in zip(*np.nonzero(reasons.indices >= 0), strict=True):
        (word,) = model.named("shared_words", reasons.indices[row, entry, [place]])
        assert f" {word} " in ours[subjects[row]]
        assert f" {word} " in texts[listed[row, entry]]


def test_the_shares_of_reasons_fall_and_add_up(model: Model, planted: Planted) -> None:
    for kind in model.reason_kinds:
        _, _, reasons = explained(model, kind, planted)
        assert ((reasons.indices >= 0).sum(axis=2) == np.minimum(reasons.counts, 3)).all()
        assert (np.diff(reasons.shares, axis=2) <= 1e-6).all()
        few = (reasons.counts > 0) & (reasons.counts <= 3)
        np.testing.assert_allclose(reasons.shares.sum(axis=2)[few], 1, atol=1e-5)
        assert (reasons.shares.sum(axis=2) <= 1 + 1e-5).all()


def test_reasons_of_a_block_are_those_of_each_alone(model: Model, planted: Planted) -> None:
    for kind in model.reason_kinds:
        subjects, listed, together = explained(model, kind, planted)
        for subject in subjects[:5]:
            alone = model.reasons(kind, [subject], listed[[subject]])
            np.testing.assert_array_equal(alone.indices[0], together.indices[subject])


def test_a_list_without_a_kind_of_reason_is_not_explained(model: Model) -> None:
    for kind in KINDS.values():
        if kind.name not in model.reason_kinds:
            with pytest.raises(ModelError, match=f"has no reasons for its {kind.title}"):
                model.reasons(kind.name, [0], [[1]])


def test_an_empty_list_is_not_asked_for(model: Model) -> None:
    for kind in model.serves:
        with pytest.raises(ValueError, match=r"n must be at least 1\. Received: n = 0"):
            model.top_n(kind, [0], 0)


@pytest.mark.parametrize("handle", MODELS)
def test_a_model_without_its_input_says_what_it_needs(handle: str) -> None:
    nothing = make_dataset(users=[1, 2], courses=["a"])
    assert model_class(handle).missing_inputs(nothing) == list(model_class(handle).needs)
    with pytest.raises(ModelError, match=f"{handle} needs"):
        model_class(handle)().fit(nothing)
