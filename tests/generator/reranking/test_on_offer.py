from datetime import UTC, datetime

import pytest

from generator.dataset.build import build_dataset
from generator.reranking.on_offer import OnOffer, first_end, has_ended
from generator.reranking.rule import Given
from shared.errors import SettingsError
from shared.settings import GeneratorSettings
from tests.datasets import table

NOW = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
ROWS = [
    ("a", "2026-11-29", "acme|globex"),
    ("b", "2026-11-30", "globex"),
    ("c", "2026-12-24 08:00", "acme"),
    ("d", "", ""),
]


def catalogue(rows=ROWS):
    return build_dataset({"courses": table("courses", "course_id available_until tenants", rows)})


def rule(attribute="", tenant="acme", rows=ROWS):
    settings = GeneratorSettings(_env_file=None, catalogue_attribute=attribute, tenant=tenant)
    return OnOffer.of(Given(settings, catalogue(rows)))


def test_a_course_is_on_offer_through_its_last_day():
    assert has_ended(catalogue().available_until, NOW).tolist() == [True, False, False, False]


def test_of_several_rows_of_a_course_the_last_with_a_date_counts():
    rows = [("a", "2020-01-01", ""), ("a", "2030-01-01", ""), ("a", "", "")]
    assert not has_ended(catalogue(rows).available_until, NOW).any()


def test_the_first_day_after_which_less_is_on_offer_is_known():
    assert first_end(catalogue(), NOW) == "2026-11-30"
    assert first_end(catalogue(ROWS[2:]), NOW) == "2026-12-24"
    assert first_end(catalogue(ROWS[3:]), NOW) is None


def test_with_a_catalogue_only_what_names_the_tenant_is_on_offer():
    open_ended = [(course, "", tenants) for course, _, tenants in ROWS]
    assert rule("tenants", rows=open_ended).hidden.tolist() == [False, True, False, True]
    assert rule("Tenants", "globex", open_ended).hidden.tolist() == [False, False, True, True]


@pytest.mark.parametrize(("attribute", "tenant"), [("tenants", "initech"), ("owners", "acme")])
def test_a_catalogue_that_nobody_knows_is_refused(attribute, tenant):
    with pytest.raises(SettingsError, match=f"{attribute}, and no course has {tenant}"):
        rule(attribute, tenant)


def test_it_says_how_many_are_left_out_and_why():
    past = [("a", "2020-01-01", "acme"), ("b", "", "acme"), ("c", "", "globex")]
    assert rule("tenants", rows=past).said == (
        "without courses that are not on offer: 1 that have ended, 1 that are not in the catalogue"
    )


def test_where_everything_is_on_offer_there_is_no_rule():
    assert rule(rows=[("a", "", ""), ("b", "2999-01-01", "")]) is None
