import pytest

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from tests.datasets import table


@pytest.fixture
def dataset_with_titles() -> Dataset:
    """A course with two titles, one without, and one that is in the catalogue alone."""
    titles = [
        ("docker", "Old title"),
        ("docker", "Docker Deep Dive"),
        ("go", None),
        ("unwatched", "Nobody has seen it"),
    ]
    views = [(1, "docker", 60.0), (2, "go", 60.0)]
    return build_dataset(
        {
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds", views
            ),
            "courses": table("courses", "course_id title", titles),
        }
    )
