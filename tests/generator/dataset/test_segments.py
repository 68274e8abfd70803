import numpy as np

from generator.dataset.build import build_dataset
from generator.dataset.segments import families_of
from tests.datasets import table

PEOPLE = [(1, "Sales", "go|rust", "20"), (2, "Law", "go", "30"), (3, "", "", "")]


def people(rows=PEOPLE):
    return build_dataset(
        {
            "users": table("users", "user_handle department skills years", rows),
            "user_interests": table("user_interests", "user_handle interest_tag", [(3, "c#")]),
        }
    )


def segments_of(data, edges=None):
    return {
        segment.name: set(data.users.handles(np.flatnonzero(segment.users).astype(np.int32)))
        for family in families_of(data, edges)
        for segment in family.segments()
    }


def test_labels_ranges_and_followers_are_segments_and_empty_cells_are_none():
    found = segments_of(people(), {"years": [25.0]})
    assert {name: found[name] for name in found if not name.startswith("segment/dep")} == {
        "segment/skills/go": {1, 2}, "segment/skills/rust": {1},
        "range/years/0": {1}, "range/years/1": {2}, "interest/c#": {3},
    }  # fmt: skip
    assert {frozenset(of) for name, of in found.items() if "department" in name} == {
        frozenset({1}), frozenset({2}),
    }  # fmt: skip


def test_a_number_is_cut_into_ranges_of_about_as_many_users_each():
    data = people([(user, "", "", str(user**2)) for user in range(80)])
    ranges = [of for name, of in segments_of(data).items() if name.startswith("range/")]
    assert len(ranges) == 8
    assert {len(of) for of in ranges} == {10}
