"""The form that does something as a user: what it keeps, who may, and what the page shows after."""

import json

import pytest

from server import create_app
from shared.events.log import START
from tests.server.access.keys import add_key
from tests.server.calls import at_once
from tests.server.explorer.platform import HOSTILE_USER
from tests.server.explorer.test_explorer_pages import SAME_ORIGIN, page
from tests.server.explorer.test_since import refreshed

TENANT = "default"
FORM = "do something as this user"


def do(client, user="ada", **form):
    form = {"handle": json.dumps(user), "kind": "view", "about": "docker"} | form
    return client.post("/explorer/users/did", data=form, headers=SAME_ORIGIN)


def kept(log):
    events = log.read_since(TENANT, START, 100).events
    return [(e.user, e.kind, e.course, e.tag, e.value) for e in events]


def recommended(text, part):
    """Titles of the list under this heading."""
    return text.partition(part)[2].partition("</ol>")[0]


@pytest.mark.parametrize(
    ("form", "event"),
    [
        ({}, ("view", "docker", None, None)),
        ({"kind": "completion"}, ("completion", "docker", None, None)),
        ({"kind": "rating", "value": "4.5"}, ("rating", "docker", None, 4.5)),
        ({"kind": "dismissal"}, ("dismissal", "docker", None, None)),
        ({"kind": "interest", "about": " aws "}, ("interest", None, "aws", None)),
    ],
)
@pytest.mark.parametrize("user", ["ada", HOSTILE_USER])
def test_what_the_form_says_is_kept_and_leads_back(explorer, log, user, form, event):
    answer = do(explorer, user, **form)
    assert answer.status_code == 303
    assert kept(log) == [(user, *event)]
    back = explorer.get(answer.headers["Location"])
    assert "the latest event" in back.text
    assert HOSTILE_USER not in back.text


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "purchase"},
        {"kind": ""},
        {"about": ""},
        {"about": "x" * 600},
        {"kind": "rating"},
        {"kind": "rating", "value": "-1"},
        {"kind": "rating", "value": "nan"},
        {"kind": "attribute"},
        {"handle": "{}"},
        {"handle": ""},
    ],
)
def test_what_is_no_event_is_refused_on_a_page_and_not_kept(explorer, log, form):
    answer = do(explorer, **form)
    assert answer.status_code in (400, 422)
    assert answer.mimetype == "text/html"
    assert kept(log) == []


def test_the_list_is_shown_before_and_after_and_looks_until_a_refresh_has_come(
    explorer, log, fresh, generation, clock
):
    first = page(explorer, "ada")
    course = first.partition('<datalist id="recommended"><option value="')[2].partition('"')[0]
    after = explorer.get(do(explorer, about=course).headers["Location"]).text
    link = f"/explorer/courses?handle=%22{course}%22"
    assert link in recommended(after, "Before, as of the night")
    assert link not in recommended(after, "<h3>Now</h3>")
    assert "No refresh has made lists" in after
    assert 'hx-trigger="load delay:2s"' in after
    assert "looked=1" in after
    swapped = after.partition('<section id="since"')[2].partition("</section>")[0]
    assert "Do it" in after
    assert "Do it" not in swapped, "what is typed meanwhile would go with it"
    log.forget(TENANT, "ada")
    do(explorer, about=course, kind="dismissal")
    assert 'hx-trigger="load' not in page(explorer, "ada"), "who comes later looks once"
    refreshed(fresh, generation, clock, "ada", "zig", made_at="2999-01-01T00:00:00.000+00:00")
    done = explorer.get("/explorer/users", query_string={"handle": '"ada"', "looked": 3}).text
    assert "A refresh has made these lists from all of it." in done
    assert 'hx-trigger="load' not in done


@pytest.mark.parametrize("looked", ["44", "45", "99999", "x", "-1"])
def test_a_page_looks_a_bounded_number_of_times(explorer, looked):
    do(explorer)
    text = explorer.get("/explorer/users", query_string={"handle": '"ada"', "looked": looked}).text
    assert ('hx-trigger="load' in text) == (looked == "44")


def test_a_form_of_another_site_does_nothing(explorer, log):
    form = {"handle": '"ada"', "kind": "view", "about": "docker"}
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert explorer.post("/explorer/users/did", data=form, headers=headers).status_code == 400
    assert kept(log) == []


@pytest.mark.parametrize(
    ("changed", "keeps", "rights", "reason"),
    [
        ({"server_roles": ["lookups"]}, True, "", "takes no events in"),
        ({}, False, "", "keeps no events"),
        ({}, True, "read", "This key may not write"),
    ],
)
def test_who_may_not_is_told_why_and_has_no_form(
    settings, store, log, generation, tmp_path, changed, keeps, rights, reason
):
    if rights:
        _, key = add_key(tmp_path / "keys.json", rights=rights)
        changed = changed | {"api_keys_file": str(tmp_path / "keys.json")}
    app = create_app(
        settings.model_copy(update=changed),
        store,
        in_background=at_once,
        log=log if keeps else None,
    )
    client = app.test_client()
    if rights:
        client.post("/explorer/sign-in", data={"key": key}, headers=SAME_ORIGIN)
    text = page(client, "ada")
    assert reason in text
    assert "/explorer/users/did" not in text
    assert do(client).status_code == 403
    assert kept(log) == []
