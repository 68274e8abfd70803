"""What models of sequences are to reach, on which data set."""

from dataclasses import dataclass

from benchmarks.quality.data_sets import BEAUTY, MOOCCUBEX, MOVIELENS, DataSet
from benchmarks.targets import Target
from generator.models.registry import MODELS

MARKOV = "markov_course_sequence"
BEST_NETWORK = "best network"
BLEND = "weighted_hybrid of Markov, ALS and EASE"
BLEND_WITH_NETWORK = "weighted_hybrid of Markov, ALS, EASE and the best network"

DATA_SETS = (MOVIELENS, MOOCCUBEX, BEAUTY)
BLENDED = (MARKOV, "als_collab_filtering_user_course_view", "ease_user_course_view")
WITHOUT_NETWORK = (MARKOV, "item2vec_course_sequence", "contrastive_course_sequence")
NETWORKS = tuple(
    handle
    for handle in MODELS
    if handle.endswith("_course_sequence") and handle not in WITHOUT_NETWORK
)
SEQUENCE_MODELS = tuple(handle for handle in MODELS if handle in (*WITHOUT_NETWORK, *NETWORKS))
MINUTES_FOR_A_NETWORK = 30


@dataclass(frozen=True)
class Goal:
    data: DataSet
    who: str
    """A handle, or one of the names above."""
    wanted: tuple[float, float]
    """Recall@10 and NDCG@10, means over all users and seeds."""
    stretch: tuple[float | None, float | None] = (None, None)

    def targets(self, reached: tuple[float, float]) -> list[Target]:
        metrics = (f"recall@{self.data.k}", f"NDCG@{self.data.k}")
        return [
            Target(f"{self.data.name} {self.who} {metric}", measured, wanted, stretch=far)
            for metric, measured, wanted, far in zip(
                metrics, reached, self.wanted, self.stretch, strict=True
            )
        ]


GOALS = (
    Goal(MOVIELENS, MARKOV, (0.268, 0.155), (0.271, 0.156)),
    Goal(MOVIELENS, BEST_NETWORK, (0.290, 0.168), (0.306, 0.178)),
    Goal(MOVIELENS, "bert4rec_course_sequence", (0.240, 0.131), (0.292, 0.162)),
    Goal(MOVIELENS, BLEND_WITH_NETWORK, (0.312, 0.183), (0.320, 0.190)),
    Goal(MOOCCUBEX, MARKOV, (0.309, 0.190), (0.315, 0.196)),
    Goal(MOOCCUBEX, BEST_NETWORK, (0.309, 0.191), (0.315, 0.196)),
    Goal(MOOCCUBEX, BLEND, (0.332, 0.212)),
    Goal(MOOCCUBEX, BLEND_WITH_NETWORK, (0.340, 0.216), (0.350, 0.222)),
    Goal(BEAUTY, MARKOV, (0.096, 0.059), (0.105, 0.065)),
    Goal(BEAUTY, BLEND, (0.097, 0.062), (0.105, 0.065)),
)
