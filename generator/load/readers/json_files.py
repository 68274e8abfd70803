"""A table from JSON: an object a line, or one array of objects."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.load.categorical import as_categorical
from generator.load.readers.json_lines import Chunk, Record, chunks_of
from generator.load.readers.json_values import as_texts, names_within, values_at
from generator.load.sources.folders import DAMAGED_FILE, unreadable
from generator.load.sources.table_files import TableFile
from generator.validation.columns import Table
from generator.validation.raw_table import BLANK, MALFORMED_COLUMNS, DeclaredType, RawTable
from shared.errors import DataError
from shared.records import is_handle

SAMPLE = 100
"""Objects of a chunk whose names are looked at, for what columns there are."""
DIGITS_OF_64_BITS = 19
NOTHING = {type(None)}
NO_NUMBERS = np.empty(0, np.int64)
HANDLES = ("user_handle", "course_handle")


def read_json(file: TableFile, table: Table) -> RawTable:
    """Rows are numbered by their line, or their place in the array; columns are named by their
    path, `actor.account.name`.

    A line that is no object is malformed. Handles that are numbers are integers, others text.
    Raises DataError if the file cannot be read, or nothing in it is an object.
    """
    columns = JsonColumns(table)
    bad: list[tuple[int, str, str]] = []
    blank = 0
    try:
        for chunk in chunks_of(file.plain, may_be_wrapped=file.format == "json"):
            columns.add(chunk)
            bad += chunk.bad
            blank += chunk.blank
    except UnicodeDecodeError as error:
        raise DataError(f"{file.source} is not text in UTF-8 or UTF-16 ({error}).") from error
    except DAMAGED_FILE as error:
        raise unreadable(file.source, error) from error
    if bad and not any(map(len, columns.numbers)):
        raise DataError(
            f"{file.source} has no line that is a JSON object; its first is {bad[0][2][:80]!r}. "
            "Write an object a line (jq -c '.[]' makes lines of an array, jq -c . of objects)."
        )
    if not (blank or bad or any(map(len, columns.numbers))):
        raise DataError(f"{file.source} is empty: expected an object a line.")
    columns.check(file.source)
    return RawTable(
        file.table,
        file.source,
        columns.found(),
        columns.frame(),
        declared=columns.declared(),
        malformed=pd.DataFrame(bad, columns=pd.Index(MALFORMED_COLUMNS)),
        left_out={BLANK: blank} if blank else {},
    )


class JsonColumns:
    """The columns of a table, chunk by chunk, each distinct text once a chunk."""

    def __init__(self, table: Table) -> None:
        self.numbers: list[NDArray[np.int64]] = []
        self._table = table
        self._names: dict[str, None] = {}
        self._texts: dict[str, list[pa.DictionaryArray]] = {}
        self._types: dict[str, set[type]] = {}
        self._lengths: list[int] = []

    def add(self, chunk: Chunk) -> None:
        records = chunk.records
        self._names |= dict.fromkeys(_names(records, self._table.more_are_attributes))
        wanted = [column.name for column in self._table.columns]
        further = [column.name for column in self._table.columns_among(self._names)]
        for name in dict.fromkeys([*wanted, *further]):
            values = values_at(records, name)
            self._types.setdefault(name, set()).update(map(type, values))
            if name not in self._texts:
                self._texts[name] = [_nothing(length) for length in self._lengths]
            self._texts[name].append(as_texts(values, name, chunk.lines))
        self._lengths.append(len(records))
        self.numbers.append(np.array(chunk.numbers, np.int64))

    def check(self, source: str) -> None:
        """Raises DataError if a column of handles holds nothing but objects."""
        for column in self._table.columns:
            if column.kind in HANDLES and self._types.get(column.name, set()) - NOTHING == {dict}:
                within = [name for name in self._names if name.startswith(f"{column.name}.")]
                raise DataError(
                    f"{source} has objects at {column.name}, and no handles: name a value in them, "
                    f"such as {', '.join(within[:5]) or f'{column.name}.id'}."
                )

    def found(self) -> list[str]:
        """Every name that was seen, those asked for among them wherever they occurred."""
        asked = [name for name, types in self._types.items() if types - NOTHING]
        return list(dict.fromkeys([*self._names, *asked]))

    def frame(self) -> pd.DataFrame:
        found = {*self.found()}
        columns = {
            name: as_categorical(pa.chunked_array(texts, type=texts[0].type))
            for name, texts in self._texts.items()
            if name in found
        }
        return pd.DataFrame(columns, index=np.concatenate([NO_NUMBERS, *self.numbers]))

    def declared(self) -> dict[str, DeclaredType]:
        """What the file's own types say of handles: nothing, if all are floats or missing."""
        handles = [column.name for column in self._table.columns if column.kind in HANDLES]
        said = {name: self._types.get(name, set()) - NOTHING for name in handles}
        return {
            name: "int" if types == {int} and self._fit_64_bits(name) else "str"
            for name, types in said.items()
            if types == {int} or not types <= {int, float}
        }

    def _fit_64_bits(self, name: str) -> bool:
        for texts in self._texts[name]:
            long = pc.greater_equal(pc.utf8_length(texts.dictionary), DIGITS_OF_64_BITS)
            if not all(is_handle(int(t)) for t in texts.dictionary.filter(long).to_pylist()):
                return False
        return True


def _names(records: Iterable[Record], of_all: bool) -> list[str]:
    """Of a table with attributes every name counts; else a few show what there is."""
    if of_all:
        flat = (key for record in records for key, v in record.items() if type(v) is not dict)
        return list(dict.fromkeys(flat))
    return list(dict.fromkeys(name for r in list(records)[:SAMPLE] for name in names_within(r)))


def _nothing(length: int) -> pa.DictionaryArray:
    return pa.nulls(length, pa.string()).dictionary_encode()
