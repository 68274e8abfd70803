import re
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest

from shared.kinds import KINDS, KindName

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("generator", "server", "shared")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".html", ".js"} and "/vendor/" not in str(path)
]


def test_every_kind_is_in_the_table_once():
    assert set(KINDS) == set(get_args(KindName))
    assert all(kind.name == name for name, kind in KINDS.items())


def test_no_two_kinds_share_a_path_a_field_or_a_title():
    for one, other in combinations(KINDS.values(), 2):
        assert one.path != other.path
        assert one.field != other.field
        assert one.title != other.title


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_no_other_source_spells_where_a_kind_is_asked_for(kind):
    literal = re.compile(rf"""["'`}}]{re.escape(kind.path)}\b""")
    spelling = [
        str(path.relative_to(ROOT)) for path in SOURCES if literal.search(path.read_text("utf-8"))
    ]
    assert len(SOURCES) > 100
    assert spelling == ["shared/kinds.py"]
