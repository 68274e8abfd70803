import pytest

from generator import run_digest
from generator.run_digest import config_digest, gate_digest
from shared.settings import GeneratorSettings
from shared.stores.state import TenantState

DEFAULTS = GeneratorSettings(_env_file=None, evaluate=False)
OTHER = {
    "default_recommendations_model": "als_collab_filtering_user_course_view",
    "fallback_models": [],
    "models": ["all"],
    "stored_list_length": 10,
    "seed": 7,
    "memory_budget_mb": 512,
    "evaluate": True,
    "rehearsal_views": 0,
    "candidates_per_user": 50,
    "gate_losing_model": "skip",
    "diversity": 0.3,
    "novelty_share": 0.1,
    "list_caps": {"tag": 3},
    "catalogue_attribute": "tenants",
    "pictures_url": "s3://pictures",
}


@pytest.mark.parametrize(("name", "value"), OTHER.items())
def test_a_setting_that_changes_lists_changes_the_digest(name, value):
    assert config_digest(DEFAULTS.model_copy(update={name: value})) != config_digest(DEFAULTS)


def test_a_setting_that_changes_none_does_not():
    other = DEFAULTS.model_copy(update={"threads": 3, "keep_generations": 9, "gate_may_go": ["m"]})
    assert config_digest(other) == config_digest(DEFAULTS)


@pytest.mark.parametrize("is_folder", [True, False])
def test_an_encoder_that_is_replaced_where_it_lies_changes_it(tmp_path, is_folder):
    weights = tmp_path / "encoder" / "model.onnx"
    weights.parent.mkdir()
    weights.write_bytes(b"one")
    named = str(weights.parent if is_folder else weights)
    options = {"sentence_course_text": {"encoder": named}, "lstm_course_sequence": {"texts": named}}
    settings = DEFAULTS.model_copy(update={"model_options": options})
    before = config_digest(settings)
    assert config_digest(settings) == before
    weights.write_bytes(b"other")
    assert config_digest(settings) != before


def test_another_version_of_kindred_changes_it(monkeypatch):
    before = config_digest(DEFAULTS)
    monkeypatch.setattr(run_digest, "__version__", "99.0.0")
    assert config_digest(DEFAULTS) != before


def test_the_gates_digest_follows_its_settings_and_what_is_live():
    lenient = DEFAULTS.model_copy(update={"gate_may_go": ["m"]})
    states = [TenantState(), TenantState("a"), TenantState("b"), TenantState("b", pinned_at="now")]
    found = {gate_digest(settings, state) for settings in (DEFAULTS, lenient) for state in states}
    assert len(found) == 8
    assert gate_digest(DEFAULTS.model_copy(update={"seed": 1}), TenantState("a")) in found
