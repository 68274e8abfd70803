"""A generation as the generator makes them, of users and courses with hostile names."""

import numpy as np

from generator.dataset.dataset import Dataset
from generator.lists.directory import alphabetical, directory
from generator.lists.facets import facet_rows, word_rows
from generator.lists.profiles import profiles
from generator.lists.viewers import course_viewers
from shared.kinds import KINDS
from shared.records import (
    COURSE_DIRECTORY,
    USER_DIRECTORY,
    ActivityGroup,
    Evaluation,
    Figure,
    Handle,
    ListFacts,
    ListReasons,
    ListRow,
    ListSpread,
    ModelCard,
    ModelOverlap,
    Ranking,
    Row,
)
from shared.stores import Store
from tests.datasets import make_dataset
from tests.facet_labels import labels_of
from tests.generations import seen
from tests.server.generations import course_facts, publish

TFIDF, KNN = "tfidf_user_interest", "knn_collab_filtering_user_course_view"
HOSTILE_USER = '"><img src=x onerror="document.title=\'owned\'"><script>alert(1)</script>'
HOSTILE_TITLE = "</p><script>document.title = 'owned'</script><svg onload=alert(1)>"
HOSTILE_TAG = "{{ 7 * 7 }}<b>tag</b>"
HOSTILE_TEXT = "</p><img src=x onerror=alert(1)>{{ 6 * 7 }}<script>alert(1)</script>"
HOSTILE_COURSE = "'\"><script>alert(1)</script>"
USERS: list[Handle] = ["ada", "Alan", "alma", "bob", "a/b?c=d&e#f", "Éva", HOSTILE_USER]
COURSES: list[Handle] = ["docker", "go", "rust", "zig"]
DETAILS: dict[Handle, dict[str, object]] = {
    "docker": {
        "title": HOSTILE_TITLE,
        "description": HOSTILE_TEXT,
        "picture": 'https://pictures.example.org/"><script>alert(1)</script>.png',
        "attributes": {HOSTILE_TAG: [HOSTILE_TEXT], "duration": 3.5},
        "duplicates": ["go", HOSTILE_COURSE],
        "duplicate_count": 2,
    },
    "go": {
        "title": "Go Deep Dive",
        "description": "Goroutines, channels, and what to do without generics.",
        "picture": "go/gopher.png",
        "completions": 3,
        "rating": {"mean": 4.25, "count": 1200, "best": 5},
        "sentiment": {"mean": 0.62, "count": 1},
        "duplicates": ["docker", "rust"],
        "duplicate_count": 9,
        "pathways": [{"courses": ["rust", HOSTILE_COURSE], "users": 1031, "share": 0.1, "lift": 3}],
    },
    "rust": {"title": "", "picture": "gone.png"},
    "zig": {"title": ""},
}
TAGS = {course: [HOSTILE_TAG] + ["systems"] * (course != "docker") for course in COURSES}
TITLES = [str(DETAILS[course]["title"] or "") for course in COURSES]


def data() -> Dataset:
    return make_dataset(
        interests=[(user, tag) for user in USERS for tag in ("aws", HOSTILE_TAG)],
        views=[(user, "docker", 60.0 * (i + 1), "beginner") for i, user in enumerate(USERS)],
        courses=COURSES,
    )


def rows() -> list[Row]:
    """Everybody is like everybody else, and is to take what they have not seen."""
    tags = ListReasons(["aws", HOSTILE_TAG], [], [[2, 1, 60, 0, 40]] * len(USERS))
    shared = ListReasons(["docker"], [60], [[1, 0, 100, 120]] * len(USERS))
    watched = ListReasons(["docker"], [60], [[1, 0, 100]] * 3)
    lists: list[Row] = []
    for user in USERS:
        others = [other for other in USERS if other != user]
        scores = [round(0.9 - 0.1 * rank, 1) for rank in range(len(others))]
        lists += [
            ListRow("similar_users", user, TFIDF, others, scores, tags),
            ListRow("similar_users", user, KNN, others[::-1], scores, shared),
            ListRow("recommendations", user, TFIDF, COURSES[1:], scores[:3], tags),
            ListRow("recommendations", user, KNN, COURSES[1:], scores[:3], watched),
            seen(user, "docker"),
        ]
    for course in COURSES:
        near = [other for other in COURSES if other != course]
        lists.append(ListRow("similar_courses", course, TFIDF, near, [0.9, 0.8, 0.7]))
        lists.append(ListRow("course_users", course, TFIDF, USERS, [0.5] * len(USERS)))
    dataset = data()
    return [
        *lists,
        *(course_facts(c, tags=TAGS[c], viewers=7, **of) for c, of in DETAILS.items()),
        *(row for block in profiles(dataset) for row in block),
        *(row for block in course_viewers(dataset) for row in block),
        *directory(USER_DIRECTORY, dataset.users.handles()),
        *directory(COURSE_DIRECTORY, COURSES, TITLES),
        *facet_rows(
            {"tag": labels_of([TAGS[course] for course in COURSES])},
            np.array(alphabetical(COURSES, TITLES)),
        ),
        *word_rows(
            sorted(
                (title or str(c) for c, title in zip(COURSES, TITLES, strict=True)),
                key=str.casefold,
            )
        ),
    ]


def cards() -> list[ModelCard]:
    kinds = {
        TFIDF: {"similar_users": "shared_tags", "recommendations": "shared_tags"},
        KNN: {"similar_users": "shared_courses", "recommendations": "watched_courses"},
    }
    spread = ListSpread([round(0.05 * place, 2) for place in range(21)], 6.0)
    facts = {kind: ListFacts(len(USERS), 0, 2, 2.0) for kind in KINDS}
    serves = {TFIDF: list(KINDS), KNN: ["similar_users", "recommendations"]}
    return [
        ModelCard(
            handle, title, serves[handle], ["views"], users=len(USERS), list_facts=facts,
            reason_kinds=kinds[handle], known_by_activity=[0.0, 1.0], mean_viewers_share=0.25,
            spreads={"similar_users": spread, "recommendations": spread},
            evaluation=[Figure("ndcg", 10, value, value - 0.01, value + 0.01)],
        )
        for handle, title, value in (
            (TFIDF, "Shared interests", 0.12), (KNN, "Shared view time", 0.34)
        )
    ]  # fmt: skip


def publish_platform(store: Store, tenant: str = "default") -> str:
    return publish(
        store,
        rows(),
        tenant,
        models=cards(),
        user_handle_type="str",
        users=len(USERS),
        courses=len(COURSES),
        example_user_handle="ada",
        evaluation=Evaluation(
            "last view held out", 7, {"popular": [Figure("ndcg", 10, 0.1, 0.1, 0.1)]}
        ),
        activity=[ActivityGroup(0, 0, 0), ActivityGroup(1, None, 7)],
        model_overlaps=[
            ModelOverlap(kind, TFIDF, KNN, 0.5, 7) for kind in ("similar_users", "recommendations")
        ],
        rankings={"popular_course_view": Ranking(["docker"], [7.0])},
        example_course_handle="go",
    )
