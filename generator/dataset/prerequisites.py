"""Which courses are to be completed before which."""

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from generator.dataset.indices import indices_of, links
from generator.dataset.vocabulary import Vocabulary


def prerequisites_of(table: pd.DataFrame, courses: Vocabulary) -> tuple[sp.csr_matrix, int]:
    """bool [courses, courses]: True where the row's course needs the column's; and how many pairs
    are not in it because they go in circles, so that none of their courses could come first."""
    needing = indices_of(courses, table["course_id"])
    needed = indices_of(courses, table["prerequisite_id"])
    every = links(needing, needed, (len(courses), len(courses)))
    circles = connected_components(every, connection="strong")[1] if every.nnz else needing
    pairs = every.tocoo()
    open_ended = circles[pairs.row] != circles[pairs.col] if every.nnz else np.zeros(0, bool)
    kept = np.ones(int(open_ended.sum()), bool), (pairs.row[open_ended], pairs.col[open_ended])
    prerequisites = sp.csr_matrix(kept, shape=every.shape)
    prerequisites.sort_indices()
    return prerequisites, int((~open_ended).sum())
