"""No choice of prefix and tenant makes two tenants share a table of DynamoDB."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import GenerationMissing, SettingsError
from shared.stores import open_store
from shared.stores.backend import check_names

prefixes = st.sampled_from(["a", "a-a", "a-b", "a-a-b", "a_b", "-", "a-control", "control"])
tenants = st.from_regex(r"[a-c_]{1,4}|control", fullmatch=True)
generations = st.sampled_from(["20261121T020000Z-3f9a", "20261121T020000Z-c0de"])
names = st.tuples(prefixes, tenants, generations)


@cache
def store(prefix: str):
    return open_store(f"dynamodb://{prefix}?region=us-east-1")


def table(prefix: str, tenant: str, generation: str) -> str:
    return store(prefix)._table(tenant, generation)


@given(one=names, other=names)
@settings(max_examples=100, deadline=None)
def test_different_names_never_give_one_table(one, other):
    assert (table(*one) == table(*other)) == (one == other)
    assert table(*one) != f"{other[0]}-control"


@pytest.mark.parametrize(
    "tenant", ["a-b", "a/b", "../a", "A", "", "a" * 33, "a\n", "\uff41", "a.b", "a b", "a\x00"]
)
def test_a_tenant_that_could_lead_elsewhere_is_refused(tenant):
    with pytest.raises(SettingsError):
        check_names(tenant)


@pytest.mark.parametrize("generation", ["", "../x", "20261121T020000Z-3f9a/..", "control"])
def test_so_is_a_generation(generation):
    with pytest.raises(GenerationMissing):
        check_names("a", generation)
