"""Fresh lists: of whom, from what, over which generation, whatever happens in between."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.models.base import Model
from generator.refresh import refresher as refreshing
from generator.refresh.follow import refresh_all
from shared.errors import GenerationMissing, ModelError
from shared.events import Event
from shared.records import list_section
from tests.generator.refresh.nights import (
    ALS,
    EASE,
    HYBRID,
    KNN,
    MARKOV,
    NEWCOMER,
    TENANT,
    TFIDF,
    Night,
    anybody,
)


def test_without_events_nothing_is_made(night):
    assert night.refresh() == 0
    assert night.fresh.size(TENANT, night.live) == 0


def test_who_did_something_gets_new_lists_of_every_personal_model_and_nobody_else_does(night):
    user, courses = anybody(night)
    night.happens(user, *courses[:3])
    assert night.refresh() == 3
    rows = night.fresh_rows(user)
    personal = {list_section("recommendations", model) for model in (TFIDF, KNN, ALS, EASE, MARKOV)}
    assert personal | {list_section("recommendations", HYBRID)} <= rows.keys()
    assert {list_section("similar_users", model) for model in (TFIDF, KNN, ALS)} <= rows.keys()
    assert night.fresh.size(TENANT, night.live) == len(rows)


@pytest.mark.parametrize("model", [KNN, ALS, EASE, MARKOV, HYBRID])
def test_what_was_watched_is_not_listed_and_changes_what_is(night, model):
    user, courses = anybody(night, model)
    night.happens(user, *courses[:3])
    night.refresh()
    before, after = night.row(model, user).entries, night.fresh_row(model, user).entries
    assert not set(after) & set(courses[:3])
    assert after != [course for course in before if course not in courses[:3]][: len(after)]


def test_a_newcomer_who_watches_what_somebody_watched_is_like_them(night):
    user, _ = anybody(night)
    (seen,) = night.store.get_many(TENANT, night.live, [("seen", user)]).values()
    night.happens(NEWCOMER, *seen.facts["courses"])
    night.refresh()
    alike = night.fresh_row(KNN, NEWCOMER, "similar_users").entries
    assert user in alike[:3]
    assert night.fresh_row(HYBRID, NEWCOMER).entries


def test_lists_are_those_of_a_run_on_the_same_rows_but_for_what_a_run_learns_of_others(night):
    """A run weighs courses by all users; one user's few events among thousands change little."""
    user, courses = anybody(night)
    night.happens(user, *courses[:2])
    night.refresh()
    fresh = {model: night.fresh_row(model, user).entries[:10] for model in (KNN, EASE, TFIDF)}
    night.run()
    for model, entries in fresh.items():
        again = night.row(model, user).entries[:10]
        assert len(set(entries) & set(again)) >= 9, model


def test_lists_do_not_depend_on_how_events_were_cut_into_rounds(night, monkeypatch):
    user, courses = anybody(night)
    at_once = [(user, courses[0]), (NEWCOMER, courses[1]), (user, courses[2]), (user, courses[4])]
    for who, course in at_once[:2]:
        night.happens(who, course)
    refresher = night.refresher()
    refresh_all(refresher, night.reporter)
    for who, course in at_once[2:]:
        night.happens(who, course)
        refresh_all(refresher, night.reporter)
    in_rounds = {who: night.fresh_rows(who) for who in (user, NEWCOMER)}
    monkeypatch.setattr(refreshing, "EVENTS_PER_ROUND", 1)
    forget_progress(night)
    assert night.refresh() == 4
    assert {who: night.fresh_rows(who) for who in (user, NEWCOMER)} == in_rounds


def forget_progress(night):
    for path in Path(night.settings.models_folder).parent.glob("store/*/*.fresh*"):
        path.unlink()
    night.fresh.close()


def test_a_round_that_broke_off_before_it_wrote_is_made_again(night, monkeypatch):
    user, courses = anybody(night)
    night.happens(user, courses[0])
    with monkeypatch.context() as broken:
        broken.setattr(night.fresh, "write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            night.refresh()
    assert night.fresh_rows(user) == {}
    assert night.refresh() == 1
    assert night.fresh_rows(user)


def test_a_new_generation_wins_and_what_it_did_not_read_is_folded_into_it(night):
    user, courses = anybody(night)
    night.happens(user, courses[0])
    refresher = night.refresher()
    assert refresh_all(refresher, night.reporter) == 1
    night.run()
    assert night.fresh_rows(user) == {}
    assert refresh_all(refresher, night.reporter) == 0
    night.happens(user, courses[1])
    assert refresh_all(refresher, night.reporter) == 1
    assert not {*courses[:2]} & {*night.fresh_row(HYBRID, user).entries}


def test_after_a_rollback_lists_lie_over_what_is_live_then(night):
    user, courses = anybody(night)
    night.happens(user, courses[0])
    first = night.live
    refresher = night.refresher()
    refresh_all(refresher, night.reporter)
    night.run()
    night.store.rollback(TENANT, first)
    assert night.fresh_rows(user)
    night.happens(user, courses[1])
    assert refresh_all(refresher, night.reporter) == 1
    assert not {*courses[:2]} & {*night.fresh_row(HYBRID, user).entries}


def test_a_rollback_in_the_middle_of_a_round_of_follow_leaves_its_lists_where_nobody_looks(
    night, monkeypatch
):
    user, courses = anybody(night)
    first, second = night.live, night.run(models=[KNN]).generation
    refresher = night.refresher()
    night.happens(user, courses[0])
    within_a_round(night, monkeypatch, lambda: night.store.rollback(TENANT, first))
    assert refresher.quick_round().generation == second
    assert night.live == first
    assert night.fresh_rows(user) == {}
    assert refresher.quick_round().generation == first
    assert courses[0] not in night.fresh_row(HYBRID, user).entries


def test_a_generation_that_goes_live_in_the_middle_of_a_round_of_follow_has_its_own_lists(
    night, monkeypatch
):
    user, courses = anybody(night, KNN)
    first, refresher = night.live, night.refresher()
    night.happens(user, courses[0])
    within_a_round(night, monkeypatch, lambda: night.run(models=[KNN]))
    assert refresher.quick_round().generation == first
    assert night.live != first
    assert night.fresh_rows(user) == {}
    assert refresher.quick_round() is None, "the run read that event"
    assert courses[0] not in night.row(KNN, user).entries
    night.happens(user, courses[1])
    assert refresher.quick_round().generation == night.live
    assert not {*courses[:2]} & {*night.fresh_row(KNN, user).entries}


def test_what_is_kept_goes_with_its_generation(night):
    kept = Path(night.settings.models_folder, TENANT)
    for _ in range(3):
        night.run(keep_generations=1, models=[KNN])
    stored = {manifest.generation for manifest in night.store.generations(TENANT)}
    assert {folder.name for folder in kept.iterdir()} == stored
    assert len(stored) == 2


def test_a_generation_whose_models_were_not_kept_is_refused_with_the_cure(night):
    night.run(models_folder="")
    night.happens(*anybody(night)[:1], "c")
    with pytest.raises(ModelError, match="MODELS_FOLDER"):
        night.refresh()


def test_nothing_live_is_said(tmp_path, data):
    with pytest.raises(GenerationMissing, match="run the generator"):
        Night(tmp_path, data).refresh()


def test_a_model_that_was_not_kept_leaves_its_lists_and_those_of_others_are_made(night):
    user, courses = anybody(night)
    shutil.rmtree(Path(night.settings.models_folder, TENANT, night.live, "models", ALS))
    night.happens(user, courses[0])
    refresher = night.refresher()
    refresh_all(refresher, night.reporter)
    night.happens(user, courses[1])
    refresh_all(refresher, night.reporter)
    assert [ALS in text for text in night.warned] == [True]
    assert night.fresh_row(ALS, user) is None
    assert night.fresh_row(KNN, user)
    assert night.fresh_row(HYBRID, user)


def test_events_that_no_list_can_follow_are_passed_over(night):
    user, courses = anybody(night)
    night.happens(str(user), courses[0])
    night.happens(user, 12)
    night.happens(user, courses[0], kind="dismissal")
    night.happens(user, courses[1])
    assert night.refresh() == 4
    assert night.fresh_rows(str(user)) == {}
    assert courses[1] not in night.fresh_row(HYBRID, user).entries
    assert night.refresh() == 0


def test_a_course_that_came_since_is_seen_and_breaks_nothing(night):
    user, courses = anybody(night)
    night.happens(user, "aaa-brand-new", courses[0])
    night.refresh()
    assert night.fresh_row(HYBRID, user).entries
    night.happens(NEWCOMER, "aaa-brand-new")
    night.refresh()
    assert user in night.fresh_row(KNN, NEWCOMER, "similar_users").entries


def test_what_happens_at_one_tenant_changes_nothing_of_another_with_the_same_users(night):
    user, courses = anybody(night)
    other = night.run(tenant="globex", models=[KNN]).generation
    night.happens(user, *courses[:2])
    elsewhere = night.refresher(tenant="globex", models=[KNN])
    assert refresh_all(elsewhere, night.reporter) == 0
    night.refresh()
    assert night.fresh_row(KNN, user)
    assert night.fresh.size("globex", other) == 0
    assert night.log.size("globex") == 0


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00.000000Z", "2242-01-01T00:00:00.000000Z"])
def test_clocks_that_are_wrong_lose_no_event_and_leave_no_older_list(night, at, monkeypatch):
    """Of events by their cursors, of lists by their numbers: nothing goes by a clock."""
    user, courses = anybody(night)
    night.happens(user, courses[0])
    refresher = night.refresher()
    refresh_all(refresher, night.reporter)
    behind = datetime(2020, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(refreshing, "utc_now", lambda: behind)
    event = Event("skewed", "view", user, at, course=courses[1], seconds=3600.0)
    night.log.append(TENANT, [event])
    assert refresh_all(refresher, night.reporter) == 1
    assert not {*courses[:2]} & {*night.fresh_row(HYBRID, user).entries}
    made = night.fresh.made_since(TENANT, night.live, 1)
    assert made[user].at.startswith("2020")


def test_who_is_forgotten_is_nobodys_neighbour_in_lists_that_are_made_after(night):
    user, courses = anybody(night)
    night.happens(NEWCOMER, *courses[:4])
    night.happens(user, *courses[:4])
    refresher = night.refresher()
    refresh_all(refresher, night.reporter)
    assert NEWCOMER in night.fresh_row(KNN, user, "similar_users").entries
    night.log.forget(TENANT, NEWCOMER)
    night.fresh.forget(TENANT, NEWCOMER)
    night.happens(user, courses[5])
    refresh_all(refresher, night.reporter)
    assert NEWCOMER not in night.fresh_row(KNN, user, "similar_users").entries
    assert night.fresh_rows(NEWCOMER) == {}


def test_other_settings_than_those_of_the_run_are_said(night):
    user, courses = anybody(night)
    night.happens(user, courses[0])
    refresh_all(night.refresher(stored_list_length=7), night.reporter)
    assert ["settings" in text for text in night.warned] == [True]
    assert len(night.fresh_row(HYBRID, user).entries) == 7


def test_quick_rounds_write_the_lists_that_a_whole_round_does_where_one_user_did_something(night):
    user, courses = anybody(night)
    night.happens(user, *courses[:3])
    night.happens(user, courses[4], kind="completion")
    refresher = night.refresher()
    assert refresher.quick_round().is_whole
    quickly = night.fresh_rows(user)
    assert refresher.round() is None
    forget_progress(night)
    night.refresh()
    assert quickly == night.fresh_rows(user)


def test_quick_rounds_go_on_from_each_other_and_know_what_was_before(night):
    user, courses = anybody(night)
    refresher = night.refresher()
    for course in courses[:3]:
        night.happens(user, course)
        assert refresher.quick_round().events == 1
    assert refresher.quick_round() is None
    assert not {*courses[:3]} & {*night.fresh_row(HYBRID, user).entries}
    later = night.refresher()
    night.happens(user, courses[3])
    assert later.quick_round().is_whole
    assert not {*courses[:4]} & {*night.fresh_row(HYBRID, user).entries}


def test_newcomers_wait_for_a_whole_round_and_are_not_passed_over(night):
    user, courses = anybody(night)
    night.happens(NEWCOMER, courses[0])
    night.happens(user, courses[1])
    refresher = night.refresher()
    assert not refresher.quick_round().is_whole
    assert night.fresh_rows(NEWCOMER) == {}
    night.happens(user, courses[2])
    assert not refresher.quick_round().is_whole, "the newcomer still waits"
    assert night.refresher().round().events == 3, "another process would find them"
    assert night.fresh_rows(NEWCOMER)
    night.happens(NEWCOMER, courses[3])
    refresher = night.refresher()
    refresh_all(refresher, night.reporter)
    night.happens(NEWCOMER, courses[4])
    assert refresher.quick_round().is_whole, "they are known by now"


def test_models_that_are_not_quick_wait_for_a_whole_round(night, monkeypatch):
    user, courses = anybody(night)
    model = type(night.refresher()._follow_live().model(KNN))
    monkeypatch.setattr(model, "_take_in", Model._take_in)
    night.happens(user, courses[0])
    refresher = night.refresher()
    assert not refresher.quick_round().is_whole
    assert night.fresh_row(KNN, user) is None
    assert night.fresh_row(ALS, user)
    refresh_all(refresher, night.reporter)
    assert night.fresh_row(KNN, user)


def test_events_that_nobody_known_did_hold_no_quick_round_up(night):
    night.happens("somebody", "c")
    assert not night.refresher().quick_round().is_whole
    assert night.fresh.size(TENANT, night.live) == 0


@pytest.mark.parametrize("file", ["about.json", "tables/user_course_views.arrow"])
def test_what_was_kept_and_is_damaged_is_said_with_the_cure(night, file):
    night.happens(*anybody(night)[:1], "c")
    Path(night.settings.models_folder, TENANT, night.live, file).write_bytes(
        b"{nothing of the kind"
    )
    with pytest.raises(ModelError, match=r"is damaged .* run the generator"):
        night.refresh()
    assert night.fresh.size(TENANT, night.live) == 0


def within_a_round(night, monkeypatch, happens):
    """Have something happen once, when a round knows what is live and has read what was done."""
    read = night.log.read_since

    def and_then(*asked):
        monkeypatch.setattr(night.log, "read_since", read)
        page = read(*asked)
        happens()
        return page

    monkeypatch.setattr(night.log, "read_since", and_then)
