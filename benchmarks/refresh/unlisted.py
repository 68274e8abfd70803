"""A live generation whose models were fitted and kept, without the lists of a quarter of a million
users, which would take half an hour and which no fresh list is made from."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from generator.describe import card_of, describe
from generator.hybrids.base import Hybrid
from generator.intake import read_tables, to_matrices
from generator.lists.candidates import Candidates
from generator.lists.ranked import ranked
from generator.models.registry import make_models
from generator.plan import in_order_of_use, plan_run, run_options
from generator.process.progress import Reporter
from generator.refresh.kept_run import KeptRun
from generator.run_digest import config_digest
from shared.kinds import KINDS
from shared.records import Handle
from shared.settings import GeneratorSettings
from shared.stores import open_store

LISTED = 1000
"""Users whose deep lists hybrids take their components from."""


def publish_unlisted(
    settings: GeneratorSettings, models: Sequence[str]
) -> tuple[list[Handle], list[Handle]]:
    """The handles of its users, and of courses that somebody viewed.

    `settings` name the tables, the store and the models' folder.
    """
    store, reporter = open_store(settings.store_url), Reporter()
    validated = read_tables(settings, reporter)
    kept = KeptRun.begin(settings, validated)
    dataset = to_matrices(validated, settings, reporter)
    tenant = settings.tenant
    generation = store.begin(tenant, "", config_digest(settings))
    kept.named(generation, dataset, None)
    manifest = store.manifest(tenant, generation)
    made = in_order_of_use(make_models(models, {}))
    plan = plan_run(made, dataset, settings)
    candidates = Candidates.for_hybrids(made, settings.candidates_per_user, 10)
    for model in made:
        with reporter.stage(f"fit and keep {model.handle}") as steps:
            if isinstance(model, Hybrid):
                model.over(candidates)
            model.fit(dataset, run_options(settings, steps, plan.block_bytes[model.handle]))
            kept.keep(model)
        for kind in model.serves:
            if KINDS[kind].subject == "user" and candidates.wants(kind, model.handle):
                ranked(model, kind, model.known_users()[:LISTED], 1, candidates)
        manifest.models.append(card_of(model, plan.kinds(model)))
    describe(manifest, dataset, settings)
    store.publish(manifest)
    store.close()
    viewed = np.flatnonzero(dataset.viewers).astype(np.int32)
    return dataset.users.handles(), dataset.courses.handles(viewed)


def folder_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
