"""How figures went from generation to generation, as lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from shared.records import Manifest

GENERATIONS_SHOWN = 30
WIDTH, HEIGHT, MARGIN = 200.0, 40.0, 3.0
"""Of the drawing, in units of its own; nothing comes nearer to its edge than the margin."""
MAIN_FIGURE = "ndcg_at_10"

Value = Callable[[Manifest], float | None]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Trend:
    """One figure, oldest generation first; None where it was not noted."""

    name: str
    """As an export has it."""
    title: str
    form: str
    """As `format` takes it."""
    values: list[float | None]

    @property
    def known(self) -> list[float]:
        return [value for value in self.values if value is not None]

    @property
    def last_change(self) -> float | None:
        """From the generation before the last; None if either has no such figure."""
        if len(self.values) < 2:
            return None
        before, now = self.values[-2:]
        return None if before is None or now is None else now - before

    @property
    def lines(self) -> list[list[Point]]:
        """Points of the drawing, cut where a value is missing."""
        low, high = min(self.known), max(self.known)
        across = (WIDTH - 2 * MARGIN) / max(len(self.values) - 1, 1)
        up = (HEIGHT - 2 * MARGIN) / ((high - low) or 1)
        lines: list[list[Point]] = [[]]
        for place, value in enumerate(self.values):
            if value is None:
                lines.append([])
                continue
            # All equal lie in the middle.
            y = MARGIN + (high - value) * up if high > low else HEIGHT / 2
            lines[-1].append((round(MARGIN + place * across, 2), round(y, 2)))
        return [line for line in lines if line]


def published(manifests: Sequence[Manifest]) -> list[Manifest]:
    """Those that lines are drawn over, oldest first: the latest that were ever live."""
    return [m for m in manifests if m.state == "published"][-GENERATIONS_SHOWN:]


def trends_of(manifests: Sequence[Manifest]) -> list[Trend]:
    """Of the run as a whole, then of each model that the last of them has; none without values."""
    figures: list[tuple[str, str, str, Value]] = [
        ("users", "Users", ",.0f", lambda manifest: manifest.users),
        ("courses", "Courses", ",.0f", lambda manifest: manifest.courses),
        ("seconds", "The run, seconds", ",.1f", seconds_of),
    ]
    for card in manifests[-1].served_models if manifests else []:
        handle = card.model_handle
        figures += [
            (f"{handle}.{MAIN_FIGURE}", f"{card.title}: NDCG@10", ".4f", partial(_figure, handle)),
            (f"{handle}.users", f"{card.title}: users", ",.0f", partial(_users, handle)),
        ]
    trends = [
        Trend(name, title, form, [value(manifest) for manifest in manifests])
        for name, title, form, value in figures
    ]
    return [trend for trend in trends if any(trend.known)]


def seconds_of(manifest: Manifest) -> float | None:
    """What all stages of the run took; None if none was noted."""
    return sum(stage.seconds for stage in manifest.stages) if manifest.stages else None


def _figure(handle: str, manifest: Manifest) -> float | None:
    card = manifest.card(handle)
    figure = card.figure(MAIN_FIGURE) if card else None
    return figure.value if figure else None


def _users(handle: str, manifest: Manifest) -> float | None:
    card = manifest.card(handle)
    return card.users if card and card.is_personal else None
