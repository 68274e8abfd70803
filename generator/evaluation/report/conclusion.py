"""What the figures say, in a sentence that goes no further than the tests beside them."""

from collections.abc import Sequence

from generator.evaluation.assess import Assessment
from generator.evaluation.evaluate import MAIN_METRIC, Results
from generator.evaluation.report.table import interval

NAMED = 5


def conclusion(results: Results) -> str | None:
    """Which model finds most, beside the most viewed courses and beside the other models; None if
    no model lists courses.

    "More" is said where the table of comparisons calls the difference real, and nowhere else.
    """
    models = [one for one in results.measured if not one.counts_as_baseline]
    if not models:
        return None
    best, others = models[0], models[1:]
    parts = [f"{best.handle} finds most of what was held out, NDCG@10 {_found(best)}"]
    if results.popular is not None:
        parts.append(_against_popular(results, best, results.popular))
    equals = [one.handle for one in others if not results.is_real(best, one)]
    if equals:
        parts.append(f"it is not told apart from {_listed(equals)}")
    elif others:
        parts.append("more than every other model, and not by chance")
    return "; ".join(parts) + "."


def _against_popular(results: Results, best: Assessment, popular: Assessment) -> str:
    beside = f"listing the most viewed courses ({_found(popular)})"
    if not results.is_real(best, popular):
        return f"that is not told apart from {beside}"
    better = best.value(MAIN_METRIC) > popular.value(MAIN_METRIC)
    return f"{'more' if better else 'less'} than {beside}, and not by chance"


def _found(one: Assessment) -> str:
    return interval(one.figures[MAIN_METRIC])


def _listed(handles: Sequence[str]) -> str:
    more = len(handles) - NAMED
    return ", ".join([*handles[:NAMED], *([f"and {more} more"] if more > 0 else [])])
