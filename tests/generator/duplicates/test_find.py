import numpy as np
import pytest

from tests.generator.duplicates.catalogues import (
    BOILERPLATE,
    CALCULUS,
    PYTHON,
    grouping,
    groups_among,
)

SUBJECTS = ["Excel", "Word", "PowerPoint", "Outlook", "Access", "Visio"]


def test_three_versions_of_one_course_are_one_group():
    versions = ["Python Bootcamp 2019", "Python Bootcamp 2020 (v2)", "Python Bootcamp, 3rd edition"]
    courses = [(title, PYTHON) for title in versions]
    assert groups_among([*courses, ("Calculus", CALCULUS)]) == [[0, 1, 2]]


def test_a_version_whose_text_was_edited_is_found():
    edited = PYTHON.replace("twelve", "fifteen") + " Updated for 2020."
    courses = [("Python Bootcamp 2019", PYTHON), ("The Complete Python Bootcamp 2020", edited)]
    assert groups_among([*courses, ("Calculus", CALCULUS)]) == [[0, 1]]


def test_the_same_content_under_another_title_is_found():
    titles = ["Learn Python from scratch", "Python for absolute beginners", "Coding for everybody"]
    assert groups_among([(title, PYTHON) for title in titles]) == [[0, 1, 2]]


@pytest.mark.parametrize(
    "titles",
    [
        ["Python 1", "Python 2: advanced", "Python 3"],
        ["Calculus I", "Calculus II", "Calculus III"],
        ["Machine Learning, Part 1", "Machine Learning, Part 2"],
        ["Photoshop: Layers", "Photoshop: Masks"],
        ["Excel for Accountants", "Excel for Marketers"],
        [f"{subject} basics" for subject in SUBJECTS],
    ],
)
@pytest.mark.parametrize("description", ["", PYTHON, BOILERPLATE])
def test_courses_of_one_series_are_no_duplicates_whatever_is_written_below_them(
    titles, description
):
    assert groups_among([(title, description) for title in titles]) == []


def test_a_text_with_only_the_subject_changed_is_a_template():
    text = (
        "In this masterclass on {0} you will learn {0} from scratch with our experts and many "
        "exercises. Join the {0} community today."
    )
    courses = [(f"{subject} masterclass", text.format(subject)) for subject in SUBJECTS]
    assert groups_among(courses) == []


def test_boilerplate_joins_no_courses_without_a_title():
    courses = [(subject, BOILERPLATE) for subject in SUBJECTS]
    assert groups_among([*courses, ("", BOILERPLATE), ("", BOILERPLATE)]) == []


def test_one_long_text_below_every_course_of_a_series_does_not_make_them_one():
    text = (
        f"{PYTHON} {CALCULUS} This course is one of five on databases: relational databases and "
        "SQL, modeling and theory, advanced topics, semistructured data, each with quizzes."
    )
    titles = ["Databases: Relational Databases and SQL", "Databases: Modeling and Theory"]
    assert groups_among([(title, text) for title in titles]) == []
    renamed = ["Relational Databases and SQL", "The Theory of Modeling Data"]
    assert groups_among([(title, text) for title in renamed]) == [[0, 1]]


def test_one_title_by_two_providers_takes_a_text_to_be_one_course():
    courses = [("Financial Accounting", ""), ("Financial Accounting", "")]
    assert groups_among(courses, {"institution": ["Yale", "Illinois"]}) == []
    assert groups_among(courses, {"institution": ["Yale", "Yale"]}) == [[0, 1]]
    assert groups_among(courses, {"institution": ["Yale", ""]}) == [[0, 1]]
    told = [("Financial Accounting", CALCULUS), ("Financial Accounting 2020", CALCULUS)]
    assert groups_among(told, {"institution": ["Yale", "Illinois"]}) == [[0, 1]]


def test_one_title_without_texts_takes_more_in_common_than_the_title():
    courses = [("Acoustic Blues Guitar Lessons", "")] * 2
    assert groups_among(courses, {"duration": ["1.0", "12.5"], "level": ["all", "all"]}) == []
    assert groups_among(courses, {"price": ["20", "200"], "level": ["all", "basic"]}) == []
    assert groups_among(courses, {"duration": ["4", "4.5"], "level": ["all", "all"]}) == [[0, 1]]


def test_words_with_signs_are_other_words():
    assert groups_among([("C# Class Development", ""), ("C++ Class Development", "")]) == []


def test_scripts_without_blanks_are_read_too():
    text = "本课程介绍机器学习的基本概念、算法和应用,包括监督学习、无监督学习"
    courses = [("机器学习基础课程 2019", text), ("机器学习基础课程 2020", text)]
    assert groups_among(
        [*courses, ("高等数学\uff08一\uff09", ""), ("高等数学\uff08二\uff09", "")]
    ) == [[0, 1]]


def test_what_says_nothing_stays_alone():
    courses = [("", ""), ("", ""), ("🎉", ""), ("🎉", ""), ("Python", ""), ("Python", "")]
    assert groups_among(courses) == []


def test_no_text_at_all_gives_no_group():
    assert groups_among([("", "")]) == []


def test_equal_texts_fifty_thousand_times_are_one_group_and_quickly():
    courses = [("Untitled lesson on Python", PYTHON)] * 50_000
    assert [len(group) for group in groups_among([*courses, ("Calculus", CALCULUS)])] == [50_000]


def test_a_chain_of_texts_each_like_the_next_does_not_become_one_group():
    rng = np.random.default_rng(0)
    words = ["".join(chr(97 + letter) for letter in rng.integers(0, 26, 7)) for _ in range(160)]
    courses = [("Course on many things", " ".join(words[at : at + 40])) for at in range(0, 120, 4)]
    sizes = [len(group) for group in groups_among(courses)]
    assert sizes
    assert max(sizes) <= 8


def test_each_that_is_merged_says_how_alike_it_is_and_why():
    courses = [("Python Bootcamp 2019", PYTHON), ("Python Bootcamp 2020", PYTHON)]
    _, groups = grouping([*courses, courses[0]])
    assert groups.similarity[0] == 1
    assert groups.why[0] == ""
    assert "versions of one title" in groups.why[1]
    assert groups.why[2] == "same text"
    assert groups.others(1).tolist() == [0, 2]
