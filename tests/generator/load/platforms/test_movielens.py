from tests.generator.load.platforms.exports import counts, loaded, put, rows

VIEW = ("user_handle", "course_id", "view_time_seconds")


def test_the_sets_with_headers_are_read_with_genres_and_tags(tmp_path):
    put(
        tmp_path,
        ratings__csv="userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n",
        movies__csv=(
            "movieId,title,genres\n31,Dangerous Minds (1995),Drama\n32,Nothing,(no genres listed)\n"
        ),
        tags__csv="userId,movieId,tag,timestamp\n1,31,teacher,1\n2,31,teacher,2\n2,31,drama,2\n",
        links__csv="movieId,imdbId,tmdbId\n31,0112792,9909\n",
    )
    validated = loaded(tmp_path, "movielens")
    assert rows(validated, "user_course_views", *VIEW) == [(1, 31, 9000)]
    assert rows(validated, "courses", "course_id", "title")[0] == (31, "Dangerous Minds (1995)")
    tags = rows(validated, "course_tags", "course_id", "course_tags")
    assert sorted(tags, key=str) == [(31, "drama"), (31, "drama"), (31, "teacher"), (32, None)]
    assert counts(validated, "course_tags")[3] == 1


def test_the_set_of_a_million_ratings_has_double_colons(tmp_path):
    put(
        tmp_path,
        ratings__dat="1::1193::5::978300760\n1::661::3::978302109\n",
        movies__dat="1193::One Flew Over the Cuckoo's Nest (1975)::Drama\n",
        users__dat="1::F::1::10::48067\n",
    )
    validated = loaded(tmp_path, "movielens")
    assert rows(validated, "user_course_views", *VIEW) == [(1, 1193, 18000), (1, 661, 10800)]
    assert rows(validated, "course_tags", "course_tags") == [("drama",)]


def test_the_set_of_hundred_thousand_has_flags_of_genres(tmp_path):
    flags = ["0"] * 19
    flags[1] = flags[8] = "1"
    put(
        tmp_path,
        u__data="196\t242\t3\t881250949\n",
        u__item=f"242|Kolya (1996)|24-Jan-1997||http://us.imdb.com/M|{'|'.join(flags)}\n",
        u__user="196|49|M|writer|55105\n",
        u1__base="196\t242\t3\t881250949\n",
    )
    validated = loaded(tmp_path, "movielens")
    assert rows(validated, "user_course_views", *VIEW) == [(196, 242, 10800)]
    tags = rows(validated, "course_tags", "course_id", "course_tags")
    assert tags == [(242, "action"), (242, "drama")]


def test_ratings_from_four_stars_may_count_alone(tmp_path):
    put(tmp_path, ratings__csv="userId,movieId,rating,timestamp\n1,31,2.5,\n1,32,4,\n")
    validated = loaded(tmp_path, "movielens", positive_from="4")
    assert rows(validated, "user_course_views", *VIEW) == [(1, 32, 4 * 3600)]
    assert rows(validated, "course_reviews", "course_id", "rating") == [(31, 2.5)]


def test_titles_of_the_older_sets_are_latin_1(tmp_path):
    put(tmp_path, ratings__dat="1::5::5::978300760\n")
    (tmp_path / "movies.dat").write_bytes('5::"Misérables, Les (1995)::Drama\n'.encode("latin-1"))
    validated = loaded(tmp_path, "movielens")
    assert rows(validated, "courses", "title") == [('"Misérables, Les (1995)',)]
