"""What the columns of somebody else's interactions may mean, by their names and their values."""

import re
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from generator.load.platforms.wanted import bare
from generator.validation.columns import USER_COURSE_VIEWS

KNOWN = {
    "user": "userid user userhandle learnerid learner studentid student idstudent customerid "
    "customer memberid visitorid reviewerid accountid profileid personid username login uid "
    "contextuserid actoraccountname actorid actormbox actor sessionid session",
    "item": "itemid item courseid course coursehandle contextcourseid productid product movieid "
    "contentid content videoid articleid businessid trackid artistid bookid resourceid materialid "
    "parentasin asin sku isbn objectid object target movie artist track video book article "
    "codemodule iid",
    "time": "timestamp time ts eventtime datetime viewdate createdat created occurredat date "
    "unixreviewtime watchedat viewedat completedat startedat updatedat",
    "view_time_seconds": "viewtimeseconds durationseconds watchtimeseconds secondswatched",
    "weight": "rating weight score stars overall bookrating reviewscore plays playcount playcounts "
    "count clicks sumclick value",
    "weights": "eventtype event action behavior behaviortype verb activity verbid",
    "tags": "genres tags categories coursetags keywords topics",
}
"""Word of --columns -> names of columns that mean it, the likeliest first; see `bare`."""
MOST_EVENTS = 12
MOST_RATINGS = 21
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?"
# Two places behind the point: a latitude, a price, and no handle.
MEASURED = r"-?[0-9]+\.[0-9]{2,}"
EPOCH = r"[0-9]{9,10}(?:\.[0-9]+)?|[0-9]{13}"


def proposed_words(names: Sequence[str], rows: pd.DataFrame) -> dict[str, str]:
    """Words of --columns for a table with these columns; without `user` or `item` if none fits.

    Raises nothing: what is not recognised is not proposed.
    """
    if {*USER_COURSE_VIEWS.required_names} <= {*names}:
        return {}
    if numbered := [name for name in names if name.isdigit()]:
        return _by_values(rows[numbered])
    words: dict[str, str] = {}
    for word in ("user", "item", "time", "view_time_seconds"):
        words |= _first(names, word, words)
    if "view_time_seconds" not in words:
        words |= _first(names, "weight", words, lambda name: _is_number(rows[name]))
    if "weight" not in words:
        words |= _first(names, "weights", words, lambda name: _are_few(rows[name]))
    if name := words.get("weights"):
        kinds = [text for text in rows[name].astype(str).unique() if text]
        words["weights"] = f"{name}:{'|'.join(f'{kind}=1' for kind in kinds)}"
    words |= _first(names, "tags", words)
    return words | (_split_of(rows[words["tags"]]) if "tags" in words else {})


def has_header(names: Sequence[str]) -> bool:
    """Not if any name is a number or a date, as values are."""
    return not any(re.fullmatch(f"{NUMBER}|{DATE}", name.strip()) for name in names)


def bare_of_typed(name: str) -> str:
    """`User_ID`, `userId` and `user_id:token` alike."""
    return bare(name.partition(":")[0])


def _first(
    names: Sequence[str],
    word: str,
    words: Mapping[str, str],
    fits: Callable[[str], bool] = lambda name: True,
) -> dict[str, str]:
    """The word with the likeliest column that no other word has."""
    by_bare = {bare_of_typed(name): name for name in reversed(names)}
    fitting = (by_bare[known] for known in KNOWN[word].split() if known in by_bare)
    name = next((name for name in fitting if name not in words.values() and fits(name)), None)
    return {} if name is None else {word: name}


def _by_values(rows: pd.DataFrame) -> dict[str, str]:
    """A time is known by what it looks like, a rating by its few values; of the others the first is
    the user, and the next that is no measured number the item."""
    texts = {str(name): rows[name].astype(str) for name in rows.columns}
    times = [name for name, column in texts.items() if _share(column, f"{EPOCH}|{DATE}") > 0.9]
    others = [name for name in texts if name not in times[:1]]
    handles = [name for name in others if _share(texts[name], MEASURED) < 0.5]
    words = dict(zip(("user", "item"), handles, strict=False))
    ratings = [name for name in others if name not in words.values() and _is_rating(texts[name])]
    words |= {"weight": ratings[0]} if ratings else {}
    return words | ({"time": times[0]} if times else {})


def _share(texts: pd.Series, pattern: str) -> float:
    return float(texts.str.fullmatch(pattern).mean())


def _is_rating(texts: pd.Series) -> bool:
    return _is_number(texts) and texts.nunique() <= MOST_RATINGS and _share(texts, MEASURED) < 0.5


def _is_number(texts: pd.Series) -> bool:
    filled = texts.astype(str)[texts.astype(str) != ""]
    return len(filled) > 0 and bool(pd.to_numeric(filled, errors="coerce").notna().mean() > 0.9)


def _are_few(texts: pd.Series) -> bool:
    distinct = texts.astype(str).unique()
    writable = not any(sign in text for text in distinct for sign in "|,=&")
    return writable and 1 < len(distinct) <= MOST_EVENTS


def _split_of(texts: pd.Series) -> dict[str, str]:
    """The sign between tags, where it is not the usual one."""
    filled = texts.astype(str)
    for sign, word in (("|", ""), (";", "semicolon"), (",", "comma"), (" ", "space")):
        if filled.str.contains(sign, regex=False).mean() > 0.2:
            return {"split": word} if word else {}
    return {}
