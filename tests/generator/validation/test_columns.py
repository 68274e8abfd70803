import re
from pathlib import Path

from generator.validation.columns import TABLES

README = Path(__file__).parents[3] / "data" / "README.md"


def test_the_readme_explains_every_column_and_says_which_may_be_empty():
    explained = {}
    for heading, section in re.findall(
        r"^## `(\w+)`(.*?)(?=^## )", README.read_text(), re.M | re.S
    ):
        rows = [
            line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")
        ]
        explained[heading] = [(row[0].strip(" `"), row[-1].strip()[:3] == "yes") for row in rows]
    assert explained == {
        table.name: [(column.name, column.may_be_empty) for column in table.columns]
        for table in TABLES.values()
    }
