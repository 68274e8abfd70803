from benchmarks.content.duplicates import PairSet, blocking_recall, read_pairs

SONGS = PairSet("songs", "Song", 0.8, 0.5, 0.9)
SONG = "COL Song VAL See You Again COL Time VAL 3:26 "
LINES = [
    f"{SONG}\tCOL Song VAL see you again COL Time VAL 3:26 \t1",
    f"{SONG}\tCOL Song VAL Dangerous COL Time VAL  \t0",
]


def test_pairs_are_read_as_records_each_of_them_once(tmp_path):
    (tmp_path / "songs_train.txt").write_text("\n".join(LINES[:1]) + "\n")
    (tmp_path / "songs_valid.txt").write_text("\n".join(LINES[1:]) + "\n")
    pairs = read_pairs(tmp_path, SONGS, ("train", "valid"))
    assert list(pairs.records.titles) == ["See You Again", "see you again", "Dangerous"]
    assert dict(pairs.records.attributes) == {"Time": ["3:26", "3:26", ""]}
    assert (pairs.left.tolist(), pairs.right.tolist()) == ([0, 0], [1, 2])
    assert pairs.are_same.tolist() == [True, False]
    assert blocking_recall(pairs, threads=1) == 1
