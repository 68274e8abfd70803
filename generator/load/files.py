"""Input tables from files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from generator.load.delimited.dialect import DIALECT_WORDS
from generator.load.interactions import check_parts, tables_of
from generator.load.layout import Layout
from generator.load.oddities import oddities
from generator.load.platforms import platform_of
from generator.load.platforms.export import Export
from generator.load.platforms.making import once
from generator.load.readers.parts import combined
from generator.load.readers.reading import read_rows
from generator.load.readers.sequences import read_sequences
from generator.load.readers.sparse_matrix import read_sparse_matrix
from generator.load.sources.digested import digest_of_all, digested
from generator.load.sources.input_files import files_at, input_files
from generator.load.sources.table_files import TableFile, opened
from generator.validation.columns import TABLES, VIEWS
from generator.validation.raw_table import RawTable
from shared.errors import SettingsError

DESCRIPTIONS = (
    *("course_tags", "courses", "users", "course_completions"),
    "course_prerequisites",
)


@dataclass(frozen=True)
class Loaded:
    tables: dict[str, RawTable]
    """Table name -> rows; one that is not there is absent."""

    digest: str
    """What `data_digest` says of these very bytes, even if the files are others by now."""


def load(
    url: str,
    columns: Mapping[str, str] | None = None,
    platform: str = "",
    view_gap_seconds: float = 1800,
) -> Loaded:
    """The tables in a folder, or the interactions in one file or several, as user_course_views.

    `url`: a path, or file://, s3://, gs://, az://, http:// or https://, of a folder, a file, or a
    pattern of files. In a folder each table is one file of its name, or a folder of parts.
    `columns` is DATA_COLUMNS: what the columns of the interactions mean. `platform` is one of
    PLATFORMS, whose export is at the address. Each file is read once.

    Raises DataError if the folder or a file cannot be read, or if there are neither interests nor
    views; SettingsError if `columns` makes no sense.
    """
    digests: dict[str, str] = {}
    if platform:
        with files_at(url) as (folder, paths):
            export = Export(folder, paths, columns or {}, view_gap_seconds, digests)
            tables = tables_of_export(export, platform)
            unread = [path for path in paths if path not in digests]
            for _ in digested(opened(folder, unread, VIEWS), digests):
                pass
    else:
        layout = Layout.declared(columns or {})
        tables = tables_from(digested(input_files(url, layout.format), digests), layout)
    return Loaded(tables, digest_of_all(digests))


def load_tables(
    url: str,
    columns: Mapping[str, str] | None = None,
    platform: str = "",
    view_gap_seconds: float = 1800,
) -> dict[str, RawTable]:
    """The tables that `load` gives, for whoever does not ask whether they have changed."""
    return load(url, columns, platform, view_gap_seconds).tables


def tables_from(files: Iterable[TableFile], layout: Layout) -> dict[str, RawTable]:
    """The tables in these files, each open while it is the current one."""
    ours = replace(layout, columns={})
    parts: dict[str, list[RawTable]] = {}
    foreign: list[RawTable] = []
    for file in files:
        if raw := _read_as_views(file, layout):
            parts.setdefault(file.table, []).append(raw)
        elif file.table == VIEWS and layout.columns:
            foreign.append(read_rows(file, layout.theirs, layout))
        else:
            parts.setdefault(file.table, []).append(read_rows(file, TABLES[file.table], ours))
    if foreign:
        check_parts(foreign, layout)
        for table in tables_of(combined(foreign), layout):
            parts.setdefault(table.name, []).append(table)
    return {name: _as_said(combined(parts[name]), layout) for name in TABLES if name in parts}


def tables_of_export(export: Export, platform: str) -> dict[str, RawTable]:
    """The tables of a platform's export.

    Raises DataError if it lacks what they need, SettingsError for words of --columns that mean
    nothing there.
    """
    parts: dict[str, list[RawTable]] = {}
    for table in platform_of(platform).read(export):
        parts.setdefault(table.name, []).append(table)
    if unused := {*export.words} - export.words_used:
        raise SettingsError(
            f"DATA_COLUMNS has {', '.join(sorted(unused))}, which mean nothing with --platform "
            f"{platform}: its columns are known, and {', '.join(DIALECT_WORDS)} say how they lie."
        )
    if unread := [path for path in export.paths if path not in export.read_paths]:
        first = next(iter(parts.values()))
        remark = f"No part of what {platform} exports, and not read: {', '.join(unread)}."
        first[0] = replace(first[0], remarks=(*first[0].remarks, remark))
    return {name: _united(parts[name]) for name in TABLES if name in parts}


def _united(parts: list[RawTable]) -> RawTable:
    """Tables that say what something is may say it twice, from two files; what happened twice
    stays."""
    table = combined(parts)
    return once(table, "said before") if table.name in DESCRIPTIONS and len(parts) > 1 else table


def _as_said(raw: RawTable, layout: Layout) -> RawTable:
    """With what DATA_COLUMNS says of how to take it, and what is odd about it."""
    is_views = raw.name == VIEWS
    taken = replace(
        raw,
        known_columns=layout.timed(raw.columns),
        repeats_count=is_views and (raw.repeats_count or layout.repeats_count),
    )
    return replace(taken, remarks=(*taken.remarks, *oddities(taken)))


def _read_as_views(file: TableFile, layout: Layout) -> RawTable | None:
    """What has no columns to declare: matrices and sequences; None for any other file."""
    if file.format == "npz":
        return read_sparse_matrix(file, layout)
    if file.format == "txt" and "course_id" not in layout.columns:
        return read_sequences(file, layout)
    return None
