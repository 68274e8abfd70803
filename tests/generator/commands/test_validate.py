"""`validate` as a user types it."""


def test_validate_reports_and_sets_rows_aside_without_publishing(shell, tables):
    with (tables / "user_course_views.csv").open("a") as file:
        file.write("6,2026-03-02,deep-python,,Advanced,-5\n")
    assert shell("validate") == 0
    assert "user_course_views: 4 of 5 rows kept" in shell.out
    assert "-5" in (shell.set_aside / "default" / "user_course_views.csv").read_text()
    assert "tfidf_user_interest: can run" in shell.out
    assert shell.live is None
