"""From sequences to a network that was trained on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.models.course_sequences import CONTEXT_SIZE, Context
from generator.models.network_training import (
    LEAST_HELD_OUT,
    ROWS_TO_REST,
    TrainingOptions,
    chosen_loss,
    held_out_users,
    trained,
)
from generator.models.options import Searched
from generator.models.run_options import RunOptions
from generator.networks.loss_names import LossName
from generator.networks.rows import after_nothing
from generator.networks.sequences import COURSES, Sequences

if TYPE_CHECKING:
    from generator.networks.sequence_network import SequenceNetwork
    from generator.networks.training import Batches

K = 10


class SequenceOptions(TrainingOptions):
    embedding_size: int = Field(64, ge=1, le=1024, description="Numbers that describe a course.")
    length: int = Field(
        100, ge=1, le=10_000, description="So many of a user's latest courses are read."
    )
    dropout: Annotated[float, Searched(0.0, 0.5)] = Field(
        0.2, ge=0, lt=1, description="Share of numbers hidden in each training step."
    )
    loss: Literal["auto", "softmax", "sampled_softmax", "gbce"] = Field(
        "auto",
        description="What training makes small; auto is softmax up to 5,000 courses, beyond that "
        "sampled_softmax.",
    )
    negatives: int = Field(
        512,
        ge=1,
        le=100_000,
        description="Courses drawn in each step for a loss over some of them.",
    )
    min_viewers: int = Field(
        2, ge=1, le=1_000_000, description="A course with fewer is neither read nor listed."
    )
    start: Literal["co-occurrence", "random"] = Field(
        "co-occurrence",
        description="Where vectors of courses start: what is taken up near each other, or nowhere.",
    )
    texts: str = Field(
        "",
        description="What reads texts of courses, which then count beside who takes them up, so "
        "that new courses are foretold too: sentence, words, or a path (docs/content.md). Empty: "
        "nothing does.",
    )
    time_gaps: bool = Field(
        False, description="Whether the time since the course before is read too."
    )
    view_time: bool = Field(False, description="Whether it is read how long each was viewed.")
    quantize: bool = Field(
        False, description="Whether the trained network is kept in 8 bits a weight instead of 32."
    )

    def loss_over(self, courses: int) -> LossName:
        """The loss, of so many courses."""
        return chosen_loss(self.loss, courses)

    @property
    def foretells(self) -> bool:
        """Whether training is about what comes next, so that this can say which epoch is best."""
        return True

    def rows_rest_over(self, courses: int) -> bool:
        """Whether, of so many courses, those that a batch does not read are left where they are."""
        return courses >= ROWS_TO_REST and self.loss_over(courses) != "softmax"

    @property
    def contexts(self) -> tuple[Context, ...]:
        """What is read of each step beside its course."""
        wanted: dict[Context, bool] = {"gaps": self.time_gaps, "minutes": self.view_time}
        return tuple(name for name, is_wanted in wanted.items() if is_wanted)


def scored_in_a_step(options: SequenceOptions, courses: int) -> int:
    """How many of so many courses are scored at each step of a sequence in training."""
    if options.loss_over(courses) == "softmax":
        return courses
    return min(options.negatives, courses)


@dataclass(frozen=True)
class FittedNetwork:
    table: NDArray[np.float32]
    """float32 [courses of the table, size]"""
    of_texts: NDArray[np.float32]
    """float32 [numbers of a text, size]: what a text adds to its course's vector."""
    graph: bytes
    """What asks for states, as ONNX."""
    epochs: int
    ndcg: float
    """NDCG@10 of what was held out; NaN where there was too little."""


def fitted_network(
    sequences: Sequences,
    viewers: NDArray[np.int64],
    texts: NDArray[np.float32] | None,
    body: Callable[[int, int], Any],
    batches_of: Callable[[Sequences, int], "Batches"],
    network_of: Callable[..., "SequenceNetwork"],
    options: SequenceOptions,
    run: RunOptions,
    *,
    handle: str,
) -> FittedNetwork:
    """Train the `network_of` parts, this body among them, on `batches_of` sequences and a seed.

    viewers: int64 [courses of the table]. texts: float32 [courses of the table, any], or None.

    The last course of some users is held out, to say which epoch was best: of so few that nothing
    needs to be learned again with them. Raises ModelError.
    """
    # TensorFlow takes seconds to import, and nobody who runs other models should wait for it.
    from generator.networks.exported import exported
    from generator.networks.quantized import quantized

    held_out = held_out_users(sequences.lengths, run.seed)
    learned_from = sequences.without_last(held_out)
    network = network_of(*_parts(learned_from, viewers, texts, body, options, run.seed))
    batches = batches_of(learned_from, run.seed)
    measure = None
    if options.foretells and len(held_out) >= LEAST_HELD_OUT:
        targets = sequences.last_courses(held_out)
        measure = _measure(network, learned_from, held_out, targets, options.length)
    texts_too = () if texts is None else (texts,)
    reached, checkpoints = trained(
        network,
        batches,
        measure,
        options,
        run,
        handle=handle,
        views=len(learned_from.steps[COURSES]),
        learned_from=(sequences.offsets, *sequences.steps.values(), *texts_too),
        rows_rest=options.rows_rest_over(len(viewers)),
    )
    ndcg = reached.best_value if measure else float("nan")
    graph = exported(network.asked())
    graph = quantized(graph) if options.quantize else graph
    fitted = FittedNetwork(
        network.table(), network.vectors.of_texts, graph, reached.best_epoch, ndcg
    )
    checkpoints.remove()
    return fitted


def _parts(
    sequences: Sequences,
    viewers: NDArray[np.int64],
    texts: NDArray[np.float32] | None,
    body: Callable[[int, int], Any],
    options: SequenceOptions,
    seed: int,
) -> tuple[Any, ...]:
    """What a network is made of."""
    from generator.networks.backend import begin_anew
    from generator.networks.course_vectors import CourseVectors
    from generator.networks.losses import Loss
    from generator.networks.starts import co_occurrence_start, random_start

    begin_anew(seed)
    if options.start == "random":
        start = random_start(len(viewers), options.embedding_size, seed)
    else:
        start = co_occurrence_start(sequences, len(viewers), options.embedding_size, seed)
    return (
        CourseVectors(start, texts),
        body(options.embedding_size, seed),
        Loss(options.loss_over(len(viewers)), viewers, options.negatives, seed),
        dict.fromkeys(options.contexts, CONTEXT_SIZE),
        options.dropout,
        seed,
    )


def _measure(
    network: "SequenceNetwork",
    sequences: Sequences,
    users: NDArray[np.int32],
    targets: NDArray[np.int32],
    length: int,
) -> Callable[[], float]:
    """NDCG@10 of these users' `targets` among all courses that they have not taken up before."""
    from generator.networks.exported import states_of

    asked = network.asked()
    inputs = sequences.read(sequences.ends(users, length), length)

    def measure() -> float:
        table = network.table()
        vectors = after_nothing(table)
        states = states_of(lambda given: np.asarray(asked.predict_on_batch(given)), inputs, vectors)
        gains = 0.0
        for state, user, target in zip(states, users, targets, strict=True):
            scores = table @ state
            wanted = scores[target - 1]
            seen = slice(*sequences.offsets[user : user + 2])
            scores[sequences.steps[COURSES][seen] - 1] = -np.inf
            rank = int((scores > wanted).sum())
            gains += 1 / np.log2(rank + 2) if rank < K else 0.0
        return float(gains / len(users))

    return measure
