"""A course that was described since is in lists after the next refresh, its own and others'."""

import shutil

import pytest

from generator.refresh.follow import refresh_all
from shared.events import COURSE, NOBODY, Description, Event
from shared.records import COURSE_FACTS
from shared.stores.base import parsed_row
from tests.generator.refresh.nights import (
    ALS,
    EASE,
    HYBRID,
    KNN,
    MARKOV,
    NEWCOMER,
    TENANT,
    TEXTS,
    TFIDF,
    Night,
    anybody,
)

NEW = "zzz-new"


def facts_of(night, course):
    key = (COURSE_FACTS, course)
    texts = night.fresh.get_many(TENANT, night.live, [key])
    return parsed_row(key, texts[key].text).facts if texts else None


def comes(night, course=NEW, like=None, event_id="new", **described):
    """A course with the tags of another one."""
    tags = night.store.get(TENANT, night.live, (COURSE_FACTS, like)).facts["tags"] if like else ()
    told = Description("A new course", tags=tuple(map(str, tags)), **described)
    at = f"2026-12-01T00:00:01.{len(event_id):06}Z"
    night.log.append(TENANT, [Event(event_id, COURSE, NOBODY, at, course, described=told)])


@pytest.fixture(scope="module")
def after(tmp_path_factory, data, published):
    """A night after which a course came, and a refresh."""
    folder = tmp_path_factory.mktemp("after")
    shutil.copytree(published, folder, dirs_exist_ok=True)
    made = Night(folder, data)
    comes(made, like=example_of(made), description="What it is about.")
    assert made.refresh() == 1
    yield made
    made.close()


@pytest.fixture
def old(night):
    """A course whose tags several others share."""
    return example_of(night)


def example_of(night):
    return night.store.live(TENANT).example_course_handle


def test_it_has_similar_courses_and_is_one_of_theirs(after):
    old, alike = example_of(after), after.fresh_row(TEXTS, NEW, "similar_courses").entries
    assert old in alike[:3]
    assert NEW in after.fresh_row(TEXTS, old, "similar_courses").entries[:3]
    for course in alike:
        fresh = after.fresh_row(TEXTS, course, "similar_courses")
        assert fresh is None or NEW in fresh.entries


def test_users_whom_it_suits_have_it_before_they_do_anything(after):
    made = after.fresh.made_since(TENANT, after.live, 0)
    users = [subject for subject in made if isinstance(subject, int)]
    lists = [after.fresh_row(model, user) for user in users for model in (TEXTS, TFIDF)]
    assert any(lists)
    assert all(NEW in row.entries for row in lists if row)
    assert not any(after.fresh_row(HYBRID, user) for user in users)


def test_it_is_described_to_servers(after):
    facts = facts_of(after, NEW)
    assert (facts["title"], facts["description"]) == ("A new course", "What it is about.")
    of_old = after.store.get(TENANT, after.live, (COURSE_FACTS, example_of(after))).facts
    assert facts["tags"] == of_old["tags"]


def test_it_breaks_no_model_and_those_that_know_nothing_of_it_list_it_nowhere(after):
    assert after.warned == []
    assert after.fresh_row(TFIDF, NEW, "similar_courses").entries, "which reads tags too"
    for model in (KNN, ALS, EASE, MARKOV):
        assert after.fresh_row(model, NEW, "similar_courses") is None


def test_it_waits_for_a_whole_round_and_stays_in_lists_of_quick_ones(night, old):
    comes(night, like=old)
    refresher = night.refresher()
    assert not refresher.quick_round().is_whole
    assert facts_of(night, NEW) is None
    assert refresh_all(refresher, night.reporter) == 1
    night.happens(NEWCOMER, old)
    refresh_all(refresher, night.reporter)
    assert NEW in night.fresh_row(TEXTS, NEWCOMER).entries
    for quick in (refresher, night.refresher()):
        night.happens(NEWCOMER, anybody(night)[1][0])
        assert quick.quick_round().is_whole
        assert NEW in night.fresh_row(TEXTS, NEWCOMER).entries, "a new process knows it too"


def test_what_is_said_of_it_later_counts(night, old):
    other = night.row(TEXTS, old, "similar_courses").entries[-1]
    comes(night, like=other)
    refresher = night.refresher()
    refresh_all(refresher, night.reporter)
    assert night.fresh_row(TEXTS, NEW, "similar_courses").entries[0] == other
    comes(night, like=old, event_id="again")
    refresh_all(refresher, night.reporter)
    assert night.fresh_row(TEXTS, NEW, "similar_courses").entries[0] == old


def test_the_next_run_has_it_among_its_courses(night, old):
    comes(night, like=old)
    night.refresh()
    night.run()
    assert NEW in night.row(TEXTS, old, "similar_courses").entries[:3]
    assert night.refresh() == 0
