"""What courses are labelled with, as the generator has it."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from generator.lists.facets import Labels


def labels_of(of_courses: Sequence[Sequence[str]]) -> Labels:
    """The labels of each course in turn."""
    names = sorted({name for of_one in of_courses for name in of_one})
    matrix = sp.lil_matrix((len(of_courses), len(names)), dtype=np.float32)
    for course, of_one in enumerate(of_courses):
        for name in of_one:
            matrix[course, names.index(name)] = 1
    return Labels(matrix.tocsr(), names)
