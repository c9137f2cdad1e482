"""Graph component: what a message asks for. A calibrated linear classifier on the features of earlier components."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse

from bot.nlu.calibration import BandTargets, Calibration, calibrate, of_language
from bot.nlu.featurizers import TFIDF, TfidfFeaturizer
from bot.nlu.graph import (
    CLASSES,
    THRESHOLDS,
    Component,
    examples_with_intent,
    message_language,
    message_text,
    training_area,
)
from bot.nlu.softmax import Features, Floats, Softmax, fit, probabilities
from bot.nlu.topic_questions import ASK_TOPIC, topic_class

logger = logging.getLogger(__name__)

FALLBACK_WEIGHT = "default"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedIntentClassifier(Component, IntentClassifier):
    """Sets `intent` and `intent_ranking` with probabilities that were calibrated a language on held-out predictions.

    Questions about the long tail of topics are told apart by area of the knowledge: one class an area, together the
    intent `ask_topic`. Which topic it is, `TopicRetriever` finds.
    """

    _intents: tuple[str, ...] = ()
    _vectors: tuple[tuple[str, int], ...] = ()
    _model: Softmax | None = None
    _calibrations: dict[str, Calibration]

    @classmethod
    def required_components(cls) -> list[type]:
        """Word and character features come before; sentence vectors may."""
        return [TfidfFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """How it is fitted and what its bands promise.

        `weights`: {encoder: {language or `default`: factor}}. `folds`: parts of the cross-validation that calibrates
        (0: none), `held_out`: how many of them are held out in turn (all: slower, steadier). `precision`, `hope`,
        `least`, `floor`, `ceiling`: see `BandTargets`. `ranking_length`: intents in the ranking.
        """
        return {
            "penalty": 0.03,
            "epochs": 5,
            "rate": 0.4,
            "folds": 4,
            "held_out": 1,
            "ranking_length": 10,
            "weights": {
                "use": {FALLBACK_WEIGHT: 1.0},
                "potion": {FALLBACK_WEIGHT: 0.7},
                "entities": {FALLBACK_WEIGHT: 0.4},
            },
            "precision": 0.9,
            "floor": 0.45,
            "ceiling": 0.65,
            "hope": 0.45,
            "least": 150,
            "seed": 1,
        }

    def train(self, training_data: TrainingData) -> Resource:
        """Fit, calibrate on held-out folds, write, and log the held-out figures a language."""
        examples = examples_with_intent(training_data)
        self._intents = tuple(sorted({_label(example) for example in examples}))
        if len(self._intents) < 2:
            logger.warning("fewer than two intents have examples: no classifier is trained")
            return self._resource
        self._vectors = _dense_origins(examples)
        labels = np.array([self._intents.index(_label(example)) for example in examples], dtype=np.intp)
        languages = np.array([message_language(example) for example in examples])
        features = self._features(examples)
        number = len(self._intents)
        held_out, held = self._cross_validate(features, labels, number)
        targets = BandTargets(*(self.config[name] for name in ("precision", "hope", "least", "floor", "ceiling")))
        # The long tail has few examples a topic, unlike each other: held out, they are harder than what people ask.
        tail = np.array([_is_topic(name) for name in self._intents])[labels]
        held &= ~tail
        self._calibrations = calibrate(held_out[held], labels[held], languages[held], targets)
        self._model = self._fit(features, labels, number)
        for language, found in self._calibrations.items():
            logger.info(
                "held out, %s: %d examples, %.3f right, %.3f among three; sure from %.2f: %.0f %% of them, %.3f right",
                language, found.examples, found.accuracy, found.top3,
                found.sure, 100 * found.sure_share, found.sure_precision,
            )  # fmt: skip
        with self._storage.write_to(self._resource) as folder:
            self._save(Path(folder))
        return self._resource

    def _cross_validate(
        self, features: Features, labels: NDArray[np.intp], classes: int
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """Logits of each example by a model that has not seen it, and for which examples there are any."""
        folds = int(self.config["folds"])
        logits = np.zeros((features.rows, classes), dtype=np.float32)
        if folds < 2 or features.rows < 10 * folds:
            return self._fit(features, labels, classes).logits(features), np.ones(features.rows, dtype=np.bool_)
        fold = np.random.default_rng(self.config["seed"]).integers(0, folds, features.rows)
        turns = min(folds, max(1, int(self.config["held_out"])))
        for number in range(turns):
            inside = fold != number
            model = self._fit(features.take(inside), labels[inside], classes)
            logits[~inside] = model.logits(features.take(~inside))
        return logits, fold < turns

    def _fit(self, features: Features, labels: NDArray[np.intp], classes: int) -> Softmax:
        return fit(
            features, labels, classes,
            penalty=float(self.config["penalty"]), rate=float(self.config["rate"]),
            epochs=int(self.config["epochs"]), seed=int(self.config["seed"]),
        )  # fmt: skip

    def _weight(self, encoder: str, language: str) -> float:
        table = self.config["weights"].get(encoder, {})
        return float(table.get(language, table.get(FALLBACK_WEIGHT, 1.0)))

    def _features(self, messages: Sequence[Message]) -> Features:
        words = sparse.vstack([_sparse_row(message) for message in messages], format="csr")
        depth = sum(size for _, size in self._vectors)
        vectors = np.zeros((len(messages), depth), dtype=np.float32)
        for row, message in enumerate(messages):
            language = message_language(message)
            dense = dense_rows(message)
            column = 0
            for name, size in self._vectors:
                found = dense.get(name)
                if found is not None and found.shape == (size,):
                    vectors[row, column : column + size] = self._weight(name, language) * found
                column += size
        return Features(words, vectors)

    def _save(self, folder: Path) -> None:
        assert self._model is not None
        meta = {
            "intents": self._intents,
            "vectors": self._vectors,
            "calibrations": {code: found.as_dict() for code, found in self._calibrations.items()},
        }
        (folder / "classifier.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1), encoding="utf-8")
        np.savez_compressed(
            folder / "classifier.npz",
            words=self._model.words.astype(np.float16),
            vectors=self._model.vectors,
            intercept=self._model.intercept,
        )

    def restore(self, folder: Path) -> None:
        """See `Component`."""
        meta = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
        with np.load(folder / "classifier.npz", allow_pickle=False) as arrays:
            model = Softmax(
                arrays["words"].astype(np.float32),
                arrays["vectors"].astype(np.float32),
                arrays["intercept"].astype(np.float32),
            )
        self._intents = tuple(meta["intents"])
        self._vectors = tuple((name, size) for name, size in meta["vectors"])
        self._calibrations = {code: Calibration(**found) for code, found in meta["calibrations"].items()}
        if model.words.shape[1] != len(self._intents) or model.vectors.shape[0] != sum(
            size for _, size in self._vectors
        ):
            raise ValueError("the stored classifier is inconsistent")
        self._model = model

    def understand(self, message: Message) -> None:
        """See `Component`."""
        if self._model is None or not message_text(message):
            message.set("intent", {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set("intent_ranking", [], add_to_output=True)
            return
        found = of_language(self._calibrations, message_language(message))
        odds = probabilities(self._model.logits(self._features([message]))[0], found.temperature)
        ranking = self._ranking(odds)[: int(self.config["ranking_length"])]
        message.set("intent", dict(ranking[0]), add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
        message.set(CLASSES, dict(zip(self._intents, odds.tolist(), strict=True)))
        message.set(THRESHOLDS, {"sure": found.sure, "lost": found.lost})

    def _ranking(self, odds: Floats) -> list[dict[str, Any]]:
        """Intents by probability; that of `ask_topic` is the sum of its areas'."""
        shares: dict[str, float] = {}
        for name, share in zip(self._intents, odds.tolist(), strict=True):
            intent = ASK_TOPIC if _is_topic(name) else name
            shares[intent] = shares.get(intent, 0.0) + share
        return [{"name": name, "confidence": share} for name, share in sorted(shares.items(), key=lambda row: -row[1])]


def _label(example: Message) -> str:
    """The class of a training example: its intent, for a topic's with the area."""
    intent = str(example.get("intent"))
    return topic_class(training_area(example)) if intent == ASK_TOPIC else intent


def _is_topic(label: str) -> bool:
    return label.startswith(topic_class(""))


def _sparse_row(message: Message) -> sparse.csr_matrix:
    for features in message.features:
        if features.attribute == TEXT and features.origin == TFIDF:
            return features.features
    raise ValueError("a message has no word and character features")


def dense_rows(message: Message) -> dict[str, Floats]:
    """The message's sentence vectors by encoder, shape (dimensions,)."""
    return {
        features.origin: np.asarray(features.features, dtype=np.float32)[0]
        for features in message.features
        if features.attribute == TEXT and features.is_dense()
    }


def _dense_origins(messages: Sequence[Message]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for message in messages:
        for name, row in dense_rows(message).items():
            found.setdefault(name, len(row))
    return tuple(sorted(found.items()))
