"""The bytes of a text file as blocks of whole lines in UTF-8, whatever its encoding."""

import codecs
import csv
import re
from collections.abc import Iterator
from typing import BinaryIO

from shared.errors import DataError

CHUNK_BYTES = 2**20
LONGEST_LINE_BYTES = 2**22
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    # Before that of UTF-16, with which it begins.
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
LONE_RETURN = re.compile(rb"\r(?!\n)")


def line_blocks(plain: BinaryIO, encoding: str = "") -> Iterator[bytes]:
    """Each block ends with a line feed, but for the last; a return alone ends a line too.

    `encoding`: what the file is in, unless it begins with a byte order mark; empty is UTF-8.
    Raises UnicodeDecodeError for bytes that are not of the encoding, csv.Error for a line of more
    than LONGEST_LINE_BYTES.
    """
    rest = b""
    for block in _with_line_feeds(_in_utf8(plain, encoding)):
        cut = block.rfind(b"\n") + 1
        if cut:
            yield rest + block[:cut]
            rest = block[cut:]
        else:
            rest += block
        if len(rest) > LONGEST_LINE_BYTES:
            raise csv.Error(f"a line has more than {LONGEST_LINE_BYTES // 2**20} MB")
    if rest:
        yield rest


def _in_utf8(plain: BinaryIO, encoding: str) -> Iterator[bytes]:
    chunk = plain.read(CHUNK_BYTES)
    mark = next((mark for mark in BYTE_ORDER_MARKS if chunk.startswith(mark)), b"")
    name = BYTE_ORDER_MARKS.get(mark) or encoding or _utf16_without_mark(chunk) or "utf-8"
    decoder = codecs.getincrementaldecoder(name)()
    is_utf8 = codecs.lookup(name).name == "utf-8"
    chunk = chunk[len(mark) :]
    while chunk:
        # Also of UTF-8: pyarrow overlooks wrong bytes in columns that are not read.
        text = decoder.decode(chunk)
        yield chunk if is_utf8 else text.encode()
        chunk = plain.read(CHUNK_BYTES)
    yield decoder.decode(b"", final=True).encode()


def _utf16_without_mark(chunk: bytes) -> str:
    """Latin letters, as names of columns have them, are every second byte zero in UTF-16."""
    if len(chunk) < 2 or (chunk[0] == 0) == (chunk[1] == 0):
        return ""
    return "utf-16-be" if chunk[0] == 0 else "utf-16-le"


def _with_line_feeds(blocks: Iterator[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in blocks:
        block = held + chunk
        held = b"\r" if block.endswith(b"\r") else b""
        block = block[: len(block) - len(held)]
        if block.count(b"\r") != block.count(b"\r\n"):
            block = LONE_RETURN.sub(b"\n", block)
        yield block
    yield held.replace(b"\r", b"\n")


def undecodable(source: str, error: UnicodeDecodeError) -> DataError:
    other = "windows-1252" if error.encoding == "utf-8" else "utf-8"
    return DataError(
        f"{source} is not {error.encoding.upper()} text ({error.reason} at byte "
        f"{error.object[error.start : error.start + 1]!r}): say what it is in DATA_COLUMNS, for "
        f"example encoding={other}."
    )
