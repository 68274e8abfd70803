"""Where DynamoDB is and who may use it: URLs, credentials, endpoints that do not answer."""

import socket
from contextlib import closing
from functools import partial

import pytest

from shared.backoff import Patience
from shared.errors import SettingsError, StoreError, StoreUnavailable
from shared.stores import importing, open_store
from shared.stores.dynamodb import DynamoDBStore
from shared.stores.dynamodb.address import Address, Folder
from tests.faulty_dynamodb import answered, refused
from tests.generations import TENANT, key_of, row_of
from tests.shared.conftest import HASTY


def every_use(opened):
    generation = "20261121T020000Z-3f9a"
    yield partial(opened.live, TENANT)
    yield partial(opened.generations, TENANT)
    yield partial(opened.manifest, TENANT, generation)
    yield partial(opened.get, TENANT, generation, key_of(1))
    yield partial(opened.get_many, TENANT, generation, [key_of(1), key_of(2)])
    yield partial(opened.begin, TENANT)
    yield partial(opened.write, TENANT, generation, [row_of(1)])
    yield partial(opened.rollback, TENANT)
    yield partial(opened.prune, TENANT, 2)
    yield partial(opened.discard, TENANT, generation)
    yield lambda: opened.lock(TENANT).__enter__()


def test_an_endpoint_that_nobody_listens_at_is_unavailable_in_every_use():
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
    with closing(DynamoDBStore(Address("test", endpoint=endpoint), HASTY, HASTY)) as opened:
        for use in every_use(opened):
            with pytest.raises(StoreUnavailable, match=f"{endpoint}.*does not answer.*STORE_URL"):
                use()


def test_an_endpoint_that_never_answers_is_unavailable_in_bounded_time():
    curt = Patience(2, 0.001, 0.001, connect_timeout_seconds=1, read_timeout_seconds=0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            closing(DynamoDBStore(Address("test", endpoint=endpoint), curt, curt)) as opened,
            pytest.raises(StoreUnavailable, match="does not answer"),
        ):
            opened.live(TENANT)


@pytest.mark.parametrize(
    ("code", "cure"),
    [
        ("AccessDeniedException", r"Allow it on the tables {prefix}-\*"),
        ("UnrecognizedClientException", "does not accept the credentials"),
        ("ExpiredTokenException", "Renew them"),
    ],
)
def test_an_account_that_may_not_is_told_so_at_once_in_every_use(
    store, address, dynamodb, code, cure
):
    class Denied(dict):
        def get(self, operation, default=None):
            return refused(code)

    dynamodb.always = Denied()
    for use in every_use(store):
        before = len(dynamodb.calls)
        with pytest.raises(StoreUnavailable, match=cure.format(prefix=address.prefix)):
            use()
        assert len(dynamodb.calls) == before + 1


@pytest.mark.parametrize("answer", [b"", b"<html>404</html>", b'{"detail": "Not Found"}'])
def test_an_endpoint_that_is_no_dynamodb_is_a_store_error(store, dynamodb, answer):
    dynamodb.always["GetItem"] = answered(404, answer)
    with pytest.raises(StoreError):
        store.get(TENANT, "20261121T020000Z-3f9a", key_of(1))


def test_opening_a_store_sends_nothing(dynamodb):
    open_store(f"dynamodb://test?endpoint={dynamodb.endpoint}").close()
    assert dynamodb.calls == []


def test_on_loopback_no_credentials_are_needed_but_configured_ones_win(dynamodb, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    for configured, used in [(None, "local"), ("MINE", "MINE")]:
        if configured:
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", configured)
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        with closing(open_store(f"dynamodb://test?endpoint={dynamodb.endpoint}")) as opened:
            opened.live(TENANT)
        assert f"Credential={used}/" in dynamodb.authorizations[-1]


@pytest.mark.parametrize("endpoint", ["", "&endpoint=http://192.0.2.1:8000"])
def test_away_from_loopback_missing_credentials_are_an_error_and_never_made_up(endpoint):
    with (
        closing(open_store(f"dynamodb://test?region=eu-west-1{endpoint}")) as opened,
        pytest.raises(StoreUnavailable, match=r"credentials.*AWS_ACCESS_KEY_ID.*profile=NAME"),
    ):
        opened.live(TENANT)


def test_a_region_is_needed_away_from_loopback():
    with pytest.raises(SettingsError, match="region=NAME"):
        open_store("dynamodb://test")


def test_a_profile_that_does_not_exist_is_named():
    with pytest.raises(SettingsError, match="nobody"):
        open_store("dynamodb://test?region=eu-west-1&profile=nobody")


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("dynamodb://", "1 to 128 characters"),
        ("dynamodb://?region=eu-west-1", "1 to 128 characters"),
        ("dynamodb://a/b?region=eu-west-1", "1 to 128 characters"),
        ("dynamodb://kin dred", "1 to 128 characters"),
        ("dynamodb://" + "x" * 129, "1 to 128 characters"),
        ("dynamodb://[x", "1 to 128 characters"),
        ("dynamodb://x?reigon=eu-west-1&ttl=5", "reigon, ttl is not understood"),
        ("dynamodb://x?endpoint=127.0.0.1:8000", "endpoint must be like"),
        ("dynamodb://x?endpoint=ftp://127.0.0.1", "endpoint must be like"),
        ("dynamodb://x?endpoint=http://", "endpoint must be like"),
        ("dynamodb://x?endpoint=http://[::1", "endpoint must be like"),
        ("dynamodb://x?endpoint=http://127.0.0.1:99999", "endpoint must be like"),
        ("dynamodb://x?warm_write_units=100", "warm_write_units must be a whole number from 4000"),
        ("dynamodb://x?warm_write_units=many", "warm_write_units must be a whole number from 4000"),
        ("dynamodb://x?import_file_mb=0", "import_file_mb must be a whole number from 1 to 1024"),
        ("dynamodb://x?import_minutes=-1", "import_minutes must be a whole number from 1"),
        ("dynamodb:x", "must start with one of: sqlite://, dynamodb://"),
        ("redis://x", "must start with one of: sqlite://, dynamodb://"),
    ],
)
def test_a_url_that_makes_no_sense_is_refused_with_what_was_expected(url, complaint):
    with pytest.raises(SettingsError, match="STORE_URL") as refusal:
        open_store(url)
    assert complaint in str(refusal.value)
    assert url in str(refusal.value)


@pytest.mark.parametrize("via", ["bucket/lists", "s3://", "s3://UPPER/lists", "https://bucket/x"])
def test_what_is_no_folder_in_s3_is_refused_with_what_was_expected(via):
    with pytest.raises(SettingsError, match=f"{via}.*write s3://BUCKET/PREFIX after --via"):
        open_store(importing("dynamodb://x", via))


def test_a_url_says_where_the_tables_are():
    endpoint = "http://[::1]:8000"
    assert Address.parse("dynamodb://kindred") == Address("kindred")
    assert Address.parse("dynamodb://kindred/?region=&profile=") == Address("kindred")
    assert Address.parse(
        f"dynamodb://a.b_c-1?region=eu-west-1&endpoint={endpoint}&profile=me"
    ) == Address("a.b_c-1", "eu-west-1", endpoint, "me")
    assert Address.parse(
        "dynamodb://x?via=s3://lists.example/a/b/&import_file_mb=8&import_minutes=9"
        "&warm_write_units=8000"
    ) == Address("x", None, None, None, Folder("lists.example", "a/b"), 8, 9, 8000)


def test_a_store_can_be_told_to_import_by_its_url():
    plain, more = "dynamodb://x", "dynamodb://x?region=eu-west-1&via=s3://bucket/else"
    for url in (plain, more):
        importing_too = Address.parse(importing(url, "s3://bucket/a & b"))
        assert importing_too.via == Folder("bucket", "a & b")
        assert importing_too.region == Address.parse(url).region
    with pytest.raises(SettingsError, match="leave --via out"):
        importing("sqlite:///data/store", "s3://bucket/lists")
