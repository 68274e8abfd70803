"""Names at the dots of a plot, none over another: a line leads from a dot to a name that had to go
further away."""

from collections.abc import Iterator, Sequence
from math import cos, pi, sin

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

FONT_POINTS = 7.5
CHARACTER_WIDTH, LINE_HEIGHT = 0.62, 1.3
"""In parts of the font's size. Measured widths would be of another font than the page's."""
DOT_POINTS = 4.0
DISTANCES = (7.0, 14.0, 24.0, 36.0, 50.0, 66.0, 84.0, 104.0, 126.0, 150.0)
"""Points from a dot to its name, the nearest first."""
DIRECTIONS = 16
LED_FROM = 10.0
"""From so far away on a line is needed."""

Place = tuple[float, float]


def label_dots(
    axes: Axes, places: Sequence[Place], names: Sequence[str], colours: Sequence[str]
) -> None:
    """Write each name beside its dot, which stands at that place of the data.

    Call it last, for the layout is fixed here. A name for which there is no room is written at its
    dot all the same.
    """
    drawing = axes.get_figure(root=True)
    if drawing is not None:
        drawing.set_dpi(72)  # so that a point is a pixel
        drawing.draw_without_rendering()
    dots = [tuple(axes.transData.transform(place)) for place in places]
    taken = [_around(x, y) for x, y in dots]
    inside = axes.bbox
    for place, (x, y), name, colour in zip(places, dots, names, colours, strict=True):
        boxes = [box for box in _candidates(x, y, name) if _is_within(box, inside)]
        free = (box for box in boxes if not any(box.overlaps(other) for other in taken))
        box = next(free, boxes[0] if boxes else Bbox.from_bounds(x, y, 1, 1))
        taken.append(box)
        far = max(box.x0 - x, x - box.x1, box.y0 - y, y - box.y1) > LED_FROM
        end = 0.0 if box.x0 > x else 1.0 if box.x1 < x else 0.5
        led = {"arrowstyle": "-", "color": colour, "linewidth": 0.5, "relpos": (end, 0.5)}
        axes.annotate(
            name,
            xy=place,
            xytext=(box.x0 - x, (box.y0 + box.y1) / 2 - y),
            textcoords="offset points",
            fontsize=FONT_POINTS,
            color=colour,
            va="center",
            arrowprops=led if far else None,
        )


def _candidates(x: float, y: float, name: str) -> Iterator[Bbox]:
    """Where the name could stand: to the right first, nearest first."""
    width = len(name) * FONT_POINTS * CHARACTER_WIDTH
    height = FONT_POINTS * LINE_HEIGHT
    for distance in DISTANCES:
        for turn in range(DIRECTIONS):
            angle = 2 * pi * ((turn + 1) // 2 * (-1) ** turn) / DIRECTIONS
            across, up = cos(angle), sin(angle)
            left = x + across * distance - (width if across < -0.1 else 0)
            if abs(across) <= 0.1:
                left -= width / 2
            yield Bbox.from_bounds(left, y + up * distance - height / 2, width, height)


def _around(x: float, y: float) -> Bbox:
    return Bbox.from_bounds(x - DOT_POINTS, y - DOT_POINTS, 2 * DOT_POINTS, 2 * DOT_POINTS)


def _is_within(box: Bbox, outer: Bbox) -> bool:
    return bool(
        box.x0 >= outer.x0 and box.x1 <= outer.x1 and box.y0 >= outer.y0 and box.y1 <= outer.y1
    )
