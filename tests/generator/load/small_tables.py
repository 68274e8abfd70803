"""One row of interests, one of views, and files of them."""

from pathlib import Path

INTERESTS = "user_handle,interest_tag,date_followed\n1,go,2024-05-01\n"
VIEWS = (
    "user_handle,view_date,course_id,author_handle,level,view_time_seconds\n"
    "1,2024-05-01,go-basics,9,Beginner,60\n"
)


def write(folder: Path, **files: str) -> Path:
    """NAME.csv for each, in a folder that may be new; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder
