"""Whatever is sent, the server answers, and never with a 5xx."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server import create_app
from shared.kinds import KINDS
from shared.settings import ServerSettings
from shared.stores import open_store
from tests.server.calls import Caller
from tests.server.generations import DNN, KNN, TFIDF, publish

PATHS = [path for kind in KINDS.values() for path in (kind.path, f"{kind.path}/batch")]

texts = st.text(max_size=600)
numbers = st.integers() | st.floats() | st.integers(-3, 1005)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(texts, inner, max_size=8),
    max_leaves=20,
)
handles = st.sampled_from([999, 7, 8, 9, "999", 31337]) | scalars
requests = st.fixed_dictionaries(
    {},
    optional={
        "user_handle": handles,
        "user_handles": st.lists(handles, max_size=5) | values,
        "model_handle": st.sampled_from([TFIDF, KNN, DNN, "seen"]) | values,
        "limit": st.integers(1, 30) | values,
        "with_scores": st.booleans() | values,
        "course_handle": handles,
        "course_handles": st.lists(handles, max_size=5) | values,
        "offset": st.integers(0, 30) | values,
        "only": st.lists(handles, max_size=5) | values,
        "filter": st.dictionaries(texts, st.lists(texts, max_size=3), max_size=3) | values,
        "extra": values,
    },
)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory) -> Caller:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('fuzzing')}")
    publish(store)
    app = create_app(ServerSettings(_env_file=None), store)
    app.validate_response = True
    return Caller(app.test_client())


@given(path=st.sampled_from(PATHS), body=requests | values)
@settings(max_examples=600, deadline=None)
def test_any_json_gets_an_answer_or_a_problem(fuzzed: Caller, path, body):
    response = fuzzed.send(path, json.dumps(body).encode())
    assert response.status_code in {200, 400, 404, 422}, (path, body, response.get_json())
    if response.status_code != 200:
        assert response.mimetype == "application/problem+json"
        assert response.get_json()["status"] == response.status_code


@given(path=st.sampled_from(PATHS), body=st.binary(max_size=300), content_type=st.text(max_size=30))
@example(path=PATHS[0], body=b'{"user_handle": "\\udfff"}', content_type="application/json")
@settings(max_examples=200, deadline=None)
def test_any_bytes_get_a_problem(fuzzed: Caller, path, body, content_type):
    header = content_type.encode("latin-1", "ignore").decode("latin-1").translate({10: "", 13: ""})
    for sent in ("application/json", header):
        assert fuzzed.send(path, body, sent).status_code in {200, 400, 404, 422}
