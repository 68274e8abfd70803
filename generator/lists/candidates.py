"""Deep lists of several models, kept on disk while a run lasts: what hybrids are made from.

No two fitted models are in memory at once, so each leaves its lists here before the next is
fitted. A file has a row for each subject that the model knows, in the order they came:

    row_of    [-1, 0, -1, 1, 2, ...]     subject -> row, in memory
    file      indices [depth] scores [depth], why: indices, shares, counts of the first | ...

The file is mapped while it is read.
"""

import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from generator.dataset.vocabulary import UNKNOWN
from generator.models.base import Model
from generator.models.carried import Carried
from generator.nearest.top_n import PADDING, TopN
from generator.reasons.reasons import DEPTH as REASONS_OF_ENTRY
from generator.reasons.reasons import Reasons
from shared.errors import ModelError
from shared.kinds import KINDS, Entity, KindName
from shared.records import ModelCard, ReasonKind

NO_ROW = -1
ROWS_CARRIED = 8192


class DeepLists:
    """The lists of one kind from one model. The file has no name, and goes with the process."""

    def __init__(
        self, subjects: int, depth: int, explained: int = 0, reason_kind: ReasonKind | None = None
    ) -> None:
        """explained: of so many first entries it is kept why they are there, as `reason_kind`."""
        self.depth, self.explained, self.reason_kind = depth, explained, reason_kind
        self._row_of = np.full(subjects, NO_ROW, np.int32)
        self._rows = 0
        self._row = np.dtype(
            [
                ("indices", np.int32, depth),
                ("scores", np.float32, depth),
                ("named", np.int32, (explained, REASONS_OF_ENTRY)),
                ("shares", np.float32, (explained, REASONS_OF_ENTRY)),
                ("counts", np.int32, explained),
            ]
        )
        self._file = tempfile.TemporaryFile(prefix="kindred-candidates-")  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    @property
    def known(self) -> NDArray[np.bool_]:
        """bool [subjects]: whose lists are here."""
        return np.not_equal(self._row_of, NO_ROW)

    def keep(self, subjects: NDArray[np.int32], top: TopN, why: Reasons) -> None:
        """Append the lists of subjects that were not kept before.

        top: [subjects, depth]. why: of the first entries, [subjects, explained]. Raises ModelError
        if the disk is full.
        """
        self._row_of[subjects] = np.arange(self._rows, self._rows + len(subjects))
        self._rows += len(subjects)
        rows = np.empty(len(subjects), self._row)
        for name, part in zip(self._row.names or (), (*top, *why), strict=True):
            rows[name] = part
        try:
            self._file.write(rows.tobytes())
            self._file.flush()
        except OSError as error:
            raise ModelError(
                f"its candidates cannot be kept in {tempfile.gettempdir()} ({error.strerror}): set "
                "TMPDIR to a folder with more room, or lower CANDIDATES_PER_USER."
            ) from None

    def of(self, subjects: NDArray[np.int32]) -> TopN:
        """[subjects, depth]; padding for those without a list."""
        indices, scores = self._read(subjects, "indices", "scores")
        return TopN(indices, scores)

    def why(self, subjects: NDArray[np.int32]) -> Reasons:
        """Of the first entries of each list, [subjects, explained]."""
        return Reasons(*self._read(subjects, "named", "shares", "counts"))

    def arrays(self) -> list[NDArray[Any]]:
        """Row of each subject, then what there is of each row: what `made_of` takes."""
        rows = self._mapped()
        return [self._row_of, *(rows[name] for name in self._row.names or ())]

    @classmethod
    def made_of(cls, arrays: Sequence[NDArray[Any]], reason_kind: ReasonKind | None) -> Self:
        row_of, indices, scores, *why = arrays
        lists = cls(len(row_of), indices.shape[1], why[0].shape[1], reason_kind)
        known = np.flatnonzero(row_of != NO_ROW)
        by_row = known[np.argsort(row_of[known])].astype(np.int32)
        lists.keep(by_row, TopN(indices, scores), Reasons(*why))
        return lists

    def emptied(self) -> Self:
        """As deep, for as many subjects, and without a list."""
        return type(self)(len(self._row_of), self.depth, self.explained, self.reason_kind)

    def carried(
        self, carried: Carried, unchanged: NDArray[np.bool_], entry: Entity = "course"
    ) -> Self:
        """The lists of those who are as they were, on the row numbers of the new data.

        unchanged: bool [new users]. entry: what is listed; users who are gone are left out.
        """
        lists = type(self)(len(unchanged), self.depth, self.explained, self.reason_kind)
        now = carried.users
        kept = np.flatnonzero(self.known & (now != UNKNOWN)).astype(np.int32)
        kept = kept[unchanged[now[kept]]]
        of_tags = dict.fromkeys(
            ("shared_tags", "followed_tags", "shared_assessments"), carried.tags
        )
        places = (of_tags | {"neighbours": now}).get(self.reason_kind or "", carried.courses)
        for users in np.array_split(kept, -(-len(kept) // ROWS_CARRIED) or 1):
            top, why = self.of(users), self.why(users)
            why = why._replace(indices=_moved(why.indices, places))
            entries = _moved(top.indices, now if entry == "user" else carried.courses)
            lists.keep(now[users], *_closed_up(top._replace(indices=entries), why))
        return lists

    def _read(self, subjects: NDArray[np.int32], *names: str) -> list[NDArray[Any]]:
        rows = self._row_of[subjects]
        known, mapped = rows != NO_ROW, self._mapped()
        read = []
        for name in names:
            nothing = PADDING if name in ("indices", "named") else 0
            part = np.full((len(subjects), *self._row[name].shape), nothing, self._row[name].base)
            part[known] = mapped[name][rows[known]]
            read.append(part)
        return read

    def _mapped(self) -> NDArray[Any]:
        # Anew for each block: pages that stay mapped count as this process's memory.
        if not self._rows:
            return np.empty(0, self._row)
        return np.memmap(self._file, self._row, "r", shape=(self._rows,))


def _moved(indices: NDArray[np.int32], places: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.where(indices == PADDING, PADDING, places[indices]) if len(places) else indices


def _closed_up(top: TopN, why: Reasons) -> tuple[TopN, Reasons]:
    """Padding comes last; who moves up to the first entries has no reasons."""
    gone = top.indices == PADDING
    if not (gone[:, :-1] & ~gone[:, 1:]).any():
        return top._replace(scores=np.where(gone, 0, top.scores)), why
    order = np.argsort(gone, axis=1, kind="stable")
    scores = np.where(gone, 0, top.scores)
    closed = TopN(*(np.take_along_axis(part, order, axis=1) for part in (top.indices, scores)))
    first = gone[:, : why.counts.shape[1]]
    of_first = np.argsort(first, axis=1, kind="stable")
    counts = np.where(first, 0, why.counts)
    named = np.where(first[:, :, None], PADDING, why.indices)
    shares = np.where(first[:, :, None], np.float32(0), why.shares)
    return closed, Reasons(
        np.take_along_axis(named, of_first[:, :, None], axis=1),
        np.take_along_axis(shares, of_first[:, :, None], axis=1),
        np.take_along_axis(counts, of_first, axis=1),
    )


class Candidates:
    """Deep lists by kind and model handle, of the models that some hybrid uses."""

    def __init__(
        self, wanted: Mapping[KindName, Sequence[str]], depth: int, explained: int = 0
    ) -> None:
        """wanted: the handles whose lists of a kind are kept; of others nothing is.

        explained: of so many first entries it is kept why they are there.
        """
        self.depth, self.explained = depth, explained
        self._wanted = {kind: frozenset(handles) for kind, handles in wanted.items()}
        self._lists: dict[tuple[KindName, str], DeepLists] = {}

    @classmethod
    def for_hybrids(
        cls, models: Iterable[Model | ModelCard], depth: int, explained: int = 0
    ) -> Self:
        """What the hybrids among these models are made from."""
        wanted: dict[KindName, list[str]] = {}
        for model in models:
            for kind in model.serves if model.uses else ():
                wanted[kind] = [*wanted.get(kind, []), *model.uses]
        return cls(wanted, depth, explained)

    def wants(self, kind: KindName, handle: str) -> bool:
        return handle in self._wanted.get(kind, ())

    def keep(
        self,
        model: Model,
        kind: KindName,
        subjects: NDArray[np.int32],
        top: TopN,
        why: Reasons,
    ) -> None:
        """Some of a model's lists, and why the first entries are in them; empty ones are none."""
        key, listed = (kind, model.handle), top.indices[:, 0] != PADDING
        if not listed.any():
            return
        if key not in self._lists:
            of = len(model.dataset.vocabulary(KINDS[kind].subject))
            explained, reason_kind = why.counts.shape[1], model.reason_kinds.get(kind)
            self._lists[key] = DeepLists(of, self.depth, explained, reason_kind)
        self._lists[key].keep(
            subjects[listed],
            TopN(top.indices[listed, : self.depth], top.scores[listed, : self.depth]),
            Reasons(*(part[listed] for part in why)),
        )

    def forget(self, handle: str) -> None:
        """Keep nothing of a model that broke."""
        self._lists = {key: lists for key, lists in self._lists.items() if key[1] != handle}

    def known(self, kind: KindName, handles: Sequence[str]) -> NDArray[np.int32]:
        """int32: ascending row numbers of those whom any of these models has a list for."""
        every = [np.flatnonzero(lists.known) for _, lists in self.lists(kind, handles)]
        known: NDArray[np.int32] = np.unique(np.concatenate([*every, []])).astype(np.int32)
        return known

    def lists(self, kind: KindName, handles: Sequence[str]) -> Iterator[tuple[str, DeepLists]]:
        """Handle and lists of those of these models that are here, in the order of `handles`."""
        for handle in handles:
            if (kind, handle) in self._lists:
                yield handle, self._lists[kind, handle]


NO_CANDIDATES = Candidates({}, 1)
"""Where no hybrid follows."""
