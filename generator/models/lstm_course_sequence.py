"""A recurrent network reads what somebody took up, and foretells what comes next."""

from typing import Any, Literal

from pydantic import Field

from generator.models.sequence import SequenceModel
from generator.models.sequence_fitting import SequenceOptions


class LstmOptions(SequenceOptions):
    embedding_size: int = Field(128, ge=1, le=1024, description="Numbers that describe a course.")
    dropout: float = Field(
        0.3, ge=0, lt=1, description="Share of numbers hidden in each training step."
    )
    cell: Literal["gru", "lstm"] = Field("gru", description="Which cells the network is made of.")
    n_layers: int = Field(1, ge=1, le=8, description="Layers of cells, one above the other.")


class LstmCourseSequence(SequenceModel):
    """Layers of GRU or LSTM cells over a user's courses (Hidasi et al., GRU4Rec, ICLR 2016).

    Trained to foretell each course from those before it, by cross-entropy over all courses where
    they are few (Hidasi & Karatzoglou, CIKM 2018, say why not over pairs), with tied vectors that
    start at singular vectors of what is taken up near each other.

    Assumes that order says something. Knows users who took up a course that `min_viewers` others
    did too, and such courses. Score of a course: product of state and vector, which only orders;
    of a similar user or course: a cosine, 0 to 1. Reasons are the latest courses without which the
    score falls most. Cost: size ** 2 * 6 operations a view and epoch beside the loss, on one thread
    (more would change the lists); in memory 32 * size bytes a course, and 1 GB for TensorFlow.
    """

    handle = "lstm_course_sequence"
    title = "What comes next (recurrent network)"
    Options = LstmOptions
    config: LstmOptions

    def _body(self, size: int, seed: int) -> Any:
        from generator.networks.recurrent import Recurrent

        return Recurrent(self.config.cell, size, self.config.n_layers, self.config.dropout, seed)
