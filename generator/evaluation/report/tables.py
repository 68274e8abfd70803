"""The tables of a report, as text; the page and the Markdown file show the same ones."""

from collections.abc import Sequence

import numpy as np

from generator.evaluation.assess import Assessment
from generator.evaluation.evaluate import Results
from generator.evaluation.metrics import ACCURACY, CUT_OFFS
from generator.evaluation.neighbours import NEIGHBOURS
from generator.evaluation.report.profile import Profile
from generator.evaluation.report.repeat import Origin, repeat_rows
from generator.evaluation.report.search_tables import choice_table, search_log, tuning_table
from generator.evaluation.report.table import NOTHING, Table, costs, interval, number, percent

LOSES = "loses to popular"
METRIC_TITLES = {
    "ndcg": "NDCG",
    "recall": "recall",
    "precision": "precision",
    "map": "MAP",
    "mrr": "MRR",
    "hit_rate": "hit rate",
}


def tables_of(results: Results, profile: Profile, origin: Origin) -> list[Table]:
    """In the order of the report; those without rows are left out."""
    found = [
        *(accuracy_table(results, k) for k in CUT_OFFS),
        comparison_table(results),
        beyond_table(results),
        neighbour_table(results),
        slice_table(results),
        curve_table(results),
        learned_table(results),
        cost_table(results),
        profile_table(profile),
        choice_table(results),
        tuning_table(results),
        search_log(results),
        repeat_table(results, origin),
    ]
    return [table for table in found if table.rows]


def label(one: Assessment, results: Results) -> str:
    notes = ["baseline"] if one.counts_as_baseline else []
    if results.loses_to_popular(one):
        notes.append(LOSES)
    return f"{one.handle} ({', '.join(notes)})" if notes else one.handle


def repeat_table(results: Results, origin: Origin) -> Table:
    return Table(
        "To repeat this",
        "With the same data, these and the cut named above give the same figures; times apart.",
        ["what", "note"],
        repeat_rows(results, origin),
    )


def accuracy_table(results: Results, k: int) -> Table:
    names = [f"{name}_at_{k}" for name in ("ndcg", *(n for n in ACCURACY if n != "ndcg"))]
    return Table(
        f"Do the lists find what was held out? The first {k}",
        "Means over the users asked, full ranking, seen courses left out; in brackets the 95 % "
        "bootstrap interval of NDCG. A user without a list counts 0.",
        ["model or baseline", *(f"{METRIC_TITLES[n.rpartition('_at_')[0]]}@{k}" for n in names)],
        [
            [
                label(one, results),
                interval(one.figures[names[0]]),
                *(number(one.value(name)) for name in names[1:]),
            ]
            for one in results.measured
        ],
    )


def comparison_table(results: Results) -> Table:
    return Table(
        "Is the difference real? NDCG@10",
        "Paired by user: mean difference with its 95 % bootstrap interval; p of 10,000 random sign "
        "flips, corrected by Holm for all pairs of this table. Real: corrected p below 0.05.",
        ["first - second", "difference", "p", "corrected p", "real?"],
        [
            [
                f"{one.first} - {one.second}",
                interval(one.difference, signed=True),
                f"{one.p:.4f}",
                f"{one.p_corrected:.4f}",
                "yes" if one.is_real else "no",
            ]
            for one in results.comparisons
        ],
    )


def beyond_table(results: Results) -> Table:
    names = ("user_coverage", "course_coverage", "novelty", "diversity", "popularity_lift")
    return Table(
        "What else the lists are like. The first 10",
        "Users covered: share who get any course. Courses covered: share of the catalogue that "
        "anybody gets. Novelty: bits, log2(users / viewers). Diversity: 1 - cosine of the courses' "
        "tags, mean over the pairs of a list. Popularity "
        "lift: how much more viewed listed courses are than those of the users' histories.",
        [
            "model or baseline",
            "users covered",
            "courses covered",
            "novelty",
            "diversity",
            "popularity lift",
        ],
        [
            [
                label(one, results),
                *(percent(one.value(f"{name}_at_10")) for name in names[:2]),
                *(number(one.value(f"{name}_at_10"), 2) for name in names[2:]),
            ]
            for one in results.measured
        ],
    )


def neighbour_table(results: Results) -> Table:
    names = [f"neighbours_{name}_at_{NEIGHBOURS}" for name in ("in_common", "by_lot", "as_active")]
    asked = [one for one in results.assessments if names[0] in one.figures]
    return Table(
        f"Are similar users alike? The first {NEIGHBOURS}",
        "Share of a user's neighbours who took up one of the same held-out courses; the same for "
        "users drawn by lot, and for users drawn among those about as active as each neighbour. "
        "Times: in common, divided by that of users as active.",
        ["model", "in common", "by lot", "as active", "times"],
        [
            [
                label(one, results),
                interval(one.figures[names[0]]),
                *(number(one.value(name)) for name in names[1:]),
                number(one.value(names[0]) / (one.value(names[2]) or float("nan")), 2),
            ]
            for one in asked
        ],
    )


def slice_table(results: Results) -> Table:
    return Table(
        "For whom, and for which courses? NDCG@10",
        "Only the users, or only the held-out courses, that the row names; its ideal list has just "
        "these. Rows are not comparable with each other: they ask for different things.",
        ["slice", "users", *(one.handle for one in results.measured)],
        [
            [
                f"{part.group}: {part.name}",
                f"{int(part.users.sum()):,}",
                *(number(part.figures(one)["ndcg_at_10"]) for one in results.measured),
            ]
            for part in results.slices
        ],
    )


def curve_table(results: Results) -> Table:
    shares = sorted({share for curve in results.curves.values() for share in curve})
    return Table(
        "Would more users help? NDCG@10 of the same quarter of the users",
        "Learned from that share of the users, those asked about always among them.",
        ["model", *(f"{share:.0%}" for share in shares)],
        [
            [handle, *(number(curve.get(share, float("nan"))) for share in shares)]
            for handle, curve in results.curves.items()
        ],
    )


def learned_table(results: Results) -> Table:
    return Table(
        "What models learned",
        "Weights and importance are parts of the whole; what was held out, a model held out of its "
        "own training.",
        ["model", "what", "how much"],
        [
            [label(one, results), name.replace("_", " "), number(value)]
            for one in results.assessments
            for name, value in one.measures.items()
        ],
    )


def cost_table(results: Results) -> Table:
    return Table(
        "What it cost",
        "Measured in this run, on this machine. Listing: both lists of the users asked. Memory: "
        "the most held at once above what the process had before.",
        ["model", "fit s", "list s", "peak memory MiB", "note"],
        [
            [
                one.handle,
                *((NOTHING,) * 3 if one.skipped else costs(one)),
                f"skipped: {one.skipped}" if one.skipped else "",
            ]
            for one in results.assessments
        ],
    )


def profile_table(profile: Profile) -> Table:
    rows = [
        ["users", f"{profile.users:,}"],
        ["courses", f"{profile.courses:,}"],
        ["pairs of a user and a viewed course", f"{profile.viewed_pairs:,}"],
        ["pairs held out", f"{profile.held_out_pairs:,}"],
        ["share of all possible pairs", f"{profile.density:.4%}"],
        ["courses per user", _spread(profile.courses_per_user)],
        ["users per course", _spread(profile.users_per_course)],
        ["tags per user", _spread(profile.tags_per_user)],
        ["tags per course", _spread(profile.tags_per_course)],
    ]
    rows += [[f"level {name}", percent(share)] for name, share in profile.levels.items()]
    note = "Counts per user and course: 10th percentile, median, 90th percentile, maximum."
    return Table("The data", note, ["what", "how much"], rows)


def _spread(counts: Sequence[int] | np.ndarray) -> str:
    if not len(counts):
        return NOTHING
    low, middle, high, most = np.percentile(counts, [10, 50, 90, 100])
    return f"{low:,.0f}, {middle:,.0f}, {high:,.0f}, {most:,.0f}"
