"""The files of a platform's export, found by their names or by their columns."""

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace

from generator.load.categorical import constant
from generator.load.delimited.dialect import DIALECT_WORDS
from generator.load.header import header_of
from generator.load.interactions import tables_of
from generator.load.layout import Layout
from generator.load.platforms.making import without_nulls
from generator.load.platforms.wanted import Wanted, bare, with_columns
from generator.load.readers.parts import combined
from generator.load.readers.reading import read_rows
from generator.load.sources.digested import digested
from generator.load.sources.folders import Folder
from generator.load.sources.formats import format_of, stem_of
from generator.load.sources.table_files import TableFile, opened
from generator.validation.columns import VIEWS, Column, Table
from generator.validation.raw_table import RawTable
from shared.errors import DataError

Named = Callable[[str], str]
"""A file's own name of a column -> the one that a platform knows it by."""


@dataclass(frozen=True)
class Export:
    folder: Folder
    paths: Sequence[str]
    """Of all its files, from the folder."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Of --columns, which win over what the platform declares of its interactions."""
    view_gap_seconds: float = 1800
    """Two events of a learner further apart than this are two visits."""
    digests: MutableMapping[str, str] | None = None
    """Where the digests of files that were read go, if anybody wants them."""
    read_paths: set[str] = field(default_factory=set)
    """Of the files whose rows were read so far."""
    words_used: set[str] = field(default_factory=lambda: {*DIALECT_WORDS})
    _columns: dict[str, list[str]] = field(default_factory=dict)
    """Path -> columns, so that an archive is unpacked once for its names."""

    def named(self, pattern: str) -> list[str]:
        """Paths of the files whose name without suffixes is like this, in any case, or that of a
        folder in which they are parts."""
        fits = re.compile(pattern, re.IGNORECASE).fullmatch
        return [
            path
            for path in self.paths
            if any(map(fits, [stem_of(path), *path.split("/")[:-1]])) and "." in path
        ]

    def with_columns(self, needed: Sequence[str], lacking: Sequence[str] = ()) -> list[str]:
        """Paths of the files that have all of these columns (bare names) and none of those."""
        known = {path: {*map(bare, self.columns(path))} for path in self.paths}
        return [
            path
            for path, names in known.items()
            if {*needed} <= names and not {*lacking} & names and names
        ]

    def columns(self, path: str, form: str = "") -> list[str]:
        """As the file spells them; none if it is of no known format."""
        if path not in self._columns:
            names = [name for file in self.files([path], form) for name in header_of(file)[0]]
            self._columns[path] = names
        return self._columns[path]

    def spelled(self, path: str) -> dict[str, str]:
        """Bare name -> how the file spells it."""
        return {bare(name): name for name in reversed(self.columns(path))}

    def files(self, paths: Sequence[str], form: str = "") -> Iterator[TableFile]:
        """Each open while it is the current one; `form` where names do not say the format."""
        for path in paths:
            if known := format_of(path) or form:
                found = opened(self.folder, [path], VIEWS, known)
                if self.digests is not None:
                    # Most are opened for their header first.
                    found = digested(found, self.digests, read_on=False)
                yield from found

    def to_read(self, paths: Sequence[str], form: str = "") -> Iterator[TableFile]:
        """The same of files whose every row is read; of several, without those that are empty."""
        for file in self.files(paths, form):
            self.read_paths.add(file.name)
            if len(paths) == 1 or not file.is_empty:
                yield file

    def rows(
        self,
        paths: Sequence[str],
        needed: Sequence[str],
        beside: Sequence[str] = (),
        named: Named = bare,
    ) -> RawTable:
        """The rows of all these files under bare names of columns.

        Columns of `beside` are empty where a file has none. Raises DataError if one of the
        `needed` is not there, or no file.
        """
        wanted = Wanted.of([*needed, *beside], named)
        raw = self._read(paths, wanted, "csv")
        if raw is None:
            raise self.lacks(f"file with {', '.join(needed)}")
        if missing := [name for name in needed if name not in raw.frame]:
            raise DataError(
                f"{raw.source} lacks what its platform calls {', '.join(missing)}: found "
                f"{', '.join(self.columns(paths[0]))}."
            )
        absent = [name for name in beside if name not in raw.frame]
        empty = {name: constant("", len(raw.frame)) for name in absent}
        return replace(raw, frame=raw.frame.assign(**empty))

    def rows_if_any(
        self, paths: Sequence[str], needed: Sequence[str], beside: Sequence[str] = ()
    ) -> RawTable | None:
        """The same; None without a file."""
        return self.rows(paths, needed, beside) if paths else None

    def every_row(
        self, paths: Sequence[str], key: str, named: Named = bare, form: str = "csv"
    ) -> list[RawTable]:
        """The same with all columns, of which `key` must be there; empty without a file."""
        raw = self._read(paths, Wanted.all(named), form)
        if raw is not None and key not in raw.frame:
            raise DataError(f"{raw.source} lacks what its platform calls {key}.")
        return [] if raw is None else [raw]

    def numbered(self, paths: Sequence[str], columns: int, words: Mapping[str, str]) -> RawTable:
        """The rows of files without a header, under the numbers of the columns from 1."""
        numbers = tuple(Column(str(n), "attribute", True, True) for n in range(1, columns + 1))
        layout = Layout.declared({"user": "1", "item": "2", **words})
        files = self.to_read(paths, "dat")
        return combined([read_rows(file, Table("export", numbers), layout) for file in files])

    def interactions(
        self, paths: Sequence[str], words: Mapping[str, str], form: str = "csv"
    ) -> list[RawTable]:
        """Views, and what else their rows say, of files whose columns these words describe."""
        declared = {**words, **self.words}
        self.words_used.update(self.words)
        parts = []
        for file in self.to_read(paths, form):
            sign = header_of(file)[1]
            layout = Layout.declared({"sep": sign, **declared} if sign else declared)
            parts.append(read_rows(file, layout.theirs, layout))
        return tables_of(combined(parts), Layout.declared(declared)) if parts else []

    def lacks(self, what: str) -> DataError:
        shown = ", ".join(self.paths[:10]) + (", ..." if len(self.paths) > 10 else "")
        return DataError(f"{self.folder.label} has no {what}; found {shown or 'no file'}.")

    def _read(self, paths: Sequence[str], wanted: Wanted, form: str) -> RawTable | None:
        parts = []
        for file in self.to_read(paths, form):
            sign = header_of(file)[1]
            words = {word: text for word, text in self.words.items() if word in DIALECT_WORDS}
            layout = Layout.declared({"sep": sign, **words} if sign else words)
            parts.append(with_columns(read_rows(file, wanted, layout), wanted))
        return without_nulls(combined(parts)) if parts else None
