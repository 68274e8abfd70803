"""A network that recognises a user in parts of what they took up, and so knows who is alike."""

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset
from generator.models.options import Searched
from generator.models.sequence import BYTES_PER_HIDDEN, SequenceModel
from generator.models.sequence_fitting import SequenceOptions
from generator.nearest.top_n import TopN, empty_top_n
from generator.networks.sequence_batches import SHORTEST, SequenceBatches, tokens_of_a_step
from generator.networks.sequences import Sequences, windows_to_learn_from

BYTES_PER_PAIR = 24
"""Of two views in a step: their product, and what is made of it for the way back."""


class ContrastiveOptions(SequenceOptions):
    embedding_size: int = Field(128, ge=1, le=1024, description="Numbers that describe a course.")
    dropout: Annotated[float, Searched(0.0, 0.5)] = Field(
        0.3, ge=0, lt=1, description="Share of numbers hidden in each training step."
    )
    contrast_weight: Annotated[float, Searched(0.01, 1.0)] = Field(
        0.03,
        gt=0,
        le=1000,
        description="How much it counts to recognise a user, where foretelling a course counts 1.",
    )
    next_loss: bool = Field(
        True,
        description="Whether it learns what comes next too; without that it recommends nothing.",
    )
    temperature: Annotated[float, Searched(0.05, 1.0)] = Field(
        0.2,
        ge=0.01,
        le=100,
        description="The lower, the more those count who are most easily taken for the user.",
    )
    cropped_to: Annotated[float, Searched(0.3, 0.9)] = Field(
        0.6, gt=0, le=1, description="What a crop leaves of a sequence."
    )
    masked: Annotated[float, Searched(0.1, 0.7)] = Field(
        0.3, ge=0, le=1, description="Share of a sequence's courses that a mask hides."
    )
    reordered: Annotated[float, Searched(0.1, 0.9)] = Field(
        0.6, ge=0, le=1, description="Share of a sequence that is shuffled."
    )

    @property
    def foretells(self) -> bool:
        return self.next_loss


class ContrastiveCourseSequence(SequenceModel):
    """A GRU trained with InfoNCE over two views of each sequence (CL4SRec; Xie et al., ICDE 2022).

    Each view is a crop, a mask or a shuffled part (`generator.networks.contrastive_batches`), and
    the state of the one is to be nearer to that of the other than to anybody else's in the batch.
    Beside that the network learns what comes next, as `lstm_course_sequence` does, unless
    `next_loss` is off: what is left then is likeness alone.

    Assumes that part of what somebody took up says who they are. Knows users who took up a course
    that `min_viewers` others did too, and such courses. Score of a similar user or course: the
    cosine of states or vectors, 0 to 1; of a recommendation: product of state and vector, which
    only orders. Reasons are the latest courses without which the score falls most. Cost: three
    times that of `lstm_course_sequence`, for the network reads each sequence and two views of it;
    a batch's views are compared with each other.
    """

    handle = "contrastive_course_sequence"
    title = "Users recognised in parts of what they took up (contrastive)"
    Options = ContrastiveOptions
    config: ContrastiveOptions

    def _body(self, size: int, seed: int) -> Any:
        from generator.networks.recurrent import Recurrent

        return Recurrent("gru", size, 1, self.config.dropout, seed)

    def _batches(self, sequences: Sequences, seed: int) -> SequenceBatches:
        from generator.networks.contrastive_batches import ContrastiveBatches

        config = self.config
        return ContrastiveBatches(
            sequences,
            windows_to_learn_from(sequences, config.length),
            config.length,
            seed,
            cropped_to=config.cropped_to,
            masked=config.masked,
            reordered=config.reordered,
        )

    def _network_of(self, *parts: Any) -> Any:
        from generator.networks.contrastive_network import ContrastiveNetwork

        config = self.config
        return ContrastiveNetwork(
            *parts,
            contrast_weight=config.contrast_weight,
            next_weight=1.0 if config.next_loss else 0.0,
            temperature=config.temperature,
        )

    def memory_bytes(self, dataset: Dataset) -> int:
        """As of every such network, and what two views of each sequence take in a step."""
        tokens = 2 * tokens_of_a_step(dataset.view_seconds.nnz, len(dataset.courses))
        hidden = BYTES_PER_HIDDEN * self.config.embedding_size * tokens
        pairs = (tokens // SHORTEST) ** 2
        return super().memory_bytes(dataset) + hidden + BYTES_PER_PAIR * pairs

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        # States and vectors have nothing to do with each other then.
        return super()._recommend(users, n) if self.config.next_loss else empty_top_n(len(users), n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        if self.config.next_loss:
            return super()._score(users, courses)
        return np.full(courses.shape, np.nan, np.float32)
