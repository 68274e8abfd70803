"""A network that reads what somebody took up in segments, and remembers the ones before."""

from typing import Any

from pydantic import Field

from generator.models.attention_options import AttentionOptions
from generator.models.sequence import SequenceModel
from generator.networks.exported import TOKENS_PER_BATCH
from generator.networks.sequence_batches import SHORTEST


class TransformerXlOptions(AttentionOptions):
    length: int = Field(
        200, ge=1, le=10_000, description="So many of a user's latest courses are read."
    )
    segment: int = Field(
        16, ge=1, le=1000, description="Courses that are read together; earlier ones are memory."
    )
    memory: int = Field(
        3, ge=0, le=16, description="So many segments before are remembered, in each block."
    )


class TransformerXlCourseSequence(SequenceModel):
    """Causal attention over segments, with a memory of those before (Dai et al., ACL 2019).

    Each block reads, beside its own segment, what the block below made of the `memory` segments
    before, through which it is not trained; and it sees how far each step is behind (relative
    positions of section 3.3). So the last course is read together with n_blocks * memory * segment
    before its segment, at a cost that grows with `length` and not with its square: for platforms
    whose learners take up hundreds of courses. Trained as `sasrec_course_sequence` is.

    Assumes that order says something, also from afar. Knows users who took up a course that
    `min_viewers` others did too, and such courses. Score of a course: product of state and vector,
    which only orders; of a similar user or course: a cosine, 0 to 1. Reasons are the latest courses
    without which the score falls most. Cost: n_blocks * size * (36 * size + 18 * (1 + memory) *
    segment) operations a view and epoch beside the loss, on one thread (more would change the
    lists); in memory 32 * size bytes a course, and 1 GB for TensorFlow.
    """

    handle = "transformer_xl_course_sequence"
    title = "What comes next (attention with a memory)"
    Options = TransformerXlOptions
    config: TransformerXlOptions

    def _bytes_of_body(self, tokens: int) -> int:
        """Also of the steps that fill short rows up to a segment, where a batch is asked about."""
        filled = max(tokens, TOKENS_PER_BATCH) * -(-self.config.segment // SHORTEST)
        seen = (1 + self.config.memory) * self.config.segment
        return super()._bytes_of_body(filled) + self.config.bytes_of_blocks(filled, seen)

    def _body(self, size: int, seed: int) -> Any:
        from generator.networks.transformer_xl import TransformerXl

        config = self.config
        return TransformerXl(
            size,
            segment=config.segment,
            memory=config.memory,
            n_blocks=config.n_blocks,
            n_heads=config.n_heads,
            ffn_factor=config.ffn_factor,
            dropout=config.dropout,
            seed=seed,
        )
