"""What losses are called: `generator.networks.losses` has them, and needs TensorFlow."""

from typing import Literal

LossName = Literal["softmax", "sampled_softmax", "gbce", "bpr", "squared"]
