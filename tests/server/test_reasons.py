"""`with_reasons`: what the generator stored, in words and numbers."""

from dataclasses import replace

import pytest

from server.lookup.reasons import in_words, sentence
from shared.records import ListReasons, ListRow, Row, unpacked
from tests.server.calls import Caller
from tests.server.generations import DNN, FULL_USER, KNN, TFIDF, cards, publish, rows

KINDS = {
    TFIDF: {"similar_users": "shared_tags", "recommendations": "followed_tags"},
    KNN: {"similar_users": "shared_courses", "recommendations": "watched_courses"},
    DNN: {"similar_users": "shared_courses", "recommendations": "neighbours"},
}
TAGS = ListReasons(["aws", "c++", "flask"], [], [[3, 0, 50, 2, 30, 1, 20], [1, 1, 100], [0]])
SHARED = ListReasons(["docker", "go"], [2460, 40], [[2, 0, 70, 3300, 1, 30, 7500], [9, 1, 100, 59]])
WATCHED = ListReasons(["docker", "go"], [2460, 40], [[2, 0, 70, 1, 30], [5, 1, 80]])
NEIGHBOURS = ListReasons([67, 319], [], [[12, 1, 60, 0, 40], [1, 0, 100]])
STORED = {TFIDF: (TAGS, TAGS), KNN: (SHARED, WATCHED), DNN: (SHARED, NEIGHBOURS)}


def with_reasons(row: Row) -> Row:
    of_users, of_courses = STORED.get(getattr(row, "model_handle", ""), (None, None))
    if not isinstance(row, ListRow) or row.subject != FULL_USER:
        return row
    return replace(row, reasons=of_users if row.kind == "similar_users" else of_courses)


@pytest.mark.parametrize(
    ("kind", "packed", "said"),
    [
        ("shared_courses", [[2, 0, 70, 0, 1, 30, 0]], "both watched docker; go"),
        ("watched_courses", [[2, 0, 70, 1, 30]], "because you watched docker, go"),
    ],
)
def test_no_hours_are_said_where_view_times_were_not_measured(kind, packed, said):
    reason = unpacked(kind, ListReasons(["docker", "go"], [], packed), 0)
    assert sentence(reason) == said
    assert all({"name", "share"} == set(one) for one in in_words(reason)["strongest"])


def test_shared_words_are_named_and_more_are_hinted_at():
    packed = ListReasons(["neural networks", "python"], [], [[2, 0, 70, 1, 30], [7, 1, 40, 0, 30]])
    said = [sentence(unpacked("shared_words", packed, place)) for place in (0, 1)]
    assert said == ["shares: neural networks, python", "shares: python, neural networks, ..."]


def test_shared_assessments_are_what_both_are_about_as_good_at():
    packed = ListReasons(["python", "sql"], [], [[2, 0, 70, 1, 30], [7, 1, 40, 0, 30]])
    said = [sentence(unpacked("shared_assessments", packed, place)) for place in (0, 1)]
    assert said == ["about as good at python, sql", "about as good at sql, python, and 5 more"]


@pytest.fixture
def generation(store) -> str:
    described = cards()
    for card in described:
        card.reason_kinds = KINDS.get(card.model_handle, {})
    return publish(store, [with_reasons(row) for row in rows()], models=described)


def reasons(api: Caller, path: str, model_handle: str, **asked: object) -> list:
    body = {"user_handle": FULL_USER, "model_handle": model_handle, "with_reasons": True}
    return api.post(path, body | asked).get_json()["data"]["reasons"]


@pytest.mark.parametrize(
    ("path", "model_handle", "sentences"),
    [
        (
            "/similar-users",
            TFIDF,
            ["3 shared tags: aws, flask, c++", "1 shared tag: c++"],
        ),
        (
            "/recommendations",
            TFIDF,
            ["because you follow aws, flask, c++", "because you follow c++"],
        ),
        (
            "/similar-users",
            KNN,
            [
                "both watched docker, 41 min and 55 min; go, 40 s and 2 h 5 min",
                "both watched go, 40 s and 59 s, and 8 more",
            ],
        ),
        (
            "/recommendations",
            KNN,
            [
                "because you watched docker (41 min), go (40 s)",
                "because you watched go (40 s), and 4 more",
            ],
        ),
        (
            "/recommendations",
            DNN,
            ["watched by 12 users like you: 319, 67, ...", "watched by 1 user like you: 67"],
        ),
    ],
)
def test_reasons_are_told_in_sentences(api: Caller, path, model_handle, sentences):
    found = reasons(api, path, model_handle, limit=4)
    assert [r and r["sentence"] for r in found] == [*sentences, None, None]


def test_reasons_carry_the_numbers_behind_the_sentence(api: Caller):
    assert reasons(api, "/similar-users", KNN, limit=1) == [
        {
            "kind": "shared_courses",
            "sentence": "both watched docker, 41 min and 55 min; go, 40 s and 2 h 5 min",
            "count": 2,
            "strongest": [
                {"name": "docker", "share": 0.7, "seconds": 2460, "listed_user_seconds": 3300},
                {"name": "go", "share": 0.3, "seconds": 40, "listed_user_seconds": 7500},
            ],
        }
    ]


def test_reasons_are_left_out_unless_asked_for(api: Caller):
    answer = api.post("/similar-users", {"user_handle": FULL_USER, "with_scores": True}).get_json()
    assert "reasons" not in answer["data"]


def test_a_fallback_and_a_model_without_reasons_give_none(api: Caller):
    body = {"user_handle": 8, "with_reasons": True, "limit": 2}
    fallback = api.post("/recommendations", body).get_json()
    assert fallback["source"] == "fallback:popular"
    assert fallback["data"]["reasons"] == [None, None]
    neighbours = reasons(api, "/similar-users", "neighbours_only", limit=2)
    assert neighbours == [None, None]


def test_every_user_of_a_batch_gets_reasons(api: Caller):
    body = {"user_handles": [FULL_USER, 9], "with_reasons": True, "limit": 1}
    (first, _) = api.post("/similar-users/batch", body).get_json()["results"]
    assert first["data"]["reasons"][0]["count"] == 3
