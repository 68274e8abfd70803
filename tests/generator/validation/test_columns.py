import re
from pathlib import Path

from generator.validation.columns import TABLES

README = Path(__file__).parents[3] / "data" / "README.md"


def test_the_readme_explains_every_column_and_says_which_may_be_empty_or_left_out():
    explained = {}
    for heading, section in re.findall(
        r"^## `(\w+)`(.*?)(?=^## )", README.read_text(), re.M | re.S
    ):
        rows = [
            line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")
        ]
        explained[heading] = [
            (row[0].strip(" `"), row[-1].strip()[:3] == "yes", "may be left out" in row[-1])
            for row in rows
        ]
    assert explained == {
        table.name: [
            (column.name, column.may_be_empty, column.may_be_absent) for column in table.columns
        ]
        for table in TABLES.values()
    }


def test_further_columns_are_attributes_only_where_a_table_has_them():
    found = ["course_id", "teacher", "row", "reasons", "line", "", "__index_level_0__"]
    assert [c.name for c in TABLES["courses"].columns_among(found)] == ["course_id", "teacher"]
    assert [c.name for c in TABLES["course_tags"].columns_among(found)] == ["course_id"]
