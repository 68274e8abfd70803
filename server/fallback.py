"""Courses for users to whom the asked model gives none: what is popular."""

from collections.abc import Container, Sequence

from server.live_view import LiveGeneration
from shared.records import POPULAR, Handle, UserLists


def popular_lists(
    live: LiveGeneration, user_handles: Sequence[Handle], known: Container[Handle]
) -> dict[Handle, UserLists]:
    """The popular courses for each user, without what they have seen; unknown users are left out.

    The generator marks every known user that some model gave no course by a row under POPULAR: it
    holds the user's own list, or nothing if the list that is the same for everybody will do.
    """
    found = live.lists(POPULAR, user_handles)
    everybody = UserLists(
        "",
        POPULAR,
        courses=live.manifest.popular_courses,
        course_scores=live.manifest.popular_course_scores,
    )
    lists = {}
    for handle in user_handles:
        own = found.get(handle)
        if own is not None and own.courses:
            lists[handle] = own
        elif own is not None or handle in known:
            lists[handle] = everybody
    return lists
