"""Lists that were made between two runs are answered in place of those they lie over."""

import pytest

from server.reading.fresh_lists import SECONDS_BETWEEN_LOOKS
from shared.fresh.lists import Progress
from shared.records import ListRow
from tests.server.calls import assert_problem
from tests.server.generations import (
    COURSE,
    FULL_USER,
    KNN,
    NO_COURSES_USER,
    POPULAR_COURSES,
    TFIDF,
    courses_for,
    publish,
)

TENANT = "default"
MADE_AT = "2026-11-30T08:15:02.250+00:00"
NEW = [f"new-{rank}" for rank in range(20)]
NEWCOMER = 4711
FIRST = courses_for(FULL_USER, TFIDF).entries


@pytest.fixture
def refreshed(fresh, generation, clock):
    """Write lists over the live generation, and wait until a server looks for the first of them."""

    def write(*rows, made_at=MADE_AT, over=generation):
        fresh.write(TENANT, over, rows, Progress(1, made_at))
        clock.advance(SECONDS_BETWEEN_LOOKS)

    return write


def courses(user, entries=NEW, model=TFIDF, **fields):
    return ListRow("recommendations", user, model, list(entries), [0.5] * len(entries), **fields)


def recommended(api, user=FULL_USER, **asked):
    return api.post("/recommendations", {"user_handle": user, **asked}).get_json()


def test_a_fresh_list_is_answered_and_says_so(api, refreshed):
    assert recommended(api)["source"] == "model"
    refreshed(courses(FULL_USER))
    answer = recommended(api, limit=3)
    assert answer["data"] == {"model_handle": TFIDF, "courses": NEW[:3]}
    assert (answer["source"], answer["refreshed_at"]) == ("fresh", MADE_AT)


def test_lists_of_other_models_kinds_and_users_stay(api, refreshed):
    refreshed(courses(FULL_USER))
    others = recommended(api, model_handle=KNN)
    assert (others["source"], "refreshed_at" in others) == ("model", False)
    users = api.post("/similar-users", {"user_handle": FULL_USER}).get_json()
    assert users["source"] == "model"
    assert recommended(api, NO_COURSES_USER)["source"] == "fallback:popular"


def test_similar_users_are_fresh_too(api, refreshed):
    refreshed(ListRow("similar_users", FULL_USER, TFIDF, [1, 2], [0.9, 0.8]))
    answer = api.post("/similar-users", {"user_handle": FULL_USER}).get_json()
    assert (answer["data"]["similar_users"], answer["source"]) == ([1, 2], "fresh")


def test_who_the_generation_does_not_know_is_answered_from_a_fresh_list(api, refreshed):
    assert_problem(api.post("/recommendations", {"user_handle": NEWCOMER}), 404, "unknown-user")
    refreshed(courses(NEWCOMER))
    assert recommended(api, NEWCOMER, limit=2)["data"]["courses"] == NEW[:2]


def test_what_a_user_did_after_it_was_made_is_left_out_and_fallbacks_fill_the_rest(api, refreshed):
    refreshed(courses(FULL_USER, NEW[:3]))
    api.post("/interactions", {"user_handle": FULL_USER, "course_handle": NEW[1]})
    answer = recommended(api, limit=3)
    assert answer["data"]["courses"] == [NEW[0], NEW[2], POPULAR_COURSES[0]]
    assert answer["source"] == "fresh+fallback:popular"
    assert answer["from_model"] == 2


def test_an_exclusion_cuts_a_fresh_list_like_any_other(api, refreshed):
    refreshed(courses(FULL_USER))
    answer = recommended(api, exclude=NEW[:2], limit=2, offset=1)
    assert answer["data"]["courses"] == NEW[3:5]


def test_in_a_batch_each_user_has_their_own(api, refreshed):
    refreshed(courses(FULL_USER))
    users = {"user_handles": [FULL_USER, NO_COURSES_USER], "limit": 1}
    first, second = api.post("/recommendations/batch", users).get_json()["results"]
    assert (first["source"], second["source"]) == ("fresh", "fallback:popular")


def test_a_copy_that_a_client_has_is_not_the_answer_any_more(api, app, refreshed):
    client, asked = app.test_client(), {"json": {"user_handle": FULL_USER}}
    tags = []
    for made_at in ("", "2026-11-30T08:00:00.000+00:00", "2026-11-30T09:00:00.000+00:00"):
        if made_at:
            refreshed(courses(FULL_USER), made_at=made_at)
        tags.append(client.post("/recommendations", **asked).headers["ETag"])
        held = {"If-None-Match": tags[-1]}
        assert client.post("/recommendations", **asked, headers=held).status_code == 304
    assert len(set(tags)) == 3


def test_a_new_generation_leaves_them_behind_and_a_rollback_brings_them_back(
    api, refreshed, store, clock, generation
):
    refreshed(courses(FULL_USER))
    publish(store)
    clock.advance(60)
    recommended(api)
    assert recommended(api)["source"] == "model"
    store.rollback(TENANT, generation)
    clock.advance(60)
    recommended(api)
    assert recommended(api)["source"] == "fresh"


def test_those_of_another_tenant_are_nothing_to_this_one(api, fresh, generation):
    fresh.write("globex", generation, [courses(FULL_USER)], Progress(1, MADE_AT))
    assert recommended(api)["source"] == "model"


def test_lists_are_served_as_the_run_made_them_while_fresh_ones_cannot_be_read(
    api, refreshed, fresh, folder, generation, caplog
):
    refreshed(courses(FULL_USER))
    fresh.close()
    path = folder / TENANT / f"{generation}.fresh"
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.write_bytes(b"no database")
    answer = recommended(api)
    assert (answer["data"]["courses"], answer["source"]) == (FIRST[:10], "model")
    assert "as the last run made them" in caplog.text


def test_courses_like_a_course_are_asked_for_without_what_a_newcomer_did(api, refreshed):
    asked = {"course_handle": COURSE, "user_handle": NEWCOMER, "limit": 2}
    assert_problem(api.post("/similar-courses", asked), 404, "unknown-user")
    api.post("/interactions", {"user_handle": NEWCOMER, "course_handle": "near-0"})
    answer = api.post("/similar-courses", asked).get_json()
    assert answer["data"]["similar_courses"] == ["near-1", "near-2"]


def test_only_the_first_list_over_a_generation_is_waited_for(api, refreshed, fresh, generation):
    recommended(api)
    fresh.write(TENANT, generation, [courses(FULL_USER)], Progress(1, MADE_AT))
    assert recommended(api)["source"] == "model"
    refreshed()
    assert recommended(api)["source"] == "fresh"
    fresh.write(TENANT, generation, [courses(FULL_USER, NEW[5:])], Progress(2, MADE_AT))
    assert recommended(api, limit=1)["data"]["courses"] == NEW[5:6]
