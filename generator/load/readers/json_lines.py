"""Objects of a JSON file, some ten thousand at a time, and the lines that are none."""

import codecs
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, BinaryIO

import orjson

BLOCK_BYTES = 2**22
NO_OBJECT = "is no JSON object"
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Record = dict[str, Any]


@dataclass
class Chunk:
    """Some lines of a file, or elements of its array, one after the other."""

    numbers: list[int] | range = field(default_factory=list)
    """Of the records: the line, from 1, or the place in the array."""
    records: list[Record] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    """Of the records, as they were written; empty in an array."""
    bad: list[tuple[int, str, str]] = field(default_factory=list)
    """Number, reason and text of what is no object."""
    blank: int = 0


def chunks_of(plain: BinaryIO, may_be_wrapped: bool) -> Iterator[Chunk]:
    """Objects a line, or in one array, or (`may_be_wrapped`) in a list within one object.

    Lines are read as they come, an array as a whole. Any line that is no object is `bad` by itself.
    Raises UnicodeDecodeError for UTF-16 that is broken, OSError and others of the file itself.
    """
    blocks = _blocks(plain)
    first = next(blocks, b"")
    blocks = chain([first], blocks)
    start = first.lstrip()[:1]
    if start != b"[" and not (may_be_wrapped and start == b"{"):
        yield from _chunks_of_lines(blocks)
        return
    content = b"".join(blocks)
    elements = _elements(content)
    if elements is None:
        lines = content if start == b"{" else _without_brackets(content)
        yield from _chunks_of_lines([lines])
        return
    yield _chunk_of_array(elements)


def record_of(line: bytes) -> Record | None:
    """The object in a line; None if there is none. NaN and Infinity, which Python writes, are
    read as nothing."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(line, parse_constant=lambda _: None)
            # What cannot be encoded has half a character in it.
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, TypeError, RecursionError):
            return None
    return value if type(value) is dict else None


def exact(line: bytes) -> Record:
    """The object with its numbers as they were written: orjson reads 2**64 as 1.8e19."""
    record: Record = json.loads(line, parse_int=str, parse_float=str)
    return record


def _blocks(plain: BinaryIO) -> Iterator[bytes]:
    """UTF-8 without a mark at its start, whatever the mark says."""
    block = plain.read(BLOCK_BYTES)
    if block.startswith(UTF16):
        decoder = codecs.getincrementaldecoder("utf-16")()
        while block:
            yield decoder.decode(block).encode("utf-8", "surrogatepass")
            block = plain.read(BLOCK_BYTES)
        decoder.decode(b"", final=True)
        return
    block = block.removeprefix(codecs.BOM_UTF8)
    while block:
        yield block
        block = plain.read(BLOCK_BYTES)


def _chunks_of_lines(blocks: Iterable[bytes]) -> Iterator[Chunk]:
    number, unfinished = 1, [b""]
    for block in blocks:
        head, end, tail = block.rpartition(b"\n")
        if not end:
            unfinished.append(block)
            continue
        lines = b"".join([*unfinished, head]).split(b"\n")
        unfinished = [tail]
        yield _chunk(number, lines)
        number += len(lines)
    if last := b"".join(unfinished):
        yield _chunk(number, [last])


def _chunk(number: int, lines: list[bytes]) -> Chunk:
    try:
        records = [orjson.loads(line) for line in lines]
    except orjson.JSONDecodeError:
        records = []
    if set(map(type, records)) == {dict}:
        return Chunk(range(number, number + len(lines)), records, lines)
    numbers: list[int] = []
    chunk = Chunk(numbers)
    for place, line in enumerate(lines, number):
        if (record := record_of(line)) is not None:
            numbers.append(place)
            chunk.records.append(record)
            chunk.lines.append(line)
        elif line.strip():
            chunk.bad.append((place, NO_OBJECT, line.decode(errors="replace").strip()))
        else:
            chunk.blank += 1
    return chunk


def _elements(content: bytes) -> list[Any] | None:
    """Of an array, or of the only list of objects in an object; None if it is neither."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    lists = [part for part in value.values() if isinstance(part, list) and part]
    lists = [part for part in lists if all(isinstance(element, dict) for element in part)]
    # What wraps a list says little beside it; a record has parts of its own.
    is_wrapped = len(lists) == 1 and not any(isinstance(part, dict) for part in value.values())
    return lists[0] if is_wrapped else [value]


def _chunk_of_array(elements: list[Any]) -> Chunk:
    numbers: list[int] = []
    chunk = Chunk(numbers)
    for place, element in enumerate(elements, 1):
        if isinstance(element, dict):
            numbers.append(place)
            chunk.records.append(element)
        else:
            chunk.bad.append((place, NO_OBJECT, orjson.dumps(element).decode()))
    return chunk


def _without_brackets(content: bytes) -> bytes:
    """An array that is broken somewhere, with an element a line as most programs write it."""
    start, _, rest = content.partition(b"[")
    inner, closing, end = rest.rpartition(b"]")
    # The last bracket closes the array only if nothing is behind it.
    rest = inner + end if closing and not end.strip() else rest
    return b"\n".join(line.strip().removesuffix(b",") for line in (start + rest).split(b"\n"))
