import pytest

from tests.generator.load.platforms.exports import counts, loaded, put, rows

AS_CSV = {
    "feedback__csv": (
        "feedback_type,user_id,item_id,time_stamp\r\n"
        "click,0,2,0001-01-01 00:00:00 +0000 UTC\r\n"
        "read,2,6,2021-01-01 01:01:01.000000001 +0000 UTC\r\n"
    ),
    "items__csv": (
        "item_id,is_hidden,categories,time_stamp,labels,description\r\n"
        '2,false,x|y,2020-01-01 01:01:01.000000001 +0000 UTC,"{""genre"":[""comedy"",""sci-fi""]}"'
        ',"o,n,e"\r\n6,true,,2022-01-01 01:01:01.000000001 +0000 UTC,a|b,"t\r\nwo"\r\n'
    ),
    "users__csv": 'user_id,labels\r\n0,"[""m"",""25""]"\r\n2,null\r\n',
}
AS_JSON = {
    "feedback__jsonl": [
        {"FeedbackType": "click", "UserId": "0", "ItemId": "2",
         "Timestamp": "0001-01-01T00:00:00Z", "Comment": ""},
        {"FeedbackType": "read", "UserId": "2", "ItemId": "6",
         "Timestamp": "2021-01-01T01:01:01Z", "Comment": ""},
    ],
    "items__jsonl": [
        {"ItemId": "2", "IsHidden": False, "Categories": ["x", "y"],
         "Labels": {"genre": ["comedy", "sci-fi"]}, "Comment": "o,n,e"},
        {"ItemId": "6", "IsHidden": True, "Categories": None, "Labels": ["a", "b"],
         "Comment": "t\nwo"},
    ],
    "users__jsonl": [{"UserId": "0", "Labels": ["m", "25"]}, {"UserId": "2", "Labels": None}],
}  # fmt: skip


@pytest.mark.parametrize("files", [AS_CSV, AS_JSON], ids=["csv", "json"])
def test_feedback_items_and_users_are_read_in_either_form(tmp_path, files):
    validated = loaded(put(tmp_path, **files), "gorse")
    views = rows(validated, "user_course_views", "user_handle", "course_id")
    assert [(str(user), str(course)) for user, course in views] == [("0", "2"), ("2", "6")]
    dates = validated.tables["user_course_views"]["view_date"]
    assert dates.isna().tolist() == [True, False]
    assert counts(validated) == (2, 2, 0, 0)
    tags = rows(validated, "course_tags", "course_id", "course_tags")
    assert {(str(course), tag) for course, tag in tags if tag} == {
        ("2", "x"), ("2", "y"), ("2", "comedy"), ("2", "sci-fi"), ("6", "a"), ("6", "b")
    }  # fmt: skip
    assert rows(validated, "courses", "title")[0] == ("o,n,e",)
    assert [labels for (labels,) in rows(validated, "users", "labels")] == ["m|25", None]


def test_one_type_of_feedback_may_be_selected(tmp_path):
    validated = loaded(put(tmp_path, **AS_CSV), "gorse", where="feedback_type:read")
    assert rows(validated, "user_course_views", "user_handle") == [(2,)]
    assert counts(validated) == (2, 1, 0, 1)
