import pytest

from shared.errors import DataError
from tests.generator.load.platforms.exports import counts, loaded, put, rows

FILES = {
    "ml-100k__inter": (
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        "196\t242\t3\t881250949\n186\t302\t3\t891717742\n"
    ),
    "ml-100k__item": (
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        "242\tKolya\t1996\tComedy Drama\n302\tL.A. Confidential\t1997\tCrime\n"
    ),
    "ml-100k__user": (
        "user_id:token\tage:token\tgender:token\toccupation:token\n196\t49\tM\twriter\n"
    ),
}


def test_atomic_files_are_read_whatever_their_types_say(tmp_path):
    validated = loaded(put(tmp_path, **FILES), "recbole")
    views = rows(validated, "user_course_views", "user_handle", "course_id", "view_time_seconds")
    assert views == [(196, 242, 3 * 3600), (186, 302, 3 * 3600)]
    assert rows(validated, "courses", "course_id", "title", "releaseyear") == [
        (242, "Kolya", "1996"), (302, "L.A. Confidential", "1997")
    ]  # fmt: skip
    tags = rows(validated, "course_tags", "course_id", "course_tags")
    assert set(tags) == {(242, "comedy"), (242, "drama"), (302, "crime")}
    assert rows(validated, "users", "user_handle", "occupation") == [(196, "writer")]
    assert counts(validated) == (2, 2, 0, 0)


def test_parts_of_interactions_belong_together_and_may_lack_ratings(tmp_path):
    header = "user_id:token\titem_id:token\n"
    put(tmp_path, x__part1__inter=f"{header}1\t2\n", x__part2__inter=f"{header}3\t4\n")
    validated = loaded(tmp_path, "recbole")
    assert rows(validated, "user_course_views", "user_handle", "view_time_seconds") == [
        (1, 3600), (3, 3600)
    ]  # fmt: skip


def test_without_interactions_there_is_nothing(tmp_path):
    put(tmp_path, x__item=FILES["ml-100k__item"])
    with pytest.raises(DataError, match=r"has no \.inter file; found x\.item"):
        loaded(tmp_path, "recbole")
