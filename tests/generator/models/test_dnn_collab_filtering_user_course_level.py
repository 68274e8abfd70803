import hashlib
import inspect
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from generator.models.dnn_collab_filtering_user_course_level import DnnUserCourseLevel
from generator.models.run_options import RunOptions
from shared.errors import ModelError, SettingsError
from tests.datasets import make_dataset
from tests.level_habits import Habits, courses_of_random_level, learners_with_habits

ROOT = Path(__file__).parents[3]
BEGINNERS, BALANCED, EXPERTS = 0.85, 0.5, 0.15
SEED = 1


@pytest.fixture(scope="module", params=[False, True], ids=["tags silent", "tags tell the level"])
def habits(request) -> Habits:
    return learners_with_habits(tags_tell_the_level=request.param)


@pytest.fixture(scope="module")
def model(habits) -> DnnUserCourseLevel:
    return DnnUserCourseLevel().fit(habits.dataset, RunOptions(seed=SEED))


def cosines(model) -> np.ndarray:
    """float [users, users], from the model's own lists; its scores of everybody."""
    n_users = len(model.dataset.users)
    found = np.ones((n_users, n_users))
    top = model.similar_users(range(n_users), n_users)
    for user, (indices, scores) in enumerate(zip(*top, strict=True)):
        found[user, indices[indices >= 0]] = scores[indices >= 0]
    return found


@pytest.mark.parametrize("same_topic", [True, False])
def test_users_of_one_mix_of_levels_are_nearer_than_users_of_opposite_mixes(
    model, habits, same_topic
):
    similarity, disjoint = cosines(model), habits.pairs(same_topic=same_topic)

    def mean(one, other):
        users = np.ix_(habits.share_of_user == one, habits.share_of_user == other)
        return similarity[users][disjoint[users]].mean()

    same = min(mean(BEGINNERS, BEGINNERS), mean(EXPERTS, EXPERTS))
    assert same > mean(BEGINNERS, EXPERTS) + 0.4


def test_the_mix_counts_for_more_than_the_topic(model, habits):
    similarity = cosines(model)
    same_mix = habits.share_of_user[:, None] == habits.share_of_user
    opposite = np.abs(habits.share_of_user[:, None] - habits.share_of_user) > 0.6
    same_topic = habits.topic_of_user[:, None] == habits.topic_of_user
    extreme = (habits.share_of_user != BALANCED)[:, None]
    assert (
        similarity[same_mix & ~same_topic & extreme].mean()
        > similarity[opposite & same_topic].mean() + 0.4
    )


@pytest.mark.parametrize(("share", "least"), [(BEGINNERS, 0.9), (BALANCED, 0.7), (EXPERTS, 0.9)])
def test_neighbours_keep_to_the_same_mix_and_chance_would_be_a_third(model, habits, share, least):
    users = np.flatnonzero(habits.share_of_user == share)
    listed = model.similar_users(users, 10).indices
    assert (habits.share_of_user[listed] == share).mean() >= least


def test_levels_of_held_out_courses_are_predicted_better_than_by_the_majority(model):
    measures = model.measures
    assert measures["held_out_accuracy"] > measures["majority_accuracy"] + 0.1
    assert measures["held_out_log_loss"] < measures["prior_log_loss"] - 0.02


@pytest.mark.parametrize(
    "nothing_to_learn",
    [learners_with_habits(shuffled=True).dataset, courses_of_random_level()],
    ids=["levels shuffled", "levels of courses by chance"],
)
def test_where_users_have_no_habit_the_measures_fall_to_those_of_knowing_nothing(nothing_to_learn):
    model = DnnUserCourseLevel().fit(nothing_to_learn, RunOptions(seed=SEED))
    measures = model.measures
    # About 240 and 480 views are held out: three standard errors are 0.1 and 0.07.
    assert measures["held_out_accuracy"] < measures["majority_accuracy"] + 0.1
    assert measures["held_out_log_loss"] > measures["prior_log_loss"] - 0.02
    assert not len(model.known_users()), "so that nobody is told who is like them"
    assert (model.recommend([0, 1], 5).indices == -1).all()


def test_without_course_tags_the_user_alone_carries_the_level():
    habits = learners_with_habits()
    bare = make_dataset(
        views=[
            (int(user), f"c{course:03}", 3600.0, "AB"[level - 1])
            for user, course, level in zip(*_coordinates(habits.dataset.viewed_levels), strict=True)
        ]
    )
    model = DnnUserCourseLevel().fit(bare, RunOptions(seed=SEED))
    users = np.flatnonzero(habits.share_of_user != BALANCED)
    listed = model.similar_users(users, 10).indices
    same = habits.share_of_user[listed] == habits.share_of_user[users][:, None]
    assert same.mean() >= 0.9
    assert model.measures["held_out_log_loss"] < model.measures["prior_log_loss"]


def _coordinates(matrix):
    found = matrix.tocoo()
    return found.row, found.col, found.data


def test_courses_score_the_votes_of_the_k_nearest(model, habits):
    asked, k = [0, 17, 200], model.config.k
    minutes = np.log1p(habits.dataset.view_seconds.toarray().astype(np.float64) / 60)
    seen = habits.dataset.seen.toarray()
    top = model.recommend(asked, 5)
    for user, indices, scores in zip(asked, *top, strict=True):
        (neighbours,), (similarities,) = model.similar_users([user], k)
        votes = (minutes[neighbours] * np.maximum(similarities, 0)[:, None]).sum(axis=0)
        votes[seen[user]] = 0
        np.testing.assert_allclose(scores, np.sort(votes)[::-1][:5], rtol=1e-4)
        np.testing.assert_allclose(votes[indices], scores, rtol=1e-4)


WITHOUT_A_LEVEL, OPENED_AND_LEFT = 0, 1


@pytest.fixture(scope="module")
def model_of_some() -> DnnUserCourseLevel:
    """Two users are no evidence: the views of one have no level, and those of the other no time."""
    views = [
        (
            int(user),
            f"c{course:03}",
            0.0 if user == OPENED_AND_LEFT else 3600.0,
            "" if user == WITHOUT_A_LEVEL else "AB"[level - 1],
        )
        for user, course, level in zip(
            *_coordinates(learners_with_habits().dataset.viewed_levels), strict=True
        )
    ]
    return DnnUserCourseLevel(epochs=1).fit(make_dataset(views=views), RunOptions(seed=SEED))


@pytest.mark.parametrize("user", [WITHOUT_A_LEVEL, OPENED_AND_LEFT])
def test_users_of_whom_no_level_is_learned_are_unknown_and_in_no_list(model_of_some, user):
    known = model_of_some.known_users()
    assert set(known) == set(range(len(model_of_some.dataset.users))) - {0, 1}
    assert not (model_of_some.similar_users(known, 20).indices == user).any()


def test_levels_that_are_all_the_same_are_no_input():
    same = make_dataset(views=[(1, "a", 60.0, "All"), (2, "b", 60.0, "All")])
    assert DnnUserCourseLevel.missing_inputs(same) == ["levels"]
    with pytest.raises(ModelError, match="needs levels, and the data has none"):
        DnnUserCourseLevel().fit(same)


def test_every_epoch_is_reported_up_to_the_last():
    steps = []
    run = RunOptions(seed=SEED, progress=lambda done, total: steps.append((done, total)))
    DnnUserCourseLevel(epochs=3).fit(learners_with_habits().dataset, run)
    done = [step for step, _ in steps]
    assert done == sorted(set(done))
    assert len(done) == 6
    assert steps[-1][0] == steps[-1][1]


def digest_of_lists(threads: int) -> str:
    run = RunOptions(seed=1, threads=threads)
    model = DnnUserCourseLevel(epochs=3).fit(learners_with_habits().dataset, run)
    users = model.known_users()
    lists = [*model.similar_users(users, 10), *model.recommend(users, 10)]
    return hashlib.sha256(b"".join(part.tobytes() for part in lists)).hexdigest()


IN_ANOTHER_PROCESS = f"""
import hashlib, sys
from generator.models.run_options import RunOptions
from generator.models.dnn_collab_filtering_user_course_level import DnnUserCourseLevel
from tests.level_habits import learners_with_habits
assert "tensorflow" not in sys.modules, "imported before it is needed"
{inspect.getsource(digest_of_lists)}
print(digest_of_lists(threads=2))
"""


def test_two_processes_and_any_number_of_threads_give_the_same_lists_and_write_nothing_else():
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", IN_ANOTHER_PROCESS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert run.stderr == ""
    assert run.stdout == digest_of_lists(threads=1) + "\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"embedding_size": 0}, "embedding_size must be a whole number from 1 to 1024"),
        ({"epochs": 1001}, "epochs must be a whole number from 1 to 1000"),
        ({"k": 0}, "k must be a whole number from 1 to 10000"),
        ({"reg": -1.0}, "reg must be a number from 0 to 1000"),
        ({"learning_rate": 0.0}, "learning_rate must be a number above 0 and of at most 1"),
        ({"tag_dropout": 1.0}, "tag_dropout must be a number of at least 0 and below 1"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(SettingsError, match=sentence):
        DnnUserCourseLevel(**options)


def test_who_is_not_on_the_same_side_of_the_average_is_not_listed(model):
    everybody = range(len(model.dataset.users))
    top = model.similar_users(everybody, len(everybody))
    assert (top.scores[top.indices >= 0] > 0).all()
    assert (top.indices == -1).sum() > len(everybody)


def test_where_no_user_was_moved_from_the_average_nobody_is_known():
    habits = learners_with_habits()
    model = DnnUserCourseLevel(epochs=1, reg=1000.0, learning_rate=1e-12)
    model.fit(habits.dataset, RunOptions(seed=SEED))
    assert not len(model.known_users())
    assert (model.recommend([0, 1], 5).indices == -1).all()


@pytest.fixture(scope="module")
def held_out(habits) -> dict[float, np.ndarray]:
    """Ten users of each mix."""
    return {
        share: np.flatnonzero(habits.share_of_user == share)[:10] for share in (BEGINNERS, EXPERTS)
    }


@pytest.fixture(scope="module")
def folded_in(habits, held_out) -> DnnUserCourseLevel:
    """A model that was fitted without them, and then met them."""
    new = np.concatenate(list(held_out.values()))
    before = _with_views(habits.dataset, np.setdiff1d(np.arange(len(habits.dataset.users)), new))
    model = DnnUserCourseLevel().fit(before, RunOptions(seed=SEED))
    assert not np.isin(new, model.known_users()).any()
    return model.fold_in(habits.dataset)


@pytest.mark.parametrize("share", [BEGINNERS, EXPERTS])
def test_a_new_user_who_is_folded_in_is_near_users_of_the_same_mix(
    folded_in, habits, held_out, share
):
    nearest = folded_in.similar_users(held_out[share], 10).indices
    assert (habits.share_of_user[nearest] == share).mean() >= 0.7


def _with_views(data, users):
    """The same users and courses, and views of these users alone."""
    kept = sp.diags(np.isin(np.arange(len(data.users)), users).astype(np.float32))
    seconds, levels = kept @ data.view_seconds, kept @ data.viewed_levels
    return replace(
        data,
        view_seconds=seconds.astype(np.float32).tocsr(),
        viewed_levels=levels.astype(np.int8).tocsr(),
    )
