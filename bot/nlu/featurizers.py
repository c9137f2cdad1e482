"""Graph components: word and character features, and sentence vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse

from bot.nlu.graph import Component, examples_with_intent, message_text
from bot.nlu.parallel import spread
from bot.nlu.sentence_vectors import FACTORIES, encode, encoder
from bot.nlu.tfidf import Document, Tfidf, TfidfConfig

TFIDF = "tfidf"
"""Origin of the sparse features; a sentence vector's origin is its encoder's name."""


def document_of(message: Message) -> Document:
    """The message's text and its words (tokens that hold a letter or figure)."""
    tokens: Sequence[Token] = message.get(TEXT_TOKENS) or ()
    words = tuple(token.lemma for token in tokens if any(ch.isalnum() for ch in token.lemma))
    return Document(message_text(message), words)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TfidfFeaturizer(Component):
    """Adds one sparse row: TF-IDF of words and characters."""

    _model: Tfidf | None = None

    @classmethod
    def required_components(cls) -> list[type]:
        """A tokenizer comes before."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The fields of `TfidfConfig`."""
        return {
            "words": [1, 2],
            "characters": [1, 4],
            "least": 2,
            "most": 150_000,
            "word_weight": 0.7,
            "character_weight": 1.0,
        }

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the vocabulary and write it."""
        learnt = Tfidf.fit(map(document_of, examples_with_intent(training_data)), TfidfConfig.from_mapping(self.config))
        with self._storage.write_to(self._resource) as folder:
            learnt.save(Path(folder))
        return self._resource

    def restore(self, folder: Path) -> None:
        """See `Component`."""
        self._model = Tfidf.load(folder)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to every example with a text."""
        examples = [example for example in training_data.training_examples if message_text(example)]
        if self._model is not None:
            for example, row in zip(examples, spread(self._rows, list(map(document_of, examples))), strict=True):
                example.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, TFIDF))
        return training_data

    def understand(self, message: Message) -> None:
        """See `Component`."""
        if self._model is not None and message_text(message):
            message.add_features(Features(self._rows([document_of(message)])[0], FEATURE_TYPE_SENTENCE, TEXT, TFIDF))

    def _rows(self, documents: Sequence[Document]) -> list[sparse.csr_matrix]:
        assert self._model is not None
        return [self._model.transform([document]) for document in documents]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceVectorFeaturizer(Component):
    """Adds a dense row an encoder. An encoder that is not usable is left out; see `bot.nlu.sentence_vectors`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`encoders`: names of `bot.nlu.sentence_vectors.FACTORIES`, in order."""
        return {"encoders": list(FACTORIES)}

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> Component:
        """Loads the encoders now, not at the first message."""
        for name in config["encoders"]:
            encoder(name)
        return cls(config, model_storage, resource)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to every example with a text, encoding all texts together."""
        examples = [example for example in training_data.training_examples if message_text(example)]
        self._add(examples)
        return training_data

    def understand(self, message: Message) -> None:
        """See `Component`."""
        if message_text(message):
            self._add([message])

    def _add(self, messages: list[Message]) -> None:
        for name in self.config["encoders"]:
            rows = encode(name, [message_text(message) for message in messages])
            if rows is None:
                continue
            for message, row in zip(messages, rows, strict=True):
                message.add_features(Features(row[np.newaxis, :], FEATURE_TYPE_SENTENCE, TEXT, name))
