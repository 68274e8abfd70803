"""`python -m benchmarks.sequences.steps`: what one step of training takes, one way or another.

Each way is a process of its own, since threads and libraries are settled when TensorFlow starts.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.quality.data_sets import MOVIELENS
from generator.dataset.dataset import Dataset
from generator.evaluation.protocols import split_of
from generator.models.course_sequences import numbers_of_courses, sequences_of
from generator.models.registry import model_class
from generator.models.sequence import SequenceModel
from generator.networks.loss_names import LossName
from generator.networks.sequence_batches import NextCourseBatches, padded_lengths
from generator.networks.sequences import windows_to_learn_from

LENGTH, SIZE, DROPOUT, SEED = 100, 128, 0.3, 1
WARM_UP, STEPS = 3, 5


@dataclass(frozen=True)
class Way:
    handle: str = "lstm_course_sequence"
    loss: LossName = "softmax"
    xla: bool = False
    bfloat16: bool = False
    onednn: bool = False
    threads: int = 1


WAYS = {
    "as it is": Way(),
    "XLA": Way(xla=True),
    "oneDNN": Way(onednn=True),
    "oneDNN, bfloat16": Way(onednn=True, bfloat16=True),
    "2 threads": Way(threads=2),
    "2 threads again": Way(threads=2),
    "512 of the courses": Way(loss="sampled_softmax"),
    "attention": Way("sasrec_course_sequence"),
    "attention, XLA": Way("sasrec_course_sequence", xla=True),
}


def main() -> int:
    asked = _options()
    data = split_of(MOVIELENS.cut(Path(asked.data))).train
    if asked.way:
        print(json.dumps(_measured(data, Way(**json.loads(asked.way)))))
        return 0
    print(_padding(data))
    print("  seconds a step, of the processor and of the clock, and the loss after the last")
    for name in asked.only or WAYS:
        way = json.dumps(asdict(WAYS[name]))
        command = [sys.executable, "-m", "benchmarks.sequences.steps", "--data", asked.data]
        done = subprocess.run([*command, "--way", way], capture_output=True, text=True)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            return done.returncode
        measured = json.loads(done.stdout.splitlines()[-1])
        print(f"  {measured['processor']:.3f}  {measured['clock']:.3f}  {measured['loss']}  {name}")
    return 0


def _padding(data: Dataset) -> str:
    windows = windows_to_learn_from(_sequences(data), LENGTH)
    steps, read = int(windows.lengths.sum()), int(padded_lengths(windows.lengths, LENGTH).sum())
    filled_up = LENGTH * len(windows)
    return (
        f"{steps:,} steps of sequences to learn from: {read:,} are read where a batch has one "
        f"length, {filled_up:,} where each is filled up to {LENGTH}."
    )


def _sequences(data: Dataset) -> Any:
    return sequences_of(data, numbers_of_courses(data, 2), ())


def _measured(data: Dataset, way: Way) -> dict[str, Any]:
    """Of steps whose rows are all full ones, after some that are not counted."""
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = str(int(way.onednn))
    from generator.networks.backend import keras
    from generator.networks.tensorflow_alone import tf
    from generator.networks.training import TrainingPlan, compile_network

    tf.config.threading.set_intra_op_parallelism_threads(way.threads)
    if way.bfloat16:
        keras.config.set_dtype_policy("mixed_bfloat16")
    sequences = _sequences(data)
    network = _network(way, data)
    batches = NextCourseBatches(sequences, windows_to_learn_from(sequences, LENGTH), LENGTH, SEED)
    compile_network(network, TrainingPlan(8, 3, 0.001, 0.5, 0, SEED, way.xla), len(batches))
    processor, clock = [], []
    for inputs, targets in islice(_of_full_length(batches), WARM_UP + STEPS):
        before = process_time(), perf_counter()
        loss = float(network.train_on_batch(inputs, targets))
        processor.append(process_time() - before[0])
        clock.append(perf_counter() - before[1])
    return {
        "processor": median(processor[WARM_UP:]),
        "clock": median(clock[WARM_UP:]),
        "loss": loss,
    }


def _network(way: Way, data: Dataset) -> Any:
    from generator.networks.backend import keras
    from generator.networks.course_vectors import CourseVectors
    from generator.networks.losses import Loss
    from generator.networks.sequence_network import SequenceNetwork
    from generator.networks.starts import random_start

    keras.utils.set_random_seed(SEED)
    model = model_class(way.handle)(embedding_size=SIZE)
    assert isinstance(model, SequenceModel)
    numbers = numbers_of_courses(data, 2)
    viewers = np.maximum(data.viewers[numbers > 0], 1)
    return SequenceNetwork(
        CourseVectors(random_start(len(viewers), SIZE, SEED)),
        model._body(SIZE, SEED),
        Loss(way.loss, viewers, 512, SEED),
        {},
        DROPOUT,
        SEED,
    )


def _of_full_length(batches: NextCourseBatches) -> Iterator[tuple[Any, Any]]:
    for inputs, targets in batches.of_epoch(0):
        if targets.shape[1] == LENGTH and targets.all():
            yield inputs, targets


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sequences.steps")
    parser.add_argument("--data", default=os.environ.get("DATA_FOLDER") or "../shared/data")
    parser.add_argument("--only", nargs="*", choices=WAYS, metavar="WAY", help="ways to measure")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
