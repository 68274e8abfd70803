"""What `refresh` needs of a run: its tables, and its models as they were fitted.

MODELS_FOLDER/TENANT/making/tables/NAME.arrow      until the run has a generation
MODELS_FOLDER/TENANT/GENERATION/tables/NAME.arrow
                                stands_for.npy       of duplicates which is listed
                                models/HANDLE/       see generator.models.saving
                                about.json           what else the tables mean; comes last
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.hybrids.base import Hybrid
from generator.models.base import Model
from generator.models.registry import model_class
from generator.models.run_options import RunOptions
from generator.validation.validation import Validated
from shared.errors import ModelError
from shared.settings import GeneratorSettings

MAKING, TABLES, MODELS, ABOUT, STANDS_FOR = (
    "making",
    "tables",
    "models",
    "about.json",
    "stands_for.npy",
)


class KeptRun:
    """The folder of one run. Raises OSError where the disk does, if nothing else is said."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of(cls, settings: GeneratorSettings, generation: str) -> Self:
        return cls(_folder_of(settings) / generation)

    @classmethod
    def begin(cls, settings: GeneratorSettings, validated: Validated) -> Self:
        """Keep the tables of a run that has no generation yet."""
        making = _folder_of(settings) / MAKING
        shutil.rmtree(making, ignore_errors=True)
        (making / TABLES).mkdir(parents=True)
        for name, table in validated.tables.items():
            # Not Parquet, which forgets that numbers were categories.
            table.reset_index(drop=True).to_feather(
                making / TABLES / f"{name}.arrow", compression="zstd"
            )
        about = {
            "user_handle_type": validated.user_handle_type,
            "course_handle_type": validated.course_handle_type,
            "view_times_are_measured": validated.view_times_are_measured,
        }
        (making / ABOUT).write_text(json.dumps(about), encoding="utf-8")
        return cls(making)

    def named(
        self, generation: str, dataset: Dataset, stands_for: NDArray[np.int32] | None
    ) -> None:
        """The run has this generation now, whose models a run that died may have kept here."""
        target = self._folder.with_name(generation)
        about = json.loads((self._folder / ABOUT).read_text(encoding="utf-8"))
        # Guessed again with further ratings, the scale could be another.
        about["rating_scale"] = [dataset.rating_scale.low, dataset.rating_scale.high]
        target.mkdir(exist_ok=True)
        shutil.rmtree(target / TABLES, ignore_errors=True)
        (self._folder / TABLES).rename(target / TABLES)
        if stands_for is not None:
            np.save(target / STANDS_FOR, stands_for)
        (target / ABOUT).write_text(json.dumps(about), encoding="utf-8")
        shutil.rmtree(self._folder)
        self._folder = target

    def keep(self, model: Model) -> None:
        """A fitted model; of a hybrid what it learned, and nobody's lists."""
        alone = model.without_lists() if isinstance(model, Hybrid) else model
        alone.save(self._folder / MODELS / model.handle)

    @property
    def is_there(self) -> bool:
        return (self._folder / ABOUT).exists()

    def validated(self) -> Validated:
        """The tables as they were validated, without what was set aside. Raises ModelError."""
        about = self._about()
        with self._damage_in_words():
            tables = {
                path.stem: pd.read_feather(path) for path in sorted(self._folder.glob("tables/*"))
            }
        return Validated(
            tables,
            {},
            [],
            about["user_handle_type"],
            about["course_handle_type"],
            about["view_times_are_measured"],
        )

    def dataset(self, validated: Validated, like: Dataset | None = None) -> Dataset:
        """Of these tables, or of them with other rows: on the same scale of ratings, and on the
        courses, tags and levels that `like` has."""
        low, high = self._about()["rating_scale"]
        measured = validated.view_times_are_measured
        return build_dataset(validated.tables, measured, (low, high), like)

    def stands_for(self) -> NDArray[np.int32] | None:
        """int32 [courses]: of duplicates which is listed; None where nobody looked for them."""
        path = self._folder / STANDS_FOR
        with self._damage_in_words():
            return np.load(path, allow_pickle=False) if path.exists() else None

    def load(self, handle: str, dataset: Dataset, run: RunOptions) -> Model:
        """dataset: what it was fitted on. Raises ModelError."""
        return model_class(handle).load(self._folder / MODELS / handle, dataset, run)

    def _about(self) -> dict[str, Any]:
        with self._damage_in_words():
            about: dict[str, Any] = json.loads((self._folder / ABOUT).read_text(encoding="utf-8"))
            return about

    @contextmanager
    def _damage_in_words(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            raise ModelError(
                f"What was kept in {self._folder} is damaged ({error}); run the generator: what it "
                "publishes can be refreshed."
            ) from None


def drop_all_but(settings: GeneratorSettings, generations: Iterable[str]) -> None:
    """Remove what was kept of generations that are gone."""
    kept = {*generations, MAKING}
    for folder in _folder_of(settings).glob("*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _folder_of(settings: GeneratorSettings) -> Path:
    return Path(settings.models_folder, settings.tenant)
