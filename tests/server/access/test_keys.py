"""A key opens what it names, for as long as it stands in the file."""

import hashlib
import hmac
import json
import logging
import os
import stat
from pathlib import Path

import pytest

from server.access.api_keys import Keys
from server.access.key_file import change, read
from shared.errors import SettingsError
from shared.kinds import KINDS
from tests.server.access.keys import add_key, ask, remove_key
from tests.server.calls import assert_problem

DATA_ROUTES = [
    *(("POST", path) for kind in KINDS.values() for path in (kind.path, f"{kind.path}/batch")),
    ("GET", "/courses/{course_handle}"),
    ("GET", "/rankings/{model_handle}"),
    ("GET", "/models"),
    ("GET", "/questionnaire"),
    ("POST", "/interactions"),
    ("POST", "/users"),
    ("POST", "/courses"),
]
OPEN_ROUTES = ["/", "/health", "/ready", "/docs", "/redoc", "/openapi.json", "/problems"]


@pytest.mark.parametrize(("method", "path"), DATA_ROUTES)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_data_route_needs_a_key(make_app, key_file, method, path, slash):
    add_key(key_file)
    response = make_app().test_client().open(path + slash, method=method, buffered=True)
    assert_problem(response, 401, "unauthorized")
    assert response.headers["WWW-Authenticate"].startswith("ApiKey ")


@pytest.mark.parametrize("path", OPEN_ROUTES)
def test_what_is_of_no_tenant_stays_open(make_app, key_file, path):
    add_key(key_file)
    assert make_app().test_client().get(path, buffered=True).status_code == 200


def test_what_is_not_there_is_404_without_a_key(make_app, key_file):
    add_key(key_file)
    response = make_app().test_client().get("/nowhere", buffered=True)
    assert_problem(response, 404, "unknown-route")


def test_every_route_outside_the_open_blueprints_needs_a_key(make_app, key_file):
    """A route that somebody adds later is closed unless they say otherwise."""
    app = make_app()
    app.add_url_rule("/added", "added", lambda: "secret")
    add_key(key_file)
    app = make_app()
    app.add_url_rule("/added", "added", lambda: "secret")
    assert app.test_client().get("/added", buffered=True).status_code == 401


def test_a_key_opens_and_near_misses_do_not(make_app, key_file):
    key_id, key = add_key(key_file)
    _, other = add_key(key_file)
    app = make_app()
    assert ask(app, key).status_code == 200
    last = "0" if key[-1] != "0" else "1"
    wrong = [
        "",
        key[:-1],
        key[:-1] + last,
        key + "0",
        key.upper(),
        " ",
        key.replace("kindred", "kindrex"),
        f"kindred_{key_id}_",
        f"kindred_{key_id}_{other.rpartition('_')[2]}",
        f"kindred_000000000000_{key.rpartition('_')[2]}",
        key.rpartition("_")[2],
        key * 50,
        "é" * 300,
        "_" * 90,
        json.dumps(key),
    ]
    for text in wrong:
        assert ask(app, text).status_code == 401, text
    assert ask(app, None).status_code == 401
    assert ask(app, None, Authorization=f"Bearer {key}").status_code == 401
    assert ask(app, None, path=f"/similar-users?X-API-Key={key}&api_key={key}").status_code == 401


def test_the_file_holds_no_secret_but_what_proves_it(key_file):
    key_id, key = add_key(key_file)
    secret = key.rpartition("_")[2]
    assert len(bytes.fromhex(secret)) == 32
    text = key_file.read_text()
    assert secret not in text
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    (record,) = json.loads(text)["keys"]
    expected = hmac.new(bytes.fromhex(record["salt"]), secret.encode(), hashlib.sha256).hexdigest()
    assert (record["key_id"], record["hash"]) == (key_id, expected)
    assert [path.name for path in key_file.parent.iterdir()] == [key_file.name]


def test_two_keys_never_share_salt_secret_or_id(key_file):
    keys = [add_key(key_file)[1] for _ in range(20)]
    records = read(key_file)
    assert len({record.salt for record in records}) == 20
    assert len({record.hash for record in records}) == 20
    assert len({key.rpartition("_")[2] for key in keys}) == 20


def test_an_unknown_id_is_compared_as_a_known_one_is(key_file, monkeypatch):
    """So that the time of an answer does not tell which IDs there are."""
    key_id, key = add_key(key_file)
    keys = Keys(read(key_file))
    compared: list[int] = []
    compare = hmac.compare_digest

    def counting(a: bytes, b: bytes) -> bool:
        compared.append(len(b))
        return compare(a, b)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    for text in (key, f"kindred_{key_id}_{'0' * 64}", f"kindred_{'0' * 12}_{'0' * 64}", "rubbish"):
        keys.identify(text)
    assert compared == [32] * 4


def test_a_running_server_follows_the_file(make_app, key_file, clock):
    first_id, first = add_key(key_file)
    app = make_app()
    _, second = add_key(key_file)
    remove_key(key_file, first_id)
    assert [ask(app, key).status_code for key in (first, second)] == [200, 401]
    clock.advance(5)
    assert [ask(app, key).status_code for key in (first, second)] == [401, 200]


def test_the_first_key_closes_a_server_that_was_open(make_app, key_file, clock):
    app = make_app()
    assert ask(app, None).status_code == 200
    _, key = add_key(key_file)
    clock.advance(5)
    assert [ask(app, k).status_code for k in (None, key)] == [401, 200]


def test_revoking_the_last_key_does_not_open_the_server(make_app, key_file, clock):
    key_id, key = add_key(key_file)
    app = make_app()
    remove_key(key_file, key_id)
    clock.advance(5)
    assert [ask(app, k).status_code for k in (None, key)] == [401, 401]
    assert ask(make_app(), None).status_code == 401


DAMAGES = {
    "gone": lambda path: path.unlink(),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "empty": lambda path: path.write_bytes(b""),
    "no UTF-8": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "another document": lambda path: path.write_text("[]"),
    "no keys in it": lambda path: path.write_text("{}"),
    "a wrong tenant": lambda path: path.write_text(path.read_text().replace("default", "a-b")),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_keeps_the_keys_known_before_and_is_said_loudly_once(
    make_app, key_file, clock, caplog, damage
):
    _, key = add_key(key_file)
    app = make_app()
    whole = key_file.read_bytes()
    DAMAGES[damage](key_file)
    for _ in range(3):
        clock.advance(5)
        assert [ask(app, k).status_code for k in (None, key)] == [401, 200]
    (said,) = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert str(key_file) in said
    assert "1 keys known before stay" in said

    if key_file.is_dir():
        key_file.rmdir()
    key_file.write_bytes(whole)
    _, added = add_key(key_file)
    clock.advance(5)
    assert ask(app, added).status_code == 200


@pytest.mark.parametrize("damage", [d for d in DAMAGES if d != "gone"])
def test_a_worker_that_never_saw_the_file_whole_lets_nobody_in(make_app, key_file, clock, damage):
    _, key = add_key(key_file)
    whole = key_file.read_bytes()
    DAMAGES[damage](key_file)
    app = make_app()
    for shown in (None, key):
        assert_problem(ask(app, shown), 503, "keys-unreadable")
    assert app.test_client().get("/health").status_code == 200

    if key_file.is_dir():
        key_file.rmdir()
    key_file.write_bytes(whole)
    clock.advance(5)
    assert [ask(app, k).status_code for k in (None, key)] == [401, 200]


def test_nobody_gets_in_once_the_keys_are_others_that_cannot_be_seen(
    make_app, key_file, clock, caplog
):
    """As behind a mount of the file itself, which goes on showing the one that was replaced."""
    key_id, key = add_key(key_file)
    with key_file.open("rb") as held:
        mounted = Path(f"/proc/{os.getpid()}/fd/{held.fileno()}")
        app = make_app(api_keys_file=str(mounted))
        assert ask(app, key).status_code == 200
        remove_key(key_file, key_id)
        _, new = add_key(key_file)
        clock.advance(5)
        for shown in (None, key, new):
            assert_problem(ask(app, shown), 503, "keys-unreadable")
        assert_problem(app.test_client().get("/ready"), 503, "keys-unreadable")
        assert "Mount the folder of the file" in caplog.text
        assert ask(make_app(api_keys_file=str(mounted)), key).status_code == 503
        with pytest.raises(SettingsError, match="Mount the folder"):
            read(mounted)


def test_keys_with_the_same_id_are_refused(key_file):
    add_key(key_file)
    with pytest.raises(SettingsError, match="same key_id"):
        change(key_file, lambda records: [*records, *records])
    contents = json.loads(key_file.read_text())
    key_file.write_text(json.dumps(contents | {"keys": contents["keys"] * 2}))
    with pytest.raises(SettingsError, match="same key_id"):
        read(key_file)


def test_a_change_that_fails_leaves_the_file_as_it_was(key_file):
    add_key(key_file)
    before = key_file.read_bytes()

    def fail(_: object) -> list:
        raise SettingsError("no")

    with pytest.raises(SettingsError, match="no"):
        change(key_file, fail)
    assert key_file.read_bytes() == before
    assert [path.name for path in key_file.parent.iterdir()] == [key_file.name]


def test_a_folder_that_takes_no_file_is_an_error_of_ours():
    with pytest.raises(SettingsError, match="Cannot write API_KEYS_FILE"):
        change(Path("/proc/api_keys.json"), lambda records: records)


def test_ready_says_without_a_key_only_that_it_is_ready(make_app, key_file, store):
    client = make_app().test_client()
    generation = store.live_generation("default")
    assert client.get("/ready").get_json() == {"status": "ready", "generation": generation}
    _, key = add_key(key_file)
    _, stranger = add_key(key_file, tenant="unpublished")
    client = make_app().test_client()
    assert client.get("/ready").get_json() == {"status": "ready"}
    of_key = client.get("/ready", headers={"X-API-Key": key})
    assert of_key.get_json() == {"status": "ready", "generation": generation}
    unpublished = client.get("/ready", headers={"X-API-Key": stranger}, buffered=True)
    assert_problem(unpublished, 503, "nothing-published")
    assert client.get("/ready", headers={"X-API-Key": "wrong"}).status_code == 401


def test_ready_names_no_tenant_where_nobody_has_lists(make_app, key_file):
    add_key(key_file, tenant="unpublished")
    response = make_app().test_client().get("/ready", buffered=True)
    assert "unpublished" not in assert_problem(response, 503, "nothing-published")["detail"]


def test_the_description_says_which_operations_need_the_key(make_app, key_file):
    def operations(app):
        document = app.test_client().get("/openapi.json").get_json()
        assert document["components"]["securitySchemes"]["ApiKey"]["name"] == "X-API-Key"
        return {
            path: operation
            for path, methods in document["paths"].items()
            for operation in methods.values()
        }

    for path, operation in operations(make_app()).items():
        optional = [{}, {"ApiKey": []}] if ("", path) not in DATA_ROUTES else None
        guarded = path in {route for _, route in DATA_ROUTES}
        assert operation.get("security") == (optional if guarded else None), path
        assert ({"401", "429"} <= set(operation["responses"])) == guarded or path == "/ready"
    add_key(key_file)
    guarded = {p for p, op in operations(make_app()).items() if op.get("security")}
    assert guarded == {route for _, route in DATA_ROUTES}
