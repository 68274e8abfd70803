"""A network that also learns to recognise a user in two views of what they took up.

first view  --body--> state --.
                               > alike, and unlike those of all others in the batch
second view --body--> state --'
"""

from collections.abc import Mapping
from typing import Any

from generator.networks.backend import ops
from generator.networks.contrastive_batches import USER, VIEWS
from generator.networks.sequence_network import SequenceNetwork, at_last_step
from generator.networks.sequences import COURSES

NEVER = -1e9
NO_LENGTH = 1e-6


class ContrastiveNetwork(SequenceNetwork):
    """InfoNCE over states of views (van den Oord et al. 2018), beside the loss of next courses.

    With unit states z, two of each user, and all of the batch as candidates:
    ``-log(exp(z z+ / temperature) / sum over all z' but z itself of exp(z z' / temperature))``.
    Windows of one user are no candidates for each other.
    """

    def __init__(
        self,
        *parts: Any,
        contrast_weight: float,
        next_weight: float,
        temperature: float,
    ) -> None:
        """parts: as those of `SequenceNetwork`."""
        super().__init__(*parts)
        self.contrast_weight, self.next_weight = contrast_weight, next_weight
        self.temperature = temperature

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> Any:
        """hidden [rows, length, size], and where there are views, theirs below: [3 rows, ...]."""
        if VIEWS[0] not in inputs:
            return super().call(inputs, training=training)
        views = [inputs[name] for name in VIEWS]
        unknown = [ops.zeros_like(view) for view in views]
        together = {
            name: ops.concatenate([inputs[name], *unknown], axis=0) for name in self.contexts
        }
        together[COURSES] = ops.concatenate([inputs[COURSES], *views], axis=0)
        return super().call(together, training=training)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Keras asks for it in every step; y_pred: hidden of rows, and of two views of each."""
        whole, *of_views = ops.split(y_pred, 1 + len(VIEWS), axis=0)
        states = [
            _unit_state(hidden, x[name]) for hidden, name in zip(of_views, VIEWS, strict=True)
        ]
        contrast = info_nce(ops.concatenate(states, axis=0), x[USER], self.temperature)
        if not self.next_weight:
            return self.contrast_weight * contrast
        foretold = super().compute_loss(x, y, whole, sample_weight, training)
        return self.contrast_weight * contrast + self.next_weight * foretold


def _unit_state(hidden: Any, view: Any) -> Any:
    """[rows, size]: what stands at the last course of each view, as a vector of length 1."""
    state = at_last_step(hidden, view != 0)
    return state / ops.sqrt(ops.sum(ops.square(state), axis=1, keepdims=True) + NO_LENGTH**2)


def info_nce(states: Any, users: Any, temperature: float) -> Any:
    """states: [2 rows, size], unit, the second views after the first. users: int32 [rows], from 1
    on; rows of user 0 count for nothing."""
    count = ops.shape(users)[0]
    both = ops.concatenate([users, users], axis=0)
    place = ops.arange(2 * count)
    other_view = ops.where(place < count, place + count, place - count)
    is_other_view = place[None, :] == other_view[:, None]
    is_candidate = (both[None, :] != both[:, None]) & (both[None, :] > 0)
    logits = ops.matmul(states, ops.transpose(states)) / temperature
    allowed = ops.where(is_candidate | is_other_view, logits, NEVER)
    wanted = ops.sum(ops.where(is_other_view, logits, 0), axis=1)
    of_rows = ops.logsumexp(allowed, axis=1) - wanted
    counts = ops.cast(both > 0, of_rows.dtype)
    return ops.sum(of_rows * counts) / ops.maximum(ops.sum(counts), 1)
