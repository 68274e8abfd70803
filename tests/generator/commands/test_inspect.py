"""`inspect` as a user types it."""


def test_inspect_says_what_a_file_is_how_to_load_it_and_what_would_run(shell, tmp_path):
    (tmp_path / "r.csv").write_text("userId,movieId,rating\n1,a,3\n2,a,4\n1,b,5\n")
    assert shell("inspect", str(tmp_path / "r.csv")) == 0
    assert "interactions as csv, with the columns userId, movieId, rating" in shell.out
    assert "--columns user=userId,item=movieId,weight=rating" in shell.out
    assert "user_course_views: 3 of 3 rows kept" in shell.out
    assert "tfidf_user_interest: would be skipped, it needs interests" in shell.out
    assert "knn_collab_filtering_user_course_view: can run" in shell.out
    assert shell.live is None
    assert not shell.set_aside.exists()


def test_inspect_proposes_the_platform_whose_export_it_is(shell, tmp_path):
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n")
    assert shell("inspect", str(tmp_path / "ratings.csv")) == 0
    assert f"--data {tmp_path}/ratings.csv --platform movielens" in shell.out
    assert "user_course_views: 1 of 1 rows kept" in shell.out
