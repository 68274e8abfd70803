"""How much of the tables was set aside: a run on what little was left may look sound."""

from collections.abc import Iterable, Iterator

from shared.errors import DataError
from shared.records import TableReport
from shared.settings import GeneratorSettings

LEARNED_FROM = ("user_interests", "user_course_views", "user_assessment_scores")


def too_much_set_aside(
    reports: Iterable[TableReport], settings: GeneratorSettings
) -> Iterator[str]:
    """A sentence for each table that lost more than GATE_MAX_SET_ASIDE_SHARE."""
    for report in reports:
        share = report.rows_lost / max(report.rows_asked_for, 1)
        if share > settings.gate_max_set_aside_share:
            yield (
                f"{report.table}: {share:.1%} of the rows were set aside, more than "
                f"GATE_MAX_SET_ASIDE_SHARE ({settings.gate_max_set_aside_share:.0%}): "
                f"{_commonest_reason(report)}."
            )


def check_something_is_left(reports: Iterable[TableReport]) -> None:
    """Raises DataError if all rows that a model could learn from were set aside or left out."""
    learned_from = [report for report in reports if report.table in LEARNED_FROM]
    left_out = [f"{n:,} {why}" for report in learned_from for why, n in report.left_out.items()]
    if left_out and not any(report.rows_asked_for for report in learned_from):
        raise DataError(
            f"Nothing is left to learn from, since every row was left out: {'; '.join(left_out)}."
        )
    lost = [report for report in learned_from if report.rows_lost]
    if lost and not any(report.rows_kept for report in learned_from):
        each = "; ".join(f"{report.source}: {_commonest_reason(report)}" for report in lost)
        raise DataError(
            f"Nothing is left to learn from, since every row was set aside. {each}. Mend the "
            "export, or say in DATA_COLUMNS how it is to be read."
        )


def _commonest_reason(report: TableReport) -> str:
    """With what stood there: `300 of 304 ts is not a date, as '-159'`."""
    reason = max(report.losses, key=report.losses.__getitem__)
    rows = report.losses[reason]
    return f"{rows:,} of {report.rows_asked_for:,} {report.with_sample(reason)}"
