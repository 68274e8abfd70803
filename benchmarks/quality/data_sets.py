"""The public splits, read by the generator's own loader."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from generator.evaluation.protocols import Cut, cut_by, given_tables
from generator.evaluation.validation_part import validation_of
from generator.load.files import load_tables
from generator.validation.columns import VIEWS
from generator.validation.validation import validate_tables
from shared.settings import PROJECT


@dataclass(frozen=True)
class DataSet:
    name: str
    protocol: str
    train: str
    """File or folder below the data folder."""
    test: str | None = None
    held_out: str = "leave-last-out"
    """How `train` is cut where there is no `test`."""
    k: int = 20
    columns: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Who -> recall@k and NDCG@k."""

    def is_in(self, folder: Path) -> bool:
        return all((folder / file).exists() for file in (self.train, self.test) if file)

    def cut(self, folder: Path) -> Cut:
        tables = self._tables(folder / self.train)
        if self.test is None:
            return cut_by(self.held_out, tables)
        return given_tables(tables, self._tables(folder / self.test)[VIEWS])

    def validation(self, cut: Cut) -> Cut:
        """A part of the training part, held out as the test part is."""
        return validation_of(cut, "given" if self.test else self.held_out)

    def _tables(self, path: Path) -> dict[str, pd.DataFrame]:
        return validate_tables(load_tables(str(path), self.columns)).tables


GOWALLA = DataSet(
    "Gowalla",
    "LightGCN's split, full ranking, seen courses left out",
    "gowalla/gowalla_train.npz",
    "gowalla/gowalla_test.npz",
    published={
        "popular (measured)": (0.0416, 0.0317),
        "ALS, implicit's defaults (measured)": (0.0943, 0.0799),
        "ItemCF": (0.1570, 0.1214),
        "ALS, implicit tuned (measured)": (0.1713, 0.1420),
        "EASE": (0.1765, 0.1467),
        "RP3beta (measured)": (0.1785, 0.1491),
        "LightGCN": (0.1830, 0.1554),
        "GF-CF": (0.1849, 0.1518),
        "UltraGCN": (0.1862, 0.1580),
        "SimpleX": (0.1872, 0.1557),
    },
)
YELP2018 = DataSet(
    "Yelp2018",
    "LightGCN's split, full ranking, seen courses left out",
    "yelp2018/yelp_train.npz",
    "yelp2018/yelp_test.npz",
    published={
        "popular (measured)": (0.0125, 0.0101),
        "ALS, implicit's defaults (measured)": (0.0516, 0.0431),
        "ItemCF": (0.0639, 0.0531),
        "LightGCN": (0.0649, 0.0530),
        "EASE": (0.0657, 0.0552),
        "RP3beta (measured)": (0.0665, 0.0547),
        "ALS, implicit tuned (measured)": (0.0671, 0.0553),
        "UltraGCN": (0.0683, 0.0561),
        "GF-CF": (0.0697, 0.0571),
        "SimpleX": (0.0701, 0.0575),
        "XSimGCL": (0.0723, 0.0604),
    },
)
MOVIELENS = DataSet(
    "MovieLens-1M",
    "last item of each user held out, full ranking, seen items left out",
    "ml1m_sasrec/sequences.txt",
    k=10,
    columns={"user": "line", "empty": "0"},
    published={
        "popular (measured)": (0.036, 0.018),
        "ALS (measured)": (0.088, 0.045),
        "EASE (measured)": (0.109, 0.054),
        "SASRec, original": (0.199, 0.108),
        "Markov, last 10 (measured)": (0.268, 0.156),
        "BERT4Rec": (0.282, 0.152),
        "gSASRec": (0.300, 0.173),
        "SASRec, softmax loss": (0.306, 0.178),
    },
)
MOOCCUBEX = DataSet(
    "MOOCCubeX",
    "last course of each user held out, full ranking, seen courses left out",
    "mooccubex/train_clean.txt",
    "mooccubex/test.txt",
    k=10,
    published={
        "popular (measured)": (0.062, 0.034),
        "item cosine (measured)": (0.266, 0.159),
        "ALS (measured)": (0.278, 0.166),
        "Markov, last 5 (measured)": (0.302, 0.190),
        "z-scored Markov + ALS (measured)": (0.325, 0.202),
    },
)
BEAUTY = DataSet(
    "Beauty",
    "last item of each user held out, full ranking, seen items left out; dates are days, and ties "
    "lie in the order of the file",
    "s3rec_seq/Beauty.txt",
    k=10,
    published={
        "SASRec, softmax loss": (0.092, 0.053),
        "Markov, last 10 (measured)": (0.098, 0.060),
    },
)
COCO = DataSet(
    "coco",
    "courses taken up in the last fifth of the time are held out, seen courses left out",
    "coco",
    held_out="time",
    k=10,
)
SAMPLE = DataSet(
    "the sample",
    "courses taken up in the last fifth of the time are held out, seen courses left out",
    str(PROJECT / "data/sample"),
    held_out="time",
    k=10,
)
DATA_SETS = (GOWALLA, YELP2018, MOVIELENS, MOOCCUBEX, COCO)
