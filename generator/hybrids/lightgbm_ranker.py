"""Trees over features of user, course and moment put several models' courses into one order."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset
from generator.hybrids.base import Rehearsal
from generator.hybrids.blended import SUBJECTS_PER_BLOCK
from generator.hybrids.blended_courses import BlendedCourses
from generator.hybrids.components import OF_ALL_KINDS, CourseScale, Recommending
from generator.hybrids.ranker_lessons import MOST_USERS, Lessons, lessons_of
from generator.hybrids.shortlists import CONSIDERED, Shortlists
from generator.hybrids.union import LAST
from generator.hybrids.weights import is_better
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.options import ModelOptions
from generator.models.run_options import RunOptions
from generator.nearest.scores import top_n_of_scores
from generator.nearest.top_n import PADDING, TopN, empty_top_n
from generator.ranking import trees
from generator.ranking.features import features, names
from generator.ranking.finding_out import known_of, nothing_known_of
from generator.ranking.known import Asked, Known

FEWEST_USERS = 40
"""From fewer who took up something of their shortlist nothing is learned."""
TOLD = 12
"""The most important features, as measures."""
LENGTH = 10
SURE = 2.0
"""Standard errors by which trees must be better: they are those that held-out users like most."""
REACHED = ("held_out_ndcg_at_10", "held_out_ndcg_at_10_of_the_blend")


class LightgbmRankerOptions(ModelOptions):
    components: list[Recommending] = Field(
        list(OF_ALL_KINDS),
        min_length=1,
        description="Whose lists are ranked, those of them that run: any that recommend.",
    )
    scale: CourseScale = "z-score"
    trees: int = Field(1000, ge=1, le=10_000, description="Trees, at most: a cut stops it.")
    leaves: int = Field(15, ge=2, le=1024, description="Leaves of each.")
    learning_rate: float = Field(0.02, gt=0, le=1, description="How much each tree counts.")


class LightgbmRanker(BlendedCourses):
    """LambdaMART (Burges, MSR-TR-2010-82) over the courses that several models list, by LightGBM.

    Assumes that features tell which component is right for whom. Of the union of its
    components' lists the 100 best of a blend as `weighted_hybrid`'s are considered. Trees rank them
    by what each component says, by the blend, and by features of the user, the course, both and the
    moment (`generator.ranking`), learned on the later part of a rehearsal and stopped by users held
    out of it. If they are not better there than the blend, by two standard errors, or nothing was
    learned, the order is the blend's. Score: the trees' sum, from .1 for the last of the courses
    considered. Reasons are those of the component that contributes most to the blend. Measures are
    the features of the largest gains, as parts of all. Cost: 8,000 users with 100 courses and some
    50 features to learn from, 100 courses a user to score.
    """

    handle = "lightgbm_ranker"
    title = "Several models' courses, ranked by trees (LambdaMART)"
    uses = OF_ALL_KINDS
    Options = LightgbmRankerOptions
    config: LightgbmRankerOptions
    learned = (
        *BlendedCourses.learned,
        *(
            "_text_of_trees",
            "_gains",
            "_reached",
            "_handles",
            "_facts",
            "_texts",
            "_follows",
            "_now",
        ),
    )
    library = "lightgbm"
    library_bytes = 48 * 2**20

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._text_of_trees = ""
        self._gains: dict[str, float] = {}
        self._reached: dict[str, float] = {}
        self._handles: dict[str, int] = {}
        """Handle -> place among the models whose lists were learned from."""

    @property
    def measures(self) -> Mapping[str, float]:
        """NDCG@10 of users held out, and the most important features by their part of the gain."""
        most = sorted(self._gains.items(), key=lambda gain: -gain[1])[:TOLD]
        gains = {f"importance_{name}": round(part, 4) for name, part in most if part > 0}
        return {**super().measures, **self._reached, **gains}

    def memory_bytes(self, dataset: Dataset) -> int:
        """Lessons too, twice: as features, and as LightGBM's bins."""
        lessons = 8 * MOST_USERS * CONSIDERED * len(names(self.uses))
        viewing = min(MOST_USERS, len(dataset.users)) / MOST_USERS
        texts = dataset.bytes("texts") + dataset.bytes("course_tags")
        return super().memory_bytes(dataset) + int(lessons * viewing) + 4 * texts

    def _learn(self, rehearsal: Rehearsal) -> None:
        super()._learn(rehearsal)
        lists = dict(rehearsal.candidates.lists(self.serves[0], self.uses))
        # Without LightGBM fitting says what is missing.
        if not lists or not trees.is_installed() or len(rehearsal.users) < FEWEST_USERS:
            return
        self._handles = {handle: place for place, handle in enumerate(lists)}
        weights = np.array([self._weights[handle] for handle in lists], np.float32)
        shortlists = Shortlists(lists, self.serves[0], self._scale, weights)
        lessons = lessons_of(shortlists, rehearsal, known_of(rehearsal.dataset))
        if len(lessons.users) >= FEWEST_USERS:
            self._grow(lessons, rehearsal)

    def _grow(self, lessons: Lessons, rehearsal: Rehearsal) -> None:
        """As many trees as are best for users held out; then as many that learn from these too."""
        chosen = self.config.model_dump(include={"trees", "leaves", "learning_rate"})
        every = names(list(self._handles))
        learned_from, held_out = lessons.parts()
        stopped = trees.grown(learned_from, every, chosen, held_out)
        by_trees = trees.Trees(stopped.text).scores(held_out.table, 1)
        took_up = rehearsal.held_out[lessons.users[lessons.held_out_from :]]
        of_blend = held_out.table[:, every.index("blend")]
        worth = [
            rehearsal.measure(lessons.best_of_held_out(scores, LENGTH), took_up)
            for scores in (by_trees, of_blend)
        ]
        means = (round(float(of_users.mean()), 4) for of_users in worth)
        self._reached = dict(zip(REACHED, means, strict=True))
        if is_better(worth[0], worth[1], SURE):
            of_all = trees.grown(lessons.of_all, every, {**chosen, "trees": stopped.count}, None)
            self._gains, self._text_of_trees = of_all.gains, of_all.text

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        trees.lightgbm()
        super()._fit(dataset, run)
        known = known_of(dataset) if self._text_of_trees else nothing_known_of(dataset)
        self._facts, self._texts, self._now = known.courses, known.texts, known.now
        self._follows = known.follows

    # What it knows of users is made for all of them at once.
    _take_in = Model._take_in

    def _prepare(self) -> None:
        super()._prepare()
        self._known = Known(self.dataset, self._facts, self._texts, self._follows, self._now)
        if self._text_of_trees:
            self._trees = trees.Trees(self._text_of_trees)

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        super()._fold_in(dataset, carried)
        self._facts = carried.by_course(self._facts, np.nan)
        self._texts = carried.rows_of_courses(self._texts)
        self._follows = carried.between_courses(self._follows)

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        if not self._text_of_trees:
            return super()._recommend(users, n)
        weights = np.array([self._weights.get(name, 0) for name in self._handles], np.float32)
        lists = {handle: self._lists.get(handle) for handle in self._handles}
        shortlists = Shortlists(lists, self.serves[0], self._scale, weights)
        top = empty_top_n(len(users), n)
        for start in range(0, len(users), SUBJECTS_PER_BLOCK):
            rows = slice(start, start + SUBJECTS_PER_BLOCK)
            top.indices[rows], top.scores[rows] = self._ranked(shortlists, users[rows], n)
        return top

    def _ranked(self, shortlists: Shortlists, users: NDArray[np.int32], n: int) -> TopN:
        courses, listed = shortlists.of(users)
        table = features(self._known, Asked(users, courses), listed)
        scores = self._trees.scores(table, self.run.threads).reshape(courses.shape)
        considered = courses != PADDING
        least = np.where(considered, scores, np.inf).min(axis=1, keepdims=True, initial=np.inf)
        scores = np.where(considered, scores - least + np.float32(LAST), 0).astype(np.float32)
        ties = self._search.ties(self.serves[0], users)
        return top_n_of_scores(scores, n, ties=ties, indices=courses, above=0)
