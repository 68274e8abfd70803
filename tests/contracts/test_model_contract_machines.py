"""Every registered model lists the same, bit for bit, on whatever it runs."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from generator.models.registry import model_class
from generator.models.run_options import RunOptions
from shared.kinds import KINDS
from tests.datasets import make_dataset
from tests.quick_hybrids import with_lists_of_others
from tests.quick_models import ONE_NETWORK, quick_model

USERS, COURSES, TAGS = 700, 260, 40
N = 40
WAYS = (2, 2**31), (1, 2**22), (2, 2**23)
"""Threads, and bytes for blocks."""


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


@dataclass(frozen=True)
class Listed:
    tops: dict
    reasons: dict
    steps: list
    """Of progress: how many were done, of how many."""
    blas: tuple[list, list]
    """Threads of each pool, before the model was fitted and after it."""


def listed(handle, dataset, run, blas_threads) -> Listed:
    quick, steps = quick_model(handle, epochs=2, embedding_size=24), []
    run = replace(run, progress=lambda *step: steps.append(step))
    with threadpool_limits(blas_threads, user_api="blas"):
        before = blas_pools()
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
        return Listed(tops, reasons, steps, (before, blas_pools()[: len(before)]))


def blas_pools():
    return [pool["num_threads"] for pool in threadpool_info()]


@pytest.fixture(scope="module", params=ONE_NETWORK)
def alone(request, dataset) -> tuple[str, Listed]:
    """What a model lists on one thread with ample memory."""
    run = RunOptions(seed=3, threads=1, memory_budget_bytes=2**31)
    return request.param, listed(request.param, dataset, run, 1)


def test_threads_and_memory_change_no_bit_of_a_list(alone, dataset):
    handle, expected = alone
    assert all((top.indices >= 0).any() for top in expected.tops.values())
    # A network is slow to build, and has been trained before threads or blocks matter to it.
    ways = ((2, 2**22),) if "epochs" in model_class(handle).Options.model_fields else WAYS
    for threads, memory in ways:
        run = RunOptions(seed=3, threads=threads, memory_budget_bytes=memory)
        found = listed(handle, dataset, run, 2)
        for kind, top in found.tops.items():
            np.testing.assert_array_equal(top.indices, expected.tops[kind].indices, f"{kind} {run}")
            np.testing.assert_array_equal(top.scores, expected.tops[kind].scores, f"{kind} {run}")
        for kind, of_kind in found.reasons.items():
            for ours, theirs in zip(of_kind, expected.reasons[kind], strict=True):
                np.testing.assert_array_equal(ours, theirs, f"{kind} {run}")


def test_progress_ascends_to_a_total_and_blas_has_its_threads_back_afterwards(alone):
    handle, fitted = alone
    before, after = fitted.blas
    assert after == before
    assert all(0 < done <= total for done, total in fitted.steps)
    assert fitted.steps == sorted(fitted.steps)
    if "epochs" in model_class(handle).Options.model_fields or handle == "bspm_user_course_view":
        assert len(fitted.steps) > 1, "it is told more than once"
