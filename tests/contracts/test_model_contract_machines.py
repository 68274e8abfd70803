"""Every registered model lists the same, bit for bit, on whatever it runs."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from generator.models.registry import MODELS
from generator.models.run_options import RunOptions
from shared.kinds import KINDS
from tests.datasets import make_dataset
from tests.quick_hybrids import with_lists_of_others
from tests.quick_models import quick_model

USERS, COURSES, TAGS = 700, 260, 40
N = 40


@pytest.fixture(scope="module")
def dataset():
    """More rows than a step of any product, many users who are alike, and one who has seen much."""
    random = np.random.default_rng(8)
    popularity = 1 / np.arange(1, COURSES + 1) ** 0.7
    popularity /= popularity.sum()
    views, interests = [], []
    for user in range(USERS):
        like = np.random.default_rng([1, user % 300])
        count = 200 if user == 5 else int(like.integers(1, 9))
        seconds = like.lognormal(6, 1, COURSES)
        views += [
            (user, f"c{course:03}", float(seconds[course]), "AB"[user % 2])
            for course in like.choice(COURSES, count, replace=False, p=popularity)
        ]
        interests += [(user, f"t{tag}") for tag in like.choice(TAGS, 2, replace=False)]
    tags = [(f"c{c:03}", f"t{tag}") for c in range(COURSES) for tag in random.choice(TAGS, 2)]
    done = [(user, course) for user, course, seconds, _ in views if seconds > 600]
    return make_dataset(
        interests=interests, views=views, course_tags=sorted(set(tags)), completions=done
    )


def lists(handle, dataset, run, blas_threads):
    quick = quick_model(handle, epochs=2, embedding_size=24)
    with threadpool_limits(blas_threads, user_api="blas"):
        model = with_lists_of_others(quick, dataset, run).fit(dataset, run)
        sizes = {"user": USERS, "course": COURSES}
        tops = {
            kind: model.top_n(kind, np.arange(sizes[KINDS[kind].subject]), N)
            for kind in model.serves
        }
        reasons = {
            kind: model.reasons(kind, np.arange(len(tops[kind].indices)), tops[kind].indices)
            for kind in model.reason_kinds
        }
    return tops, reasons


@pytest.mark.parametrize("handle", MODELS)
def test_threads_and_memory_change_no_bit_of_a_list(handle, dataset):
    alone = RunOptions(seed=3, threads=1, memory_budget_bytes=2**31)
    expected, why = lists(handle, dataset, alone, 1)
    assert all((top.indices >= 0).any() for top in expected.values())
    for threads, memory in ((2, 2**31), (1, 2**22), (2, 2**23)):
        run = RunOptions(seed=3, threads=threads, memory_budget_bytes=memory)
        tops, reasons = lists(handle, dataset, run, 2)
        for kind, top in tops.items():
            np.testing.assert_array_equal(top.indices, expected[kind].indices, f"{kind} {run}")
            np.testing.assert_array_equal(top.scores, expected[kind].scores, f"{kind} {run}")
        for kind, of_kind in reasons.items():
            for ours, theirs in zip(of_kind, why[kind], strict=True):
                np.testing.assert_array_equal(ours, theirs, f"{kind} {run}")


@pytest.mark.parametrize("handle", MODELS)
def test_progress_ascends_to_a_total_and_blas_has_its_threads_back_afterwards(handle, dataset):
    before = [pool["num_threads"] for pool in threadpool_info()]
    steps = []
    run = RunOptions(seed=3, progress=lambda *step: steps.append(step))
    model = quick_model(handle, epochs=6).fit(dataset, run)
    model.top_n(model.serves[0], [0], 3)
    assert [pool["num_threads"] for pool in threadpool_info()][: len(before)] == before
    assert all(0 < done <= total for done, total in steps)
    assert steps == sorted(steps)
    if "epochs" in model.options or handle == "bspm_user_course_view":
        assert len(steps) > 5, "it is told more than once"
