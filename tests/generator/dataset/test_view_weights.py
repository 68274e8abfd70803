import numpy as np
import pandas as pd

from generator.dataset.build import build_dataset
from generator.dataset.indices import UNDATED
from generator.dataset.view_weights import minutes_since
from tests.datasets import table


def test_what_was_taken_up_before_a_moment_does_not_count_and_what_has_no_date_does():
    views = [
        (1, "before", 600.0, "2026-01-01"),
        (1, "before", 60.0, "2026-03-01"),
        (1, "opened before", 0.0, "2026-01-01"),
        (1, "opened before", 600.0, "2026-02-01"),
        (1, "undated", 600.0, None),
        (2, "before", 600.0, "2026-01-01"),
    ]
    columns = "user_handle course_id view_time_seconds view_date"
    data = build_dataset({"user_course_views": table("user_course_views", columns, views)})
    moment = pd.Timestamp("2026-02-01").value // 1000
    minutes = minutes_since(data, np.array([moment, UNDATED]))
    assert data.courses.handles() == ["before", "opened before", "undated"]
    expected = np.log1p(10) * np.array([[0, 1, 1], [1, 0, 0]])
    np.testing.assert_allclose(minutes.toarray(), expected, rtol=1e-6)
