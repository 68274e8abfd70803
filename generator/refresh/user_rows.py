"""The rows of a few users, out of tables of millions, without a look at all of them."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.validation.validation import Validated
from shared.records import Handle

USER = "user_handle"


class UserRows:
    """Made once for some tables; a question costs what there is of the users it is about."""

    def __init__(self, validated: Validated) -> None:
        self._validated = validated
        self._tables = {
            name: _ByUser(table) for name, table in validated.tables.items() if USER in table
        }

    def of(self, users: Collection[Handle]) -> Validated:
        """Tables with these users' rows alone, in their order; tables of courses are left out."""
        tables: Mapping[str, pd.DataFrame] = {
            name: by_user.of(users) for name, by_user in self._tables.items()
        }
        return replace(self._validated, tables=dict(tables))


class _ByUser:
    def __init__(self, table: pd.DataFrame) -> None:
        self._table, self._handles = table, table[USER].cat.categories
        codes = table[USER].cat.codes.to_numpy()
        self._rows = np.argsort(codes, kind="stable").astype(np.int32)
        self._starts = np.searchsorted(codes[self._rows], np.arange(len(self._handles) + 1))

    def of(self, users: Collection[Handle]) -> pd.DataFrame:
        codes = self._handles.get_indexer(pd.Index(list(users)))
        rows: list[NDArray[np.int32]] = [
            self._rows[self._starts[code] : self._starts[code + 1]] for code in codes[codes >= 0]
        ]
        few = self._table.iloc[np.sort(np.concatenate([np.zeros(0, np.int32), *rows]))]
        columns = {
            name: cells.cat.remove_unused_categories()
            if isinstance(cells.dtype, pd.CategoricalDtype)
            else cells
            for name, cells in few.items()
        }
        return pd.DataFrame(columns)
