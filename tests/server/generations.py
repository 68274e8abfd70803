"""Small generations with a known answer to everything, written through the real store."""

from collections.abc import Iterable

from shared.records import SEEN_POPULAR, Handle, ModelCard, UserLists
from shared.stores import Store
from tests.generations import build

TFIDF = "tfidf_user_interest"
KNN = "knn_collab_filtering_user_course_view"
DNN = "dnn_collab_filtering_user_course_level"
ALS = "als_collab_filtering_user_course_view"
NEIGHBOURS_ONLY = "neighbours_only"

POPULAR_COURSES = [f"popular-{rank}" for rank in range(30)]
BOTH = ["similar_users", "recommendations"]

FULL_USER = 999
"""Has all lists of every model that ran, 20 deep."""
VIEWS_ONLY_USER = 7
"""Known to KNN alone."""
NO_COURSES_USER = 8
"""TF-IDF has neighbours for them but no course; they have seen the popular courses 0, 1 and 4."""
LONELY_USER = 9
"""TF-IDF knows them but nobody is like them, and no course fits; what is popular will do."""


def full_lists(user: Handle, model_handle: str, courses: bool = True) -> UserLists:
    """20 users and courses named after the model's first letters; scores fall by 0.01."""
    scores = [round(0.9 - 0.01 * rank, 2) for rank in range(20)]
    return UserLists(
        user,
        model_handle,
        similar_users=[len(model_handle) * 1000 + rank for rank in range(20)],
        similar_user_scores=scores,
        courses=[f"{model_handle[:4]}-{rank}" for rank in range(20)] if courses else [],
        course_scores=scores if courses else [],
    )


def rows() -> list[UserLists]:
    return [
        *(full_lists(FULL_USER, handle) for handle in (TFIDF, KNN, DNN)),
        full_lists(FULL_USER, NEIGHBOURS_ONLY, courses=False),
        full_lists(VIEWS_ONLY_USER, KNN),
        full_lists(NO_COURSES_USER, TFIDF, courses=False),
        UserLists(LONELY_USER, TFIDF),
        UserLists(VIEWS_ONLY_USER, SEEN_POPULAR),
        UserLists(NO_COURSES_USER, SEEN_POPULAR, courses=[*POPULAR_COURSES[:2], "popular-4"]),
        UserLists(LONELY_USER, SEEN_POPULAR),
    ]


def cards() -> list[ModelCard]:
    def card(handle: str, title: str, needs: list[str], **fields: object) -> ModelCard:
        return ModelCard(handle, title, serves=fields.pop("serves", BOTH), needs=needs, **fields)

    return [
        card(TFIDF, "Interests", ["interests"], users=3, fit_seconds=0.5),
        card(KNN, "View times", ["views"], users=2, measures={"neighbours": 40.0}),
        card(DNN, "Levels", ["views", "levels"], users=1),
        card(NEIGHBOURS_ONLY, "Neighbours", ["views"], serves=["similar_users"], users=1),
        card(ALS, "Factors", ["views"], skipped="the table user_course_views is empty"),
    ]


def publish(
    store: Store,
    lists: Iterable[UserLists] | None = None,
    tenant: str = "default",
    **fields: object,
) -> str:
    """Write and publish a generation; `fields` replace those of its manifest. Returns its id."""
    manifest = build(store, rows() if lists is None else lists, tenant)
    described: dict[str, object] = {
        "default_model_handle": TFIDF,
        "users": 4,
        "courses": 90,
        "models": cards(),
        "popular_courses": POPULAR_COURSES,
        "popular_course_scores": [float(30 - rank) for rank in range(30)],
    }
    for name, value in (described | fields).items():
        setattr(manifest, name, value)
    store.publish(manifest)
    return manifest.generation
