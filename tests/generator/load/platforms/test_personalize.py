from tests.generator.load.platforms.exports import counts, loaded, put, rows

FILES = {
    "interactions-2024__csv": (
        "USER_ID,ITEM_ID,EVENT_TYPE,EVENT_VALUE,TIMESTAMP\n"
        "35,73,Watch,,1586731606\n54,35,Click,5,1586735164\n9,33,Click,,1586735158\n"
    ),
    "movies__csv": (
        "ITEM_ID,GENRES,CREATION_TIMESTAMP,DESCRIPTION,YEAR\n"
        '73,Adventure|Animation,1570003267,"Animated, with toys",1995\n35,Drama,1571730101,,2001\n'
    ),
    "people__csv": "USER_ID,MEMBERLEVEL,COUNTRY\n35,Gold,DE\n54,Silver,FR\n",
}


def test_interactions_items_and_users_are_told_apart_by_their_columns(tmp_path):
    validated = loaded(put(tmp_path, **FILES), "personalize")
    views = rows(validated, "user_course_views", "user_handle", "course_id", "view_time_seconds")
    assert views == [(35, 73, 3600), (54, 35, 3600), (9, 33, 3600)]
    assert validated.tables["user_course_views"]["view_date"].astype(str)[2] == (
        "2020-04-12 22:46:46"
    )
    courses = rows(validated, "courses", "course_id", "description", "year")
    assert courses == [(73, "Animated, with toys", "1995"), (35, None, "2001")]
    assert set(rows(validated, "course_tags", "course_id", "course_tags")) == {
        (73, "adventure"), (73, "animation"), (35, "drama")
    }  # fmt: skip
    assert rows(validated, "users", "user_handle", "country") == [(35, "de"), (54, "fr")]
    assert counts(validated) == (3, 3, 0, 0)


def test_words_of_columns_weigh_and_select_events(tmp_path):
    put(tmp_path, **FILES)
    validated = loaded(tmp_path, "personalize", weights="EVENT_TYPE:Watch=2")
    views = rows(validated, "user_course_views", "user_handle", "view_time_seconds")
    assert views == [(35, 7200)]
    assert counts(validated) == (3, 1, 0, 2)
