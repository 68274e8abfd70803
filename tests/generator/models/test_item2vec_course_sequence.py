import hashlib
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.models.item2vec_course_sequence import Item2VecCourseSequence
from generator.models.run_options import RunOptions
from shared.errors import ModelError, SettingsError
from tests.datasets import table

BLOCKS, PER_BLOCK = 3, 8
STRAYS = 0.15
RUN = RunOptions(seed=1)


def dated(orders, seconds=600.0, start="2026-01-01"):
    """A view a day; `orders`: user -> names of courses."""
    views = [
        (user, course, seconds, "", str(np.datetime64(start) + day))
        for user, courses in orders.items()
        for day, course in enumerate(courses)
    ]
    columns = "user_handle course_id view_time_seconds level view_date"
    return build_dataset({"user_course_views": table("user_course_views", columns, views)})


def blocks(users=90, take=5, strays=STRAYS, seed=4):
    """Users of three subjects who now and then stray, so that everything is connected."""
    random, orders = np.random.default_rng(seed), {}
    for user in range(users):
        own = random.choice(PER_BLOCK, take, replace=False)
        of = np.where(random.random(take) < strays, random.integers(BLOCKS, size=take), user % 3)
        orders[user] = [f"block {b} course {c}" for b, c in zip(of, own, strict=True)]
    return orders


def ring(users=240, size=24, length=6, seed=2):
    """Courses in a ring, of which everybody takes up some that follow on each other."""
    starts = np.random.default_rng(seed).integers(size, size=users)
    return {
        user: [f"c{(start + step) % size:02}" for step in range(length)]
        for user, start in enumerate(starts.tolist())
    }


@pytest.fixture(scope="module")
def in_blocks():
    return Item2VecCourseSequence().fit(dated(blocks()), RUN)


def vectors_of(model):
    """Directions, outputs and each user's courses, in float64 and plain Python."""
    courses = {name: row for row, name in enumerate(model.dataset.courses.handles())}
    return model._directions.astype(float), model._outputs.astype(float), courses


def test_courses_and_users_of_a_block_are_alike_though_all_are_connected(in_blocks):
    block_of = np.array([int(c.split()[1]) for c in in_blocks.dataset.courses.handles()])
    block_of_user = np.array(in_blocks.dataset.users.handles()) % BLOCKS
    alike = in_blocks.similar_courses(range(len(block_of)), 5).indices
    assert (block_of[alike] == block_of[:, None]).mean() > 0.95
    neighbours = in_blocks.similar_users(range(len(block_of_user)), 10).indices
    assert (block_of_user[neighbours] == block_of_user[:, None]).mean() > 0.9
    listed = in_blocks.recommend(range(len(block_of_user)), 2).indices
    assert (block_of[listed] == block_of_user[:, None]).mean() > 0.85


def test_where_there_are_no_blocks_none_are_found():
    model = Item2VecCourseSequence().fit(dated(blocks(strays=1.0)), RUN)
    block_of = np.array([int(c.split()[1]) for c in model.dataset.courses.handles()])
    alike = model.similar_courses(range(len(block_of)), 5).indices
    assert (block_of[alike] == block_of[:, None])[alike >= 0].mean() < 0.5


def test_what_is_near_in_the_order_is_near_in_the_lists():
    orders = ring()
    model = Item2VecCourseSequence(window=2).fit(dated(orders), RUN)
    place = np.array([int(name[1:]) for name in model.dataset.courses.handles()])
    nearest = place[model.similar_courses(range(24), 2).indices]
    apart = np.abs((nearest - place[:, None] + 12) % 24 - 12)
    assert apart.mean() < 2
    last = np.array([int(orders[u][-1][1:]) for u in model.dataset.users.handles()])
    following = place[model.recommend(range(len(last)), 1).indices[:, 0]]
    assert ((following - last) % 24 <= 2).mean() > 0.9


def test_recommendations_are_the_weighted_mean_of_cosines_one_by_one(in_blocks):
    directions, outputs, row_of = vectors_of(in_blocks)
    for user, taken in list(blocks().items())[:20]:
        own = [row_of[course] for course in dict.fromkeys(taken)][::-1][:5]
        weights = [0.5**age for age in range(len(own))]
        expected = {
            course: sum(
                w * (directions[i] @ outputs[course]) for w, i in zip(weights, own, strict=True)
            )
            / sum(weights)
            for course in set(row_of.values()) - set(own)
        }
        best = sorted((c for c in expected if expected[c] > 0), key=lambda c: -expected[c])
        (indices,), (scores,) = in_blocks.recommend([user], len(row_of))
        assert indices[indices >= 0].tolist() == best
        assert scores[indices >= 0] == pytest.approx([expected[c] for c in best], abs=2e-6)


def test_similar_courses_and_users_are_those_of_the_largest_cosine(in_blocks):
    directions, _, row_of = vectors_of(in_blocks)
    profiles = np.array(
        [
            np.sum([0.9**age * directions[row_of[c]] for age, c in enumerate(own[::-1])], axis=0)
            for own in (list(dict.fromkeys(taken)) for taken in blocks().values())
        ]
    )
    for kind, vectors in (("similar_courses", directions), ("similar_users", profiles)):
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines = unit @ unit.T
        np.fill_diagonal(cosines, -np.inf)
        top = in_blocks.top_n(kind, range(len(unit)), 6)
        expected = -np.sort(-cosines, axis=1)[:, :6]
        np.testing.assert_allclose(top.scores, np.maximum(expected, 0), atol=2e-6)
        found = np.take_along_axis(cosines, top.indices.astype(int), axis=1)
        np.testing.assert_allclose(found[top.indices >= 0], expected[top.indices >= 0], atol=2e-6)


def test_the_reasons_are_each_last_courses_part_of_the_score(in_blocks):
    directions, outputs, row_of = vectors_of(in_blocks)
    listed = in_blocks.recommend([0], 3).indices
    reasons = in_blocks.reasons("recommendations", [0], listed)
    own = [row_of[course] for course in dict.fromkeys(blocks()[0])][::-1][:5]
    for entry, course in enumerate(listed[0]):
        parts = {i: 0.5**age * (directions[i] @ outputs[course]) for age, i in enumerate(own)}
        positive = sorted((i for i in parts if parts[i] > 0), key=lambda i: -parts[i])
        assert reasons.indices[0, entry].tolist()[: len(positive)] == positive[:3]
        total = sum(parts[i] for i in positive)
        shares = [parts[i] / total for i in positive[:3]]
        assert reasons.shares[0, entry, : len(shares)] == pytest.approx(shares, abs=1e-5)


def digest_of_lists(model):
    tops = [model.top_n(kind, range(20), 5) for kind in model.serves]
    return hashlib.sha256(b"".join(part.tobytes() for top in tops for part in top)).hexdigest()


IN_ANOTHER_PROCESS = """
    from tests.generator.models.test_item2vec_course_sequence import *

    print(digest_of_lists(Item2VecCourseSequence().fit(dated(blocks()), RUN)))
"""


def test_lists_do_not_depend_on_the_hash_seed_of_the_process(in_blocks):
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    other = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(IN_ANOTHER_PROCESS)],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == digest_of_lists(in_blocks)


def test_another_seed_trains_other_vectors(in_blocks):
    other = Item2VecCourseSequence().fit(in_blocks.dataset, RunOptions(seed=2))
    assert not np.allclose(other._directions, in_blocks._directions, atol=0.01)


def test_courses_with_too_few_viewers_get_no_list_and_are_in_none():
    orders = blocks() | {500: ["block 0 course 1", "rare", "block 0 course 2"], 501: ["rare"]}
    model = Item2VecCourseSequence(min_views=3, last=2).fit(dated(orders), RUN)
    (rare,) = model.dataset.courses.index_of(["rare"])
    user, only_rare = model.dataset.users.index_of([500, 501])
    assert rare not in model.known_courses()
    assert only_rare not in model.known_users()
    assert rare not in model.recommend(range(len(model.dataset.users)), 25).indices
    # As if it had not been there: the course before it is the user's last but one.
    listed = model.recommend([user], 1).indices
    assert model.reasons("recommendations", [user], listed).counts[0, 0] == 2


def test_a_user_of_one_course_gets_what_is_near_it(in_blocks):
    model = Item2VecCourseSequence().fit(dated(blocks() | {500: ["block 2 course 3"]}), RUN)
    (user,) = model.dataset.users.index_of([500])
    listed = model.dataset.courses.handles(model.recommend([user], 3).indices[0])
    assert {name.split()[1] for name in listed} == {"2"}


def test_a_course_that_nobody_took_up_beside_another_says_nothing():
    orders = blocks() | {500: ["alone"], 501: ["alone"], 502: ["only mine", "also only mine"]}
    model = Item2VecCourseSequence().fit(dated(orders), RUN)
    rows = model.dataset.courses.index_of(["alone", "only mine", "also only mine"])
    assert not set(rows) & set(model.known_courses())
    assert not set(model.dataset.users.index_of([500, 501, 502])) & set(model.known_users())


def test_courses_that_are_viewed_again_were_taken_up_once_and_equal_times_stand_as_in_the_file():
    orders = ring(users=60)
    again = {user: list(np.repeat(courses, 3)) for user, courses in orders.items()}
    once = Item2VecCourseSequence().fit(dated(orders), RUN).recommend(range(60), 5)
    often = Item2VecCourseSequence().fit(dated(again), RUN).recommend(range(60), 5)
    np.testing.assert_array_equal(once.indices, often.indices)
    views = [(user, course, 60.0, "", "2026-01-01") for user in orders for course in orders[user]]
    columns = "user_handle course_id view_time_seconds level view_date"
    same_day = build_dataset({"user_course_views": table("user_course_views", columns, views)})
    tied = Item2VecCourseSequence().fit(same_day, RUN).recommend(range(60), 5)
    np.testing.assert_array_equal(once.indices, tied.indices)


def test_two_courses_are_a_catalogue_and_a_user_of_twenty_thousand_is_read_to_the_end():
    two = dated({1: ["a", "b"], 2: ["a"], 3: ["b", "a"]})
    model = Item2VecCourseSequence().fit(two, RUN)
    (user,) = two.users.index_of([2])
    assert two.courses.handles(model.recommend([user], 1).indices[0]) == ["b"]
    many = [f"c{course}" for course in range(20_000)]
    quick = Item2VecCourseSequence(epochs=1, embedding_size=4)
    model = quick.fit(dated({1: many, 2: many[:2], 3: many[-2:]}), RUN)
    assert len(model.known_courses()) == 20_000
    trained = np.abs(model._outputs[model.dataset.courses.index_of(many)]).sum(axis=1) > 0
    assert trained[-5_000:].mean() > 0.9


@pytest.mark.parametrize("ns_exponent", [-2.0, 2.0])
def test_the_largest_step_that_is_allowed_ends_in_numbers(ns_exponent):
    options = {"learning_rate": 1.0, "epochs": 40, "negatives": 100, "ns_exponent": ns_exponent}
    model = Item2VecCourseSequence(embedding_size=1, **options).fit(dated(blocks()), RUN)
    for vectors in (model._directions, model._outputs):
        np.testing.assert_allclose(np.abs(vectors), 1)


def test_without_gensim_the_model_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(ModelError, match=r"gensim .* pip install -r requirements-word-vectors.txt"):
        Item2VecCourseSequence().fit(dated(blocks()), RUN)


def test_it_is_told_after_every_epoch():
    steps = []
    run = RunOptions(seed=1, progress=lambda *step: steps.append(step))
    Item2VecCourseSequence(epochs=7).fit(dated(blocks()), run)
    assert steps == [(epoch, 7) for epoch in range(1, 8)]


@pytest.mark.parametrize("option", [{"window": 0}, {"last_decay": 0.0}, {"min_views": 0}])
def test_options_out_of_range_are_refused(option):
    with pytest.raises(SettingsError, match=next(iter(option))):
        Item2VecCourseSequence(**option)
