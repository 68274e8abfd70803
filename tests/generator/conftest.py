from pathlib import Path

import pytest

TABLES = {
    "user_interests": """user_handle,interest_tag,date_followed
1,python,2026-01-01 10:00:00
2,Python,2026-01-02 10:00:00
2,c++,2026-01-02 10:00:00
3,c++,2026-01-03 10:00:00
3,c++,2026-02-03 10:00:00
4,sewing,
""",
    "user_course_views": """user_handle,view_date,course_id,author_handle,level,view_time_seconds
1,2026-03-01,intro-python,7,Beginner,600
2,2026-03-01,intro-python,7,Beginner,1200
2,2026-03-02,deep-python,7,Advanced,3600
5,2026-03-02,deep-python,,Advanced,60
""",
    "course_tags": """course_id,course_tags
intro-python,python
deep-python,python
modern-cpp,c++
""",
}


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder with three small tables; a test may spoil them."""
    folder = tmp_path / "tables"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text)
    return folder
