"""Models and baselines beside each other in one table, ordered by whichever column is asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.kinds import RECOMMENDATIONS
from shared.records import Figure, Manifest, ModelCard, figure_named

BELOW = "below popular"
BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    """As the address has it, and an export."""
    title: str
    form: str
    """As `format` takes it."""
    of: Callable[[ModelCard, Manifest], float | None]
    figure: str | None = None
    """The evaluation figure that it shows; baselines have those and nothing else."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    title: str
    model_handle: str
    note: str
    """Why to be careful with it; "" if there is nothing to say."""
    values: list[float | None]
    """One a column; None where it was not measured."""
    intervals: list[Figure | None]
    """One a column: the figure with its interval."""


def columns_of(manifest: Manifest) -> list[Column]:
    """Every figure that was measured, then what the lists are like."""
    measured = dict.fromkeys(
        f"{figure.name}_at_{figure.k}"
        for card in manifest.served_models
        for figure in card.evaluation
    )
    return [*map(_figure_column, measured), *OF_LISTS]


def rows_of(manifest: Manifest, columns: Sequence[Column]) -> list[ModelRow]:
    """Models, then the baselines that are not one of them too."""
    baselines = manifest.evaluation.baselines if manifest.evaluation else {}
    cards = [*manifest.served_models]
    known = [card.evaluation for card in cards]
    others = [name for name, figures in baselines.items() if figures not in known]
    cards += [ModelCard(name, name, [], [], evaluation=baselines[name]) for name in others]
    return [
        ModelRow(
            card.title,
            card.model_handle,
            _note(card, baselines),
            # A baseline lists nothing here.
            [
                column.of(card, manifest) if column.figure or card.serves else None
                for column in columns
            ],
            [figure_named(card.evaluation, column.figure or "") for column in columns],
        )
        for card in cards
    ]


def _note(card: ModelCard, baselines: Mapping[str, list[Figure]]) -> str:
    """What others are held against is a baseline, even where it is one of the models."""
    if card.evaluation and card.evaluation in baselines.values():
        return BASELINE
    return BELOW if card.is_below_popular else ""


def ordered(
    rows: Sequence[ModelRow], columns: Sequence[Column], by: str, ascending: bool
) -> list[ModelRow]:
    """By the column of that name, or by title; what was not measured comes last either way."""
    if by == "model":
        return sorted(rows, key=lambda row: row.title.casefold(), reverse=not ascending)
    place = next((place for place, column in enumerate(columns) if column.name == by), None)
    if place is None:
        return list(rows)
    measured = [row for row in rows if row.values[place] is not None]
    others = [row for row in rows if row.values[place] is None]
    in_order = sorted(measured, key=lambda row: row.values[place] or 0, reverse=not ascending)
    return in_order + others


def _figure_column(name: str) -> Column:
    def value(card: ModelCard, _: Manifest) -> float | None:
        figure = card.figure(name)
        return figure.value if figure else None

    title, _, k = name.rpartition("_at_")
    return Column(name, f"{_words(title)}@{k}", ".4f", value, figure=name)


def _words(name: str) -> str:
    return name.upper() if name in {"ndcg", "map", "mrr"} else name.replace("_", " ")


def _users_share(card: ModelCard, manifest: Manifest) -> float | None:
    return card.users / manifest.users if manifest.users else None


def _courses_share(card: ModelCard, manifest: Manifest) -> float | None:
    facts = card.list_facts.get(RECOMMENDATIONS.name)
    return facts.distinct_entries / manifest.courses if facts and manifest.courses else None


def _courses_in_effect(card: ModelCard, _: Manifest) -> float | None:
    facts = card.list_facts.get(RECOMMENDATIONS.name)
    return facts.effective_entries if facts else None


OF_LISTS = (
    Column("users_with_lists", "users with lists", ".1%", _users_share),
    Column("courses_listed", "courses listed", ".1%", _courses_share),
    Column("courses_in_effect", "courses in effect", ",.0f", _courses_in_effect),
    Column(
        "popularity", "popularity of what is listed", ".2%", lambda card, _: card.mean_viewers_share
    ),
    Column("fit_seconds", "fit, seconds", ",.1f", lambda card, _: card.fit_seconds),
)
