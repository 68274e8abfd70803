import numpy as np
import scipy.sparse as sp

from generator.models.fm_fitting import without_context
from generator.networks.factor_batches import Pairs


def test_a_course_that_is_held_out_is_not_told_as_the_one_before_another():
    # 1 + the course before: user 0 took up 2, 0, 1 and user 1 took up 0, 1.
    before = sp.csr_matrix(np.array([[3, 1, 0], [0, 1, 0]], np.int32))
    held_out = Pairs(np.array([0], np.int32), np.array([0], np.int32), np.ones(1, np.float32))
    np.testing.assert_array_equal(
        without_context(before, held_out).toarray(), [[3, 0, 0], [0, 1, 0]]
    )
    assert before.nnz == 3, "what was given stays as it was"
