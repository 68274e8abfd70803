import pytest

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from tests.datasets import table


@pytest.fixture
def catalogue() -> Dataset:
    """A course with two titles, one without, and one that is in the catalogue alone."""
    rows = [
        ("docker", "Old title", "en", 2),
        ("docker", "Docker Deep Dive", "en|fr", 3.5),
        ("go", None, None, None),
        ("unwatched", "Nobody has seen it", "fr", None),
    ]
    views = [
        (1, "docker", 60.0, "advanced"),
        (2, "docker", 60.0, "beginner"),
        (3, "docker", 60.0, "beginner"),
        (2, "go", 60.0, ""),
    ]
    tags = [("docker", "devops"), ("docker", "containers")]
    return build_dataset(
        {
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds level", views
            ),
            "course_tags": table("course_tags", "course_id course_tags", tags),
            "courses": table("courses", "course_id title language hours", rows),
        }
    )
