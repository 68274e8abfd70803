"""Networks whose weights are 8 bits each: a quarter of the size of what is kept."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.exported import missing_package

LEAST_NUMBERS = 1024
"""Smaller arrays, such as biases, stay as they are: they weigh nothing."""
LEVELS = 127


def quantized(graph: bytes) -> bytes:
    """The same network in the format ONNX, its matrices as int8 with a scale for each column.

    Only weights are rounded, and made float32 again when the network is opened; what goes through
    it is not. onnxruntime's `quantize_dynamic` rounds that too, by the largest number of a batch,
    so that a user's state would depend on whom they are read with. Raises ModelError if packages
    are missing.
    """
    try:
        import onnx
        from onnx import helper, numpy_helper
    except ImportError as error:
        raise missing_package(error) from error
    model = onnx.load_from_string(graph)
    matrices = [
        array
        for array in model.graph.initializer
        if array.data_type == onnx.TensorProto.FLOAT and np.prod(array.dims) >= LEAST_NUMBERS
    ]
    nodes = []
    for array in matrices:
        whole, scales = _rounded(numpy_helper.to_array(array))
        parts: dict[str, NDArray[Any]] = {
            f"{array.name}.int8": whole,
            f"{array.name}.scales": scales,
        }
        model.graph.initializer.remove(array)
        model.graph.initializer.extend(
            numpy_helper.from_array(part, name) for name, part in parts.items()
        )
        axis = whole.ndim - 1
        nodes.append(helper.make_node("DequantizeLinear", list(parts), [array.name], axis=axis))
    kept = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*nodes, *kept])
    return bytes(model.SerializeToString())


def _rounded(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """int8 of the same shape, and what each of its last axis is to be multiplied with."""
    largest = np.abs(weights).max(axis=tuple(range(weights.ndim - 1)))
    scales = np.where(largest > 0, largest / LEVELS, 1).astype(np.float32)
    return np.rint(weights / scales).astype(np.int8), scales
