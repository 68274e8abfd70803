"""The models of the live generation beside each other, from the facts in its manifest."""

from collections.abc import Sequence

from flask import Response, render_template, request

from server.explorer.blueprint import routes
from server.explorer.exports import exported, format_asked
from server.explorer.model_table import Column, ModelRow, columns_of, ordered, rows_of
from server.reading.live_view import LiveGeneration
from server.service import service
from shared.kinds import KINDS, Kind, KindName
from shared.records import Manifest


@routes.get("/models")
def models() -> Response | str:
    known = service()
    return known.live_view.read(known.tenant, _page)


def _page(live: LiveGeneration) -> Response | str:
    manifest = live.manifest
    columns = columns_of(manifest)
    by = request.args.get("sort", columns[0].name)
    ascending = request.args.get("order", "") == "ascending"
    rows = ordered(rows_of(manifest, columns), columns, by, ascending)
    if form := format_asked():
        fields = ["model_handle", "title", "note", *(column.name for column in columns)]
        return exported(form, "models", fields, [_record(row, columns) for row in rows])
    return render_template(
        "explorer/models.html",
        live=live,
        columns=columns,
        rows=rows,
        by=by,
        ascending=ascending,
        highest=[_highest(rows, place) for place in range(len(columns))],
        kinds=kinds_of(manifest),
        overlaps={kind: overlaps_of(manifest, kind) for kind in KINDS},
        spreads={kind: spreads_of(manifest, kind) for kind in KINDS},
    )


def _highest(rows: Sequence[ModelRow], place: int) -> float:
    """What a full bar of this column is: no interval reaches beyond it. 1 if there is nothing."""
    ends = [figure.high for row in rows if (figure := row.intervals[place])]
    return max([*ends, *(row.values[place] or 0 for row in rows)], default=0) or 1


def _record(row: ModelRow, columns: Sequence[Column]) -> dict[str, str | float | None]:
    values = zip((column.name for column in columns), row.values, strict=True)
    return {"model_handle": row.model_handle, "title": row.title, "note": row.note, **dict(values)}


def kinds_of(manifest: Manifest) -> list[Kind]:
    """Those that any model serves."""
    served = {kind for card in manifest.served_models for kind in card.serves}
    return [kind for kind in KINDS.values() if kind.name in served]


def overlaps_of(manifest: Manifest, kind: KindName) -> dict[tuple[str, str], float]:
    return {
        pair: overlap.share
        for overlap in manifest.model_overlaps
        if overlap.kind == kind
        for pair in ((overlap.first, overlap.second), (overlap.second, overlap.first))
    }


def spreads_of(manifest: Manifest, kind: KindName) -> dict[str, list[float]]:
    """Scores at 0 %, 5 %, ... 100 % as parts of the model's best, since scales differ."""
    return {
        card.title: [round(max(q, 0) / quantiles[-1], 4) for q in quantiles]
        for card in manifest.served_models
        if kind in card.spreads
        and (quantiles := card.spreads[kind].quantiles)
        and quantiles[-1] > 0
    }
