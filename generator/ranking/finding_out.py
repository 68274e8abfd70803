"""What is found out of all courses once, when a model is fitted."""

import numpy as np
import scipy.sparse as sp

from generator.dataset.dataset import Dataset
from generator.ranking.course_facts import facts_of, texts_of
from generator.ranking.known import Known
from generator.ranking.order_features import follows_of


def known_of(dataset: Dataset) -> Known:
    now = int(dataset.interactions.times.max(initial=0))
    return Known(dataset, facts_of(dataset), texts_of(dataset), follows_of(dataset), now)


def nothing_known_of(dataset: Dataset) -> Known:
    """Where no feature will be asked for."""
    size = len(dataset.courses)
    texts, follows = (sp.csr_matrix((size, width)) for width in (0, size))
    return Known(dataset, np.zeros((size, 0), np.float32), texts, follows, 0)
