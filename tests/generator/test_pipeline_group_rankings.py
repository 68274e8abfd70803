"""Rankings of groups are judged like lists: one that goes wrong does not go live."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from generator.models import registry
from generator.models.segment_user_attribute import SegmentUserAttribute
from generator.nearest.top_n import TopN
from shared.records import RANKINGS, list_section
from tests.generator.odd_models import LaterUserInterest, odd  # noqa: F401
from tests.generator.test_pipeline import KNN, platform, runs  # noqa: F401

SEGMENTS = "odd_segments"
SECTION = list_section(RANKINGS, SEGMENTS)


class OddSegments(SegmentUserAttribute):
    """As its parent, until rankings of its segments are by lot."""

    handle = SEGMENTS
    fault: ClassVar[str | None] = None

    def ranking_among(self, segment, n):
        top = super().ranking_among(segment, n)
        if self.fault == "by lot":
            random = np.random.default_rng(len(segment.label))
            by_lot = random.permutation(len(self.dataset.courses))[:n]
            return TopN(by_lot[None].astype(np.int32), top.scores)
        return top


@pytest.fixture
def segments(monkeypatch, runs):  # noqa: F811
    path = f"{OddSegments.__module__}:{OddSegments.__name__}"
    monkeypatch.setitem(registry.MODELS, SEGMENTS, path)
    monkeypatch.setattr(OddSegments, "fault", None)
    return lambda *others, **settings: runs(models=[SEGMENTS, *others], **settings)


def test_rankings_of_groups_that_are_by_lot_are_held(segments, runs):  # noqa: F811
    good = segments()
    assert good.card(SEGMENTS).group_facts.subjects == good.row_counts[SECTION] > 3
    assert segments().overlap_with_live[SECTION] == 1
    OddSegments.fault = "by lot"
    held = segments()
    (reason,) = held.held_because
    assert reason.startswith(f"{SEGMENTS}, rankings of groups: the lists have ")
    assert "GATE_MIN_OVERLAP" in reason
    assert runs.live.generation != held.generation


def test_they_may_be_switched_off_and_otherwise_not_be_gone(segments, runs):  # noqa: F811
    segments()
    off = segments(group_rankings=False)
    assert runs.live.generation == off.generation
    assert SECTION not in off.row_counts
    assert off.card(SEGMENTS).group_facts is None


def test_a_run_that_goes_on_where_one_died_looks_at_them_too(segments, runs):  # noqa: F811
    segments(LaterUserInterest.handle)
    OddSegments.fault, LaterUserInterest.fault = "by lot", "killed"
    with pytest.raises(KeyboardInterrupt):
        segments(LaterUserInterest.handle)
    OddSegments.fault = LaterUserInterest.fault = None
    runs.store.close()
    held = segments(LaterUserInterest.handle)
    (reason,) = held.held_because
    assert reason.startswith(f"{SEGMENTS}, rankings of groups: ")


def test_attributes_that_tell_nothing_are_no_reason_to_hold_a_run(runs, platform, tmp_path):  # noqa: F811
    """Everybody has the same list then, but for what they have seen."""
    views = pd.read_csv(platform / "user_course_views.csv")
    (tmp_path / "data").mkdir()
    views.to_csv(tmp_path / "data/user_course_views.csv", index=False)
    people = pd.DataFrame({"user_handle": views.user_handle.unique()}).assign(role="learner")
    people.to_csv(tmp_path / "data/users.csv", index=False)
    live = runs(models=["segment_user_attribute"], data_url=str(tmp_path / "data"))
    assert live.held_because == []
    card = live.card("segment_user_attribute")
    assert card.list_facts["recommendations"].effective_entries < 1.5 * 20
    assert card.grouped_by == ["segment", "interest"]


def test_who_has_nothing_from_a_model_is_answered_by_their_segments_and_then_by_what_is_popular(
    runs,  # noqa: F811
):
    live = runs(models=[KNN], fallback_models=["segment_user_attribute", "popular_course_view"])
    assert live.fallbacks == ["segment_user_attribute", "popular_course_view"]
    users = live.row_counts[list_section("recommendations", "segment_user_attribute")]
    assert live.row_counts[list_section("recommendations", KNN)] < users <= live.users
