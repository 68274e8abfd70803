"""Every registered model is saved, loaded and folded in, and its lists stay what they were."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generator.dataset.dataset import Dataset
from generator.dataset.few_users import FewUsers
from generator.encoders.onnx_models import open_session
from generator.hybrids.base import Hybrid, candidates_of
from generator.models.base import Model
from generator.models.registry import MODELS
from generator.models.run_options import RunOptions
from shared.errors import ModelError
from shared.kinds import KINDS
from tests.datasets import make_dataset
from tests.quick_models import quick_model

N = 6
RUN = RunOptions(seed=1)
TRIBES, MEMBERS, COURSES = 3, 12, 10
SUBJECTS = ("python programming", "clay pottery", "french cooking")
"""What each tribe's tags are about, for models that read."""


def rows_of_tribes(but: int = -1) -> dict[str, list]:
    """Users in tribes, as rows of tables, without the user `but`."""
    random = np.random.default_rng(11)
    rows = {"interests": [], "views": [], "course_tags": [], "completions": []}
    for tribe in range(TRIBES):
        courses = [f"course {tribe} {i}" for i in range(COURSES)]
        tags = [f"{SUBJECTS[tribe]} {i}" for i in range(5)]
        rows["course_tags"] += [(c, t) for c in courses for t in random.choice(tags, 2, False)]
        for member in range(MEMBERS):
            user, level = 100 + 2 * (TRIBES * member + tribe), f"level {tribe}"
            follows, watched = random.choice(tags, 3, False), random.choice(courses, 5, False)
            seconds = random.integers(300, 7200, 5).tolist()
            if user != but:
                rows["interests"] += [(user, tag) for tag in follows]
                rows["views"] += [
                    (user, course, float(time), level)
                    for course, time in zip(watched, seconds, strict=True)
                ]
                rows["completions"].append((user, watched[member % 3]))
    return rows


NEW_USER = 101
"""Between the others, so that all row numbers after it change."""


def with_new_user() -> Dataset:
    """One more, who is of the first tribe in every respect; and a course nobody has watched."""
    rows = rows_of_tribes()
    rows["interests"] += [(NEW_USER, f"{SUBJECTS[0]} {i}") for i in range(3)]
    rows["views"] += [(NEW_USER, f"course 0 {i}", 1800.0, "level 0") for i in range(4)]
    return make_dataset(**rows, courses=["a new course"])


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return make_dataset(**rows_of_tribes())


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest, dataset: Dataset) -> Model:
    """With options of its own where these count when lists are made, so that they must be kept."""
    defaults = quick_model(request.param).options
    others = {name: 2 * defaults[name] for name in ("reg", "k", "shrink") if name in defaults}
    return quick_model(request.param, **others).fit(dataset, RUN)


@pytest.fixture
def folder(model: Model, tmp_path: Path) -> Path:
    model.save(tmp_path / "model")
    return tmp_path / "model"


def subjects_of(model: Model, kind: str) -> np.ndarray:
    data = model.dataset
    return np.arange(len(data.users if KINDS[kind].subject == "user" else data.courses))


def lists_of(model: Model) -> dict:
    return {kind: model.top_n(kind, subjects_of(model, kind), N) for kind in model.serves}


def assert_same_lists(model: Model, other: Model) -> None:
    expected = lists_of(model)
    for kind, top in lists_of(other).items():
        np.testing.assert_array_equal(top.indices, expected[kind].indices)
        np.testing.assert_array_equal(top.scores, expected[kind].scores)
    for kind in model.reason_kinds:
        asked = subjects_of(model, kind), expected[kind].indices
        for part, same in zip(
            model.reasons(kind, *asked), other.reasons(kind, *asked), strict=True
        ):
            np.testing.assert_array_equal(part, same)


def test_a_loaded_model_gives_the_same_lists_and_reasons(model: Model, folder: Path) -> None:
    loaded = type(model).load(folder, model.dataset, RUN)
    assert_same_lists(model, loaded)
    assert loaded.options == model.options
    assert loaded.measures == model.measures


def test_what_is_saved_is_arrays_and_one_description_and_never_pickle(folder: Path) -> None:
    for path in folder.iterdir():
        if path.suffix == ".npy":
            assert np.load(path, allow_pickle=False).dtype != object
        elif path.suffix == ".onnx":
            assert not path.stat().st_size or open_session(path, 1, "").get_inputs()
        else:
            assert path.name == "model.json"
            json.loads(path.read_text())


def test_what_a_loaded_model_changes_stays_out_of_the_files(model: Model, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    loaded = type(model).load(folder, model.dataset, RUN)
    for name in model.learned:
        value = getattr(loaded, name)
        if isinstance(value, np.ndarray) and value.size:
            value[:] = 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_does_not_fit_is_refused_in_words(model: Model, folder: Path) -> None:
    def refused(sentence: str, data: Dataset = model.dataset) -> None:
        with pytest.raises(ModelError, match=sentence):
            type(model).load(folder, data, RUN)

    refused("learned from other users than the data has", with_new_user())
    refused(
        "learned from other courses than the data has",
        replace(model.dataset, courses=with_new_user().courses),
    )
    whole = json.loads((folder / "model.json").read_text())

    def described(**changes) -> None:
        (folder / "model.json").write_text(json.dumps(whole | changes))

    described(handle="another_model")
    refused(f"holds the model another_model, not {model.handle}")
    described(options={"no_such_option": 3})
    refused("is of another version of .*no_such_option")
    described(format=0)
    refused("saved in format 0, and this version of Kindred reads format 1")
    described(learned={})
    refused("is of another version")
    described()
    arrays = sorted(folder.glob("*.npy"))
    if arrays:
        arrays[0].write_bytes(b"nothing of the kind")
        refused("is damaged")
    (folder / "model.json").write_text("{")
    refused("is damaged")
    (folder / "model.json").unlink()
    refused("holds no saved model")


def test_folding_in_the_same_data_changes_no_list(model: Model, folder: Path) -> None:
    assert_same_lists(model, folded(model, folder, make_dataset(**rows_of_tribes())))


def folded(model: Model, folder: Path, data: Dataset) -> Model:
    """A hybrid is given the lists of its components."""
    loaded = type(model).load(folder, model.dataset, RUN)
    if isinstance(loaded, Hybrid):
        loaded.over(candidates_of(loaded.uses, loaded.serves[0], data, RUN))
    return loaded.fold_in(data)


def test_a_new_user_who_is_folded_in_gets_the_lists_of_their_tribe(
    model: Model, folder: Path
) -> None:
    data = with_new_user()
    after = folded(model, folder, data)
    (user,) = data.users.index_of([NEW_USER])
    assert user in after.known_users()
    if not model.is_personal:
        return
    for kind in set(model.serves) & {"similar_users", "recommendations"}:
        (listed,) = after.top_n(kind, [user], 4).indices
        assert listed[0] >= 0
        entries = listed[listed >= 0]
        if kind == "similar_users":
            assert {(u - 100) // 2 % TRIBES for u in data.users.handles(entries)} == {0}
        else:
            assert {course.split()[1] for course in data.courses.handles(entries)} == {"0"}


def test_folding_a_user_in_leaves_all_others_as_they_were(model: Model, folder: Path) -> None:
    """Beyond that the new one may be listed, and has a vote where neighbours vote."""
    data = with_new_user()
    after = folded(model, folder, data)
    others = data.users.index_of(model.dataset.users.handles())
    courses = data.courses.index_of(model.dataset.courses.handles())
    (new,) = data.users.index_of([NEW_USER])
    assert set(after.known_users()) == {*others[model.known_users()], new}
    assert set(after.known_courses()) >= set(courses[model.known_courses()])
    of_entity = {"user": others, "course": courses}
    for kind in model.serves:
        if kind == "recommendations" and hasattr(model, "_last_neighbours"):
            continue
        subjects, entries = of_entity[KINDS[kind].subject], of_entity[KINDS[kind].entry]
        before = model.top_n(kind, subjects_of(model, kind), N)
        now = after.top_n(kind, subjects, N + 1)
        for old, scores, row, row_scores in zip(*before, *now, strict=True):
            kept = (row >= 0) & ((row != new) | (KINDS[kind].entry == "course"))
            assert row[kept][:N].tolist() == entries[old[old >= 0]].tolist()
            np.testing.assert_allclose(row_scores[kept][:N], scores[old >= 0], atol=1e-6)


def test_a_changed_user_has_seen_what_they_have_seen(model: Model, folder: Path) -> None:
    if "recommendations" not in model.serves:
        pytest.skip(f"{model.handle} recommends nothing")
    rows = rows_of_tribes()
    (user,) = model.dataset.users.index_of([100])
    first = model.recommend([user], 1).indices[0, 0]
    course = model.dataset.courses.handles()[first]
    rows["views"].append((100, course, 3600.0, f"level {course.split()[1]}"))
    after = folded(model, folder, make_dataset(**rows))
    assert first not in after.recommend([user], 20).indices


def test_a_changed_user_who_is_taken_in_gets_the_lists_and_reasons_of_one_who_is_folded_in(
    model: Model, folder: Path
) -> None:
    loaded = type(model).load(folder, model.dataset, RUN)
    if not loaded.can_take_in:
        with pytest.raises(ModelError, match="takes nobody in"):
            loaded.take_in(FewUsers(model.dataset, np.zeros(0, np.int32), model.dataset))
        return
    rows = rows_of_tribes()
    rows["views"] += [(100, f"course 1 {i}", 7000.0, "level 1") for i in range(3)]
    rows["views"].append((100, "course 0 1", 0.0, "level 0"))
    rows["interests"].append((100, f"{SUBJECTS[1]} 2"))
    rows["completions"].append((100, "course 1 1"))
    data = make_dataset(**rows)
    users = data.users.index_of([100]).astype(np.int32)
    alone = {name: [row for row in of if row[0] == 100] for name, of in rows.items()}
    few = FewUsers(make_dataset(**alone, like=data), users, model.dataset)
    after = folded(model, folder, data)
    if isinstance(loaded, Hybrid):
        loaded.over(candidates_of(loaded.uses, loaded.serves[0], data, RUN))
    loaded.take_in(few)
    assert (users[0] in loaded.known_users()) == (users[0] in after.known_users())
    for kind in [kind for kind in model.serves if KINDS[kind].subject == "user"]:
        expected, top = after.top_n(kind, users, N), loaded.top_n(kind, users, N)
        np.testing.assert_array_equal(top.indices, expected.indices)
        np.testing.assert_allclose(top.scores, expected.scores, atol=1e-6)
        if kind in model.reason_kinds:
            reasons = (of.reasons(kind, users, top.indices) for of in (loaded, after))
            for part, same in zip(*reasons, strict=True):
                np.testing.assert_allclose(part, same, atol=1e-6)


def test_a_user_who_is_gone_is_in_no_list(model: Model, folder: Path) -> None:
    data = make_dataset(**rows_of_tribes(but=102))
    after = folded(model, folder, data)
    for kind in model.serves:
        assert after.top_n(kind, subjects_of(after, kind), N).indices.max() < max(
            len(data.users), len(data.courses)
        )
    assert len(after.known_users()) == len(model.known_users()) - 1


def test_a_course_that_is_gone_asks_for_a_new_fit(model: Model, folder: Path) -> None:
    loaded = type(model).load(folder, model.dataset, RUN)
    rows = rows_of_tribes()
    kept = {k: [r for r in v if "course 1 3" not in r] for k, v in rows.items()}
    with pytest.raises(ModelError, match=r"1 courses are gone .* 'course 1 3'; fit it again"):
        loaded.fold_in(make_dataset(**kept))
