"""The gate before publishing: would these lists be worse than the ones that are live?

Every kind of list of every model is judged apart, and its rankings of groups, so that good ones
cannot hide bad ones.
"""

from collections.abc import Iterator

from generator.checks.figures import less_accurate, losing_to_popular
from generator.checks.handles import changed_handles
from generator.checks.likeness import ENOUGH_GROUPS, ENOUGH_SUBJECTS
from generator.checks.past import Likenesses, Past
from generator.checks.set_aside import too_much_set_aside
from shared.kinds import KINDS, KindName
from shared.records import RANKINGS, ListFacts, Manifest, ModelCard, RankingsKind, list_section
from shared.settings import GeneratorSettings

Listed = KindName | RankingsKind


def reasons_to_hold(new: Manifest, past: Past, settings: GeneratorSettings) -> list[str]:
    """Why `new` should not go live, in sentences; empty if it may."""
    reasons = [*too_much_set_aside(new.tables, settings), *changed_handles(new, past, settings)]
    for card in new.served_models:
        for kind, facts in card.list_facts.items():
            reasons += _on_its_own(card, kind, facts, new, settings)
        reasons += losing_to_popular(card, new, settings)
        if measured := past.measured.get(card.model_handle):
            reasons += less_accurate(measured, card, settings)
    if past.live is not None:
        for before in past.live.served_models:
            reasons += _against_live(before, new, past, settings)
    return reasons


def share_empty(facts: ListFacts) -> float:
    """Of the subjects that something could have been listed for, those who got nothing."""
    return (facts.empty - facts.exhausted) / max(_could_list(facts), 1)


def _could_list(facts: ListFacts) -> int:
    return facts.subjects - facts.exhausted


def _named(card: ModelCard, kind: Listed) -> str:
    title = "rankings of groups" if kind == RANKINGS else KINDS[kind].title
    return f"{card.model_handle}, {title}"


def _enough(kind: Listed) -> int:
    return ENOUGH_GROUPS if kind == RANKINGS else ENOUGH_SUBJECTS


def _on_its_own(
    card: ModelCard, kind: KindName, facts: ListFacts, new: Manifest, settings: GeneratorSettings
) -> Iterator[str]:
    if _could_list(facts) < ENOUGH_SUBJECTS:
        return
    name = _named(card, kind)
    if share_empty(facts) > settings.gate_max_empty_share:
        yield (
            f"{name}: {share_empty(facts):.0%} of the lists are empty, "
            f"more than GATE_MAX_EMPTY_SHARE ({settings.gate_max_empty_share:.0%})."
        )
    everybody_gets = settings.stored_list_length * settings.gate_min_effective_courses
    has_choice = KINDS[kind].entry == "course" and not KINDS[kind].of_own
    has_choice &= new.courses >= 5 * everybody_gets
    # Segments that do not differ have one list, and that is what there is to say of them.
    has_choice &= not card.grouped_by
    if has_choice and 0 < facts.effective_entries < everybody_gets:
        yield (
            f"{name}: the lists concentrate on {facts.effective_entries:.0f} courses "
            "in effect, fewer than GATE_MIN_EFFECTIVE_COURSES x STORED_LIST_LENGTH "
            f"({everybody_gets:.0f})."
        )


def _against_live(
    before: ModelCard, new: Manifest, past: Past, settings: GeneratorSettings
) -> Iterator[str]:
    handle = before.model_handle
    after = new.card(handle)
    may_go = handle in settings.gate_may_go
    if after is None:
        if not may_go:
            yield _gone(handle, new)
        return
    for kind, then in before.facts.items():
        now = after.facts.get(kind)
        if now is not None:
            likenesses = past.likenesses.get(list_section(kind, handle), Likenesses())
            name = _named(before, kind)
            enough = _enough(kind)
            reasons = list(_kind_against(name, now, then, likenesses, settings, enough))
            if reasons and likenesses.is_repair(settings.gate_min_overlap):
                reasons = list(_repair_against_before(name, kind, after, past, settings))
            yield from reasons
        elif not (may_go or _may_be_left_out(kind, settings)):
            yield (
                f"{_named(before, kind)}: are live and would be gone. If they may go: "
                f"GATE_MAY_GO={handle}."
            )


def _gone(handle: str, new: Manifest) -> str:
    why = next((card.skipped for card in new.models if card.model_handle == handle), None)
    cause = f": it {why.rstrip('.')}" if why else ""
    return f"{handle} is live and would be gone{cause}. If it may go: GATE_MAY_GO={handle}."


def _may_be_left_out(kind: Listed, settings: GeneratorSettings) -> bool:
    """Courses of a model that finds less than the most viewed ones would, and rankings of groups,
    where that was asked."""
    if kind == RANKINGS:
        return not settings.group_rankings
    return kind == "recommendations" and settings.leaves_out_losing_models


def _repair_against_before(
    name: str, kind: Listed, after: ModelCard, past: Past, settings: GeneratorSettings
) -> Iterator[str]:
    """A repaired list is unlike the live one, and is held against the one before instead."""
    before = past.before.card(after.model_handle) if past.before is not None else None
    if before is None or kind not in before.facts:
        return
    likenesses = past.likenesses[list_section(kind, after.model_handle)]
    yield from _kind_against(
        name,
        after.facts[kind],
        before.facts[kind],
        Likenesses(with_live=likenesses.with_before),
        settings,
        _enough(kind),
    )


def _kind_against(
    name: str,
    now: ListFacts,
    then: ListFacts,
    likenesses: Likenesses,
    settings: GeneratorSettings,
    enough: int,
) -> Iterator[str]:
    if then.subjects < enough:
        return
    if now.subjects < then.subjects * settings.gate_min_users_kept:
        yield (
            f"{name}: {now.subjects:,} lists after {then.subjects:,}, less "
            f"than GATE_MIN_USERS_KEPT ({settings.gate_min_users_kept:.0%})."
        )
    like = likenesses.with_live
    if like is not None and not like.is_at_least(settings.gate_min_overlap):
        yield (
            f"{name}: the lists have {like.share:.1%} of their entries in common with the live "
            f"ones of the same subjects, and {like.by_chance:.1%} with those of others, less than "
            f"GATE_MIN_OVERLAP ({settings.gate_min_overlap:.1%}) beyond chance."
        )
    both = min(_could_list(now), _could_list(then))
    if both >= enough and share_empty(now) > share_empty(then) + settings.gate_max_empty_rise:
        yield (
            f"{name}: {share_empty(now):.0%} of the lists are empty after {share_empty(then):.0%}, "
            f"a rise of more than GATE_MAX_EMPTY_RISE ({settings.gate_max_empty_rise:.0%})."
        )
    if now.effective_entries < then.effective_entries * settings.gate_min_effective_kept:
        yield (
            f"{name}: the lists concentrate on {now.effective_entries:.0f} entries in effect "
            f"after {then.effective_entries:.0f}, less than GATE_MIN_EFFECTIVE_KEPT "
            f"({settings.gate_min_effective_kept:.0%})."
        )
