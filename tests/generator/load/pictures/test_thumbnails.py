import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from generator.load.pictures import thumbnails
from generator.load.pictures.thumbnails import PictureRefused, thumbnail

GREEN, RED = (20, 160, 40), (200, 30, 30)


def written(picture: Image.Image, form: str = "PNG", **how) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **how)
    return file.getvalue()


def looked_at(content: bytes) -> np.ndarray:
    """The thumbnail's pixels, once it is sure what it is."""
    with Image.open(io.BytesIO(thumbnail(content))) as small:
        assert (small.format, small.mode, small.size) == ("JPEG", "RGB", (256, 256))
        return np.asarray(small, np.int64)


def near(pixels: np.ndarray, colour: tuple[int, ...], within: int = 6) -> bool:
    return bool((np.abs(pixels - np.array(colour)) <= within).all())


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_common_format_keeps_its_colour(form):
    assert near(looked_at(written(Image.new("RGB", (300, 200), GREEN), form)), GREEN)


def test_the_middle_square_is_taken_upright():
    sides = Image.new("RGB", (600, 200), RED)
    sides.paste(GREEN, (200, 0, 400, 200))
    assert near(looked_at(written(sides))[:, 4:-4], GREEN)
    # Lying on its side, as cameras write it: orientation 6 is to be turned to the right.
    lying = Image.new("RGB", (200, 200), RED)
    lying.paste(GREEN, (0, 0, 100, 200))
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = looked_at(written(lying, "JPEG", exif=exif))
    assert near(pixels[:100], GREEN, 12)
    assert near(pixels[-100:], RED, 12)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_large_picture_is_upright_too(form):
    lying = Image.new("RGB", (1800, 1500), RED)
    lying.paste(GREEN, (0, 0, 900, 1500))
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = looked_at(written(lying, form, exif=exif))
    assert near(pixels[:100], GREEN, 12)
    assert near(pixels[-100:], RED, 12)
    through = Image.new("RGBA", (1800, 1500), (*GREEN, 128))
    assert near(looked_at(written(through)), (137, 207, 147), 8)


def test_what_is_transparent_is_on_white():
    through = Image.new("RGBA", (64, 64), (*GREEN, 0))
    assert near(looked_at(written(through)), (255, 255, 255))
    palette = Image.new("P", (64, 64), 0)
    palette.putpalette([*GREEN, *RED])
    assert near(looked_at(written(palette, transparency=0)), (255, 255, 255))
    assert near(looked_at(written(palette)), GREEN)
    grey = Image.merge("LA", [Image.new("L", (64, 64), 90), Image.new("L", (64, 64), 255)])
    assert near(looked_at(written(grey)), (90, 90, 90))


def test_of_an_animation_it_is_the_first_picture():
    frames = [Image.new("RGB", (64, 64), colour) for colour in (GREEN, RED)]
    moving = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert near(looked_at(moving), GREEN)


def test_sixteen_bits_and_cmyk_become_rgb():
    deep = Image.fromarray(np.full((64, 64), 128 * 257, np.uint16))
    assert near(looked_at(written(deep)), (128, 128, 128))
    print_colours = Image.new("RGB", (64, 64), GREEN).convert("CMYK")
    assert near(looked_at(written(print_colours, "JPEG")), GREEN, 12)


def refused(content: bytes) -> str:
    with pytest.raises(PictureRefused) as why:
        thumbnail(content)
    return str(why.value)


def png_of_size(width: int, height: int) -> bytes:
    """A few hundred bytes that say they are a picture of that size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_bombs_are_refused_by_their_header():
    assert refused(png_of_size(8_000, 8_000)) == "has more than 25 million pixels"
    assert refused(png_of_size(60_000, 60_000)) == "has more than 25 million pixels"
    assert refused(png_of_size(2**31 - 1, 2**31 - 1)) == "has more than 25 million pixels"
    assert refused(png_of_size(40_000, 2)) == "is less than 8 pixels high or wide"


def test_a_picture_that_packs_well_is_refused_before_it_is_unpacked():
    flat = written(Image.new("L", (12_000, 6_000)), compress_level=9)
    assert len(flat) < 200_000
    assert refused(flat) == "has more than 25 million pixels"


def test_what_is_no_picture_is_refused_with_its_reason(monkeypatch):
    formats = "is none of JPEG, PNG, WEBP, GIF, BMP, TIFF"
    assert refused(b"") == "is empty"
    assert refused(b"<svg onload='alert(1)'/>") == formats
    assert refused(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n") == formats
    monkeypatch.setattr(thumbnails, "MAX_BYTES", 10)
    assert refused(written(Image.new("RGB", (64, 64)))) == "has more than 0 MB"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_no_damage_is_more_than_a_refusal(form):
    """Cut anywhere, and with bytes changed anywhere: a thumbnail, or a reason."""
    random = np.random.default_rng(3)
    noise = random.integers(0, 255, (48, 48, 3), dtype=np.uint8)
    whole = written(Image.fromarray(noise), form)
    broken = [whole[: len(whole) * part // 20] for part in range(1, 20)]
    for _ in range(60):
        spoilt = bytearray(whole)
        for place in random.integers(0, min(len(whole), 400), 4):
            spoilt[place] = random.integers(256)
        broken.append(bytes(spoilt))
    outcomes = []
    for content in broken:
        try:
            outcomes.append(len(thumbnail(content)) > 100)
        except PictureRefused as why:
            outcomes.append(bool(str(why)))
    assert all(outcomes)
    assert "is broken" in {refused(whole[: len(whole) // 2]), refused(whole[: len(whole) // 3])}
