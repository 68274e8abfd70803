"""A network that reads what somebody took up both ways, and fills in what comes next."""

from typing import Annotated, Any

from pydantic import Field

from generator.models.attention_options import AttentionOptions
from generator.models.options import Searched
from generator.models.sequence import SequenceModel
from generator.networks.cloze_batches import ClozeBatches
from generator.networks.sequences import Sequences, Windows, windows_to_learn_from


class Bert4recOptions(AttentionOptions):
    n_heads: int = Field(
        2, ge=1, le=64, description="Heads of each; embedding_size is shared out among them."
    )
    epochs: int = Field(
        40,
        ge=1,
        le=1000,
        description="Passes over the views at most; held-out courses say when to stop.",
    )
    patience: int = Field(
        5, ge=1, le=1000, description="So many epochs that find no more end the training."
    )
    masked_share: Annotated[float, Searched(0.1, 0.6)] = Field(
        0.3,
        ge=0,
        le=1,
        description="Share of a user's courses that are guessed in an epoch, at least one.",
    )
    last_share: float = Field(
        0.1, ge=0, le=1, description="Share of sequences of which only the last is guessed."
    )


class Bert4recCourseSequence(SequenceModel):
    """Self-attention that sees both ways over a user's courses (BERT4Rec; Sun et al., CIKM 2019).

    Trained to fill in courses that were masked, from those before and after; asked what stands at a
    mask after the last one. A share of all steps is learned from in an epoch, so that it needs more
    of them than networks that foretell every step (Petrov & Macdonald, RecSys 2022). Tied vectors
    start at singular vectors of what is taken up near each other; order is seen by a number for how
    far one step is before or after another, where the paper adds a vector of its place.

    Assumes that order says something, and that what a course stands among tells what it is. Knows
    users who took up a course that `min_viewers` others did too, and such courses. Score of a
    course: product of state and vector, which only orders; of a similar user or course: a cosine, 0
    to 1. Reasons are the latest courses without which the score falls most. Cost: n_blocks * size *
    (24 * size + 12 * length) operations a view and epoch, and the loss at `masked_share` of the
    views, on one thread (more would change the lists); in memory 32 * size bytes a course, and 1 GB
    for TensorFlow.
    """

    handle = "bert4rec_course_sequence"
    title = "What comes next (attention both ways)"
    Options = Bert4recOptions
    config: Bert4recOptions

    def _bytes_of_body(self, tokens: int) -> int:
        blocks = self.config.bytes_of_blocks(tokens, self.config.length + 1)
        return super()._bytes_of_body(tokens) + blocks

    def _body(self, size: int, seed: int) -> Any:
        from generator.networks.attention import SelfAttention
        from generator.networks.bidirectional import Bidirectional

        config = self.config
        attention = SelfAttention(
            size,
            config.length + 1,
            causal=False,
            n_blocks=config.n_blocks,
            n_heads=config.n_heads,
            ffn_factor=config.ffn_factor,
            dropout=config.dropout,
            gated=False,
            positions="relative",
            seed=seed,
        )
        return Bidirectional(size, seed, attention)

    def _batches(self, sequences: Sequences, seed: int) -> ClozeBatches:
        """Windows of one step more than is read when it is asked, when a mask comes after."""
        before = windows_to_learn_from(sequences, self.config.length)
        return ClozeBatches(
            sequences,
            Windows(before.starts, before.stops + 1),
            self.config.length + 1,
            seed,
            masked_share=self.config.masked_share,
            last_share=self.config.last_share,
        )
