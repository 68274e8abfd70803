"""What adaptation by gradients stands beside: a network that encodes the mean of known courses."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.models.course_sequences import numbers_of_courses, sequences_of
from generator.models.maml_fitting import trained_on_tasks
from generator.models.maml_user_attribute import MamlUserAttribute
from generator.models.pair_features import features_of
from generator.models.run_options import RunOptions
from generator.networks.feature_lists import FeatureLists
from generator.networks.task_batches import Tasks, given_of, known_before, stages_of


class MeanEncoder:
    """The state of a user is a layer over the weighted mean of their courses' vectors.

    All else is as in `MamlUserAttribute`: tasks, start, attributes, stages, ages, loss, dropout,
    early stopping.
    """

    def __init__(self, model: MamlUserAttribute, run: RunOptions) -> None:
        self._model, self._run = model, run
        self._network: Any = None

    def fitted_on(self, train: Dataset) -> Self:
        """Once, whatever comes later."""
        if self._network is None:
            self._numbers = numbers_of_courses(train, min_viewers=1)
            courses = int(self._numbers.max())
            features = features_of(train, "user")
            self._edges = features.edges
            self._network, _, _ = trained_on_tasks(
                _network_class(),
                sequences_of(train, self._numbers, ()),
                features.values,
                courses,
                self._model.plan(courses),
                self._run,
                handle="mean_encoder",
            )
        return self

    def listed(self, known: Dataset, users: NDArray[np.int32], n: int) -> NDArray[np.int32]:
        """int32 [users, n]: the best unseen courses, best first."""
        sequences = sequences_of(known, self._numbers, ())
        tasks = Tasks(users, sequences.lengths[users])
        most_known = self._model.config.most_known
        lists = FeatureLists.of(features_of(known, "user", self._edges).values)
        given = given_of(
            lists,
            1 + users,
            known_before(sequences, tasks, most_known),
            stages_of(tasks.cuts, most_known),
        )
        of_courses = np.flatnonzero(self._numbers)
        scores = np.full((len(users), len(self._numbers)), -np.inf, np.float32)
        scores[:, of_courses] = np.asarray(self._network(given)) @ self._network.outputs.rows.T
        scores[known.seen[users].nonzero()] = -np.inf
        return np.argsort(-scores, axis=1, kind="stable")[:, :n].astype(np.int32)


def _network_class() -> Any:
    # TensorFlow takes seconds to import, and a test of the data alone should not wait for it.
    from generator.networks.backend import layers, ops
    from generator.networks.maml_network import MamlNetwork, MamlStart

    class EncoderNetwork(MamlNetwork):
        def __init__(self, start: MamlStart, *options: Any) -> None:
            super().__init__(start, *options)
            size = start.inputs.shape[1]
            self.hidden = layers.Dense(2 * size, activation="tanh")
            self.encoded = layers.Dense(size, kernel_initializer="zeros")
            self.hidden.build((None, size))
            self.encoded.build((None, 2 * size))

        def state(self, begun: Any, sums: Any, amounts: Any) -> Any:
            linear = sums * ops.sum(self.rates, axis=0)
            return begun + linear + self.encoded(self.hidden(sums))

    return EncoderNetwork
