import pytest

from generator.load.files import load_tables
from generator.validation.validation import validate_tables
from shared.errors import DataError, SettingsError

EVENTS = (
    "u,i,event,lang,stars,genres\n"
    "1,a,view,en,5,Drama|Crime\n"
    "1,b,buy,en,2,\n"
    "2,a,view,de,,Crime| Drama \n"
    "2,c,scroll,en,4,Comedy\n"
)
COLUMNS = {"user": "u", "item": "i"}


def read(tmp_path, **words):
    (tmp_path / "x.csv").write_text(EVENTS)
    return validate_tables(load_tables(str(tmp_path / "x.csv"), COLUMNS | words))


def views(validated, *names):
    rows = validated.tables["user_course_views"][["user_handle", "course_id", *names]]
    return list(rows.astype(object).itertuples(index=False, name=None))


def test_where_keeps_the_rows_with_these_values_and_says_how_many_it_left_out(tmp_path):
    validated = read(tmp_path, where="event:view|buy&lang:en")
    assert views(validated) == [(1, "a"), (1, "b")]
    report = validated.reports[0]
    assert report.left_out == {
        "whose event is not buy or view": 1,
        "whose lang is not en": 1,
    }
    assert (report.rows_read, report.rows_kept, report.rows_set_aside) == (4, 2, 0)


def test_weights_say_what_an_event_counts_and_leave_the_others_out(tmp_path):
    validated = read(tmp_path, weights="event:view=1|buy=2.5")
    seconds = [row[2] / 3600 for row in views(validated, "view_time_seconds")]
    assert seconds == [1, 2.5, 1]
    assert validated.reports[0].left_out == {"whose event is not buy or view": 1}
    assert len(views(read(tmp_path, weights="event:view=1|*=3"))) == 4


def test_a_rating_that_is_too_low_is_a_review_and_no_view(tmp_path):
    validated = read(tmp_path, positive_from="stars:4")
    assert views(validated) == [(1, "a"), (2, "c")]
    reviews = validated.tables["course_reviews"]
    assert reviews[["user_handle", "course_id", "rating"]].to_numpy().tolist() == [[1, "b", 2.0]]
    assert validated.reports[0].left_out == {
        "whose stars is empty or no number": 1,
        "whose stars is below 4 (kept as reviews)": 1,
    }
    assert (1, "b") not in views(read(tmp_path, weight="stars", positive_from="4"))


def test_tags_in_one_cell_become_tags_of_the_course_once(tmp_path):
    tags = read(tmp_path, tags="genres").tables["course_tags"]
    found = set(tags.astype(object).fillna("").itertuples(index=False, name=None))
    assert found == {("a", "drama"), ("a", "crime"), ("c", "comedy"), ("b", "")}
    whole = read(tmp_path, tags="genres", split=";").tables["course_tags"]
    assert "drama|crime" in whole["course_tags"].tolist()


def test_a_handle_of_several_columns_is_joined(tmp_path):
    validated = read(tmp_path, item="i+lang")
    assert [course for _, course in views(validated)] == ["a+en", "b+en", "a+de", "c+en"]


def test_a_handle_is_empty_where_one_of_its_columns_is(tmp_path):
    validated = read(tmp_path, item="i+stars")
    assert [course for _, course in views(validated)] == ["a+5", "b+2", "c+4"]
    assert validated.reports[0].set_aside == {"i+stars is empty": 1}


def test_different_pairs_never_become_one_handle(tmp_path):
    (tmp_path / "x.csv").write_text("u,a,b\n1,x+y,z\n2,x,y+z\n")
    with pytest.raises(DataError, match="two different pairs would become one handle"):
        load_tables(str(tmp_path / "x.csv"), {"user": "u", "item": "a+b"})


def test_a_column_that_is_looked_at_must_be_there(tmp_path):
    with pytest.raises(DataError, match=r"x\.csv has no column kind, .*: found u, i, event"):
        read(tmp_path, where="kind:view")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"where": "event"}, "expected where=COLUMN:VALUE"),
        ({"weights": "event:view"}, "expected weights=COLUMN:VALUE=NUMBER"),
        ({"weights": "event:view=-1"}, "no number below 0"),
        ({"weights": "event:view=1", "weight": "stars"}, "both weight and weights"),
        ({"positive_from": "4"}, "positive_from=COLUMN:NUMBER"),
        ({"positive_from": "stars:many"}, "positive_from=COLUMN:NUMBER"),
        ({"split": ";"}, "split, but not the tags"),
        ({"format": "docx"}, "format=docx: expected parquet, csv"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused(tmp_path, words, says):
    with pytest.raises(SettingsError, match=says):
        read(tmp_path, **words)
