"""Fit -> list: each model in turn, then what is stored beside its lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.checks.list_facts import ListWatch, could_list
from generator.checks.model_comparison import known_by_activity, mean_viewers_share
from generator.checks.sample import ListSample
from generator.dataset.dataset import Dataset
from generator.describe import card_of
from generator.hybrids.base import Hybrid
from generator.lists.candidates import NO_CANDIDATES, Candidates
from generator.lists.course_facts import course_facts
from generator.lists.directory import directory
from generator.lists.facets import course_facets
from generator.lists.group_rankings import group_rankings
from generator.lists.profiles import profiles
from generator.lists.ranked import SUBJECTS_PER_BLOCK, blocks_of, listed_block, ranked
from generator.lists.rankings import ranking_of
from generator.lists.seen import all_seen
from generator.lists.viewers import course_viewers
from generator.models.base import Model
from generator.models.group_ranking import RanksGroups
from generator.plan import RunPlan, run_options
from generator.process.attempts import attempt
from generator.process.memory import give_back, without_collections
from generator.process.processors import too_many_threads
from generator.process.progress import Reporter
from generator.publish import GenerationWriter
from generator.refresh.kept_run import KeptRun
from generator.reranking.rules import NO_RULES, Rules
from generator.reviews.opinions import Opinions, opinions_of
from shared.errors import ModelError
from shared.kinds import KINDS, Entity, KindName
from shared.records import (
    COURSE_DIRECTORY,
    COURSE_FACETS,
    COURSE_FACTS,
    COURSE_VIEWERS,
    RANKINGS,
    SEEN,
    USER_DIRECTORY,
    USER_PROFILE,
    FactsKind,
    FactsRow,
    ListRow,
    ModelCard,
    list_section,
)
from shared.settings import GeneratorSettings

STAGES: dict[Entity, str] = {"user": "list {}", "course": "list {}, courses"}
"""What the log calls the listing of a model's users, and of its courses."""


@dataclass
class Listing:
    """One run's way from a dataset to rows in a generation."""

    dataset: Dataset
    settings: GeneratorSettings
    plan: RunPlan
    writer: GenerationWriter
    sample: ListSample
    reporter: Reporter
    rules: Rules = NO_RULES
    stands_for: NDArray[np.int32] | None = None
    candidates: Candidates = NO_CANDIDATES
    kept: KeptRun | None = None
    """Where fitted models are kept for `refresh`; None keeps none."""

    def write_models(self, models: list[Model]) -> None:
        """Fit each model, write its lists, and let it go: `models` is empty in the end.

        A model that breaks is skipped with its reason. Raises ModelError if no model is left.
        """
        self._announce()
        self.candidates = Candidates.for_hybrids(
            [model for model in models if not self.writer.has_model(model.handle)],
            self.settings.candidates_per_user,
            min(self.settings.reasons_per_list, self.settings.stored_list_length),
        )
        while models:
            model = models.pop(0)
            if not self.writer.has_model(model.handle):
                self.writer.finish(self._card_of_listed(model))
            elif self._is_component(model):
                self._keep_candidates(model)
            del model
            give_back()
        if not self.writer.manifest.served_models:
            raise ModelError(self._nothing_left())

    def write_facts(self) -> None:
        """What everybody has seen, what courses are called, and what people look at."""
        rows: dict[FactsKind, Iterable[Iterable[FactsRow]]] = {
            SEEN: all_seen(self.dataset, SUBJECTS_PER_BLOCK, self.rules.listed_for),
        }
        if not self.writer.has_section(COURSE_FACTS):
            rows[COURSE_FACTS] = [course_facts(self.dataset, self._opinions(), self.stands_for)]
        if self.settings.store_profiles:
            rows[USER_PROFILE] = profiles(self.dataset)
            rows[COURSE_VIEWERS] = course_viewers(self.dataset)
            users, courses = self.dataset.users.handles(), self.dataset.courses.handles()
            rows[USER_DIRECTORY] = [directory(USER_DIRECTORY, users)]
            rows[COURSE_DIRECTORY] = [
                directory(COURSE_DIRECTORY, courses, self.dataset.texts.titles)
            ]
            rows[COURSE_FACETS] = [course_facets(self.dataset)]
        with self.reporter.stage("users and courses") as steps, without_collections():
            for kind, blocks in rows.items():
                if not self.writer.has_section(kind):
                    steps.rows += sum(self.writer.write(kind, rows) for rows in blocks)
                    self.writer.finish()

    def _opinions(self) -> Opinions | None:
        if not len(self.dataset.reviews):
            return None
        with self.reporter.stage("reviews") as steps:
            opinions = opinions_of(self.dataset, steps)
            steps.rows = len(self.dataset.reviews)
        self.reporter.say(f"  {opinions.said}")
        return opinions

    def _is_component(self, model: Model) -> bool:
        """True if hybrids follow that are made from it.

        Lists that a run which died had written left no candidates, and one ranking leaves none.
        """
        return any(self.candidates.wants(kind, model.handle) for kind in self.plan.kinds(model))

    def _keep_candidates(self, model: Model) -> None:
        if model.handle in self.plan.skipped:
            return
        self._fit(model)
        self._list_for_hybrids(model)

    def _list_for_hybrids(self, model: Model) -> None:
        with self.reporter.stage(f"list {model.handle}, for hybrids"):
            for kind in model.serves:
                if self.candidates.wants(kind, model.handle):
                    known = model.known_subjects(kind)
                    ranked(model, kind, known, 1, self.candidates, self.rules)

    def _announce(self) -> None:
        if warning := too_many_threads(self.settings.threads):
            self.reporter.say(warning)
        for rule in self.rules.said:
            self.reporter.say(f"Lists: {rule}")
        for handle, reason in self.plan.skipped.items():
            self.reporter.say(f"{handle}: will be skipped, it {reason}")
        manifest = self.writer.manifest
        if manifest.row_counts:
            done = ", ".join([card.model_handle for card in manifest.served_models])
            self.reporter.say(f"Continuing generation {manifest.generation}: has {done} already.")

    def _card_of_listed(self, model: Model) -> ModelCard:
        card = card_of(model, self.plan.kinds(model))
        card.skipped = self.plan.skipped.get(model.handle)
        if card.skipped is not None:
            return card
        with attempt(self.reporter.say) as outcome:
            return self._fit_and_list(model)
        card.failed, card.skipped = True, f"failed: {outcome.failed}"
        self.reporter.say(f"{model.handle}: is skipped, it {card.skipped}")
        self.writer.forget(model.handle)
        self.sample.forget(model.handle)
        self.candidates.forget(model.handle)
        return card

    def _fit(self, model: Model) -> None:
        with self.reporter.stage(f"fit {model.handle}") as steps:
            steps.rows = sum(self.dataset.entries(need) for need in model.needs)
            run = run_options(self.settings, steps, self.plan.block_bytes[model.handle])
            if isinstance(model, Hybrid):
                model.over(self.candidates)
            model.fit(self.dataset, run)

    def _fit_and_list(self, model: Model) -> ModelCard:
        self._fit(model)
        card = card_of(model, self.plan.kinds(model))
        card.fit_seconds = self.reporter.stages[-1].seconds
        if self.kept and model.is_personal:
            self._keep(model, self.kept)
        card.known_by_activity = known_by_activity(model.known_users(), self.dataset)
        if model.is_personal:
            for entity, stage in STAGES.items():
                self._list(model, card, entity, stage)
            courses = self.sample.sections.get(list_section("recommendations", model.handle), {})
            card.mean_viewers_share = mean_viewers_share(courses, self.dataset)
        else:
            self._rank(model)
            if self._is_component(model):
                self._list_for_hybrids(model)
        if isinstance(model, RanksGroups) and self.settings.group_rankings:
            self._rank_groups(model, card)
        return card

    def _keep(self, model: Model, kept: KeptRun) -> None:
        """No run fails of it: this night's lists are as good without."""
        with self.reporter.stage(f"keep {model.handle}"), attempt(self.reporter.say) as outcome:
            kept.keep(model)
        if outcome.failed:
            self.reporter.warn(
                f"{model.handle} is not kept, so `refresh` leaves its lists as they are: "
                f"{outcome.failed}"
            )

    def _rank(self, model: Model) -> None:
        with self.reporter.stage(f"list {model.handle}") as steps:
            n = self.settings.stored_list_length
            ranking = ranking_of(model, self.dataset, n, self.rules)
            self.writer.manifest.rankings[model.handle] = ranking
            steps.rows = len(ranking.courses)

    def _rank_groups(self, model: RanksGroups, card: ModelCard) -> None:
        with self.reporter.stage(f"rank {model.handle}, groups") as steps:
            rows = list(group_rankings(model, self.settings.stored_list_length, self.rules))
            watch = ListWatch(RANKINGS, self.sample, np.ones(len(rows), bool))
            watch.look_at(np.arange(len(rows), dtype=np.int32), rows)
            self.writer.write(list_section(RANKINGS, model.handle), rows)
            steps.rows = sum(self.dataset.entries(need) for need in model.needs)
        card.group_facts = watch.facts

    def _list(self, model: Model, card: ModelCard, entity: Entity, stage: str) -> None:
        """Write the lists of all users, or of all courses, and note on the card what they are like.

        Kinds take turns block by block: a model may keep a block's neighbours for the next kind.
        """
        kinds = [kind for kind in card.serves if KINDS[kind].subject == entity]
        if not kinds:
            return
        watches = {
            kind: ListWatch(
                kind, self.sample, could_list(kind, self.dataset, self.rules.hidden(kind))
            )
            for kind in kinds
        }
        known = model.known_subjects(kinds[0])
        with self.reporter.stage(stage.format(model.handle)) as steps, without_collections():
            for subjects in blocks_of(known):
                for kind, watch in watches.items():
                    rows = self._listed(model, kind, subjects)
                    watch.look_at(subjects, rows)
                    self.writer.write(list_section(kind, model.handle), rows)
                steps(steps.done + len(subjects), len(known))
            steps.rows = steps.done * len(kinds)
        for kind, watch in watches.items():
            card.list_facts[kind], card.spreads[kind] = watch.facts, watch.spread

    def _listed(
        self, model: Model, kind: KindName, subjects: NDArray[np.int32]
    ) -> Sequence[ListRow]:
        n, reasons = self.settings.stored_list_length, self.settings.reasons_per_list
        return listed_block(model, kind, subjects, n, reasons, self.candidates, self.rules)

    def _nothing_left(self) -> str:
        reasons = "; ".join(
            f"{card.model_handle} {card.skipped}" for card in self.writer.manifest.models
        )
        return f"No model could be listed, and nothing was published: {reasons}"
