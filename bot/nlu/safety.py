"""Graph component: danger to life comes before everything else."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.graph import SAFETY, Component, is_payload, message_text
from bot.nlu.safety_phrases import KINDS, SafetyPhrases
from bot.settings import settings

logger = logging.getLogger(__name__)

PREFIX = "emergency_"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SafetyDetector(Component):
    """Sets `safety`, and the intent to `emergency_<kind>` at a low threshold.

    A phrase of danger decides by itself. Without one, the classifier's emergency intents decide together: their sum
    must reach `together` and the likeliest kind `threshold`; a text that holds a harmless look-alike needs `calm`.
    """

    _phrases: SafetyPhrases | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The thresholds, as probabilities."""
        return {"threshold": 0.3, "together": 0.45, "calm": 0.85}

    @classmethod
    def data_paths(cls, config: dict[str, Any]) -> tuple[Path, ...]:
        """See `Component`."""
        return (settings().data_dir / "safety",)

    def train(self, training_data: TrainingData) -> Resource:
        """Check the phrases and copy them into the model. Raises `SafetyDataError` when a file is broken."""
        source = settings().data_dir / "safety"
        SafetyPhrases.read(source)
        with self._storage.write_to(self._resource) as folder:
            for path in sorted(source.glob("*.yaml")):
                (Path(folder) / path.name).write_bytes(path.read_bytes())
        return self._resource

    def restore(self, folder: Path) -> None:
        """See `Component`."""
        self._phrases = SafetyPhrases.read(folder)

    def understand(self, message: Message) -> None:
        """See `Component`."""
        message.set(SAFETY, {"kind": None, "score": 0.0}, add_to_output=True)
        if is_payload(message):
            return
        text = message_text(message)
        danger = self._phrases.find(text) if self._phrases else None
        if danger is not None:
            self._raise_alarm(message, danger.kind, danger.score)
            return
        odds = {
            row["name"].removeprefix(PREFIX): float(row["confidence"])
            for row in message.get("intent_ranking") or ()
            if str(row["name"]).startswith(PREFIX)
        }
        if not odds:
            return
        kind = max(odds, key=odds.__getitem__)
        total = sum(odds.values())
        if self._phrases and self._phrases.is_harmless(text):
            alarm = odds[kind] >= self.config["calm"]
        else:
            alarm = odds[kind] >= self.config["threshold"] and total >= self.config["together"]
        if alarm and kind in KINDS:
            self._raise_alarm(message, kind, total)
        else:
            message.set(SAFETY, {"kind": None, "score": total}, add_to_output=True)

    @staticmethod
    def _raise_alarm(message: Message, kind: str, score: float) -> None:
        name = f"{PREFIX}{kind}"
        rest = [row for row in message.get("intent_ranking") or () if row["name"] != name]
        first = {"name": name, "confidence": score}
        message.set(SAFETY, {"kind": kind, "score": score}, add_to_output=True)
        message.set("intent", first, add_to_output=True)
        message.set("intent_ranking", [first, *rest], add_to_output=True)
