"""Graph component: entities, by the names and words of the knowledge."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.i18n.languages import registry
from bot.nlu.gazetteer_data import GazetteerData, build
from bot.nlu.gazetteer_match import Gazetteer
from bot.nlu.graph import Component, examples_with_intent, is_payload, message_language, message_text
from bot.nlu.knowledge_source import load_knowledge
from bot.nlu.text_forms import fold_words
from bot.settings import settings

logger = logging.getLogger(__name__)

TOKYO = ZoneInfo("Asia/Tokyo")


def today_in_tokyo() -> dt.date:
    """The date at the offices."""
    return dt.datetime.now(TOKYO).date()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class KnowledgeGazetteer(Component, EntityExtractorMixin):
    """Sets `entities` (ids and codes, `docs/architecture.md`). `today` may be replaced: relative days depend on it."""

    today: Callable[[], dt.date] = staticmethod(today_in_tokyo)
    _gazetteer: Gazetteer | None = None

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
        return self._resource

    def restore(self, folder: Path) -> None:
        """See `Component`."""
        raw = json.loads((folder / "gazetteer.json").read_text(encoding="utf-8"))
        self._gazetteer = Gazetteer(GazetteerData.from_dict(raw), registry())

    def understand(self, message: Message) -> None:
        """See `Component`."""
        if self._gazetteer is None or is_payload(message) or not message_text(message):
            return
        tokens = message.get(TEXT_TOKENS)
        edges = {place for token in tokens for place in (token.start, token.end)} if tokens else None
        found = self._gazetteer.find(message_text(message), message_language(message), self.today(), edges)
        message.set("entities", [entity.as_dict() for entity in found], add_to_output=True)
