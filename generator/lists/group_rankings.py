"""What a model ranks for every group of courses or of users: one row each."""

from collections.abc import Iterator
from functools import partial

from generator.dataset.segments import Segment
from generator.lists.groups import Group, groups_of
from generator.lists.rankings import named
from generator.models.group_ranking import RanksGroups
from generator.nearest.top_n import PADDING, TopN, empty_top_n
from generator.reranking.rules import NO_RULES, Rules
from shared.records import RANKINGS, ListRow


def group_rankings(model: RanksGroups, n: int, rules: Rules = NO_RULES) -> Iterator[ListRow]:
    """A row for every group of which the model ranks anything, with at most `n` courses.

    A group of courses has those of the ranking for everybody that are in it, a segment of users
    what the model makes of them. Cost: of a model that is not personal, a pass over the views of
    each segment.
    """
    size = len(model.dataset.courses)
    ranks_courses = {"level", "tag"} & set(model.grouped_by)
    everybodys = model.ranking(size) if ranks_courses else empty_top_n(1, size)
    of_kind = rules.of("recommendations")
    for group in groups_of(model.dataset, model.grouped_by):
        if group.segment is None:
            rank = partial(_padded, _within(everybodys, group))
        else:
            rank = partial(_ranked_among, model, group.segment)
        ranked = rank(None, n) if of_kind is None else of_kind.ranking(rank, n)
        if row := _row(model, group, ranked):
            yield row


def _ranked_among(model: RanksGroups, segment: Segment, _: object, n: int) -> TopN:
    return model.ranking_among(segment, n)


def _within(ranked: TopN, group: Group) -> TopN:
    listed = ranked.indices[0] != PADDING
    if group.courses is not None:
        listed &= group.courses[ranked.indices[0]]
    return TopN(ranked.indices[:, listed], ranked.scores[:, listed])


def _padded(ranked: TopN, _: object, depth: int) -> TopN:
    padded = empty_top_n(1, depth)
    first = ranked.first(depth)
    length = first.indices.shape[1]
    padded.indices[:, :length], padded.scores[:, :length] = first
    return padded


def _row(model: RanksGroups, group: Group, top: TopN) -> ListRow | None:
    ranking = named(top, model.dataset)
    if not ranking.courses:
        return None
    return ListRow(RANKINGS, group.name, model.handle, ranking.courses, ranking.scores)
