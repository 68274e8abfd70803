"""Small generations to put into a store."""

from collections import Counter
from collections.abc import Iterable

from shared.records import Handle, Manifest, UserLists
from shared.stores import Store

TENANT = "default"
MODEL = "tfidf_user_interest"


def lists_of(user: Handle, model: str = MODEL, *, courses: Iterable[Handle] = ("a", "b")):
    """One user's lists, with scores that no rounding leaves alone."""
    courses = list(courses)
    return UserLists(
        user,
        model,
        [67, 319],
        [0.1 + 0.2, 1 / 3],
        courses,
        [1 / (7 + i) for i in range(len(courses))],
    )


def build(store: Store, lists: Iterable[UserLists], tenant: str = TENANT) -> Manifest:
    """Write a generation and return the manifest to publish it with."""
    lists = list(lists)
    generation = store.begin(tenant)
    store.write(tenant, generation, lists)
    manifest = store.manifest(tenant, generation)
    manifest.list_counts = dict(Counter(one.model_handle for one in lists))
    return manifest


def publish(store: Store, lists: Iterable[UserLists], tenant: str = TENANT) -> str:
    """Write a generation, publish it and return its id."""
    manifest = build(store, lists, tenant)
    store.publish(manifest)
    return manifest.generation
