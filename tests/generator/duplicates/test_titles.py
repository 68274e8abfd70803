import pytest

from generator.duplicates.titles import differ_by_number, read_title

VERSIONS = [
    ("Python Bootcamp 2019", "Python Bootcamp 2020"),
    ("Python Bootcamp", "Python Bootcamp (v2)"),
    ("Python Bootcamp v1", "Python Bootcamp v2.1"),
    ("Python Bootcamp", "Python Bootcamp - 2nd Edition"),
    ("Python Bootcamp", "Python Bootcamp, Second Edition"),
    ("Python Bootcamp 2019/2020", "Python Bootcamp 2020-21"),
    ("Python Bootcamp", "Python Bootcamp (updated March 2021)"),
    ("Python Bootcamp", "Python Bootcamp 3.0"),
    ("Python Bootcamp, First Edition", "Python Bootcamp: Edition II"),
    ("Python Bootcamp", "Copy of Python Bootcamp"),
    ("Python Bootcamp [archived]", "Python Bootcamp (new)"),
    ("Python Bootcamp WS2019/20", "Python Bootcamp, 2T2020"),
    ("Python Bootcamp, Cohort 3", "Python Bootcamp (Cohort 4)"),
    ("The Python Bootcamp", "Python Bootcamp Course"),
    ("Python Bootcamp", "Bootcamp: Python"),
    ("Основы Python 2019", "Основы Python 2020"),
]
OTHERS = [
    ("Dismay 2020", "Dis 2020"),
    ("Old English Literature", "English Literature"),
    ("Running for beginners", "Beginners"),
]
PARTED = [
    ("Python 1", "Python 2: advanced"),
    ("Python", "Python 2"),
    ("Calculus I", "Calculus II"),
    ("Calculus III", "Calculus IV: Series"),
    ("Machine Learning, Part 1", "Machine Learning, Part 2"),
    ("Machine Learning - Part One", "Machine Learning - Part Two"),
    ("Yoga: Week 1", "Yoga: Week 2"),
    ("Spanish Level A", "Spanish Level B"),
    ("English A1", "English A2"),
    ("Economics 101", "Economics 102"),
    ("Microsoft AZ-900 exam", "Microsoft AZ-104 exam"),
    ("Java 8 in practice", "Java 11 in practice"),
    ("Photography", "Advanced Photography"),
    ("Photography for beginners", "Intermediate photography"),
    ("高等数学\uff08一\uff09", "高等数学\uff08二\uff09"),
    ("大学物理 上", "大学物理\uff08下\uff09"),
]


@pytest.mark.parametrize(("ours", "theirs"), VERSIONS)
def test_titles_of_two_versions_have_one_key_and_nothing_that_parts_them(ours, theirs):
    assert read_title(ours).key == read_title(theirs).key
    assert not differ_by_number(read_title(ours), read_title(theirs))


@pytest.mark.parametrize(("ours", "theirs"), OTHERS)
def test_words_that_look_like_versions_stay_words(ours, theirs):
    assert read_title(ours).key != read_title(theirs).key


@pytest.mark.parametrize(("ours", "theirs"), PARTED)
def test_parts_levels_and_codes_make_two_courses_of_one_name(ours, theirs):
    assert differ_by_number(read_title(ours), read_title(theirs))
    assert differ_by_number(read_title(theirs), read_title(ours))


@pytest.mark.parametrize(
    "title", ["", " ", "🎉🎉", "...", "2020", "I", "\x00", "Rome XXIX", "Part 99", "v", "²"]
)
def test_titles_that_say_nothing_are_read_all_the_same(title):
    assert not differ_by_number(read_title(title), read_title(title))


def test_the_first_part_need_not_be_called_so():
    assert not differ_by_number(read_title("Python"), read_title("Python 1"))


def test_a_title_is_read_for_what_stands_before_its_colon():
    assert read_title("Photoshop: Layers").head == ("photoshop",)
    assert read_title("Excel for Accountants").head == ("excel",)
    assert read_title("Photoshop:").head == ()


def test_versions_are_kept_in_their_order():
    assert read_title("Python 2020 (v3)").versions == (2020, 3)
