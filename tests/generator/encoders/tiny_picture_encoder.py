"""A small real encoder of pictures: a convolution with fixed Gabor and colour filters, as ONNX."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

SIDE, KERNEL, DIRECTIONS = 48, 9, 8
OPPONENTS = ((1, -1, 0), (-0.5, -0.5, 1), (0, 0, 0))
"""Red against green, blue against yellow; and one that sees nothing."""


def filters() -> np.ndarray:
    """float32 [filters, 3, 9, 9]: gratings of eight directions, sine and cosine, then colours."""
    down, right = np.mgrid[-4:5, -4:5].astype(np.float64)
    bell = np.exp(-(down**2 + right**2) / 10)
    kernels = []
    for turn in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        along = right * np.cos(turn) + down * np.sin(turn)
        for wave in (np.sin(along * 1.3), np.cos(along * 1.3)):
            grating = bell * wave
            grating -= bell * grating.sum() / bell.sum()
            kernels.append(np.repeat(grating[None] / 3, 3, axis=0))
    kernels += [np.ones((3, KERNEL, KERNEL)) * np.array(o)[:, None, None] / 20 for o in OPPONENTS]
    return np.array(kernels, np.float32)


def write_picture_encoder(
    folder: Path, channels_last: bool = False, pooled: bool = True, side: int | str = SIDE
) -> Path:
    """Convolution, rectified both ways, the mean over places: what a network's first layers do."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = ["n", side, side, 3] if channels_last else ["n", 3, side, side]
    nodes, pixels = [], "pixels"
    if channels_last:
        nodes.append(helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]))
        pixels = "planes"
    nodes += [
        helper.make_node("Conv", [pixels, "filters"], ["answers"]),
        helper.make_node("Neg", ["answers"], ["negative"]),
        helper.make_node("Concat", ["answers", "negative"], ["both"], axis=1),
        helper.make_node("Relu", ["both"], ["rectified"]),
    ]
    output, of_output = "rectified", ["n", "filters", "down", "right"]
    if pooled:
        nodes.append(
            helper.make_node("ReduceMean", ["rectified"], ["image_embeds"], axes=[2, 3], keepdims=0)
        )
        output, of_output = "image_embeds", ["n", "filters"]
    graph = helper.make_graph(
        nodes,
        "gabor",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, of_output)],
        [numpy_helper.from_array(filters(), "filters")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = folder / "encoder.onnx"
    save(model, str(path))
    return path


def drawn(kind: str, seed: int, side: int = 96) -> np.ndarray:
    """uint8 [side, side, 3]: stripes of one direction, or one colour; noise and place by seed."""
    random = np.random.default_rng([seed, *map(ord, kind)])
    down, right = np.mgrid[:side, :side]
    phase = random.uniform(0, 6)
    grey = np.full((side, side, 3), 128.0)
    waves = {
        "upright": np.sin(right * 0.62 + phase),
        "level": np.sin(down * 0.62 + phase),
        "slanting": np.sin((right + down) * 0.44 + phase),
    }
    if kind in waves:
        grey += 90 * waves[kind][:, :, None]
    else:
        grey += 90 * np.array({"red": (1, -1, -0.5), "blue": (-0.5, -0.5, 1)}[kind])
    return np.clip(grey + random.normal(0, 12, grey.shape), 0, 255).astype(np.uint8)


KINDS_OF_PICTURE = ("upright", "level", "slanting", "red", "blue")
