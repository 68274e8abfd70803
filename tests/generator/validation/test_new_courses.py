"""Courses that events describe become rows of `courses` and `course_tags`, once."""

import pytest

from generator.dataset.build import build_dataset
from generator.load.files import load_tables
from generator.validation.events import (
    IN_TABLES,
    described_alone,
    tables_of_events,
    with_events,
)
from generator.validation.validation import validate_tables
from shared.events import COURSE, NOBODY, Description, Event

VIEWS = "user_handle,view_date,course_id,author_handle,level,view_time_seconds\n"
AT = "2026-02-01T10:00:00.000000Z"


def tables_with(folder, **tables):
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
    return validate_tables(load_tables(str(folder)))


@pytest.fixture
def validated(tmp_path):
    return tables_with(
        tmp_path,
        user_course_views=f"{VIEWS}1,2026-02-01,go-101,ann,Beginner,60\n1,,py-101,ann,,60\n",
        courses="course_id,title,provider\ngo-101,Go,Ann\n",
        course_tags="course_id,course_tags\ngo-101,go\n",
    )


def described(course, title="", event_id=None, **of_course):
    told = Description(title, **of_course)
    return Event(event_id or f"e-{course}", COURSE, NOBODY, AT, course, described=told)


def course_in(validated, handle):
    """Title, tags and attributes of a course."""
    dataset = build_dataset(validated.tables, True)
    row = int(dataset.courses.index_of([handle])[0])
    tags = dataset.tags.handles(dataset.course_tags[row].indices)
    attributes = {
        attribute.name: attribute.labels.handles(attribute.matrix[row].indices)
        for attribute in dataset.course_attributes
        if attribute.kind != "number"
    }
    return dataset.texts.titles[row], tags, attributes


def test_a_described_course_has_a_title_tags_and_the_attributes_of_the_table(validated):
    told = described(
        "rs-101", "Rust", tags=("Rust", "go"), attributes={"Provider": ["Bob", "Eve"], "hue": ["x"]}
    )
    joined = with_events(validated, [told])
    assert course_in(joined, "rs-101") == ("Rust", ["go", "rust"], {"provider": ["bob", "eve"]})
    assert course_in(joined, "go-101") == ("Go", ["go"], {"provider": ["ann"]})
    assert joined.reports[-1].rows_kept == 1


def test_of_what_is_said_of_a_course_the_last_counts_and_the_table_more(validated):
    events = [
        described("rs-101", "Rust", "a"),
        described("rs-101", "Rust, again", "b"),
        described("go-101", "Something else"),
        described("py-101", "Viewed, and not in the table"),
    ]
    joined = with_events(validated, events)
    titles = [course_in(joined, course)[0] for course in ("rs-101", "go-101", "py-101")]
    assert titles == ["Rust, again", "Go", "Viewed, and not in the table"]
    assert joined.reports[-1].left_out == {IN_TABLES: 1}


def test_a_handle_of_another_type_than_the_tables_is_set_aside(validated):
    joined = with_events(validated, [described(7, "Seven")])
    (reason,) = joined.reports[-1].set_aside
    assert reason == "the course's handle is int, and those of the tables str"
    assert not len(described_alone(validated, [described(7, "Seven")]).tables["courses"])


def test_courses_join_tables_of_integers_and_no_catalogue(tmp_path):
    validated = tables_with(tmp_path, user_course_views=f"{VIEWS}1,2026-02-01,11,ann,,60\n")
    events = [described(12, "Twelve", tags=("dozen",)), described(13, "Thirteen")]
    joined = with_events(validated, events)
    assert course_in(joined, 12) == ("Twelve", ["dozen"], {})
    assert course_in(joined, 13) == ("Thirteen", [], {})


def test_described_courses_alone_are_a_catalogue_of_their_own(validated):
    alone = described_alone(validated, [described("rs-101", "Rust"), described("go-101", "Go")])
    assert build_dataset(alone.tables, True).courses.handles() == ["rs-101"]


def test_what_is_exported_is_read_as_tables_again(tmp_path):
    told = described(
        "rs-101",
        '"Rust",\nthe language',
        tags=("rust", "systems"),
        attributes={"provider": ["Bob", "Eve"]},
        available_until="2027-01-01T00:00:00.000000Z",
    )
    viewed = Event("v", "view", 1, AT, "c-101")
    for name, table in tables_of_events([told, described("c-101", "C"), viewed]).items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    read = tables_with(tmp_path)
    wanted = '"Rust",\nthe language', ["rust", "systems"], {"provider": ["bob", "eve"]}
    assert course_in(read, "rs-101") == wanted
    assert course_in(read, "c-101") == ("C", [], {"provider": []})
