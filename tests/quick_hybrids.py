"""Hybrids that are made from the quickest models alone: what the others list has its own tests."""

from generator.dataset.dataset import Dataset
from generator.hybrids.base import Hybrid, candidates_of
from generator.models.base import Model
from generator.models.run_options import RunOptions
from tests.quick_models import QUICK


def with_lists_of_others(model: Model, dataset: Dataset, run: RunOptions) -> Model:
    """The model, before it is fitted; if it is a hybrid, it has the lists that it is made from."""
    if isinstance(model, Hybrid):
        model.over(candidates_of(QUICK, model.serves[0], dataset, run))
    return model
