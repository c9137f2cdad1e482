"""Graph component: the language of a message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.i18n.languages import registry
from bot.nlu.graph import LANGUAGE, Component, StampedTrainingData, message_text, training_language
from bot.nlu.language_identification import (
    IdentificationConfig,
    Identified,
    LanguageIdentification,
    read_examples,
)
from bot.settings import settings


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=True)
class LanguageIdentifier(Component):
    """Sets `language`. Learns from the examples' texts and the language in their intent's metadata."""

    _identification: LanguageIdentification | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`tuning`: fields of `IdentificationConfig` that shall differ from their defaults."""
        return {"tuning": {}}

    @classmethod
    def data_paths(cls, config: dict[str, Any]) -> tuple[Path, ...]:
        """See `Component`."""
        data = settings().data_dir
        return (
            data / "language_hints.yaml",
            data / "outside_languages.yaml",
            data / "nlu",
            data / "knowledge" / "questions",
        )

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples of all languages, offered or not, and write the model."""
        examples = [
            (message_text(example), code)
            for example in training_data.intent_examples
            if (code := training_language(example)) is not None
        ]
        # Languages that are not offered yet are better told apart by examples than by fastText.
        hidden = {entry.code for entry in registry().languages if not entry.enabled}
        examples += [(text, code) for text, code in read_examples(settings().data_dir) if code in hidden]
        tuning = IdentificationConfig(**self.config["tuning"])
        learnt = LanguageIdentification.from_examples(examples, config=tuning)
        with self._storage.write_to(self._resource) as folder:
            learnt.save(Path(folder))
        return self._resource

    def restore(self, folder: Path) -> None:
        """See `Component`."""
        self._identification = LanguageIdentification.load(folder)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training examples have the language their metadata names; those without one are identified."""
        for example in training_data.training_examples:
            code = training_language(example)
            if code is None:
                self.process([example])
            else:
                example.set(LANGUAGE, Identified(code, 1.0, "explicit", code).as_dict())
        return StampedTrainingData.of(training_data)

    def understand(self, message: Message) -> None:
        """See `Component`."""
        metadata = message.get("metadata")
        wishes = metadata if isinstance(metadata, dict) else {}
        explicit, conversation = wishes.get("language"), wishes.get("conversation_language")
        explicit = explicit if isinstance(explicit, str) else None
        conversation = conversation if isinstance(conversation, str) else None
        if self._identification is None:
            known = registry()
            code = next((c for c in (explicit, conversation) if known.find(c)), None) or known.first.code
            found = Identified(code, 0.0, "conversation", code)
        else:
            found = self._identification.identify(message_text(message), explicit, conversation)
        message.set(LANGUAGE, found.as_dict(), add_to_output=True)
