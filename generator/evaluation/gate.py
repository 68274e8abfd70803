"""The gate before publishing: would these lists be worse than the ones that are live?"""

from collections.abc import Iterable, Mapping

from shared.records import Handle, Manifest, ModelCard, UserLists, figure_named
from shared.settings import Settings
from shared.stores import Store

ENOUGH_USERS = 50
"""Below this a share says little, and small data is somebody trying things."""
ENTRIES_COMPARED = 10


def reasons_to_hold(
    new: Manifest, live: Manifest | None, overlaps: Mapping[str, float], settings: Settings
) -> list[str]:
    """Why `new` should not go live, in sentences; empty if it may.

    `overlaps`: model handle -> mean share of entries that a user's lists have in common with the
    live ones (see `overlap_with_live`).
    """
    reasons = [reason for card in new.served_models for reason in _on_its_own(card, new, settings)]
    if live is not None:
        for before in live.served_models:
            after = new.card(before.model_handle)
            reasons += _against(before, after, overlaps.get(before.model_handle), settings)
            if after is not None:
                reasons += _less_accurate(before, after, settings)
    return reasons


def overlap_with_live(
    sample: Iterable[UserLists], live: Manifest | None, store: Store
) -> dict[str, float]:
    """Mean Jaccard overlap of the first ten entries with the live lists, per model.

    Over the sampled users who have lists in both; models with fewer than 50 such are left out.
    """
    if live is None:
        return {}
    by_model: dict[str, dict[Handle, UserLists]] = {}
    for lists in sample:
        if live.card(lists.model_handle):
            by_model.setdefault(lists.model_handle, {})[lists.user_handle] = lists
    overlaps = {}
    for model_handle, new in by_model.items():
        old = store.get_many(live.tenant, live.generation, model_handle, list(new))
        shared = [_overlap(new[handle], lists) for handle, lists in old.items()]
        if len(shared) >= ENOUGH_USERS:
            overlaps[model_handle] = sum(shared) / len(shared)
    return overlaps


def _on_its_own(card: ModelCard, new: Manifest, settings: Settings) -> list[str]:
    facts = card.lists
    if facts.users < ENOUGH_USERS:
        return []
    reasons = []
    if facts.empty > facts.users * settings.gate_max_empty_share:
        reasons.append(
            f"{card.model_handle}: {facts.empty / facts.users:.0%} of its users have empty lists, "
            f"more than GATE_MAX_EMPTY_SHARE ({settings.gate_max_empty_share:.0%})."
        )
    everybody_gets = settings.stored_list_length * settings.gate_min_effective_courses
    choice = new.courses >= 5 * everybody_gets
    if choice and 0 < facts.effective_courses < everybody_gets:
        reasons.append(
            f"{card.model_handle}: its lists concentrate on {facts.effective_courses:.0f} courses "
            f"in effect, fewer than GATE_MIN_EFFECTIVE_COURSES x STORED_LIST_LENGTH "
            f"({everybody_gets:.0f})."
        )
    return reasons + _worse_than_popular(card, new, settings)


def _worse_than_popular(card: ModelCard, new: Manifest, settings: Settings) -> list[str]:
    how = new.evaluation
    if not settings.gate_must_beat_popular or how is None or how.users < ENOUGH_USERS:
        return []
    found = card.figure(settings.gate_metric)
    popular = figure_named(how.baselines.get("popular", []), settings.gate_metric)
    if found is None or popular is None or found.value >= popular.value:
        return []
    return [
        f"{card.model_handle}: its {settings.gate_metric} is {found.value:.4f}, and that of the "
        f"most viewed courses {popular.value:.4f} (GATE_MUST_BEAT_POPULAR)."
    ]


def _less_accurate(before: ModelCard, after: ModelCard, settings: Settings) -> list[str]:
    then, now = before.figure(settings.gate_metric), after.figure(settings.gate_metric)
    if then is None or now is None:
        return []
    # Few users give wide intervals, and a fall within them may be chance.
    if now.value >= then.value * settings.gate_min_metric_kept or now.high >= then.low:
        return []
    return [
        f"{before.model_handle}: its {settings.gate_metric} is {now.value:.4f} "
        f"[{now.low:.4f}, {now.high:.4f}] after {then.value:.4f} [{then.low:.4f}, "
        f"{then.high:.4f}], less than GATE_MIN_METRIC_KEPT ({settings.gate_min_metric_kept:.0%})."
    ]


def _against(
    before: ModelCard, after: ModelCard | None, overlap: float | None, settings: Settings
) -> list[str]:
    if after is None:
        return [f"{before.model_handle} is live and would be gone."]
    if before.users < ENOUGH_USERS:
        return []
    reasons = []
    if after.users < before.users * settings.gate_min_users_kept:
        reasons.append(
            f"{before.model_handle}: lists for {after.users:,} users after {before.users:,}, less "
            f"than GATE_MIN_USERS_KEPT ({settings.gate_min_users_kept:.0%})."
        )
    if overlap is not None and overlap < settings.gate_min_overlap:
        reasons.append(
            f"{before.model_handle}: lists have {overlap:.1%} of their entries in common with the "
            f"live ones, less than GATE_MIN_OVERLAP ({settings.gate_min_overlap:.1%})."
        )
    for name in ("without_similar_users", "without_courses"):
        now, then = (
            getattr(card.lists, name) / max(card.lists.users, 1) for card in (after, before)
        )
        if now > then + settings.gate_max_empty_rise:
            reasons.append(
                f"{before.model_handle}: {now:.0%} of its users are {name.replace('_', ' ')} after "
                f"{then:.0%}, a rise of more than GATE_MAX_EMPTY_RISE "
                f"({settings.gate_max_empty_rise:.0%})."
            )
    effective, live_effective = after.lists.effective_courses, before.lists.effective_courses
    if effective < live_effective * settings.gate_min_effective_kept:
        reasons.append(
            f"{before.model_handle}: its lists concentrate on {effective:.0f} courses in effect "
            f"after {live_effective:.0f}, less than GATE_MIN_EFFECTIVE_KEPT "
            f"({settings.gate_min_effective_kept:.0%})."
        )
    return reasons


def _overlap(new: UserLists, old: UserLists) -> float:
    shared = total = 0
    for now, then in ((new.similar_users, old.similar_users), (new.courses, old.courses)):
        now_set, then_set = set(now[:ENTRIES_COMPARED]), set(then[:ENTRIES_COMPARED])
        shared += len(now_set & then_set)
        total += len(now_set | then_set)
    return shared / total if total else 1.0
