"""A fast first look at an input: what it seems to be, and what to declare."""

import codecs
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from generator.inspection.heads import are_interactions, head_of, heads_of_export
from generator.inspection.meanings import has_header, proposed_words
from generator.load.delimited.csv_files import SEPARATOR_OF
from generator.load.delimited.separators import said
from generator.load.files import tables_from, tables_of_export
from generator.load.header import header_of
from generator.load.layout import Layout
from generator.load.platforms import recognised
from generator.load.platforms.export import Export
from generator.load.readers.reading import read_rows
from generator.load.sources.table_files import TableFile
from generator.validation.columns import Column, Table
from generator.validation.raw_table import RawTable
from shared.errors import DataError

SHOWN_ROWS = 10


@dataclass
class FirstLook:
    """What was found out from the first rows alone."""

    said: list[str] = field(default_factory=list)
    """What each file seems to be, a sentence each."""
    shown: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The first rows under the file's own names."""
    words: dict[str, str] = field(default_factory=dict)
    """Of --columns, declared or proposed."""
    platform: str = ""
    """Of --platform, declared or recognised."""
    tables: dict[str, RawTable] = field(default_factory=dict)
    """The first rows as they would be loaded; empty where that is not known."""
    problem: str = ""
    """Why they cannot be loaded, and the cure."""

    def command(self, url: str) -> str:
        """The line to run it with."""
        line = f"python run_generator.py --data {shlex.quote(url)}"
        line += f" --platform {self.platform}" if self.platform else ""
        pairs = ",".join(f"{word}={value}" for word, value in self.words.items())
        return f"{line} --columns {shlex.quote(pairs)}" if pairs else line


def inspect(url: str, declared: Mapping[str, str], platform: str = "") -> FirstLook:
    """`declared` is DATA_COLUMNS and `platform` DATA_PLATFORM, which are used as they are; if both
    are empty, one of the two is proposed.

    Raises DataError if there is no file to look at.
    """
    with heads_of_export(url) as export:
        name = platform or ("" if declared else recognised(export))
        if name:
            return _look_at_export(replace(export, words=declared), name, url)
    look = FirstLook(words=dict(declared))
    with head_of(url, declared) as heads:
        if are_interactions(heads) and heads[0].format not in ("npz",):
            _look_at_interactions(heads[0], look)
        if not look.said:
            look.said = [f"{head.source}: {head.table} as {head.format}." for head in heads]
        try:
            look.tables = {} if look.problem else tables_from(heads, Layout.declared(look.words))
        except DataError as error:
            look.problem = str(error)
        if look.shown.empty and look.tables:
            look.shown = next(iter(look.tables.values())).frame.head(SHOWN_ROWS)
    return look


def _look_at_export(export: Export, platform: str, url: str) -> FirstLook:
    files = ", ".join(export.paths[:SHOWN_ROWS])
    look = FirstLook([f"{url}: an export of {platform}: {files}."], platform=platform)
    look.words = dict(export.words)
    try:
        look.tables = tables_of_export(export, platform)
    except DataError as error:
        look.problem = str(error)
        return look
    look.shown = next(iter(look.tables.values())).frame.head(SHOWN_ROWS)
    return look


def _look_at_interactions(head: TableFile, look: FirstLook) -> None:
    """Every column of the file, and what each may mean."""
    if head.format == "txt" and not look.words and not _is_table(head):
        look.said.append(f"{head.source}: lines of a user and their items, in the order of time.")
        return
    first_line, separator = header_of(head)
    words = ({"sep": said(separator)} if separator else {}) | _encoding(head)
    named = has_header(first_line)
    by_position = {} if named else {"user": "1", "item": "2"}
    raw = _every_column(head, first_line, Layout.declared(look.words or {**by_position, **words}))
    names = [name for name in raw.columns_found if name in raw.frame]
    if not look.words and (proposed := proposed_words(names, raw.frame)):
        look.words = {**proposed, **words}
    look.shown = raw.frame[names].head(SHOWN_ROWS)
    header = "" if named else ", without a header"
    look.said.append(
        f"{head.source}: interactions as {head.format}{header}, with the columns "
        f"{', '.join(names)}."
    )
    look.problem = _lacking(look.words)


def _lacking(words: Mapping[str, str]) -> str:
    lacking = [word for word in ("user", "item") if words and word not in words]
    if not lacking:
        return ""
    return (
        f"No column looks like the {' or the '.join(lacking)}: say it with --columns "
        f"{','.join(f'{word}=NAME' for word in lacking)}."
    )


def _encoding(head: TableFile) -> dict[str, str]:
    """What older programs of Windows write, where text is no UTF-8 and has no mark."""
    if head.format not in SEPARATOR_OF:
        return {}
    content = head.plain.read()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return {}
    try:
        content.decode()
    except UnicodeDecodeError:
        return {"encoding": "windows-1252"}
    return {}


def _every_column(head: TableFile, names: Sequence[str], layout: Layout) -> RawTable:
    """Of JSON by the names that were seen, within objects too; other formats say theirs."""
    within = names if head.format in ("jsonl", "json") else ()
    columns = tuple(Column(name, "attribute", True, True) for name in within)
    return read_rows(head, Table(head.table, columns, more_are_attributes=not columns), layout)


def _is_table(head: TableFile) -> bool:
    """Whether the lines have as many fields as one another, more than a pair, and tabs between."""
    lines = head.plain.read(2**16).decode(errors="replace").splitlines()[:-1]
    return bool(lines) and len({line.count("\t") for line in lines}) == 1 and "\t" in lines[0]
