"""Pages at the addresses of the API: for browsers, and for nobody else."""

import re

import pytest

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
PROGRAMS = ["", "*/*", "application/json", "application/json, text/html;q=0.5", "text/plain"]


def test_a_browser_gets_a_page_of_what_there_is_with_every_address_of_the_index(explorer):
    response = explorer.get("/", headers={"Accept": BROWSER})
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert "Accept" in response.headers["Vary"]
    for route in explorer.get("/").get_json()["routes"]:
        assert f"<code>{route.partition(' ')[2]}</code>" in response.text
    for link in re.findall(r'href="(/[^"]*)"', response.text):
        assert explorer.get(link, buffered=True).status_code == 200, link


@pytest.mark.parametrize("path", ["/nothing", "/explorer/nothing", "/similar-users", "/<script>"])
def test_a_browser_gets_a_page_where_there_is_nothing(explorer, path):
    response = explorer.get(path, headers={"Accept": BROWSER})
    assert response.status_code == (405 if path == "/similar-users" else 404)
    assert response.mimetype == "text/html"
    assert "<script>" not in response.text
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy


@pytest.mark.parametrize("accept", PROGRAMS)
def test_programs_get_json(explorer, accept):
    headers = {"Accept": accept} if accept else {}
    assert explorer.get("/", headers=headers).mimetype == "application/json"
    assert explorer.get("/nothing", headers=headers).mimetype == "application/problem+json"


def test_a_browser_gets_json_of_what_is_sent_and_of_data(explorer):
    headers = {"Accept": BROWSER}
    assert explorer.post("/nothing", headers=headers).mimetype == "application/problem+json"
    assert explorer.get("/courses/nothing", headers=headers).mimetype == "application/problem+json"
    assert explorer.get("/models", headers=headers).mimetype == "application/json"


def test_pages_outside_name_no_tenant_and_find_nobody_not_even_for_who_shows_a_key(guarded):
    client, key, *_ = guarded
    for path in ("/", "/nothing", "/explorer/sign-in"):
        text = client.get(path, headers={"Accept": BROWSER, "X-API-Key": key}).text
        assert "Kindred" in text
        assert "Tenant" not in text
        assert "typed" not in text


def test_pages_inside_name_the_tenant(explorer):
    assert "Tenant <code>default</code>" in explorer.get("/explorer/models").text
