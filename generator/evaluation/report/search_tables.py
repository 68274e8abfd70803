"""What a report says of models and options that were searched for before it was made."""

from generator.evaluation.assess import Assessment
from generator.evaluation.evaluate import Results
from generator.evaluation.neighbours import NEIGHBOURS
from generator.evaluation.report.table import NOTHING, Table, costs, interval, number, options


def choice_table(results: Results) -> Table:
    choice = results.choice
    return Table(
        "Which models were chosen, and of which",
        "Tried on a validation part of the training part; what is asked about above was not looked "
        "at, and the best of many looks better here than it is. Weight: the part that a model has "
        "in a blend of those that count, which is in the last row.",
        ["model", "NDCG@10", "similar users in common", "fit s", "list s", "weight", "why"],
        [
            [
                one.handle,
                number(one.value("ndcg_at_10")),
                number(one.value(f"neighbours_in_common_at_{NEIGHBOURS}")),
                *((NOTHING,) * 2 if one.skipped else costs(one)[:2]),
                number(choice.parts.get(one.handle, float("nan")), 2),
                choice.reasons.get(one.handle) or f"not chosen{_because(one)}",
            ]
            for one in (*choice.tried.assessments, choice.blend)
            if not one.is_baseline
        ]
        if choice
        else [],
    )


def tuning_table(results: Results) -> Table:
    return Table(
        "Options found by search",
        "Searched on a validation part of the training part; what is asked about above was not "
        "looked at. Difference: the best trial less the options from before, with its 95 % "
        "interval; the best are chosen only if p is below 0.05. All figures here are NDCG@10 on "
        "the validation part, and the best of many trials looks better than it is.",
        ["model", "before", "best trial", "before", "best", "difference", "p", "chosen"],
        [
            [
                one.handle,
                options(one.trials[0].options),
                options(one.best.options),
                number(one.trials[0].value),
                number(one.best.value),
                interval(one.comparison.difference, signed=True) if one.comparison else NOTHING,
                f"{one.comparison.p:.4f}" if one.comparison else NOTHING,
                options(one.chosen),
            ]
            for one in results.tunings
        ],
    )


def search_log(results: Results) -> Table:
    return Table(
        "Every trial of the search",
        "In the order they were tried; each was fitted and measured on the validation part.",
        ["model", "trial", "options", "NDCG@10", "seconds"],
        [
            [
                one.handle,
                str(place),
                options(trial.options),
                number(trial.value),
                f"{trial.seconds:.1f}",
            ]
            for one in results.tunings
            for place, trial in enumerate(one.trials)
        ],
    )


def _because(one: Assessment) -> str:
    return f": {one.skipped}" if one.skipped else ""
