"""No choice of prefix and tenant makes two tenants share a table of DynamoDB."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import GenerationMissing, SettingsError
from shared.stores import open_store
from shared.stores.backend import check_names

prefixes = st.from_regex(r"[a-c_.-]{1,6}|[a-c-]{1,3}-control", fullmatch=True)
tenants = st.from_regex(r"[a-c_]{1,4}|control", fullmatch=True)
generations = st.sampled_from(["20261121T020000Z-3f9a", "20261121T020000Z-c0de"])
names = st.tuples(prefixes, tenants, generations)


def table(prefix: str, tenant: str, generation: str) -> str:
    return open_store(f"dynamodb://{prefix}?region=us-east-1")._table(tenant, generation)


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
