"""Courses for users to whom the asked model gives none: what is popular, and new to them."""

from collections.abc import Container, Sequence

from server.reading.live_view import LiveGeneration
from shared.records import SEEN_POPULAR, Handle, Manifest, UserLists


def popular_lists(
    live: LiveGeneration, user_handles: Sequence[Handle], known: Container[Handle]
) -> dict[Handle, UserLists]:
    """The popular courses that each user has not seen; unknown users are left out.

    The generator keeps a row for every user to whom some model gives no course, so a user without
    one, whom the asked model does not know either, is in no table at all.
    """
    seen = live.lists(SEEN_POPULAR, user_handles)
    return {
        handle: _unseen(live.manifest, seen[handle].courses if handle in seen else [])
        for handle in user_handles
        if handle in seen or handle in known
    }


def _unseen(manifest: Manifest, seen: Sequence[Handle]) -> UserLists:
    left_out = set(seen)
    ranking = zip(manifest.popular_courses, manifest.popular_course_scores, strict=True)
    unseen = [(course, score) for course, score in ranking if course not in left_out]
    return UserLists(
        "",
        SEEN_POPULAR,
        courses=[course for course, _ in unseen],
        course_scores=[score for _, score in unseen],
    )
