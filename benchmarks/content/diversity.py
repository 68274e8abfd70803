"""What DIVERSITY brings and costs a model that is fitted in a second, on coco."""

from pathlib import Path

from benchmarks.quality.data_sets import COCO
from benchmarks.quality.diversity import WEIGHT, Diversified
from benchmarks.targets import Target
from generator.evaluation.protocols import split_of
from generator.models.registry import model_class
from generator.models.run_options import RunOptions

MODEL = "knn_collab_filtering_user_course_view"
TIMES_AS_LONG = 2.5


def diversity(folder: Path, threads: int = 1) -> list[Target]:
    """On the test part. FileNotFoundError where the data is not in `folder`."""
    if not COCO.is_in(folder):
        raise FileNotFoundError(folder / COCO.train)
    varied = Diversified(split_of(COCO.cut(folder)))
    varied.look_at(model_class(MODEL)().fit(varied.split.train, RunOptions(threads=threads)))
    varied.print_table()
    before, after = varied.pairs[MODEL]
    longer = after.seconds / before.seconds
    cost = f"{COCO.name} {MODEL} at DIVERSITY={WEIGHT}, processor time"
    return [
        *varied.targets(COCO.name, MODEL),
        Target(cost, longer, TIMES_AS_LONG, " x", at_most=True),
    ]
