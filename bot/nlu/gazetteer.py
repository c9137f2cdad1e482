"""Graph component: entities, by the names and words of the knowledge."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.i18n.languages import registry
from bot.nlu.entity_features import EntityFeatures
from bot.nlu.gazetteer_data import GazetteerData, build
from bot.nlu.gazetteer_match import Gazetteer
from bot.nlu.graph import Component, examples_with_intent, is_payload, message_language, message_text
from bot.nlu.knowledge_source import load_knowledge
from bot.nlu.parallel import spread
from bot.nlu.text_forms import fold_words
from bot.settings import settings

logger = logging.getLogger(__name__)

TOKYO = ZoneInfo("Asia/Tokyo")


def today_in_tokyo() -> dt.date:
    """The date at the offices."""
    return dt.datetime.now(TOKYO).date()


ENTITIES = "entities"
"""Origin of the features that say which entities a text holds."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class KnowledgeGazetteer(Component, EntityExtractorMixin):
    """Sets `entities` (ids and codes, `docs/architecture.md`) and features that say which kinds there are.

    `today` may be replaced: relative days depend on it.
    """

    today: Callable[[], dt.date] = staticmethod(today_in_tokyo)
    _gazetteer: Gazetteer | None = None
    _columns: EntityFeatures | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`common`: a word seen this often in a language's examples is no typing error of a name."""
        return {"common": 3}

    @classmethod
    def data_paths(cls, config: dict[str, Any]) -> tuple[Path, ...]:
        """See `Component`."""
        return (settings().data_dir / "knowledge", settings().data_dir / "gazetteer")

    def train(self, training_data: TrainingData) -> Resource:
        """Gather names and words and write them. Raises `GazetteerDataError` when a file is broken."""
        known = registry()
        data = build(load_knowledge(), settings().data_dir / "gazetteer", known)
        seen: dict[str, Counter[str]] = defaultdict(Counter)
        for example in examples_with_intent(training_data):
            seen[known.base(message_language(example))].update(fold_words(message_text(example)))
        least = int(self.config["common"])
        data.common = {code: sorted(w for w, n in words.items() if n >= least) for code, words in seen.items()}
        with self._storage.write_to(self._resource) as folder:
            text = json.dumps(data.as_dict(), ensure_ascii=False, separators=(",", ":"))
            (Path(folder) / "gazetteer.json").write_text(text, encoding="utf-8")
        self._take(data)
        return self._resource

    def restore(self, folder: Path) -> None:
        """See `Component`."""
        raw = json.loads((folder / "gazetteer.json").read_text(encoding="utf-8"))
        self._take(GazetteerData.from_dict(raw))

    def _take(self, data: GazetteerData) -> None:
        self._gazetteer = Gazetteer(data, registry())
        self._columns = EntityFeatures.of(data)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to every example with a text; entities of examples stay what their writers marked."""
        examples = [example for example in training_data.training_examples if message_text(example)]
        texts = [(message_text(example), message_language(example), _edges(example)) for example in examples]
        for example, found in zip(examples, spread(self._find_all, texts), strict=True):
            self._add_features(example, found)
        return training_data

    def understand(self, message: Message) -> None:
        """See `Component`."""
        if is_payload(message) or not message_text(message):
            return
        found = self._found(message)
        message.set("entities", found, add_to_output=True)
        self._add_features(message, found)

    def _found(self, message: Message) -> list[dict[str, Any]]:
        return self._find_all([(message_text(message), message_language(message), _edges(message))])[0]

    def _find_all(self, texts: Sequence[tuple[str, str, set[int] | None]]) -> list[list[dict[str, Any]]]:
        """The entities of texts with their languages and the places where their words begin and end."""
        if self._gazetteer is None:
            return [[] for _ in texts]
        today = self.today()
        return [
            [entity.as_dict() for entity in self._gazetteer.find(text, language, today, edges)]
            for text, language, edges in texts
        ]

    def _add_features(self, message: Message, found: list[dict[str, Any]]) -> None:
        if self._columns is not None:
            row = self._columns.row(found)[np.newaxis, :]
            message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, ENTITIES))


def _edges(message: Message) -> set[int] | None:
    tokens = message.get(TEXT_TOKENS)
    return {place for token in tokens for place in (token.start, token.end)} if tokens else None
