"""Runs and refreshes on one store, with what happens in between."""

from pathlib import Path

from generator import pipeline
from generator.process.progress import Reporter
from generator.refresh.follow import refresh_all
from generator.refresh.refresher import Refresher
from shared.events import Event, open_log
from shared.fresh import open_fresh
from shared.records import list_section
from shared.settings import GeneratorSettings
from shared.stores import open_store
from shared.stores.base import parsed_row

TFIDF, KNN = "tfidf_user_interest", "knn_collab_filtering_user_course_view"
TEXTS = "tfidf_course_text"
ALS, EASE = "als_collab_filtering_user_course_view", "ease_user_course_view"
MARKOV, HYBRID = "markov_course_sequence", "weighted_hybrid"
MODELS = [TFIDF, KNN, ALS, EASE, MARKOV, TEXTS, HYBRID, "popular_course_view"]
TENANT = "default"
NEWCOMER = 7_000_001


class Night:
    """One store with its log, and runs and refreshes on it."""

    def __init__(self, folder: Path, data: Path) -> None:
        url = f"sqlite:///{folder}/store"
        self.store, self.log, self.fresh = open_store(url), open_log(url), open_fresh(url)
        self.reporter, self.warned = Reporter(), []
        self.reporter.say, self.reporter.warn = lambda _: None, self.warned.append
        self.settings = GeneratorSettings(
            _env_file=None,
            data_url=str(data),
            set_aside_folder=str(folder / "aside"),
            models_folder=str(folder / "models"),
            models=MODELS,
            model_options={ALS: {"epochs": 2}},
            fallback_models=["popular_course_view"],
            stored_list_length=20,
            pointer_refresh_seconds=0.001,
            evaluate=False,
        )
        self._events = 0

    def run(self, **settings):
        chosen = self.settings.model_copy(update=settings)
        return pipeline.generate(chosen, self.store, self.reporter, True, self.log)

    def refresher(self, **settings) -> Refresher:
        chosen = self.settings.model_copy(update=settings)
        return Refresher(chosen, self.store, self.log, self.fresh, self.reporter)

    def refresh(self) -> int:
        return refresh_all(self.refresher(), self.reporter)

    def happens(self, user, *courses, kind="view", **fields):
        events = []
        for course in courses:
            self._events += 1
            at = f"2026-12-01T00:00:00.{self._events:06}Z"
            fields = {"seconds": 3600.0} | fields if kind == "view" else fields
            event = Event(f"e-{self._events}", kind, user, at, course=course, **fields)
            events.append(event)
        self.log.append(TENANT, events)

    def row(self, model, user, kind="recommendations", generation=None):
        """The stored list, fresh or not."""
        key = (list_section(kind, model), user)
        return self.store.get(TENANT, generation or self.live, key)

    def fresh_row(self, model, user, kind="recommendations", generation=None):
        key = (list_section(kind, model), user)
        texts = self.fresh.get_many(TENANT, generation or self.live, [key])
        return parsed_row(key, texts[key].text) if texts else None

    def fresh_rows(self, user):
        """Section -> text, of every kind and model."""
        keys = [
            (list_section(kind, card.model_handle), user)
            for card in self.store.live(TENANT).models
            for kind in card.serves
        ]
        texts = self.fresh.get_many(TENANT, self.live, keys)
        return {section: text.text for (section, _), text in texts.items()}

    @property
    def live(self) -> str:
        return self.store.live_generation(TENANT)

    def close(self):
        for each in (self.fresh, self.log, self.store):
            each.close()


def anybody(night, model=HYBRID):
    """A user who has a list of the model, and the courses in it."""
    user = night.store.live(TENANT).example_user_handle
    return user, night.row(model, user).entries
