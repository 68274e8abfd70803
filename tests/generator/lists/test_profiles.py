from generator.lists import profiles as module
from generator.lists.profiles import profiles
from shared.records import USER_PROFILE, read_row
from tests.datasets import make_dataset

DATA = make_dataset(
    interests=[(1, "python"), (1, "aws"), (3, "c++")],
    views=[
        (1, "a", 60.4, "beginner"),
        (1, "b", 7200.0, "advanced"),
        (1, "c", 60.4, "advanced"),
        (2, "a", 5.0, ""),
    ],
    users=[9],
)


def facts_by_user() -> dict:
    return {row.subject: row.facts for block in profiles(DATA) for row in block}


def test_a_profile_says_what_the_tables_say():
    assert facts_by_user()[1] == {
        "interests": ["aws", "python"],
        "interest_count": 2,
        "courses": ["b", "a", "c"],
        "seconds": [7200, 60, 60],
        "course_count": 3,
        "total_seconds": 7321,
        "is_measured": True,
        "levels": [["advanced", 2], ["beginner", 1]],
    }


def test_everybody_has_a_profile_even_an_empty_one(monkeypatch):
    monkeypatch.setattr(module, "USERS_PER_BLOCK", 1)
    facts = facts_by_user()
    assert list(facts) == [1, 2, 3, 9]
    assert facts[9]["courses"] == facts[9]["interests"] == facts[9]["levels"] == []
    assert facts[2]["levels"] == []


def test_long_profiles_are_cut_and_say_how_long_they_were(monkeypatch):
    monkeypatch.setattr(module, "COURSES_SHOWN", 1)
    monkeypatch.setattr(module, "INTERESTS_SHOWN", 1)
    facts = facts_by_user()[1]
    assert (facts["courses"], facts["course_count"]) == (["b"], 3)
    assert (facts["interests"], facts["interest_count"]) == (["aws"], 2)


def test_profiles_survive_their_json():
    row = next(profiles(DATA))[0]
    assert read_row((USER_PROFILE, 1), row.to_json()) == row
