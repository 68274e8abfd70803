"""What models cost on the reference platform, kept for docs/models.md."""

from collections.abc import Iterable, Sequence

from benchmarks.quality.measured import FILE, Measurements
from shared.records import Stage

WHAT = {"fit": "fit {}", "users": "list {}", "courses": "list {}, courses"}
"""What costs something -> how the stage is called."""


def keep_reference(stages: Sequence[Stage], handles: Iterable[str]) -> None:
    kept = Measurements.read(FILE)
    seconds = {stage.name: round(stage.seconds, 1) for stage in stages}
    for handle in handles:
        names = {what: name.format(handle) for what, name in WHAT.items()}
        of_model = {what: seconds[name] for what, name in names.items() if name in seconds}
        if of_model:
            kept.reference[handle] = of_model
    kept.write(FILE)
