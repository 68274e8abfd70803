"""Small pictures of courses: those of one subject are of one colour."""

import atexit
import tempfile
import zlib
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = tempfile.TemporaryDirectory(prefix="kindred-test-pictures-")
atexit.register(FOLDER.cleanup)
SIDE = 16


@cache
def picture_of(subject: str, number: int = 0) -> str:
    """The path of a picture in the subject's colour, with a little noise of its own."""
    random = np.random.default_rng([zlib.crc32(subject.encode()), number])
    colour = np.random.default_rng(zlib.crc32(subject.encode())).integers(0, 256, 3)
    pixels = np.clip(colour + random.normal(0, 6, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8)
    path = Path(FOLDER.name) / f"{zlib.crc32(subject.encode())}-{number}.png"
    Image.fromarray(pixels).save(path)
    return str(path)
