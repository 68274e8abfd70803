r"""Which of several entries of one score come first: the one rule for every list.

Courses by their number of viewers; what is left, and users, by a seeded hash of (subject, entry).
An entry's place in the list of a subject is one whole number, and the lowest comes first:

    bit 31                                                 0
       | viewers: 12 bits or more | bucket: 12 | rest      |    courses
       | bucket: 12 | rest: 20                             |    users
                                    \____________________/
                                   shuffled for each subject

Bucket and rest are from a hash of the entry's handle, so that a list does not change with the
number of users. Both are shuffled by a subject's salt without two of them ever becoming one: no two
entries share a place, and a place can be turned back into its entry. Since the bucket counts first,
the best few of very many equal entries are in the subject's first buckets, and only these are
looked at.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.kinds import Entity

Salts = NDArray[np.uint32]
PLACE_BITS = 32
BUCKET_BITS = 12
MIN_CLASS_BITS = 12
"""Fixed unless there are more classes, so that one class more does not shuffle all others."""
ROUNDS = (
    (np.uint32(0x9E3779B1), np.uint32(0x0E8B2F51)),
    (np.uint32(0x85EBCA6B), np.uint32(0xA5CB9243)),
)
"""Odd factors (Weyl's, and murmur3's), and what undoes each of them modulo 2 ** 32."""


class TieOrder:
    """Entries of one kind, and where each stands among those of the same score."""

    def __init__(
        self,
        names: ArrayLike,
        classes: ArrayLike | None = None,
        hidden: NDArray[np.bool_] | None = None,
    ) -> None:
        """names: uint64 [entries], distinct, whatever the entries are called by.

        classes: int [entries]; of two entries the one of the lower class comes first, for everybody
        alike. hidden: bool [entries], what no search that goes by this order lists. Raises
        ValueError if classes and their members are too many for 32 bits.
        """
        self.hidden = hidden
        hashed = mixed(np.asarray(names).astype(np.uint64))
        self.count = len(hashed)
        ranks = np.zeros(self.count, np.int64)
        if classes is not None:
            distinct, ranks = np.unique(classes, return_inverse=True)
            class_bits = max(MIN_CLASS_BITS, (len(distinct) - 1).bit_length())
        else:
            class_bits = 0
        self._id_bits = PLACE_BITS - class_bits
        if np.bincount(ranks, minlength=1).max() > 2**self._id_bits:
            raise ValueError(
                f"{self.count:,} entries in {2**class_bits:,} classes are more than ties are "
                "settled for."
            )
        self.rest_bits = self._id_bits - min(BUCKET_BITS, self._id_bits)
        self.codes = _distinct_codes(ranks, hashed, self._id_bits)
        """uint32 [entries]: class, bucket and rest, before any shuffling; all different."""
        self._by_code = np.argsort(self.codes).astype(np.int32)
        self._sorted_codes = self.codes[self._by_code]

    @property
    def n_buckets(self) -> int:
        return 1 << (self._id_bits - self.rest_bits)

    def classes_of(self, codes: NDArray[np.uint32]) -> NDArray[np.int64]:
        return codes.astype(np.int64) >> self._id_bits

    def buckets_of(self, codes: NDArray[np.uint32]) -> NDArray[np.int64]:
        return (codes.astype(np.int64) >> self.rest_bits) & (self.n_buckets - 1)

    def places(self, salts: Salts, entries: NDArray[np.integer]) -> NDArray[np.uint32]:
        """uint32, one for each pair of a subject's salt and an entry: the lowest is listed first.

        salts: uint32 [..., 2], which broadcast against the entries but for the last axis.
        """
        codes, bucket_bits = self.codes[entries], self._id_bits - self.rest_bits
        rest = _shuffled(codes & _mask(self.rest_bits), salts[..., 0], self.rest_bits)
        bucket = (codes >> np.uint32(self.rest_bits)) & _mask(bucket_bits)
        return self._joined(codes, _shuffled(bucket, salts[..., 1], bucket_bits), rest)

    def entries_at(self, salts: Salts, places: NDArray[np.uint32]) -> NDArray[np.int32]:
        """int32: the entry at each place, what `places` was given."""
        bucket_bits = self._id_bits - self.rest_bits
        rest = _unshuffled(places & _mask(self.rest_bits), salts[..., 0], self.rest_bits)
        bucket = (places >> np.uint32(self.rest_bits)) & _mask(bucket_bits)
        codes = self._joined(places, _unshuffled(bucket, salts[..., 1], bucket_bits), rest)
        return self._by_code[np.searchsorted(self._sorted_codes, codes)]

    def first_buckets(self, salts: Salts, count: int) -> NDArray[np.int64]:
        """int64 [salts, count]: each subject's best buckets, best first."""
        bucket_bits = self._id_bits - self.rest_bits
        best = np.arange(min(count, 2**bucket_bits), dtype=np.uint32)
        return _unshuffled(best, salts[:, None, 1], bucket_bits).astype(np.int64)

    def _joined(
        self, classes: NDArray[np.uint32], bucket: NDArray[np.uint32], rest: NDArray[np.uint32]
    ) -> NDArray[np.uint32]:
        kept = classes & ~_mask(self._id_bits)
        joined: NDArray[np.uint32] = kept | (bucket << np.uint32(self.rest_bits)) | rest
        return joined


class Ties(NamedTuple):
    """The rule for the subjects of some rows."""

    order: TieOrder
    salts: Salts
    """uint32 [rows, 2]: what makes each subject's order its own."""

    def of(self, rows: slice | NDArray[np.int64]) -> "Ties":
        return self._replace(salts=self.salts[rows])

    def places(self, rows: NDArray[np.integer], entries: NDArray[np.integer]) -> NDArray[np.uint32]:
        """uint32, one for each pair of a row and an entry."""
        return self.order.places(np.take(self.salts, rows, axis=0), entries)


class TieRule:
    """Ties among the users and among the courses of one data set."""

    def __init__(
        self,
        users: NDArray[np.uint64],
        courses: NDArray[np.uint64],
        viewers: NDArray[np.int64],
        seed: int,
        hidden_courses: NDArray[np.bool_] | None = None,
    ) -> None:
        """users, courses: hashes of their handles. viewers: int64 [courses]."""
        self._orders: dict[Entity, TieOrder] = {
            "user": TieOrder(users),
            "course": TieOrder(courses, -viewers, hidden_courses),
        }
        salt = mixed(np.array([seed % 2**64], np.uint64) + np.uint64(1))
        self._for_everybody = salts_of(salt)
        # User 7 and course 7 are no more alike than any other two.
        self._salts: dict[Entity, Salts] = {
            "user": salts_of(users ^ salt),
            "course": salts_of(courses ^ mixed(salt)),
        }

    def order(self, entity: Entity) -> TieOrder:
        return self._orders[entity]

    def for_everybody(self, entry: Entity, rows: int) -> Ties:
        """The same for all, where a list is nobody's own."""
        return Ties(self._orders[entry], np.repeat(self._for_everybody, rows, axis=0))

    def ties(self, subject: Entity, subjects: NDArray[np.int32], entry: Entity) -> Ties:
        return Ties(self._orders[entry], self._salts[subject][subjects])


def salts_of(names: NDArray[np.uint64]) -> Salts:
    """uint32 [names, 2]."""
    salts = mixed(names)
    return np.stack([salts, salts >> np.uint64(32)], axis=1).astype(np.uint32)


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finish of splitmix64 (Steele, Lea & Flood 2014): every bit depends on every other."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(factor)
    finished: NDArray[np.uint64] = numbers ^ (numbers >> np.uint64(31))
    return finished


def _distinct_codes(
    ranks: NDArray[np.int64], hashed: NDArray[np.uint64], id_bits: int
) -> NDArray[np.uint32]:
    """uint32: class rank, then the hash's first `id_bits` bits, moved up where they are taken."""
    order = np.lexsort((hashed, ranks))
    firsts = ranks << id_bits
    codes = (firsts + (hashed >> np.uint64(64 - id_bits)).astype(np.int64))[order]
    count = np.arange(len(codes))
    codes = np.maximum.accumulate(codes - count) + count
    # The last of a class may have been moved beyond it, and then all of them move down again.
    of_class = firsts[order]
    left = np.searchsorted(of_class, of_class, side="right") - 1 - count
    codes = np.minimum(codes, of_class + 2**id_bits - 1 - left)
    distinct = np.empty(len(codes), np.uint32)
    distinct[order] = codes
    return distinct


def _mask(bits: int) -> np.uint32:
    return np.uint32(2**bits - 1)


def _shuffled(
    numbers: NDArray[np.uint32], salt: NDArray[np.uint32], bits: int
) -> NDArray[np.uint32]:
    """Numbers below 2 ** bits in another order, the salt's own; each step can be undone."""
    # What is above the bits cannot reach down into them, and is cut off once a round.
    for number, (factor, _) in enumerate(ROUNDS):
        numbers = ((numbers ^ _turned(salt, number)) * factor) & _mask(bits)
        numbers = numbers ^ (numbers >> np.uint32((bits + 1) // 2))
    return numbers


def _unshuffled(
    numbers: NDArray[np.uint32], salt: NDArray[np.uint32], bits: int
) -> NDArray[np.uint32]:
    for number, (_, inverse) in reversed(list(enumerate(ROUNDS))):
        numbers = numbers ^ (numbers >> np.uint32((bits + 1) // 2))
        numbers = ((numbers * inverse) ^ _turned(salt, number)) & _mask(bits)
    return numbers


def _turned(salt: NDArray[np.uint32], number: int) -> NDArray[np.uint32]:
    """Other bits of the salt for every round."""
    turned: NDArray[np.uint32] = salt >> np.uint32(12 * number) if number else salt
    return turned
