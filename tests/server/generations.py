"""Small generations with a known answer to everything, written through the real store."""

from collections.abc import Iterable

from shared.records import COURSE_FACTS, FactsRow, Handle, ListRow, ModelCard, Ranking, Row
from shared.stores import Store
from tests.generations import build, seen

TFIDF = "tfidf_user_interest"
KNN = "knn_collab_filtering_user_course_view"
DNN = "dnn_collab_filtering_user_course_level"
ALS = "als_collab_filtering_user_course_view"
POPULAR = "popular_course_view"
NEIGHBOURS_ONLY = "neighbours_only"

POPULAR_COURSES = [f"popular-{rank}" for rank in range(30)]
BOTH = ["similar_users", "recommendations"]
ALL = ["similar_users", "recommendations", "similar_courses", "course_users"]

FULL_USER = 999
"""Has all lists of every model that ran, 20 deep."""
VIEWS_ONLY_USER = 7
"""Known to KNN alone."""
NO_COURSES_USER = 8
"""TF-IDF has neighbours for them but no course; they have seen the popular courses 0, 1 and 4."""
LONELY_USER = 9
"""TF-IDF knows them but nobody is like them, and no course fits; what is popular will do."""


SCORES = [round(0.9 - 0.01 * rank, 2) for rank in range(20)]


def users_like(user: Handle, model_handle: str) -> ListRow:
    """20 users; scores fall by 0.01."""
    users = [len(model_handle) * 1000 + rank for rank in range(20)]
    return ListRow("similar_users", user, model_handle, users, SCORES)


def courses_for(user: Handle, model_handle: str) -> ListRow:
    """20 courses named after the model's first letters."""
    courses = [f"{model_handle[:4]}-{rank}" for rank in range(20)]
    return ListRow("recommendations", user, model_handle, courses, SCORES)


def full_lists(user: Handle, model_handle: str) -> list[Row]:
    return [users_like(user, model_handle), courses_for(user, model_handle)]


def course_facts(course: Handle, **facts: object) -> FactsRow:
    known = {"title": f"All of {course}", "tags": [], "levels": [], "viewers": 3, "attributes": {}}
    return FactsRow(COURSE_FACTS, course, known | facts)


def rows() -> list[Row]:
    return [
        *(row for handle in (TFIDF, KNN, DNN) for row in full_lists(FULL_USER, handle)),
        users_like(FULL_USER, NEIGHBOURS_ONLY),
        *full_lists(VIEWS_ONLY_USER, KNN),
        users_like(NO_COURSES_USER, TFIDF),
        ListRow("recommendations", NO_COURSES_USER, TFIDF),
        ListRow("similar_users", LONELY_USER, TFIDF),
        ListRow("recommendations", LONELY_USER, TFIDF),
        seen(FULL_USER, "tfid-3", "near-2"),
        seen(VIEWS_ONLY_USER),
        seen(NO_COURSES_USER, *POPULAR_COURSES[:2], "popular-4"),
        seen(LONELY_USER),
        *rows_of_courses(),
    ]


COURSE = "python-101"
"""Has courses like it by TF-IDF and KNN, and users by TF-IDF."""
COURSE_WITHOUT_LISTS = "empty-shelf"
CALLED_LIKE_A_USER = "999"


def rows_of_courses() -> list[Row]:
    near = [f"near-{rank}" for rank in range(20)]
    return [
        ListRow("similar_courses", COURSE, TFIDF, near, SCORES),
        ListRow("similar_courses", COURSE, KNN, near[::-1], SCORES),
        ListRow("course_users", COURSE, TFIDF, list(range(100, 120)), SCORES),
        ListRow("similar_courses", CALLED_LIKE_A_USER, TFIDF, ["near-7"], [0.5]),
        course_facts(COURSE, tags=["python", "snakes"], levels=["Beginner"]),
        course_facts(COURSE_WITHOUT_LISTS),
        course_facts(CALLED_LIKE_A_USER),
        *(
            course_facts(
                course,
                tags=["python"] if rank % 2 else ["sql", "Data"],
                levels=["beginner" if rank < 10 else "advanced"],
                attributes={"language": ["en", "de"] if rank % 5 == 0 else ["en"], "price": 10},
            )
            for rank, course in enumerate([*near, *[f"tfid-{i}" for i in range(20)]])
        ),
    ]


def cards() -> list[ModelCard]:
    def card(handle: str, title: str, needs: list[str], **fields: object) -> ModelCard:
        return ModelCard(handle, title, serves=fields.pop("serves", BOTH), needs=needs, **fields)

    return [
        card(TFIDF, "Interests", ["interests"], serves=ALL, users=3, fit_seconds=0.5),
        card(
            KNN,
            "View times",
            ["views"],
            serves=[*BOTH, "similar_courses"],
            users=2,
            measures={"neighbours": 40.0},
        ),
        card(DNN, "Levels", ["views", "levels"], users=1),
        card(NEIGHBOURS_ONLY, "Neighbours", ["views"], serves=["similar_users"], users=1),
        card(POPULAR, "Most viewed", ["views"], serves=["recommendations"], is_personal=False),
        card(ALS, "Factors", ["views"], skipped="the table user_course_views is empty"),
    ]


def publish(
    store: Store,
    of_rows: Iterable[Row] | None = None,
    tenant: str = "default",
    **fields: object,
) -> str:
    """Write and publish a generation; `fields` replace those of its manifest. Returns its id."""
    manifest = build(store, rows() if of_rows is None else of_rows, tenant)
    described: dict[str, object] = {
        "default_models": dict.fromkeys(ALL, TFIDF),
        "fallbacks": [POPULAR],
        "course_handle_type": "str",
        "users": 4,
        "courses": 90,
        "models": cards(),
        "rankings": {
            POPULAR: Ranking(POPULAR_COURSES, [float(30 - rank) for rank in range(30)]),
        },
    }
    for name, value in (described | fields).items():
        setattr(manifest, name, value)
    store.publish(manifest)
    return manifest.generation
