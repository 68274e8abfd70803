"""Tonight against last night: what came into the lists of one subject, what left, what moved."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request

from server.explorer.asked import handle_asked
from server.explorer.blueprint import routes
from server.explorer.side_by_side import Side, sides_of
from server.explorer.titles import Titles
from server.explorer.users import ENTRIES
from server.problems import Problem
from server.reading.live_view import LiveGeneration
from server.service import service
from shared.errors import GenerationDamaged, GenerationMissing
from shared.kinds import Entity, Kind
from shared.records import Handle, ModelCard


@dataclass(frozen=True, slots=True)
class Move:
    """Where an entry stands, from 1, and where it stood; None where it was not listed."""

    handle: Handle
    now: int | None
    before: int | None

    @property
    def said(self) -> str:
        if self.before is None:
            return "new"
        if self.now is None:
            return f"left, was {self.before}"
        places = self.before - self.now
        if not places:
            return "stays"
        return f"{'up' if places > 0 else 'down'} {abs(places)}"

    @property
    def tone(self) -> str:
        """The first word of that, as a class."""
        return self.said.partition(" ")[0].strip(",")


@dataclass(frozen=True, slots=True)
class Difference:
    """One model's list tonight and last night."""

    card: ModelCard
    moves: list[Move]
    is_new: bool
    """Whether the model had no lists last night."""

    @property
    def kept(self) -> int:
        return sum(move.now is not None and move.before is not None for move in self.moves)

    @property
    def listed(self) -> int:
        return sum(move.now is not None for move in self.moves)


@routes.get("/users/changes")
def user_changes() -> str:
    known = service()
    return known.live_view.read(known.tenant, lambda live: _page(live, "user"))


@routes.get("/courses/changes")
def course_changes() -> str:
    known = service()
    return known.live_view.read(known.tenant, lambda live: _page(live, "course"))


def moves_between(now: Sequence[Handle], before: Sequence[Handle]) -> list[Move]:
    """Those listed now in their order, then those that left in the order that they had."""
    stood = {handle: rank for rank, handle in enumerate(before, 1)}
    staying = [Move(handle, rank, stood.get(handle)) for rank, handle in enumerate(now, 1)]
    listed = set(now)
    left = [Move(handle, None, rank) for handle, rank in stood.items() if handle not in listed]
    return staying + left


def _page(live: LiveGeneration, entity: Entity) -> str:
    handle = handle_asked()
    if handle is None:
        raise Problem("bad-request", f"Say which {entity}: `handle` as JSON.")
    others = _others(live)
    earlier = request.args.get("with") or next(iter(others), None)
    tonight = sides_of(live, entity, handle, ENTRIES)
    last_night = {} if earlier is None else _lists_of(earlier, live, entity, handle)
    differences = {
        kind: [_difference(side, last_night.get(kind, [])) for side in sides]
        for kind, sides in tonight.items()
    }
    titles = Titles(live)
    titles.load(_courses_of(differences) | ({handle} if entity == "course" else set()))
    return render_template(
        "explorer/changes.html",
        live=live,
        before=earlier,
        others=others,
        entity=entity,
        handle=handle,
        differences=differences,
        titles=titles,
    )


def _others(live: LiveGeneration) -> list[str]:
    """The other published generations, first those from before the live one, newest first.

    Raises Problem: a record that is damaged says nothing of the lists that are served.
    """
    try:
        state = service().store.state(live.manifest.tenant)
    except GenerationDamaged:
        raise Problem(
            "store-unavailable",
            "Which generations there are cannot be read now; `python run_generator.py check` says "
            "what to repair.",
        ) from None
    names = [*state.live_and_before, *reversed(state.generations)]
    return [name for name in dict.fromkeys(names) if name != live.generation]


def _lists_of(
    generation: str, live: LiveGeneration, entity: Entity, handle: Handle
) -> dict[Kind, list[Side]]:
    """The lists in another generation of the same tenant, read as the live one is.

    Raises Problem: that its lists are gone must not look as if those of the live one were.
    """
    try:
        manifest = service().store.manifest(live.manifest.tenant, generation)
        return sides_of(LiveGeneration.of(live.read, manifest), entity, handle, ENTRIES)
    except GenerationMissing as missing:
        raise Problem("unknown-route", str(missing)) from None
    except GenerationDamaged:
        raise Problem(
            "store-unavailable", f"Generation {generation} cannot be read any more."
        ) from None


def _difference(side: Side, earlier: Sequence[Side]) -> Difference:
    then = next((s for s in earlier if s.card.model_handle == side.card.model_handle), None)
    before = [entry.handle for entry in then.entries] if then else []
    now = [entry.handle for entry in side.entries]
    return Difference(side.card, moves_between(now, before), then is None)


def _courses_of(differences: dict[Kind, list[Difference]]) -> set[Handle]:
    return {
        move.handle
        for kind, of_kind in differences.items()
        if kind.entry == "course"
        for difference in of_kind
        for move in difference.moves
    }
