import numpy as np
import pytest

from benchmarks.quality import ratings

USERS, FILMS = 30, 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Half stars that users and films together decide, in MovieLens' own files."""
    random = np.random.default_rng(4)
    folder = tmp_path_factory.mktemp("data") / ratings.FOLDER
    folder.mkdir()
    stars = 3 + random.normal(size=(USERS, 1)) + random.normal(size=FILMS)
    stars = np.clip(np.rint(2 * stars) / 2, 0.5, 5)
    rows = [
        f"{user},{film},{stars[user, film]},{10**9 + 60 * film}"
        for user in range(USERS)
        for film in random.choice(FILMS, 18, replace=False)
    ]
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "\n".join(rows))
    titles = [f"{film},Film {film},Drama" for film in range(FILMS)]
    (folder / "movies.csv").write_text("movieId,title,genres\n" + "\n".join(titles))
    return folder.parent


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["ratings", *map(str, arguments)])
    return ratings.main()


def test_ours_stand_beside_those_of_others_and_the_target_has_a_line(monkeypatch, capsys, folder):
    monkeypatch.setattr(ratings, "FOLDS", 2)
    monkeypatch.setattr(ratings, "WANTED", 0.9)
    assert run(monkeypatch, "--data", folder) == 0
    said = capsys.readouterr().out
    assert "0.8930   Surprise, baseline (measured)" in said
    assert said.splitlines()[-1].startswith("ml_latest_small mf_user_course_view RMSE  0.")
    assert said.rstrip().endswith("  ok")


def test_a_folder_without_the_data_is_said(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "--data", tmp_path) == 1
    assert f"ml_latest_small is not in {tmp_path}: set DATA_FOLDER" in capsys.readouterr().out


def test_each_rating_is_held_out_of_one_fold_and_learned_from_in_the_others(folder):
    dataset = ratings._dataset(folder / ratings.FOLDER)
    parts = list(ratings._folds(dataset, seed=1))
    assert sum(held_out for _, held_out in parts).toarray() == pytest.approx(
        dataset.ratings.toarray()
    )
    for train, held_out in parts:
        assert not train.ratings.multiply(held_out).nnz
        assert train.ratings.nnz + held_out.nnz == dataset.ratings.nnz
        assert train.view_seconds.nnz == train.ratings.nnz
    assert (dataset.rating_scale.low, dataset.rating_scale.high) == (0.5, 5)
