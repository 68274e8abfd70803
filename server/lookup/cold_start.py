"""Lists for users whom no model knows yet, from what they said of themselves.

interest/python   c1 c2 c3 c4          each ranked by the generator, for all who are in it
segment/role/dev  c3 c1 c9             merged by rank: c1 c3 c2 c9 c4
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.lookup.group_rankings import models_ranking_groups
from server.reading.live_view import LiveGeneration
from shared.kinds import RECOMMENDATIONS
from shared.records import RANKINGS, Handle, Key, ListRow, Reason, Strongest, list_section

SMOOTHING = 60
"""Of reciprocal ranks (Cormack, Clarke & Buettcher, SIGIR 2009)."""
NAMED = 3
"""Groups that a reason names, at most."""
TAG, INTEREST = "tag/", "interest/"


@dataclass(frozen=True, slots=True)
class NewcomersList:
    name: str
    """The groups that it is merged from, with + between them."""
    row: ListRow
    reasons: Mapping[Handle, Reason]
    """Course -> the groups that it comes from."""


def newcomers_list(
    live: LiveGeneration, user: Handle, groups: Sequence[str]
) -> NewcomersList | None:
    """What these groups have together; None if nothing is ranked for any of them."""
    rankings = _rankings_of(live, groups)
    if not rankings:
        return None
    parts: dict[Handle, dict[str, float]] = defaultdict(dict)
    for group, ranking in rankings:
        for rank, course in enumerate(ranking.entries, 1):
            parts[course][group] = (1 + SMOOTHING) / (rank + SMOOTHING) / len(rankings)
    # Python sorts stably: of equal ones that of the group named last comes first.
    courses = sorted(parts, key=lambda course: -sum(parts[course].values()))
    scores = [round(sum(parts[course].values()), 6) for course in courses]
    model = rankings[0][1].model_handle
    return NewcomersList(
        "+".join(group for group, _ in rankings),
        ListRow(RECOMMENDATIONS.name, user, model, courses, scores),
        {course: _reason(of_course) for course, of_course in parts.items()},
    )


def _reason(parts: Mapping[str, float]) -> Reason:
    whole = sum(parts.values())
    strongest = sorted(parts.items(), key=lambda part: -part[1])[:NAMED]
    return Reason("groups", len(parts), [Strongest(g, round(p / whole, 2)) for g, p in strongest])


def _rankings_of(live: LiveGeneration, groups: Sequence[str]) -> list[tuple[str, ListRow]]:
    """What the first model that ranks for a group ranks there, of each group that there is."""
    models = _ranking_models(live)
    keys: dict[str, list[Key]] = {
        group: [(list_section(RANKINGS, model), name) for name in _names(group) for model in models]
        for group in groups
    }
    rows = live.rows([key for of_group in keys.values() for key in of_group])
    found = []
    for group, of_group in keys.items():
        there = (row for key in of_group if isinstance(row := rows.get(key), ListRow))
        if row := next(there, None):
            found.append((group, row))
    return found


def _names(group: str) -> list[str]:
    """A group under the names it may have: whoever follows a tag, else the courses of that tag."""
    if group.startswith(INTEREST):
        return [group, TAG + group.removeprefix(INTEREST)]
    return [group]


def _ranking_models(live: LiveGeneration) -> list[str]:
    """Those with rankings of groups, fallbacks first, in their order."""
    ranking, fallbacks = models_ranking_groups(live), live.manifest.fallbacks
    first = [handle for handle in fallbacks if handle in ranking]
    return list(dict.fromkeys([*first, *ranking]))
