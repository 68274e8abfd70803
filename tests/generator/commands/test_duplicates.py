"""`duplicates` as a user types it."""

import csv

import pytest

from tests.generator.commands.shell import assert_one_sentence
from tests.generator.duplicates.catalogues import CALCULUS, PYTHON

HEADER = "course_id,title,description\n"
COURSES = (
    f'{HEADER}intro-python,[red]Python Bootcamp 2019,"{PYTHON}"\n'
    f'deep-python,[red]Python Bootcamp 2020,"{PYTHON}"\nmodern-cpp,Calculus,"{CALCULUS}"\n'
)


@pytest.fixture
def found(shell, tables, tmp_path):
    """Runs the command on three courses, two of them versions; gives the lines of its file."""
    (tables / "courses.csv").write_text(COURSES)

    def run(*arguments: str) -> list[dict]:
        assert shell("duplicates", "--output", str(tmp_path / "found.csv"), *arguments) == 0
        with (tmp_path / "found.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    return run


def test_the_command_shows_groups_and_publishes_nothing(found, shell):
    assert [(line["course"], line["stands_for"]) for line in found()] == [
        ("deep-python", "deep-python"),
        ("intro-python", "deep-python"),
    ]
    assert "1 groups of 2 courses, 1 of which are not listed" in shell.out
    assert "[red]Python Bootcamp 2019" in shell.out
    assert "versions of one title" in shell.out
    assert shell.live is None


def test_courses_of_two_tenants_are_compared(found, shell, tables, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "user_interests.csv").write_text((tables / "user_interests.csv").read_text())
    (other / "courses.csv").write_text(f'{HEADER}7,Python Bootcamp 2021,"{PYTHON}"\n')
    lines = found("--tenants", f"ours={tables},theirs={other}")
    assert {(line["tenant"], line["course"]) for line in lines} == {
        ("ours", "intro-python"),
        ("ours", "deep-python"),
        ("theirs", "7"),
    }
    by_name = str(tmp_path / "{tenant}")
    assert found("--data", by_name, "--tenants", "tables,other") != []


def test_tenants_without_tables_are_an_error_with_its_cure(shell):
    assert shell("duplicates", "--tenants", "a,b") == 2
    assert_one_sentence(shell, "a=URL", "{tenant}")


def test_a_matcher_is_learned_from_labels_and_used(found, shell, tables, tmp_path, monkeypatch):
    subjects = ["Botany", "Chess", "Drama", "Ethics", "Fresco", "Golf", "Harp", "Irish", "Judo"]
    subjects += ["Knots", "Latin", "Maths", "Norse", "Opera", "Piano"]
    rows, labels = [], ["course_a,course_b,is_duplicate"]
    for number, subject in enumerate(subjects):
        rows += [f"{subject}-1,{subject} in practice,", f"{subject}-2,Seminar: {subject},"]
        labels += [f"{subject}-1,{subject}-2,1", f"{subject}-1,{subjects[number - 1]}-2,0"]
    (tables / "courses.csv").write_text(HEADER + "\n".join(rows))
    (tmp_path / "labels.csv").write_text("\n".join([*labels, "nobody,Chess-1,1"]))
    matcher = tmp_path / "matcher.json"
    options = ["--labels", str(tmp_path / "labels.csv"), "--matcher", str(matcher)]
    assert len(found(*options)) == 30
    assert (
        "Learned from 30 labelled pairs, but for 1 whose courses are not in the data" in shell.out
    )
    assert found() == []
    monkeypatch.setenv("DUPLICATES_MATCHER", str(matcher))
    assert len(found()) == 30


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "course_a"),
        ("course_a,course_b,is_duplicate\nintro-python,deep-python,maybe\n", "maybe"),
        ("course_a,course_b,is_duplicate\nintro-python,deep-python,1\n", "label at least"),
    ],
)
def test_labels_that_cannot_be_used_are_an_error_with_its_cure(shell, tables, tmp_path, text, said):
    (tables / "courses.csv").write_text(COURSES)
    (tmp_path / "labels.csv").write_text(text)
    assert shell("duplicates", "--labels", str(tmp_path / "labels.csv")) == 3
    assert_one_sentence(shell, said)
