"""The same networks on another backend of Keras."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.networks_by_handle import HANDLES, network_of, states_by_keras
from tests.processes import ROOT

JAX = ROOT / ".cache/jax"


@pytest.fixture(scope="module")
def on_jax(tmp_path_factory):
    """What the program said, and handle -> float32 [rows, size]"""
    if not JAX.exists():
        missing = "JAX is not installed; `make .cache/jax` fetches it"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    path = tmp_path_factory.mktemp("jax") / "states.npz"
    ran = subprocess.run(
        [sys.executable, "-m", "tests.networks_by_handle", str(path)],
        env={
            **os.environ,
            "KERAS_BACKEND": "jax",
            "JAX_PLATFORMS": "cpu",
            "PYTHONPATH": os.pathsep.join([str(JAX), str(ROOT)]),
        },
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return ran.stdout, np.load(path)


@pytest.mark.parametrize("handle", HANDLES)
def test_lists_by_jax_are_those_by_tensorflow(handle, on_jax):
    _, states_by_jax = on_jax
    network = network_of(handle)
    states = states_by_keras(network)
    np.testing.assert_allclose(states_by_jax[handle], states, atol=1e-4)
    by_jax, lists = (
        np.argsort(-(of @ network.table().T))[:, :10] for of in (states_by_jax[handle], states)
    )
    np.testing.assert_array_equal(by_jax, lists)


def test_what_works_on_tensorflow_alone_says_so_elsewhere(on_jax):
    said, _ = on_jax
    assert said == "This works on TensorFlow alone: leave KERAS_BACKEND empty.\n"
