"""What every store of fresh lists must do: lie over one generation, whole or not at all."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from shared.errors import GenerationMissing, LockHeld, SettingsError, StoreUnavailable
from shared.fresh import FRESH_LISTS, FreshLists, open_fresh
from shared.fresh.lists import Progress
from shared.records import COURSE_FACTS, FactsRow, ListRow
from shared.stores import open_store
from shared.stores.base import parsed_row
from tests.server.generations import publish

TENANT, OTHER = "acme", "globex"
NIGHT, NEXT_NIGHT = "20261129T020000Z-00a1", "20261130T020000Z-00a2"
EARLY, LATE = "2026-11-30T08:00:00.000+00:00", "2026-11-30T09:00:00.000+00:00"
MODEL = "als_collab_filtering_user_course_view"
WAYS = {"sqlite": "sqlite:///{folder}/store"}


@dataclass(frozen=True)
class Way:
    url: str

    def open(self) -> FreshLists:
        fresh = open_fresh(self.url)
        assert fresh is not None
        return fresh


@pytest.fixture(params=WAYS)
def way(request, tmp_path):
    return Way(WAYS[request.param].format(folder=tmp_path))


@pytest.fixture
def fresh(way):
    opened = way.open()
    yield opened
    opened.close()


def courses(user, *entries, kind="recommendations"):
    return ListRow(kind, user, MODEL, list(entries), [1.0] * len(entries))


def of(fresh, user, generation=NIGHT, tenant=TENANT):
    row = courses(user)
    texts = fresh.get_many(tenant, generation, [(row.section, user)])
    return {key: (text.text, text.made_at) for key, text in texts.items()}


def test_every_registered_one_is_under_this_contract():
    assert set(WAYS) == set(FRESH_LISTS)


def test_a_store_without_fresh_lists_says_so():
    assert open_fresh("dynamodb://kindred") is None
    with pytest.raises(SettingsError, match="sqlite:///FOLDER"):
        open_fresh("sqlite://store")


def test_nothing_is_there_at_first(fresh):
    assert of(fresh, 7) == {}
    assert fresh.progress(TENANT, NIGHT) is None
    assert fresh.made_since(TENANT, NIGHT, 0) == {}
    assert not fresh.has_changed(TENANT, NIGHT)
    assert fresh.size(TENANT, NIGHT) == fresh.forget(TENANT, 7) == 0
    assert not fresh.has_any(TENANT, NIGHT)


def test_what_was_written_is_read_by_others(fresh, way):
    row, facts = courses(7, "go-101", "ünïcode"), FactsRow(COURSE_FACTS, 7, {"title": "Gö"})
    assert fresh.write(TENANT, NIGHT, [row, courses("7"), facts], Progress(5, EARLY)) == 3
    another = way.open()
    of_course = another.get_many(TENANT, NIGHT, [(COURSE_FACTS, 7)])[COURSE_FACTS, 7]
    assert parsed_row((COURSE_FACTS, 7), of_course.text) == facts
    assert of(another, 7) == {(row.section, 7): (row.to_json().decode(), EARLY)}
    assert another.progress(TENANT, NIGHT) == Progress(5, EARLY)
    assert another.size(TENANT, NIGHT) == 3
    assert another.has_any(TENANT, NIGHT)
    another.close()


def test_a_reader_that_looked_before_anything_was_there_sees_what_comes(fresh, way):
    another = way.open()
    assert of(another, 7) == {}
    fresh.write(TENANT, NIGHT, [courses(7, "go-101")], Progress(5, EARLY))
    assert len(of(another, 7)) == 1
    another.close()


def test_a_later_list_lies_over_an_earlier_one_and_others_stay(fresh):
    fresh.write(TENANT, NIGHT, [courses(7, "a"), courses(8, "b")], Progress(5, EARLY))
    fresh.write(TENANT, NIGHT, [courses(7, "c")], Progress(6, LATE))
    ((text, made_at),) = of(fresh, 7).values()
    assert ('"c"' in text, made_at) == (True, LATE)
    assert next(iter(of(fresh, 8).values()))[1] == EARLY
    assert fresh.made_since(TENANT, NIGHT, 0) == {7: (2, LATE), 8: (1, EARLY)}
    assert fresh.made_since(TENANT, NIGHT, 1) == {7: (2, LATE)}
    fresh.write(TENANT, NIGHT, [courses(8, "d")], Progress(7, EARLY))
    assert fresh.made_since(TENANT, NIGHT, 2) == {8: (3, EARLY)}, "though the clock went back"


def test_a_reader_can_tell_that_something_was_written(fresh, way):
    another = way.open()
    another.write(TENANT, NIGHT, [courses(7, "a")], Progress(5, EARLY))
    told = [fresh.has_changed(TENANT, NIGHT) for _ in range(2)]
    another.write(TENANT, NIGHT, [courses(7, "b")], Progress(6, EARLY))
    told += [fresh.has_changed(TENANT, NIGHT) for _ in range(2)]
    fresh.forget(TENANT, 7)
    assert [*told, fresh.has_changed(TENANT, NIGHT)] == [True, False, True, False, True]
    assert not fresh.has_changed(TENANT, NEXT_NIGHT)
    another.close()


def test_they_lie_over_one_generation_of_one_tenant(fresh):
    fresh.write(TENANT, NIGHT, [courses(7, "a")], Progress(5, EARLY))
    assert of(fresh, 7, NEXT_NIGHT) == of(fresh, 7, tenant=OTHER) == {}
    assert fresh.progress(TENANT, NEXT_NIGHT) is None
    fresh.write(TENANT, NEXT_NIGHT, [courses(7, "b")], Progress(9, LATE))
    assert '"a"' in next(iter(of(fresh, 7).values()))[0]
    assert '"b"' in next(iter(of(fresh, 7, NEXT_NIGHT).values()))[0]


def test_what_breaks_off_leaves_neither_lists_nor_progress(fresh):
    def rows():
        yield courses(7, "a")
        raise RuntimeError("the model broke")

    with pytest.raises(RuntimeError):
        fresh.write(TENANT, NIGHT, rows(), Progress(5, EARLY))
    assert of(fresh, 7) == {}
    assert fresh.progress(TENANT, NIGHT) is None


def test_nor_does_what_cannot_be_written_after_other_lists_were(fresh):
    unwritable = courses(("no", "handle"), "b")
    with pytest.raises(StoreUnavailable):
        fresh.write(TENANT, NIGHT, [courses(7, "a"), unwritable], Progress(5, EARLY))
    assert of(fresh, 7) == {}
    assert fresh.progress(TENANT, NIGHT) is None


def test_a_person_is_forgotten_in_all_generations_and_in_the_lists_of_others(fresh):
    naming = courses(8, 9, 7, kind="similar_users")
    spoken = courses(11, "a")
    spoken.reasons = [[3, [[7, 0.5]]]]
    innocent = courses(9, "b", 70)
    fresh.write(TENANT, NIGHT, [courses(7, "a"), naming, spoken, innocent], Progress(5, EARLY))
    fresh.write(TENANT, NEXT_NIGHT, [courses(7, "b")], Progress(5, EARLY))
    assert fresh.forget(TENANT, 7) == 4
    assert fresh.size(TENANT, NEXT_NIGHT) == 0
    assert (len(of(fresh, 9)), fresh.size(TENANT, NIGHT)) == (1, 1)


def test_one_process_at_a_time_refreshes_a_tenant(fresh, way):
    others = way.open()
    with fresh.lock(TENANT), others.lock(OTHER), pytest.raises(LockHeld, match=TENANT):
        others.lock(TENANT).__enter__()
    with fresh.lock(TENANT):
        pass


def test_the_lock_ends_with_a_process_that_is_killed(fresh, way):
    holder = (
        "import sys, os, signal; from shared.fresh import open_fresh\n"
        f"with open_fresh({way.url!r}).lock({TENANT!r}): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", holder]).returncode == -9
    with fresh.lock(TENANT):
        pass


@pytest.mark.parametrize("name", ["../away", "20261129T020000Z-00a1/..", ""])
def test_a_name_that_leads_elsewhere_is_no_generation(fresh, name):
    with pytest.raises(GenerationMissing):
        fresh.write(TENANT, name, [], Progress(1, EARLY))
    with pytest.raises(GenerationMissing):
        fresh.made_since(TENANT, name, 0)


def test_they_go_when_their_generation_goes(fresh, way):
    store = open_store(way.url)
    first, second = publish(store), publish(store)
    for generation in (first, second):
        fresh.write("default", generation, [courses(7, "a")], Progress(5, EARLY))
    fresh.close()
    store.discard("default", first)
    assert fresh.size("default", first) == 0
    assert fresh.size("default", second) == 1
    store.close()
