"""Graph component: the long tail. Every public topic of the knowledge is found, not only those with an intent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse

from bot.i18n.catalogues import TOPICS as TOPICS_DOMAIN
from bot.i18n.catalogues import catalogue
from bot.i18n.languages import enabled_languages
from bot.knowledge.models import LocalisedText, Topic
from bot.knowledge.public import WithheldTopic, public_records
from bot.nlu.bands import ASK_TOPIC
from bot.nlu.classifier import dense_rows
from bot.nlu.families import DEFAULT_FAMILIES, family_confidence
from bot.nlu.featurizers import document_of
from bot.nlu.graph import (
    SAFETY,
    THRESHOLDS,
    TOPICS,
    Component,
    examples_with_intent,
    is_payload,
    message_text,
)
from bot.nlu.knowledge_source import load_knowledge
from bot.nlu.sentence_vectors import encode
from bot.nlu.softmax import Features, Floats, Softmax, fit, probabilities
from bot.nlu.tokenization import words
from bot.nlu.topic_index import Entry, Found, TopicIndex, evidence
from bot.settings import settings

logger = logging.getLogger(__name__)

EXTRACTOR = "TopicRetriever"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicRetriever(Component, EntityExtractorMixin):
    """Sets `topics`; where the classifier is unsure and the retrieval sure, intent `ask_topic` and entity `topic`.

    The score of a topic is the probability that it is the right one, learnt from the training examples: an example of a
    topic's intent must find that topic; small talk and out of scope must find none.
    """

    _index: TopicIndex | None = None
    _judge: Softmax | None = None
    _intents: dict[str, str]

    @classmethod
    def required_components(cls) -> list[type]:
        """A tokenizer comes before. So should the classifier: retrieval speaks where it is unsure."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`accept`: the score from which a topic is taken. `factors`: what likeness of words (`lexical`) and of vectors
        counts. `families`: see `bot.nlu.families`. `answers`: how much an answer's text counts beside a question's;
        `answer_languages` whose are indexed.
        `none`: intents whose examples no topic answers. `sample`: examples the scores are learnt from.
        """
        return {
            "encoders": ["use", "potion"],
            "accept": 0.85,
            "families": [list(prefixes) for prefixes in DEFAULT_FAMILIES],
            "factors": {"lexical": 1.0, "use": 0.8, "potion": 0.4},
            "answers": 0.75,
            "answer_languages": ["ja", "en"],
            "answer_length": 300,
            "none": [
                "out_of_scope",
                "greet",
                "thank",
                "goodbye",
                "bot_identity",
                "affirm",
                "deny",
                "help",
                "talk_to_person",
            ],
            "sample": 700,
            "number": 5,
            "seed": 1,
        }

    @classmethod
    def data_paths(cls, config: dict[str, Any]) -> tuple[Path, ...]:
        """See `Component`."""
        data = settings().data_dir
        return (data / "knowledge", *(data / "locale" / entry.code / "topics.po" for entry in enabled_languages()))

    def train(self, training_data: TrainingData) -> Resource:
        """Index the topics, learn how far a hit can be trusted, write both."""
        topics = public_topics()
        entries = list(self._entries(topics))
        vectors: dict[str, Floats] = {}
        for name in self.config["encoders"]:
            rows = encode(name, [entry.text for entry in entries])
            if rows is not None:
                vectors[name] = rows
        self._index = TopicIndex.build(entries, vectors, self.config["factors"])
        self._intents = {topic.id: topic.intent for topic in topics.values() if topic.intent}
        self._judge = self._learn(training_data)
        with self._storage.write_to(self._resource) as folder:
            self._index.save(Path(folder))
            meta = {
                "intents": self._intents,
                "weights": self._judge.vectors.tolist(),
                "intercept": self._judge.intercept.tolist(),
            }
            (Path(folder) / "judge.json").write_text(json.dumps(meta), encoding="utf-8")
        return self._resource

    def restore(self, folder: Path) -> None:
        """See `Component`."""
        self._index = TopicIndex.load(folder)
        meta = json.loads((folder / "judge.json").read_text(encoding="utf-8"))
        self._intents = meta["intents"]
        weights = np.array(meta["weights"], dtype=np.float32)
        self._judge = Softmax(
            np.zeros((0, 2), dtype=np.float32), weights, np.array(meta["intercept"], dtype=np.float32)
        )

    def _entries(self, topics: Mapping[str, Topic | WithheldTopic]) -> Iterator[Entry]:
        length = int(self.config["answer_length"])
        for topic in topics.values():
            for language in (entry.code for entry in enabled_languages()):
                questions = (
                    [_in_language(topic.question, f"topic.{topic.id}.question", language)] if topic.question else []
                )
                if isinstance(topic, Topic):
                    questions += list(topic.alternative_questions.get(language, ()))
                for text in filter(None, questions):
                    yield Entry(topic.id, language, text, tuple(words(text, language)), 1.0)
                if isinstance(topic, Topic) and language in self.config["answer_languages"]:
                    answer = _in_language(topic.answer, f"topic.{topic.id}.answer", language)
                    if answer:
                        text = answer[:length]
                        yield Entry(
                            topic.id, language, text, tuple(words(text, language)), float(self.config["answers"])
                        )

    def _learn(self, training_data: TrainingData) -> Softmax:
        """A logistic regression: from the evidence of the first hit to whether it is right."""
        answered, none = set(self._intents.values()), set(self.config["none"])
        pool = [e for e in examples_with_intent(training_data) if e.get("intent") in answered | none]
        order = np.random.default_rng(self.config["seed"]).permutation(len(pool))[: int(self.config["sample"])]
        rows: list[Floats] = []
        right: list[int] = []
        for at in order:
            example = pool[at]
            found = self._look_up(example)
            if not found:
                continue
            rows.append(evidence(found, len(document_of(example).words)))
            right.append(int(self._intents.get(found[0].topic) == example.get("intent")))
        if len(set(right)) < 2:
            logger.warning("too few examples to learn how far a found topic can be trusted: none is taken by itself")
            return Softmax(np.zeros((0, 2), "f"), np.zeros((7, 2), "f"), np.array([2.0, -2.0], "f"))
        features = Features(sparse.csr_matrix((len(rows), 0), dtype=np.float32), np.vstack(rows))
        judge = fit(features, np.array(right, dtype=np.intp), 2, penalty=0.01, iterations=200)
        odds = probabilities(judge.logits(features))[:, 1]
        taken = odds >= self.config["accept"]
        logger.info(
            "topics: %d, %d texts; of %d examples %.3f find their own first; taken from %.2f: %.0f %%, %.3f right",
            len(self._index.topics) if self._index else 0, len(self._index.owners) if self._index else 0, len(right),
            float(np.mean(right)), self.config["accept"], 100 * float(taken.mean()),
            float(np.array(right)[taken].mean()) if taken.any() else 0.0,
        )  # fmt: skip
        return judge

    def _look_up(self, message: Message) -> list[Found]:
        assert self._index is not None
        return self._index.find(document_of(message), dense_rows(message), int(self.config["number"]))

    def understand(self, message: Message) -> None:
        """See `Component`."""
        message.set(TOPICS, [], add_to_output=True)
        if self._index is None or self._judge is None or is_payload(message) or not message_text(message):
            return
        found = self._look_up(message)
        if not found:
            return
        scores = self._scores(found, len(document_of(message).words))
        topics = [{"topic": hit.topic, "score": score} for hit, score in zip(found, scores, strict=True)]
        topics.sort(key=lambda row: -float(str(row["score"])))
        message.set(TOPICS, topics, add_to_output=True)
        if not (message.get(SAFETY) or {}).get("kind"):
            self._speak(message, str(topics[0]["topic"]), float(str(topics[0]["score"])))

    def _scores(self, found: list[Found], words_in_text: int) -> list[float]:
        """The probability of each hit to be the right one, as if it were the first."""
        assert self._judge is not None
        rows = np.vstack([evidence(found[at:], words_in_text) for at in range(len(found))])
        features = Features(sparse.csr_matrix((len(rows), 0), dtype=np.float32), rows)
        return [float(value) for value in probabilities(self._judge.logits(features))[:, 1]]

    def _speak(self, message: Message, topic: str, score: float) -> None:
        """Take the topic where the classifier is unsure; where both mean the same, they strengthen each other."""
        intent = message.get("intent") or {}
        confidence = float(intent.get("confidence") or 0.0)
        sure = float((message.get(THRESHOLDS) or {}).get("sure", 0.6))
        ranking = list(message.get("intent_ranking") or [])
        if max(confidence, family_confidence(ranking, self.config["families"])) >= sure:
            return
        if self._intents.get(topic) == intent.get("name") and intent.get("name"):
            first = {"name": intent["name"], "confidence": 1.0 - (1.0 - confidence) * (1.0 - score)}
            ranking = [first, *ranking[1:]]
        elif score >= self.config["accept"] and score > confidence:
            first = {"name": ASK_TOPIC, "confidence": score}
            ranking = [first, *ranking]
            text = message_text(message)
            entity = {
                "entity": "topic", "value": topic, "start": 0, "end": len(text),
                "confidence": score, "extractor": EXTRACTOR,
            }  # fmt: skip
            message.set("entities", [*(message.get("entities") or []), entity], add_to_output=True)
        else:
            return
        message.set("intent", first, add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)


def public_topics() -> dict[str, Topic | WithheldTopic]:
    """Every topic a resident may be led to, by id; a withheld one is led to the office that knows."""
    public = public_records(load_knowledge())
    return {**public.knowledge.topics, **public.withheld}


def _in_language(source: LocalisedText | None, key: str, language: str) -> str | None:
    """The text in exactly this language: from the knowledge itself, or from the catalogue."""
    if source is None:
        return None
    own = getattr(source, language, None) if language in LocalisedText.model_fields else None
    if isinstance(own, str) and own:
        return own
    entry = catalogue(TOPICS_DOMAIN, language).translation(key, source.ja)
    return entry.strings[0] if entry else None
