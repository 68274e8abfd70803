"""Attention over what somebody took up foretells what comes next."""

from typing import Any, Literal

from pydantic import Field

from generator.models.attention_options import AttentionOptions
from generator.models.sequence import SequenceModel


class SasrecOptions(AttentionOptions):
    positions: Literal["relative", "absolute"] = Field(
        "relative",
        description="How order is seen: how far back a course is, or its place from the first on.",
    )
    gated: bool = Field(False, description="Whether what a block adds goes through a gate (LiGR).")


class SasrecCourseSequence(SequenceModel):
    """Blocks of causal self-attention over a user's courses (Kang & McAuley, SASRec, ICDM 2018).

    Normed before each part; trained to foretell each course from those before it, by cross-entropy
    over all courses where they are few, over some drawn by popularity where they are many (why not
    over pairs: Klenitskiy & Vasilev, Petrov & Macdonald, both RecSys 2023), with tied vectors that
    start at singular vectors of what is taken up near each other. Where the paper adds a vector of
    the place, the default adds to attention a number for the distance. `gated` makes of a block one
    of LiGR (Borisyuk et al. 2025; in "eSASRec", Tikhonovich et al., RecSys 2025).

    Assumes that order says something. Knows users who took up a course that `min_viewers` others
    did too, and such courses. Score of a course: product of state and vector, which only orders;
    of a similar user or course: a cosine, 0 to 1. Reasons are the latest courses without which the
    score falls most. Cost: n_blocks * size * (36 * size + 12 * length) operations a view and epoch
    beside the loss, on one thread (more would change the lists); in memory 32 * size bytes a
    course, and 1 GB for TensorFlow.
    """

    handle = "sasrec_course_sequence"
    title = "What comes next (self-attention)"
    Options = SasrecOptions
    config: SasrecOptions

    def _bytes_of_body(self, tokens: int) -> int:
        blocks = self.config.bytes_of_blocks(tokens, self.config.length)
        return super()._bytes_of_body(tokens) + blocks

    def _body(self, size: int, seed: int) -> Any:
        from generator.networks.attention import SelfAttention

        config = self.config
        return SelfAttention(
            size,
            config.length,
            causal=True,
            n_blocks=config.n_blocks,
            n_heads=config.n_heads,
            ffn_factor=config.ffn_factor,
            dropout=config.dropout,
            gated=config.gated,
            positions=config.positions,
            seed=seed,
        )
