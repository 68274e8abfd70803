"""What a caller sends ends in no header as it came, and leads to no other place."""

import string
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server import create_app
from shared.settings import ServerSettings
from shared.stores import open_store
from tests.server.access.keys import add_key
from tests.server.explorer.platform import publish_platform
from tests.server.generations import TFIDF

CONTROL = "".join(map(chr, [*range(32), 127, 0x85, 0x2028]))
FORGED = "\r\nSet-Cookie: forged=1"
texts = st.one_of(
    st.text(max_size=40),
    st.text(st.sampled_from(CONTROL + string.punctuation + "ab/"), max_size=40),
    st.sampled_from(
        [FORGED, "//evil.example", "\\\\evil.example", "https://evil.example", "\t//e"]
    ),
).flatmap(lambda text: st.sampled_from([text, f"/explorer{text}", f"/explorer/users?{text}"]))
"""As they come after decoding."""
header_texts = texts.map(lambda text: quote(text, safe=string.printable[:-6]))
"""As a server of HTTP lets them through: without control characters, in ASCII."""
HEADERS = [
    *("X-Request-ID", "Origin", "If-None-Match", "X-API-Key", "Referer", "HX-Request", "HX-Target"),
    *("HX-Current-URL", "Accept-Encoding", "Cookie", "X-Forwarded-Host", "X-Forwarded-Prefix"),
    *("Access-Control-Request-Method", "Access-Control-Request-Headers", "traceparent"),
]
FORMS = ["/explorer/theme", "/explorer/sign-in", "/explorer/sign-out", "/explorer/try"]
PAGES = [
    *("/explorer", "/explorer/users", "/explorer/handles", "/explorer/pictures", "/explorer/try"),
    *("/explorer/generations/", "/explorer/static/", "/courses/", "/rankings/", "/problems/"),
]
FIELDS = ["here", "next", "theme", "key", "handle", "typed", "kind", "group", "user_handle", "body"]
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module", params=[False, True], ids=["open", "guarded"])
def client(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("headers")
    store = open_store(f"sqlite:///{folder}/store")
    publish_platform(store)
    given_settings = ServerSettings(
        _env_file=None, api_keys_file=str(folder / "keys.json"), cors_origins=["https://a.example"]
    )
    if request.param:
        add_key(folder / "keys.json")
    return create_app(given_settings, store).test_client()


def assert_sane(response) -> None:
    assert response.status_code < 500, response.text
    for name, value in response.headers:
        assert name.isascii()
        assert value.isprintable(), (name, value)
        assert "forged" not in name + value or name in ("Location", "X-Request-ID")
    if target := response.headers.get("Location"):
        assert target.startswith("/explorer"), target
        assert "\\" not in target
    assert "forged" not in str(response.headers.getlist("Set-Cookie"))


@given(
    path=st.sampled_from(FORMS),
    form=st.dictionaries(st.sampled_from(FIELDS), texts, max_size=4),
)
@example(path="/explorer/theme", form={"here": "/explorer\n"})
@example(path="/explorer/theme", form={"here": f"/explorer/users{FORGED}", "theme": "dark"})
@example(path="/explorer/sign-in", form={"next": f"/explorer{FORGED}", "key": "wrong"})
@settings(max_examples=60, deadline=None)
def test_no_form_makes_a_header_or_leads_away(client, path, form):
    assert_sane(client.post(path, data=form, headers=SAME_ORIGIN, buffered=True))


@given(
    path=st.sampled_from(PAGES),
    below=texts,
    field=st.sampled_from(FIELDS),
    text=texts,
    headers=st.dictionaries(st.sampled_from(HEADERS), header_texts, max_size=4),
)
@example("/explorer", "", "handle", FORGED, {"HX-Request": "true", "HX-Current-URL": "//evil"})
@settings(max_examples=80, deadline=None)
def test_no_address_and_no_header_makes_one_or_leads_away(
    client, path, below, field, text, headers
):
    address = f"{path}{quote(below) if path.endswith('/') else ''}?{field}={quote(text)}"
    assert_sane(client.get(address, headers=headers, buffered=True))


@given(
    method=st.sampled_from(["POST", "OPTIONS", "PUT", "GET"]),
    handle=texts,
    headers=st.dictionaries(st.sampled_from(HEADERS), header_texts, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_no_lookup_makes_a_header(client, method, handle, headers):
    body = {"user_handle": handle, "model_handle": TFIDF}
    path = "/recommendations"
    assert_sane(client.open(path, method=method, json=body, headers=headers, buffered=True))
