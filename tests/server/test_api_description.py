"""The API tested from its own description: thousands of requests that schemathesis makes of it.

Each answer must be one that the description names, with the content type and schema that it says;
no request may get a 5xx, and what the schema forbids must be refused.
"""

from tempfile import TemporaryDirectory

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from server import create_app
from shared.events import open_log
from shared.kinds import KINDS
from shared.settings import ServerSettings
from shared.stores import open_store
from tests.server.generations import publish

CASES_OF_EACH_KIND = 100
"""Of each of the four lookups, right and wrong ones: more than 1,600 in all."""

CASES_OF_EVENTS = 50


def application(folder: str) -> Flask:
    store = open_store(f"sqlite:///{folder}")
    publish(store)
    return create_app(ServerSettings(_env_file=None), store, log=open_log(f"sqlite:///{folder}"))


_folder = TemporaryDirectory()  # a module's own: its tests are made of the description
schema = schemathesis.openapi.from_wsgi(
    "/openapi.json",
    application(_folder.name),
    config=schemathesis.Config.from_dict(
        {"checks": {"negative_data_rejection": {"expected-statuses": [400, 404, 405, 413, 422]}}}
    ),
)
OPERATIONS = {found.ok().label: found.ok() for found in schema.get_all_operations()}
EVENTS = ("POST /interactions", "POST /users", "POST /courses")
ABOUT_WHOLE_BODIES = CHECKS.get_by_names(["positive_data_acceptance", "negative_data_rejection"])
"""Events are judged one by one, so that a body may be half right."""
LOOKUPS = [label for label in OPERATIONS if label.startswith("POST") and label not in EVENTS]


def ask(label: str, mode: GenerationMode, cases: int = CASES_OF_EACH_KIND) -> int:
    """How many requests of that kind were made and answered as described."""
    asked = 0

    @settings(
        max_examples=cases,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    def call(case):
        nonlocal asked
        asked += 1
        # The client asks for gzip and does not unpack it.
        case.call_and_validate(
            headers={"Accept-Encoding": "identity"},
            excluded_checks=ABOUT_WHOLE_BODIES if label in EVENTS else [],
        )

    call()
    return asked


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("label", LOOKUPS)
def test_every_answer_of_a_lookup_is_as_described(label, mode):
    assert len(LOOKUPS) == 2 * len(KINDS)
    assert ask(label, mode) >= CASES_OF_EACH_KIND


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("label", EVENTS)
def test_every_answer_to_events_is_as_described(label, mode):
    assert ask(label, mode, CASES_OF_EVENTS) >= CASES_OF_EVENTS


@pytest.mark.parametrize("label", sorted(OPERATIONS.keys() - {*LOOKUPS, *EVENTS}))
def test_every_other_answer_is_as_described(label):
    assert ask(label, GenerationMode.POSITIVE) >= 1
