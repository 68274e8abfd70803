"""A night whose tables are wrong in a way that no single row shows: the gate holds its lists."""

import random
from pathlib import Path

import pytest

from tests.faults.platform import TENANT
from tests.faults.stores import on_each_store

pytestmark = on_each_store

Row = list[str]
FEW_USERS = {"GATE_MIN_OVERLAP": "0.2"}
"""With 120 users, lists of strangers have a tenth in common by chance; two nights, two thirds."""


def half_of_the_users_are_missing(table: str, rows: list[Row]) -> list[Row]:
    return [row for row in rows if int(row[0]) % 2]


def handles_are_mixed_up(table: str, rows: list[Row]) -> list[Row]:
    handles = [str(handle) for handle in range(1, 121)]
    others = dict(zip(handles, random.Random(1).sample(handles, 120), strict=True))
    return [[others[row[0]], *row[1:]] for row in rows]


def everybody_follows_the_same(table: str, rows: list[Row]) -> list[Row]:
    if table != "user_interests.csv":
        return rows
    tags = sorted({row[1] for row in rows})[:3]
    return [[user, tag, ""] for user in sorted({row[0] for row in rows}) for tag in tags]


@pytest.fixture(
    params=[half_of_the_users_are_missing, handles_are_mixed_up, everybody_follows_the_same]
)
def bad_tables(request, nights, tmp_path) -> str:
    """The folder of a night of which the tables of users are wrong."""
    target = tmp_path / "tables"
    target.mkdir()
    for path in Path(nights[1]).glob("*.csv"):
        header, *lines = path.read_text().splitlines()
        rows = [line.split(",") for line in lines]
        if header.startswith("user_handle"):
            rows = request.param(path.name, rows)
        (target / path.name).write_text("\n".join([header, *map(",".join, rows)]) + "\n")
    return str(target)


def test_a_run_on_bad_data_is_held_until_somebody_publishes_it(platform, bad_tables, fault):
    before = platform.publish(0)
    with fault("bad data"):
        held = platform.run(1, DATA_URL=bad_tables, **FEW_USERS)
        assert held.code == 7
        assert "is held back, and what was live stays live" in held.error
        assert platform.check(0) == before
        (manifest,) = platform.store.generations(TENANT)[1:]
        assert manifest.state == "held"
        assert all(reason in held.error for reason in manifest.held_because)
        assert platform.run(1, "publish").code == 0
        assert platform.live == manifest.generation
        assert platform.contents(manifest.generation).rows not in platform.references
        assert platform.run(1, "rollback").code == 0
        assert platform.check(0) == before


def test_an_ordinary_night_passes_the_same_gate(platform):
    platform.publish(0)
    assert platform.run(1, **FEW_USERS).code == 0
