"""Small generations to put into a store."""

from collections import Counter
from collections.abc import Iterable

from shared.kinds import KINDS
from shared.records import (
    SEEN,
    FactsRow,
    Handle,
    Key,
    ListRow,
    Manifest,
    Row,
    Section,
    list_section,
)
from shared.stores import Store

TENANT = "default"
MODEL = "tfidf_user_interest"


def similar_users(
    user: Handle, model: str = MODEL, *, users: Iterable[Handle] = (67, 319)
) -> ListRow:
    """One user's similar users, with scores that no rounding leaves alone."""
    return _list("similar_users", user, model, users)


def recommendations(
    user: Handle, model: str = MODEL, *, courses: Iterable[Handle] = ("a", "b")
) -> ListRow:
    return _list("recommendations", user, model, courses)


def similar_courses(
    course: Handle, model: str = MODEL, *, courses: Iterable[Handle] = ("b", "c")
) -> ListRow:
    return _list("similar_courses", course, model, courses)


def row_of(user: Handle, model: str = MODEL, *, courses: Iterable[Handle] = ("a", "b")) -> ListRow:
    """One row of a generation where it does not matter of which kind."""
    return recommendations(user, model, courses=courses)


def key_of(user: Handle, model: str = MODEL) -> Key:
    """Under which `row_of` is found."""
    return section_of(model), user


def section_of(model: str = MODEL) -> Section:
    return list_section("recommendations", model)


def lists_of(user: Handle, model: str = MODEL, *, courses: Iterable[Handle] = ("a", "b")):
    """Both lists of one user from one model."""
    return [similar_users(user, model), recommendations(user, model, courses=courses)]


def seen(user: Handle, *courses: Handle) -> FactsRow:
    return FactsRow(SEEN, user, {"courses": list(courses)})


def build(store: Store, rows: Iterable[Row], tenant: str = TENANT) -> Manifest:
    """Write a generation and return the manifest to publish it with."""
    rows = list(rows)
    generation = store.begin(tenant)
    store.write(tenant, generation, rows)
    manifest = store.manifest(tenant, generation)
    manifest.row_counts = dict(Counter(row.section for row in rows))
    return manifest


def publish(store: Store, rows: Iterable[Row], tenant: str = TENANT) -> str:
    """Write a generation, publish it and return its id."""
    manifest = build(store, rows, tenant)
    store.publish(manifest)
    return manifest.generation


def _list(kind: str, subject: Handle, model: str, entries: Iterable[Handle]) -> ListRow:
    entries = list(entries)
    scores = [1 / (7 + i) for i in range(len(entries))]
    return ListRow(KINDS[kind].name, subject, model, entries, scores)
