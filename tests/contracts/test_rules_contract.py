"""What rules on lists keep, whichever model the lists are from."""

from itertools import chain

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from generator.lists.candidates import Candidates
from generator.lists.ranked import listed_block, ranked
from generator.lists.rankings import ranking_of
from generator.models.run_options import RunOptions
from generator.reranking.caps import Caps, labels_of
from generator.reranking.course_vectors import course_vectors
from generator.reranking.diversity import Diversity
from generator.reranking.duplicates import Duplicates
from generator.reranking.novelty import Novelty, tail_of
from generator.reranking.on_offer import OnOffer
from generator.reranking.rules import NO_RULES, Rules
from tests.planted import plant_tribes
from tests.quick_models import ONE_OF_EACH_BASE, quick_model

N, MOST = 4, 2
PLANTED = plant_tribes()
DATASET = PLANTED.dataset
COURSES = np.arange(len(DATASET.courses))
ENDED, ELSEWHERE = COURSES % 3 == 0, COURSES % 7 == 1
OFFERED = ~(ENDED | ELSEWHERE)
STANDS_FOR = np.where((COURSES % 3 == 2) & (COURSES % 2 == 0), COURSES - 1, COURSES).astype(
    np.int32
)
LEVELS = labels_of("level", DATASET).toarray()


@pytest.fixture(scope="module", params=ONE_OF_EACH_BASE)
def model(request):
    return quick_model(request.param).fit(DATASET, RunOptions(seed=1))


@pytest.fixture(scope="module")
def rules():
    every = [
        OnOffer(ENDED, ELSEWHERE),
        Duplicates(STANDS_FOR, DATASET.seen),
        Caps({"level": MOST}, {"level": csr_matrix(LEVELS)}),
        Novelty(0.5, tail_of(DATASET.viewers)),
        Diversity(0.3, course_vectors(DATASET)),
    ]
    return Rules.made_of(every, DATASET)


def lists_of(model, kind, rules):
    return ranked(model, kind, model.known_subjects(kind), N, rules=rules)


def course_kinds(model):
    return [kind for kind in ("recommendations", "similar_courses") if kind in model.serves]


def test_what_is_not_on_offer_is_never_listed_and_takes_no_place(model, tmp_path):
    """The lists are those of an exhaustive ranking without these courses, whether the model's
    search knows of them or its lists are looked through."""
    only_offered = Rules.made_of([OnOffer(ENDED, ELSEWHERE)], DATASET)
    model.save(tmp_path)
    knowing = type(model).load(tmp_path, only_offered.offered(DATASET))
    for kind in course_kinds(model):
        subjects = model.known_subjects(kind)
        every = model.top_n(kind, subjects, len(COURSES)).indices
        lists = lists_of(model, kind, only_offered)
        wanted = [[c for c in of_model if c >= 0 and OFFERED[c]][:N] for of_model in every]
        assert [row[row >= 0].tolist() for row in lists] == wanted
        searched = knowing.top_n(kind, subjects, N).indices
        if not model.uses:
            assert [row[row >= 0].tolist() for row in searched] == wanted


def test_all_rules_hold_at_once(model, rules):
    for kind in course_kinds(model):
        subjects, lists = model.known_subjects(kind), lists_of(model, kind, rules)
        for subject, row in zip(subjects, lists, strict=True):
            listed = row[row >= 0]
            assert OFFERED[listed].all()
            groups = STANDS_FOR[listed].tolist()
            own = DATASET.seen[subject].indices if kind == "recommendations" else [subject]
            assert len({*groups, *STANDS_FOR[own]}) == len(groups) + len({*STANDS_FOR[own]})
            if kind == "recommendations":
                assert LEVELS[listed].sum(axis=0).max(initial=0) <= MOST


def test_reasons_stay_with_their_entries(model):
    """Under another order each entry has the reasons that it has in the model's own list."""
    rules = Rules.made_of([Diversity(0.5, course_vectors(DATASET))], DATASET)
    if "recommendations" not in model.reason_kinds:
        pytest.skip(f"{model.handle} has no reasons")
    users = model.known_users()
    raw = listed_block(model, "recommendations", users, len(COURSES), len(COURSES))
    own = listed_block(model, "recommendations", users, N, N, rules=rules)
    moved = 0
    for of_model, of_rules in zip(raw, own, strict=True):
        moved += of_rules.entries != of_model.entries[:N]
        for place, entry in enumerate(of_rules.entries):
            before = of_model.entries.index(entry)
            assert of_rules.scores[place] == of_model.scores[before]
            named = [row.reasons.names for row in (of_rules, of_model)]
            told = [
                [named[which][reason] for reason in row.reasons.entries[at][1::2]]
                for which, (row, at) in enumerate([(of_rules, place), (of_model, before)])
            ]
            assert told[0] == told[1]
    assert moved


def test_a_ranking_for_everybody_keeps_to_the_rules_and_is_what_is_evaluated(model, rules):
    if model.is_personal:
        pytest.skip(f"{model.handle} has no such ranking")
    ranking = ranking_of(model, DATASET, N, rules)
    courses = DATASET.courses.index_of(ranking.courses)
    assert OFFERED[courses].all()
    assert LEVELS[courses].sum(axis=0).max() <= MOST
    lists = lists_of(model, "recommendations", rules)
    for user, row in enumerate(lists):
        seen = {*STANDS_FOR[DATASET.seen[user].indices]}
        unseen = [course for course in courses if STANDS_FOR[course] not in seen]
        assert row[row >= 0].tolist() == unseen[:N]


def test_a_block_is_the_same_whatever_else_is_asked_for(model, rules):
    for kind in model.serves:
        subjects = model.known_subjects(kind)
        whole = listed_block(model, kind, subjects, N, 3, rules=rules)
        parts = [listed_block(model, kind, subjects[i : i + 7], N, 3, rules=rules)
                 for i in range(0, len(subjects), 7)]  # fmt: skip
        assert list(chain.from_iterable(parts)) == whole


def test_without_a_rule_for_its_kind_a_list_is_what_the_model_says(model, rules):
    for kind in model.serves:
        subjects, nothing = model.known_subjects(kind), Rules.made_of([], DATASET)
        raw = model.top_n(kind, subjects, N).indices
        assert np.array_equal(lists_of(model, kind, nothing), raw)
        assert np.array_equal(lists_of(model, kind, NO_RULES), raw)
        if kind in ("similar_users", "course_users"):
            assert np.array_equal(lists_of(model, kind, rules), raw)


def test_hybrids_are_made_from_all_that_is_on_offer_in_the_order_of_the_model(model, rules):
    candidates = Candidates({"recommendations": [model.handle]}, 12, 2)
    if "recommendations" not in model.serves:
        pytest.skip(f"{model.handle} recommends nothing")
    users = model.known_users()
    ranked(model, "recommendations", users, N, candidates, rules)
    ((_, kept),) = candidates.lists("recommendations", [model.handle])
    every = model.top_n("recommendations", users, len(COURSES)).indices
    for row, of_model in zip(kept.of(users).indices, every, strict=True):
        offered = [course for course in of_model[of_model >= 0] if OFFERED[course]]
        assert row[row >= 0].tolist() == offered[:12]
