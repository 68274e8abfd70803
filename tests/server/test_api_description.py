"""The API tested from its own description: thousands of requests that schemathesis makes of it.

Each answer must be one that the description names, with the content type and schema that it says;
no request may get a 5xx, and what the schema forbids must be refused.
"""

from collections import Counter
from tempfile import TemporaryDirectory

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings

from server import create_app
from shared.settings import Settings
from shared.stores import open_store
from tests.server.generations import publish

CASES_OF_A_LOOKUP = 1250
LOOKUPS = 4

counted: Counter[str] = Counter()


def application(folder: str) -> Flask:
    store = open_store(f"sqlite:///{folder}")
    publish(store)
    return create_app(Settings(_env_file=None), store)


_folder = TemporaryDirectory()  # a module's own: its tests are made of the description
schema = schemathesis.openapi.from_wsgi(
    "/openapi.json",
    application(_folder.name),
    config=schemathesis.Config.from_dict(
        {"checks": {"negative_data_rejection": {"expected-statuses": [400, 404, 405, 413, 422]}}}
    ),
)


@pytest.mark.xdist_group("api description")
@schema.parametrize()
@settings(
    max_examples=CASES_OF_A_LOOKUP,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case):
    counted[case.operation.label] += 1
    case.call_and_validate()


@pytest.mark.xdist_group("api description")
def test_the_lookups_were_asked_thousands_of_times():
    of_lookups = {label: count for label, count in counted.items() if label.startswith("POST")}
    assert len(of_lookups) == LOOKUPS
    assert sum(counted.values()) >= 5000, counted
