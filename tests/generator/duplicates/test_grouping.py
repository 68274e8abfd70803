import numpy as np

from generator.duplicates.grouping import groups_of


def _grouped(likeness):
    """Of a square matrix, all pairs given that are at least .5 alike."""
    left, right = np.triu_indices(len(likeness), 1)
    known = likeness[left, right] >= 0.5
    left, right = left[known].astype(np.int32), right[known].astype(np.int32)
    given = likeness[left, right].astype(np.float32)
    return list(
        groups_of(
            len(likeness), left, right, given, 0.75, lambda a, b: likeness[a, b].astype(np.float32)
        )
    )


def test_a_chain_is_cut_where_its_ends_are_not_alike():
    likeness = np.array([[1, 0.9, 0.1], [0.9, 1, 0.8], [0.1, 0.8, 1]])
    assert _grouped(likeness) == [[0, 1]]


def test_in_every_group_all_are_alike_and_no_two_groups_could_be_one():
    rng = np.random.default_rng(3)
    for _ in range(20):
        likeness = rng.random((12, 12))
        likeness = np.maximum(likeness, likeness.T)
        groups = _grouped(likeness)
        for group in groups:
            inside = likeness[np.ix_(group, group)][~np.eye(len(group), dtype=bool)]
            assert (inside >= 0.75).all()
        alone = set(range(12)) - {row for group in groups for row in group}
        parts = [*groups, *([row] for row in sorted(alone))]
        for place, ours in enumerate(parts):
            for theirs in parts[:place]:
                assert (likeness[np.ix_(ours, theirs)] < 0.75).any()


def test_nothing_alike_is_no_group():
    assert _grouped(np.zeros((4, 4))) == []
