"""Every rule, once, in the order in which they are asked."""

from generator.reranking.caps import Caps
from generator.reranking.diversity import Diversity
from generator.reranking.duplicates import Duplicates
from generator.reranking.level_share import LevelShare
from generator.reranking.novelty import Novelty
from generator.reranking.on_offer import OnOffer
from generator.reranking.prerequisites import Prerequisites
from generator.reranking.rule import Rule

RULES: tuple[type[Rule], ...] = (
    OnOffer,
    Duplicates,
    Prerequisites,
    Caps,
    LevelShare,
    Novelty,
    Diversity,
)
