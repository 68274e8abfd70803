import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from generator.inspection.heads import HEAD_BYTES, HEAD_ROWS, head_of
from generator.inspection.inspection import SHOWN_ROWS, inspect
from shared.errors import DataError
from tests.generator.load.small_tables import INTERESTS, VIEWS, write


def words_for(path, text: str, **declared: str) -> dict[str, str]:
    path.write_text(text)
    return inspect(str(path), declared).words


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "r.csv",
            "userId,movieId,rating,timestamp\n1,2,3.5,1112486027\n",
            {"user": "userId", "item": "movieId", "weight": "rating", "time": "timestamp"},
        ),
        (
            "e.csv",
            "User_ID;SKU;Action\n1;a;view\n2;b;buy\n",
            {"user": "User_ID", "item": "SKU", "weights": "Action:view=1|buy=1"}
            | {"sep": "semicolon"},
        ),
        (
            "r.dat",
            "1::1193::5::978300760\n2::661::3::978302109\n",
            {"user": "1", "item": "2", "weight": "3", "time": "4"},
        ),
        (
            "b.tsv",
            "learner_id\tcourse\tview_time_seconds\tgenres\nx\ty\t60\tA;B\n",
            {"user": "learner_id", "item": "course", "view_time_seconds": "view_time_seconds"}
            | {"tags": "genres", "split": "semicolon"},
        ),
        (
            "x.jsonl",
            json.dumps({"actor": {"id": 1}, "object": {"id": "a"}, "ts": "2024-05-01"}) + "\n",
            {"user": "actor.id", "item": "object.id", "time": "ts"},
        ),
        (
            "checkins.txt",
            "0\t2010-10-19T23:55:27Z\t30.235\t-97.795\t22847\n"
            "1\t2010-10-18T22:17:43Z\t30.269\t-97.763\t420315\n",
            {"user": "1", "item": "5", "time": "2"},
        ),
        (
            "plays.tsv",
            "user_1\t2009-05-04T23:08:57Z\tf1b1\tDeep Dish\t\tWuthering\n",
            {"user": "1", "item": "3", "time": "2"},
        ),
        (
            "export.csv",
            ",user,item\n0,1,a\n",
            {"user": "user", "item": "item"},
        ),
        ("views.csv", VIEWS, {}),
    ],
)
def test_columns_are_recognised_by_their_names_and_values(tmp_path, name, text, words):
    assert words_for(tmp_path / name, text) == words


def test_what_is_proposed_loads_the_file(tmp_path):
    (tmp_path / "r.dat").write_text("1::1193::5::978300760\n2::661::3::978302109\n")
    look = inspect(str(tmp_path / "r.dat"), {})
    assert not look.problem
    assert len(look.tables["user_course_views"].frame) == 2
    assert look.command("r.dat") == (
        "python run_generator.py --data r.dat --columns user=1,item=2,weight=3,time=4"
    )
    assert list(look.shown) == ["1", "2", "3", "4"]


def test_text_that_is_no_utf_8_is_proposed_to_be_what_windows_writes(tmp_path):
    (tmp_path / "x.csv").write_bytes("user,item\nJosé,café\n".encode("cp1252"))
    look = inspect(str(tmp_path / "x.csv"), {})
    assert look.words == {"user": "user", "item": "item", "encoding": "windows-1252"}
    assert look.shown.to_numpy().tolist() == [["José", "café"]]


def test_declared_columns_are_used_and_not_replaced(tmp_path):
    declared = {"user": "b", "item": "a"}
    assert words_for(tmp_path / "x.csv", "a,b,user\n1,2,3\n", **declared) == declared


def test_what_no_column_looks_like_is_asked_for(tmp_path):
    (tmp_path / "x.csv").write_text("movieId,title\n1,Toy Story\n")
    look = inspect(str(tmp_path / "x.csv"), {})
    assert look.problem == "No column looks like the user: say it with --columns user=NAME."
    assert not look.tables


def test_tables_of_a_folder_are_named(tmp_path):
    look = inspect(str(write(tmp_path, user_interests=INTERESTS, user_course_views=VIEWS)), {})
    assert [sentence.rpartition("/")[2] for sentence in look.said] == [
        "user_interests.csv: user_interests as csv.",
        "user_course_views.csv: user_course_views as csv.",
    ]
    assert set(look.tables) == {"user_interests", "user_course_views"}


def test_only_the_head_of_a_large_file_is_read(tmp_path):
    rows = HEAD_BYTES // 10
    text = "user,item\n" + "".join(f"{row},course{row % 9}\n" for row in range(rows))
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(text.encode()))
    pq.write_table(pa.table({"user": range(HEAD_ROWS * 2), "item": [1] * HEAD_ROWS * 2}),
                   tmp_path / "y.parquet")  # fmt: skip
    for name in ("x.csv.gz", "y.parquet"):
        look = inspect(str(tmp_path / name), {})
        assert 1000 < len(look.tables["user_course_views"].frame) < rows
        assert not len(look.tables["user_course_views"].malformed)
        assert len(look.shown) == SHOWN_ROWS


def test_nothing_to_look_at_is_said(tmp_path):
    with (
        pytest.raises(DataError, match=r"There is no file .*x\.csv"),
        head_of(str(tmp_path / "x.csv"), {}),
    ):
        pass
