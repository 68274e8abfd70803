"""Whatever stands where a platform promises something else costs its own line at most."""

import copy
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.generator.load.platforms import test_caliper, test_openedx, test_xapi
from tests.generator.load.platforms.exports import counts, loaded, put

ODD = st.sampled_from(
    [None, True, 0, -1.5, 2**70, "", "x", "{", [], [1], ["x"], {}, {"id": 1}, {"id": None}, [{}]]
)
RESULT = {"duration": "PT1M", "completion": True, "score": {"raw": 3, "max": 4, "min": 0}}
SOUND = {
    "openedx": test_openedx.event(
        17, 0, event_type="edx.certificate.created", event={"user_id": 17}
    ),
    "xapi": test_xapi.statement(
        test_xapi.SEVENTEEN | {"objectType": "Agent"},
        "passed",
        {"id": "c", "definition": test_xapi.VIDEO},
        result=RESULT,
        context=test_xapi.within("parent", [{"id": "d", "definition": test_xapi.COURSE}]),
    ),
    "caliper": test_caliper.event(
        0,
        object={"id": "a", "type": "Attempt", "assignee": {"id": "u"}, "assignable": {"id": "q"}},
        generated={"type": "Score", "scoreGiven": 1, "maxScore": 2, "duration": "PT1M"},
    ),
}


def places(value: object, above: tuple = ()) -> list[tuple]:
    """The path of everything within."""
    inner = value.items() if isinstance(value, dict) else []
    inner = enumerate(value) if isinstance(value, list) else inner
    return [path for key, part in inner for path in [(*above, key), *places(part, (*above, key))]]


def replaced(event: dict, path: tuple, odd: object) -> dict:
    event = copy.deepcopy(event)
    here = event
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = odd
    return event


@pytest.mark.parametrize("platform", SOUND)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_a_value_of_another_kind_stops_nothing_and_every_line_is_counted(platform, data):
    sound = SOUND[platform]
    odd = [
        replaced(sound, data.draw(st.sampled_from(places(sound))), data.draw(ODD))
        for _ in range(30)
    ]
    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder), events__jsonl=[sound, *odd])
        read, *_ = counts(loaded(Path(folder), platform))
        assert read == 31
