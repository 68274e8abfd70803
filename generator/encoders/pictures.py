"""Pictures to vectors: any ONNX model of pictures, or colours and edges where there is none."""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generator.encoders.encoder import of_unit_length
from generator.encoders.onnx_models import in_one_line, open_session
from shared.errors import SettingsError

REQUIREMENTS = "requirements-pictures.txt"
COLOURS = "colours"
PREPROCESSING = "preprocessor_config.json"
DEFAULT_SIDE = 224
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NAMED_OUTPUTS = ("image_embeds", "image_embedding", "embedding", "embeddings")
CELLS, DIRECTIONS = 4, 8
COLOURS_SIDE = 64
EDGES_WEIGHT = 4.0
"""Of gradients, which are a tenth where colours are a half."""
VERSION = 1

Pixels = NDArray[np.float32]
"""float32 [height, width, 3], 0 to 1."""


class PictureEncoder(Protocol):
    """Pictures that look alike have vectors of like direction."""

    size: int
    side: int
    """Pixels of the squares that it looks at."""
    digest: str

    def encode(self, pictures: Sequence[Pixels]) -> NDArray[np.float32]:
        """float32 [pictures, size] of unit length; zeros where it sees nothing."""


class ColourEncoder:
    """What needs no weights: colours and the directions of edges, in 4 x 4 parts of the picture.

    The mean colour of each part (MPEG-7's colour layout, without its transform), and a histogram of
    8 directions of its gradients (Dalal & Triggs, CVPR 2005). It knows what looks alike, and
    nothing of what is in the picture.
    """

    side = COLOURS_SIDE
    size = CELLS * CELLS * (3 + DIRECTIONS)
    digest = hashlib.sha256(f"{COLOURS} {VERSION}".encode()).hexdigest()

    def encode(self, pictures: Sequence[Pixels]) -> NDArray[np.float32]:
        vectors = np.zeros((len(pictures), self.size), np.float32)
        for row, pixels in enumerate(pictures):
            parts = self._colours(pixels), EDGES_WEIGHT * self._edges(pixels)
            vectors[row] = np.concatenate(parts, axis=1)[0]
        return of_unit_length(vectors)

    def _colours(self, pixels: Pixels) -> NDArray[np.float64]:
        """float64 [1, parts * 3]: around middle grey, so that black and white are no likeness."""
        cells = _by_cell(pixels.astype(np.float64) - 0.5)
        return np.asarray(cells.mean(axis=(1, 3)).reshape(1, -1), np.float64)

    def _edges(self, pixels: Pixels) -> NDArray[np.float64]:
        """float64 [1, parts * directions]: the mean length of gradients, by direction."""
        down, right = np.gradient(pixels.astype(np.float64).mean(axis=2))
        turn = np.arctan2(down, right) % np.pi * (DIRECTIONS / np.pi)
        direction = np.rint(turn).astype(int) % DIRECTIONS
        strength = np.eye(DIRECTIONS)[direction] * np.hypot(down, right)[:, :, None]
        return np.asarray(_by_cell(strength).mean(axis=(1, 3)).reshape(1, -1), np.float64)


class OnnxPictureEncoder:
    """A model of pictures in the format ONNX: CLIP's visual tower, MobileNet, EfficientNet, ...

    It has one input, float32 [pictures, 3, side, side] or [pictures, side, side, 3]. How colours
    are scaled is in a preprocessor_config.json beside it, as exports of Hugging Face have it, else
    as for ImageNet. Taken is what it calls an embedding, else its first output, averaged over
    places.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Raises SettingsError if it is no such model, or onnxruntime is missing."""
        self._path = path
        self._session = open_session(path, threads, REQUIREMENTS)
        wanted = self._session.get_inputs()
        if len(wanted) != 1 or wanted[0].type != "tensor(float)" or len(wanted[0].shape) != 4:
            raise SettingsError(
                f"{path} is no encoder of pictures: it should have one input, float32 "
                "[pictures, 3, height, width]."
            )
        self._input, shape = wanted[0].name, wanted[0].shape
        self._channels_last = shape[3] == 3
        said = _preprocessing(path.parent / PREPROCESSING)
        self.side = _side(shape[1] if self._channels_last else shape[2], said, path)
        self._mean, self._deviation = (
            np.array(said.get(name, default), np.float32)
            for name, default in (
                ("image_mean", IMAGENET_MEAN),
                ("image_std", IMAGENET_DEVIATION),
            )
        )
        outputs = [output.name for output in self._session.get_outputs()]
        self._output = next((name for name in NAMED_OUTPUTS if name in outputs), outputs[0])
        digest = hashlib.sha256(f"{VERSION} {self.side} {self._mean} {self._deviation}".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
        self.digest = digest.hexdigest()
        self.size: int = self._encoded(np.zeros((self.side, self.side, 3), np.float32)).shape[1]

    def encode(self, pictures: Sequence[Pixels]) -> NDArray[np.float32]:
        # One by one: what a picture adds up to must not depend on those beside it.
        vectors = [self._encoded(pixels) for pixels in pictures]
        return np.concatenate([np.zeros((0, self.size), np.float32), *vectors])

    def _encoded(self, pixels: Pixels) -> NDArray[np.float32]:
        scaled = ((pixels - self._mean) / self._deviation)[None]
        given = scaled if self._channels_last else scaled.transpose(0, 3, 1, 2)
        try:
            (output,) = self._session.run(
                [self._output], {self._input: np.ascontiguousarray(given)}
            )
        except Exception as error:  # onnxruntime's own have no common base
            raise SettingsError(
                f"{self._path} refuses a picture of {self.side} x {self.side} pixels: "
                f"{in_one_line(error)}"
            ) from error
        if output.ndim > 2:
            places = (1,) if output.ndim == 3 else (2, 3)
            output = output.mean(axis=places)
        if output.ndim != 2 or not np.isfinite(output).all():
            raise SettingsError(f"{self._path} gives no vector of a picture.")
        return of_unit_length(output)


@lru_cache(maxsize=1)
def _opened(path: Path, threads: int) -> OnnxPictureEncoder:
    return OnnxPictureEncoder(path, threads)


def picture_encoder(named: str, threads: int) -> PictureEncoder:
    """`colours`, or the path of an ONNX model. Raises SettingsError."""
    return ColourEncoder() if named == COLOURS else _opened(Path(named).expanduser(), threads)


def thumbnail_path(folder: Path, image_path: str) -> Path:
    """Where the thumbnail is of a picture that the catalogue calls `image_path`."""
    return folder / f"{hashlib.sha256(image_path.encode('utf-8', 'replace')).hexdigest()}.jpg"


def pixels_of(path: Path, side: int) -> Pixels | None:
    """The thumbnail in a file, as a square; None if it is none any more."""
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as picture:
            small = picture.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
    except OSError:
        return None
    return np.asarray(small, np.float32) / np.float32(255)


def _by_cell(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """[parts down, height, parts across, width, any] of [height, width, any]."""
    height, width = values.shape[0] // CELLS, values.shape[1] // CELLS
    return values.reshape(CELLS, height, CELLS, width, values.shape[2])


def _preprocessing(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise SettingsError(f"{path} is not readable as JSON.") from None
    return said


def _side(of_model: object, said: dict[str, Any], path: Path) -> int:
    if isinstance(of_model, int):
        return of_model
    size = said.get("crop_size", said.get("size", DEFAULT_SIDE))
    if isinstance(size, dict):
        size = size.get("height", size.get("shortest_edge", DEFAULT_SIDE))
    if not isinstance(size, int) or not 8 <= size <= 2048:
        raise SettingsError(f"{path.parent / PREPROCESSING} says no size of 8 to 2048 pixels.")
    return size
