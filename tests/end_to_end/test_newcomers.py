"""Courses and users that only the optional tables know: none breaks a run, and all are answered."""

import pytest
import requests

from tests.processes import run_generator, serving

NEW_USER = 77
TABLES = {
    "user_interests": "user_handle,interest_tag,date_followed\n1,python,\n2,python,\n2,c++,\n",
    "user_course_views": """user_handle,view_date,course_id,author_handle,level,view_time_seconds
1,2026-03-01,intro-python,7,Beginner,600
2,2026-03-01,intro-python,7,Beginner,1200
2,2026-03-02,deep-python,7,Advanced,3600
5,2026-03-02,deep-python,,Advanced,60
6,2026-03-02,deep-python,,Advanced,60
""",
    "courses": "course_id,title,language\nbrand-new,Brand New,en\nintro-python,Intro,en\n",
    "users": f"user_handle,role\n{NEW_USER},engineer\n1,engineer\n",
    "course_completions": "user_handle,course_id,completion_date\n78,deep-python,2026-03-03\n",
    "course_reviews": "user_handle,course_id,review_date,rating\n78,modern-cpp,,5\n",
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """Base URL of a server on lists of a small platform with every table."""
    folder = tmp_path_factory.mktemp("newcomers")
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text)
    url = f"sqlite:///{folder}/store"
    done = run_generator(
        "--force",
        DATA_URL=str(folder),
        STORE_URL=url,
        SET_ASIDE_FOLDER=str(folder / "aside"),
        MODELS="tfidf_user_interest,knn_collab_filtering_user_course_view",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with serving(STORE_URL=url, DEFAULT_MODEL_HANDLE="tfidf_user_interest") as server:
        yield server


def recommended(server: str, user) -> tuple[int, dict]:
    answer = requests.post(f"{server}/recommendations", json={"user_handle": user}, timeout=60)
    return answer.status_code, answer.json()


def test_a_user_who_is_only_in_users_gets_what_others_in_their_role_view(platform):
    status, answer = recommended(platform, NEW_USER)
    assert status == 200
    assert answer["source"].startswith("fallback:segment")
    assert answer["data"]["courses"] == ["deep-python", "intro-python"]


def test_what_a_user_completed_is_left_out_though_no_view_says_so(platform):
    status, answer = recommended(platform, 78)
    assert status == 200
    assert answer["data"]["courses"] == ["intro-python"]


def test_a_user_of_no_table_stays_unknown(platform):
    assert recommended(platform, 79)[0] == 404
