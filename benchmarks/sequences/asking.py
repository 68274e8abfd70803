"""`python -m benchmarks.sequences.asking`: what the states of all users take, one way or another.

Each network is trained for an epoch, and then asked by onnxruntime, with weights of 32 and of 8
bits, and by Keras on TensorFlow. One thread.
"""

import argparse
import os
import sys
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.data_sets import MOVIELENS
from benchmarks.sequences.goals import NETWORKS
from generator.dataset.dataset import Dataset
from generator.evaluation.protocols import split_of
from generator.models.registry import model_class
from generator.models.run_options import RunOptions
from generator.models.sequence import SequenceModel
from generator.networks.exported import Ask, Inputs, opened, states_of
from generator.networks.quantized import quantized

K, SEED = 10, 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sequences.asking")
    parser.add_argument("--data", default=os.environ.get("DATA_FOLDER") or "../shared/data")
    parser.add_argument("--only", nargs="*", choices=NETWORKS, metavar="HANDLE")
    asked = parser.parse_args()
    data = split_of(MOVIELENS.cut(Path(asked.data))).train
    print("  seconds of the processor, at first and again")
    for handle in asked.only or NETWORKS:
        print(f"{handle}, states of {len(data.users)} users")
        _ask_each_way(handle, data)
    return 0


def _ask_each_way(handle: str, data: Dataset) -> None:
    model = model_class(handle)(epochs=1)
    assert isinstance(model, SequenceModel)
    model.fit(data, RunOptions(seed=SEED))
    _measured("Keras, predict_on_batch", _by_keras(model), model)
    small = quantized(model._network)
    whole, rounded = (
        _measured(f"onnxruntime, {len(graph):,} bytes", opened(graph), model)
        for graph in (model._network, small)
    )
    same = np.mean([np.isin(mine, theirs) for mine, theirs in zip(rounded, whole, strict=True)])
    print(f"  {same:.2%} of the top {K} by the latter, of 8 bits, are those of the former")


def _by_keras(model: SequenceModel) -> Ask:
    """A network of the same size, which takes as long whatever it has learned."""
    from generator.networks.course_vectors import CourseVectors
    from generator.networks.losses import Loss

    vectors = model._vectors[1:]
    body = model._body(model.config.embedding_size, SEED)
    loss = Loss("softmax", np.ones(len(vectors), np.int64), K, SEED)
    asked = model._network_of(CourseVectors(vectors), body, loss, {}, 0.0, SEED).asked()

    def ask(inputs: Inputs) -> NDArray[np.float32]:
        return np.asarray(asked.predict_on_batch(dict(inputs)))

    return ask


def _measured(name: str, ask: Ask, model: SequenceModel) -> NDArray[np.integer[Any]]:
    """[users, K]: the courses nearest to the states that `ask` gives, after it said its time."""
    users = model.known_users()
    inputs = model._latest(model._sequences, users)
    seconds = []
    for _ in range(2):
        before = process_time()
        states = states_of(ask, inputs, model._vectors)
        seconds.append(process_time() - before)
    print(f"  {seconds[0]:6.2f} {seconds[1]:6.2f}  {name}", flush=True)
    return np.argsort(-(states @ model._vectors[1:].T), axis=1)[:, :K]


if __name__ == "__main__":
    sys.exit(main())
