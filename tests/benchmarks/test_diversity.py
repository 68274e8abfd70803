import numpy as np

from benchmarks.quality.diversity import Diversified
from generator.evaluation.protocols import leave_last_out, split_of
from generator.models.registry import make_models
from tests.datasets import table


def test_what_diversity_brings_and_costs_is_measured_on_the_same_users(capsys):
    random = np.random.default_rng(6)
    views = [
        (user, f"c{course:02}", 60.0)
        for user in range(80)
        for course in [*random.choice(20, 6, False) + user % 3 * 20, *random.choice(60, 2, False)]
    ]
    tags = [(f"c{course:02}", f"tag-{course // 20}") for course in range(60)]
    tables = {
        "user_course_views": table(
            "user_course_views", "user_handle course_id view_time_seconds", views
        ),
        "course_tags": table("course_tags", "course_id course_tags", tags),
    }
    varied = Diversified(split_of(leave_last_out(tables)))
    (model,) = make_models(["knn_collab_filtering_user_course_view"], {})
    varied.look_at(model.fit(varied.split.train))
    ((before, after),) = varied.pairs.values()
    assert after.diversity > before.diversity > 0
    more, kept = varied.targets("Data", model.handle)
    assert more.measured == after.diversity / before.diversity
    assert kept.measured == after.ndcg / before.ndcg
    varied.print_table()
    assert model.handle in capsys.readouterr().out
