import pandas as pd
import pytest

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset


@pytest.fixture
def dataset_with_titles() -> Dataset:
    """One course with two titles, one without, and a title of a course that nobody has."""
    views = pd.DataFrame(
        {
            "user_handle": [1, 2],
            "view_date": pd.to_datetime([None, None]),
            "course_id": ["docker", "go"],
            "level": [None, None],
            "view_time_seconds": [60.0, 60.0],
        }
    ).astype({"user_handle": "category", "course_id": "category", "level": "category"})
    courses = pd.DataFrame(
        {
            "course_id": ["docker", "docker", "go", "unwatched"],
            "title": ["Old title", "Docker Deep Dive", None, "Nobody's"],
        }
    ).astype("category")
    return build_dataset({"user_course_views": views, "courses": courses})
