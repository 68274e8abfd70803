import numpy as np
import pytest

from generator.dataset.build import build_dataset
from tests.datasets import table


def attributes(columns: str, *rows: tuple) -> dict:
    names = f"user_handle {columns}"
    dataset = build_dataset({"users": table("users", names, rows)})
    return {attribute.name: attribute for attribute in dataset.user_attributes}


def labels_by_user(attribute) -> list[list[str]]:
    return [attribute.labels.handles(row.indices) for row in attribute.matrix]


def test_words_are_categories_and_separated_words_are_lists():
    found = attributes(
        "role skills",
        (1, "engineer", "python|sql"),
        (2, "designer", "sql; figma ;sql|"),
        (3, "engineer", None),
    )
    assert (found["role"].kind, found["skills"].kind) == ("category", "list")
    assert labels_by_user(found["role"]) == [["engineer"], ["designer"], ["engineer"]]
    assert labels_by_user(found["skills"]) == [["python", "sql"], ["figma", "sql"], []]
    assert set(found["skills"].matrix.data.tolist()) == {1}


def test_a_column_of_numbers_alone_stays_numbers_with_zeros_and_gaps():
    years = attributes("years", (1, "0"), (2, "2.5"), (3, None), (4, "-1e1"))["years"]
    assert years.kind == "number"
    assert years.matrix.nnz == 3
    np.testing.assert_array_equal(years.numbers, np.float32([0, 2.5, np.nan, -10]))


@pytest.mark.parametrize("odd", ["free", "1e999", "12|13"])
def test_one_value_that_is_no_number_makes_all_of_them_words(odd):
    price = attributes("price", (1, "12"), (2, odd))["price"]
    assert price.kind == ("list" if "|" in odd else "category")
    with pytest.raises(ValueError, match="price is no number"):
        _ = price.numbers


def test_of_several_rows_the_last_filled_value_counts():
    found = attributes("role team", (1, "old", "a"), (1, "new", None))
    assert labels_by_user(found["role"]) == [["new"]]
    assert labels_by_user(found["team"]) == [["a"]]


def test_a_column_without_any_value_is_no_attribute():
    assert attributes("role", (1, None), (2, None)) == {}


def test_attributes_of_courses_are_every_column_but_the_texts():
    courses = table(
        "courses",
        "course_id title description image_path duration price language",
        [("a", "A", "about a", "a.png", "90", "12", "en"), ("b", "", "", "", "", "", "de")],
    )
    dataset = build_dataset({"courses": courses})
    kinds = {attribute.name: attribute.kind for attribute in dataset.course_attributes}
    assert kinds == {"duration": "number", "price": "number", "language": "category"}
