"""What can be chosen about every model whose network is made of blocks of attention."""

from typing import Self

from pydantic import Field, model_validator

from generator.models.sequence_fitting import SequenceOptions

BYTES_OF_A_BLOCK = 120 * 2**20
"""What TensorFlow and onnxruntime make of it, for all lengths that sequences are filled up to."""
BYTES_PER_SHARE = 24
"""Of what a step takes of another, in training."""


class AttentionOptions(SequenceOptions):
    n_blocks: int = Field(2, ge=1, le=16, description="Blocks of attention, one above the other.")
    n_heads: int = Field(
        1, ge=1, le=64, description="Heads of each; embedding_size is shared out among them."
    )
    ffn_factor: int = Field(
        1, ge=1, le=16, description="Width of the inner layer, in embedding_size."
    )

    @model_validator(mode="after")
    def _heads_share_the_size(self) -> Self:
        if self.embedding_size % self.n_heads:
            raise ValueError(
                f"embedding_size is {self.embedding_size}, which {self.n_heads} heads cannot share "
                "evenly: make it a multiple of n_heads"
            )
        return self

    def bytes_of_blocks(self, tokens: int, seen: int) -> int:
        """What attention takes where each of so many tokens sees so many, and its programs."""
        shares = BYTES_PER_SHARE * tokens * seen * self.n_heads
        return self.n_blocks * (BYTES_OF_A_BLOCK + shares)
