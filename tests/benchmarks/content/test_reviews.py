from benchmarks.content.reviews import last_held_out, liked_later, rated_views
from generator.evaluation.protocols import split_of

ROWS = [(1, course, 5 if course < 5 else 3, 1_000_000_000 + course) for course in range(10)]
ROWS += [(2, course, 2 if course == 9 else 4, 1_000_000_100 - course) for course in range(5, 10)]


def test_the_last_fifth_of_each_user_is_held_out_and_what_they_liked_of_it_is_told(tmp_path):
    path = tmp_path / "ratings.csv"
    lines = ["userId,movieId,rating,timestamp", *(",".join(map(str, row)) for row in ROWS)]
    path.write_text("\n".join(lines))
    tables = rated_views(path)
    split = split_of(last_held_out(tables, 0.2))
    assert [split.held_out[user].indices.tolist() for user in (0, 1)] == [[8, 9], [5]]
    assert split.train.ratings.nnz == split.train.view_seconds.nnz == 12
    liked = liked_later(tables, split)
    assert [liked[user].indices.tolist() for user in (0, 1)] == [[], [5]]
