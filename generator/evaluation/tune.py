"""Which options suit this data: searched on a validation part of the training part alone.

A model's Options say what may be searched: a field with `Searched(low, high)` beside its type, on a
logarithmic scale where low is above 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generator.evaluation.assess import DEPTH
from generator.evaluation.bootstrap import Comparison, compare
from generator.evaluation.metrics import PerUser, hits_of, ndcg
from generator.evaluation.protocols import Cut, Split, split_of
from generator.lists.ranked import ranked
from generator.models.base import Model
from generator.plan import plan_run, run_options
from generator.process.progress import Reporter
from generator.reranking.rules import rules_of
from shared.errors import ModelError, SettingsError
from shared.settings import GeneratorSettings

if TYPE_CHECKING:
    import optuna

BEST, DEFAULT = "best", "default"


@dataclass(frozen=True)
class Trial:
    options: Mapping[str, Any]
    value: float
    """NDCG@10 on the validation part; 0 if the model could not be fitted."""
    seconds: float


@dataclass(frozen=True)
class Tuning:
    """The search of one model; the first trial is what was set before."""

    handle: str
    how: str
    trials: list[Trial]
    comparison: Comparison | None
    """The best trial against the first, on the same users; None if they are the same one."""

    @property
    def best(self) -> Trial:
        return max(self.trials, key=lambda trial: trial.value)

    @property
    def found_better(self) -> bool:
        return self.comparison is not None and self.comparison.is_real

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The best trial's options if they are really better, else those from before."""
        return (self.best if self.found_better else self.trials[0]).options


def tune(
    models: Sequence[Model],
    validation: Cut,
    trials: int,
    settings: GeneratorSettings,
    reporter: Reporter,
) -> list[Tuning]:
    """Search each model that has something to search. `validation`: a cut of the training part.

    Raises SettingsError if Optuna is not installed. Cost: `trials` fits of every model.
    """
    optuna = _optuna()
    split = split_of(validation, settings.rating_scale)
    plan = plan_run(models, split.train, settings)
    found = []
    for model in models:
        if model.handle in plan.skipped or "recommendations" not in model.serves:
            continue
        if not ranges_of(model):
            reporter.say(f"{model.handle}: has no options to search")
            continue
        study = optuna.create_study(
            direction="maximize", sampler=optuna.samplers.TPESampler(seed=settings.seed)
        )
        search = _Search(model, split, settings, reporter, plan.block_bytes[model.handle])
        search.tried({name: model.options[name] for name in ranges_of(model)})
        study.optimize(search, n_trials=trials - 1)
        found.append(search.result(validation.how))
    return found


def ranges_of(model: Model) -> dict[str, tuple[float, float]]:
    """Option -> lowest and highest value to try."""
    return {
        name: (searched.low, searched.high)
        for name, searched in model.Options.search_ranges().items()
    }


class _Search:
    """The objective of one model's search, which remembers what it has tried."""

    def __init__(
        self,
        model: Model,
        split: Split,
        settings: GeneratorSettings,
        reporter: Reporter,
        block_bytes: int,
    ) -> None:
        self._model, self._settings = model, settings
        self._reporter, self._block_bytes = reporter, block_bytes
        self._rules = rules_of(settings, split.train)
        self._split = replace(split, train=self._rules.offered(split.train))
        self._held_out = split.held_out[split.users]
        self._trials: list[Trial] = []
        self._first: PerUser | None = None
        self._best: PerUser | None = None

    def __call__(self, trial: "optuna.Trial") -> float:
        suggested = {
            name: _suggest(trial, name, self._model.options[name], *bounds)
            for name, bounds in ranges_of(self._model).items()
        }
        return self.tried(suggested)

    def tried(self, suggested: Mapping[str, Any]) -> float:
        """NDCG@10 of the model with these options, which becomes a trial."""
        options = {**self._model.options, **suggested}
        name = ", ".join(f"{key} {value:.4g}" for key, value in suggested.items())
        with self._reporter.stage(f"{self._model.handle}: {name}") as steps:
            run = run_options(self._settings, steps, self._block_bytes)
            column = self._ndcg(type(self._model)(**options), run)
        value = float(column.mean())
        if self._best is None or value > max(one.value for one in self._trials):
            self._best = column
        self._first = column if self._first is None else self._first
        self._trials.append(Trial(suggested, value, self._reporter.stages[-1].seconds))
        self._reporter.say(f"  NDCG@10 {value:.4f} on the validation part")
        return value

    def result(self, how: str) -> Tuning:
        compared = None
        if self._first is not None and self._best is not None and self._best is not self._first:
            columns = [self._best, self._first]
            (compared,) = compare([BEST, DEFAULT], columns, self._settings.seed)
        return Tuning(self._model.handle, how, self._trials, compared)

    def _ndcg(self, model: Model, run: Any) -> PerUser:
        users = self._split.users
        try:
            model.fit(self._split.train, run)
        except ModelError as error:
            self._reporter.say(f"  {error}")
            return ndcg(hits_of(users[:, None] * 0 - 1, self._held_out), 10)
        listed = ranked(model, "recommendations", users, DEPTH, rules=self._rules)
        return ndcg(hits_of(listed, self._held_out), 10)


def _suggest(trial: "optuna.Trial", name: str, like: Any, low: float, high: float) -> Any:
    # 0 leaves the choice to the model, and lies on no scale.
    low, high = min(low, like or low), max(high, like)
    if isinstance(like, int):
        return trial.suggest_int(name, int(low), int(high), log=low > 0)
    return trial.suggest_float(name, low, high, log=low > 0)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise SettingsError(
            "--tune needs Optuna, which is not installed: "
            "`pip install --require-hashes -r requirements-tune.txt`."
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
