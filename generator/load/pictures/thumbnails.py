"""A picture from anybody, made small and harmless: decoded within limits, and written anew."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

SIDE = 256
"""Of a thumbnail, in pixels: encoders look at 224 or so."""
QUALITY = 92
MAX_BYTES = 32 * 2**20
MAX_PIXELS = 25_000_000
"""A hostile one of that size takes some 400 MB while it is made small."""
MIN_SIDE = 8
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""What is decoded at all: others run programs, or are drawings and no pictures."""
REDUCIBLE = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr")
SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I")
BROKEN = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    MemoryError,
    UserWarning,
    struct.error,
    zlib.error,
)
"""What decoders raise on broken files. (Pillow's own errors are OSErrors.)"""
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class PictureRefused(Exception):
    """Why a picture is set aside, in words that fit a count of such."""


def thumbnail(content: bytes) -> bytes:
    """The middle square as a JPEG of 256 x 256 pixels: upright, on white, an animation's first.

    Grey, palette, 16-bit and CMYK pictures become RGB. Raises PictureRefused.
    """
    if len(content) > MAX_BYTES:
        raise PictureRefused(f"has more than {MAX_BYTES // 2**20} MB")
    if not content:
        raise PictureRefused("is empty")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            _check_size(picture)
            # A JPEG can be decoded at an eighth of its size, when no more is wanted.
            picture.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(_reduced(picture))
            small = ImageOps.fit(_as_rgb(upright), (SIDE, SIDE), Image.Resampling.BICUBIC)
    except BOMBS:
        raise PictureRefused(_too_large()) from None
    except UnidentifiedImageError:
        raise PictureRefused(f"is none of {', '.join(FORMATS)}") from None
    except BROKEN:
        raise PictureRefused("is broken") from None
    written = io.BytesIO()
    small.save(written, "JPEG", quality=QUALITY, subsampling=0)
    return written.getvalue()


def _check_size(picture: Image.Image) -> None:
    """Before anything is decoded: the size is in the header."""
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise PictureRefused(_too_large())
    if min(width, height) < MIN_SIDE:
        raise PictureRefused(f"is less than {MIN_SIDE} pixels high or wide")


def _too_large() -> str:
    return f"has more than {MAX_PIXELS // 10**6} million pixels"


def _reduced(picture: Image.Image) -> Image.Image:
    """By a whole factor, to twice the side at least: what follows makes copies."""
    factor = min(picture.size) // (2 * SIDE)
    if factor < 2 or picture.mode not in REDUCIBLE:
        return picture
    return picture.reduce(factor)


def _as_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode in SIXTEEN_BIT:
        levels = np.asarray(picture)
        picture = Image.fromarray((levels >> 8).clip(0, 255).astype(np.uint8), "L")
    if picture.has_transparency_data:
        transparent = picture.convert("RGBA")
        white = Image.new("RGBA", transparent.size, "white")
        picture = Image.alpha_composite(white, transparent)
    return picture.convert("RGB")
