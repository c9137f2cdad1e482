"""Graph component: the long tail. Every public topic of the knowledge is found, not only those with an intent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
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
from sklearn.linear_model import LogisticRegression

from bot.i18n.languages import enabled_languages
from bot.knowledge.models import Topic
from bot.knowledge.public import WithheldTopic
from bot.nlu.classifier import dense_rows
from bot.nlu.families import DEFAULT_FAMILIES, family_confidence
from bot.nlu.featurizers import document_of
from bot.nlu.graph import (
    CLASSES,
    FOUND_TOPIC,
    SAFETY,
    THRESHOLDS,
    TOPICS,
    Component,
    examples_with_intent,
    is_payload,
    message_language,
    message_text,
)
from bot.nlu.sentence_vectors import encode
from bot.nlu.softmax import Features, Floats, Softmax, probabilities
from bot.nlu.tfidf import Document
from bot.nlu.tokenization import words
from bot.nlu.topic_index import Entry, Found, TopicIndex, evidence
from bot.nlu.topic_questions import (
    ASK_TOPIC,
    intent_of,
    is_long_tail,
    public_topics,
    questions,
    topic_class,
)
from bot.settings import settings

logger = logging.getLogger(__name__)

EXTRACTOR = "TopicRetriever"
DEFAULT_SHARPNESS = 0.03
SHARPNESSES = tuple(float(value) for value in np.geomspace(0.01, 0.3, 25))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicRetriever(Component, EntityExtractorMixin):
    """Sets `topics`; where the classifier is unsure and the retrieval sure, intent `ask_topic` and entity `topic`.

    The score of a topic is the probability that it is the right one. A topic of the long tail has the classifier's
    probability of its area times its share among the area's topics, by likeness. Other topics (statements, those of a
    frequent intent) are judged by likeness alone, learnt from the training examples: an example of a topic's intent
    must find that topic; small talk and out of scope must find none. One of a frequent intent is taken only where the
    classifier sees that intent too.
    """

    _indexes: dict[str, TopicIndex] | None = None
    _judge: Softmax | None = None
    _intents: dict[str, str]
    _areas: dict[str, str]
    _sharpness: float = DEFAULT_SHARPNESS

    @classmethod
    def required_components(cls) -> list[type]:
        """A tokenizer comes before. So should the classifier: retrieval speaks where it is unsure."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`accept`: the score from which a topic is taken. `factors`: what likeness of words (`lexical`) and of vectors
        counts. `families`: see `bot.nlu.families`.
        `none`: intents whose examples no topic answers. `sample`: examples the scores are learnt from. `wide`: how many
        topics share an area's probability. `leading`: the least probability of a topic that is taken while its areas
        as a whole are sure. `seen`: the least probability of a frequent intent one of whose topics is taken. `cards`:
        {prefix of a family: sets of entities that name a record} whose card says all that the family asks.
        """
        return {
            "encoders": ["use", "potion"],
            "accept": 0.85,
            "families": [list(prefixes) for prefixes in DEFAULT_FAMILIES],
            "factors": {"lexical": 1.0, "use": 0.8, "potion": 0.4},
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
            "wide": 30,
            "leading": 0.4,
            "seen": 0.1,
            "cards": {"office_": [["office"], ["office_kind", "ward"]]},
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
        entries = list(_entries(topics))
        encoded = {
            name: _encoded(name, [entry.text for entry in entries], training_data) for name in self.config["encoders"]
        }
        vectors = {name: rows for name, rows in encoded.items() if rows is not None}
        places: dict[str, list[int]] = {}
        for at, entry in enumerate(entries):
            places.setdefault(entry.language, []).append(at)
        self._indexes = {
            code: TopicIndex.build(
                [entries[at] for at in own], {name: rows[own] for name, rows in vectors.items()}, self.config["factors"]
            )
            for code, own in places.items()
        }
        self._intents = {id_: intent for id_, topic in topics.items() if (intent := intent_of(topic))}
        self._areas = {topic.id: topic.area for topic in topics.values() if is_long_tail(topic)}
        self._judge = self._learn(training_data)
        self._sharpness = self._learn_sharpness(entries, vectors, places)
        with self._storage.write_to(self._resource) as folder:
            for code, index in self._indexes.items():
                (Path(folder) / code).mkdir()
                index.save(Path(folder) / code)
            meta = {
                "languages": list(self._indexes),
                "intents": self._intents,
                "areas": self._areas,
                "sharpness": self._sharpness,
                "weights": self._judge.vectors.tolist(),
                "intercept": self._judge.intercept.tolist(),
            }
            (Path(folder) / "judge.json").write_text(json.dumps(meta), encoding="utf-8")
        return self._resource

    def restore(self, folder: Path) -> None:
        """See `Component`."""
        meta = json.loads((folder / "judge.json").read_text(encoding="utf-8"))
        self._intents, self._areas, self._sharpness = meta["intents"], meta["areas"], float(meta["sharpness"])
        weights = np.array(meta["weights"], dtype=np.float32)
        self._judge = Softmax(
            np.zeros((0, 2), dtype=np.float32), weights, np.array(meta["intercept"], dtype=np.float32)
        )
        self._indexes = {str(code): TopicIndex.load(folder / str(code)) for code in meta["languages"]}

    def _learn(self, training_data: TrainingData) -> Softmax:
        """A logistic regression: from the evidence of the first hit to whether it is right."""
        answered, none = set(self._intents.values()), set(self.config["none"])
        pool = [e for e in examples_with_intent(training_data) if e.get("intent") in answered | none]
        order = np.random.default_rng(self.config["seed"]).permutation(len(pool))[: int(self.config["sample"])]
        rows: list[Floats] = []
        right: list[int] = []
        for at in order:
            example = pool[at]
            found = self._others(self._look_up(example))
            if not found:
                continue
            rows.append(evidence(found, len(document_of(example).words)))
            right.append(int(self._intents.get(found[0].topic) == example.get("intent")))
        if len(set(right)) < 2:
            logger.warning("too few examples to learn how far a found topic can be trusted: none is taken by itself")
            return Softmax(np.zeros((0, 2), "f"), np.zeros((7, 2), "f"), np.array([2.0, -2.0], "f"))
        features = Features(sparse.csr_matrix((len(rows), 0), dtype=np.float32), np.vstack(rows))
        learnt = LogisticRegression(C=100.0, max_iter=1000).fit(features.vectors, right)
        weights = np.vstack([np.zeros_like(learnt.coef_), learnt.coef_]).T.astype(np.float32)
        judge = Softmax(np.zeros((0, 2), "f"), weights, np.array([0.0, float(learnt.intercept_[0])], dtype=np.float32))
        odds = probabilities(judge.logits(features))[:, 1]
        taken = odds >= self.config["accept"]
        logger.info(
            "long tail: %d topics, %d texts; of %d examples %.3f find theirs; taken from %.2f: %.0f %%, %.3f right",
            len(self._areas), sum(len(index.owners) for index in (self._indexes or {}).values()), len(right),
            float(np.mean(right)), self.config["accept"], 100 * float(taken.mean()),
            float(np.array(right)[taken].mean()) if taken.any() else 0.0,
        )  # fmt: skip
        return judge

    def _learn_sharpness(
        self, entries: Sequence[Entry], vectors: Mapping[str, Floats], places: Mapping[str, Sequence[int]]
    ) -> float:
        """How quickly shares fall with likeness: the value at which each question finds its own topic best."""
        assert self._indexes is not None
        inside = {at: number for own in places.values() for number, at in enumerate(own)}
        texts = [at for at, entry in enumerate(entries) if entry.topic in self._areas]
        order = np.random.default_rng(self.config["seed"]).permutation(texts)[: int(self.config["sample"])]
        tries: list[tuple[int, Floats]] = []
        for at in order:
            entry = entries[at]
            query = {name: rows[at] for name, rows in vectors.items()}
            index = self._indexes[entry.language]
            found = index.find(Document(entry.text, entry.words), query, int(self.config["wide"]), inside[at])
            own = [hit for hit in found if self._areas.get(hit.topic) == self._areas[entry.topic]]
            place = next((n for n, hit in enumerate(own) if hit.topic == entry.topic), None)
            if place is not None:
                tries.append((place, np.array([hit.likeness for hit in own], dtype=np.float32)))
        if not tries:
            return DEFAULT_SHARPNESS

        def loss(sharpness: float) -> float:
            return -float(
                np.mean([np.log(probabilities(likeness, sharpness)[place] + 1e-6) for place, likeness in tries])
            )

        best = min(SHARPNESSES, key=loss)
        first = float(np.mean([place == 0 for place, _ in tries]))
        logger.info(
            "topics of the long tail: %d tried, %.3f first in their area, sharpness %.3f", len(tries), first, best
        )
        return best

    def _look_up(self, message: Message) -> list[Found]:
        assert self._indexes is not None
        index = self._indexes.get(message_language(message)) or next(iter(self._indexes.values()))
        return index.find(document_of(message), dense_rows(message), int(self.config["wide"]))

    def understand(self, message: Message) -> None:
        """See `Component`."""
        message.set(TOPICS, [], add_to_output=True)
        if not self._indexes or self._judge is None or is_payload(message) or not message_text(message):
            return
        found = self._look_up(message)
        if not found:
            return
        number = int(self.config["number"])
        others = self._others(found)
        judged = dict(
            zip((hit.topic for hit in others), self._scores(others, len(document_of(message).words)), strict=True)
        )
        shared = self._shared(found, message.get(CLASSES) or {})
        # What the classifier knows leaves less room for a statement, which is no class.
        room = 1.0 - max((message.get(CLASSES) or {"": 0.0}).values())
        scores = {**{topic: room * score for topic, score in judged.items()}, **shared}
        ranked = sorted(scores.items(), key=lambda row: -row[1])[:number]
        message.set(TOPICS, [{"topic": topic, "score": score} for topic, score in ranked], add_to_output=True)
        if not ranked or (message.get(SAFETY) or {}).get("kind"):
            return
        if shared and self._take_shared(message, max(shared, key=shared.__getitem__), shared):
            return
        classes: Mapping[str, float] = message.get(CLASSES) or {}
        seen = {topic: score for topic, score in judged.items() if self._is_seen(topic, classes)}
        if seen:
            self._speak(message, *max(seen.items(), key=lambda row: row[1]))

    def _is_seen(self, topic: str, classes: Mapping[str, float]) -> bool:
        intent = self._intents.get(topic)
        return intent is None or classes.get(intent, 0.0) >= float(self.config["seen"])

    def _others(self, found: list[Found]) -> list[Found]:
        """The first hits that are not of the long tail: those that likeness alone must speak for."""
        return [hit for hit in found if hit.topic not in self._areas][: int(self.config["number"])]

    def _shared(self, found: list[Found], classes: Mapping[str, float]) -> dict[str, float]:
        """The probability of each topic of the long tail: its area's, shared by likeness."""
        likeness: dict[str, dict[str, float]] = {}
        for hit in found:
            if (label := topic_class(self._areas.get(hit.topic))) in classes:
                likeness.setdefault(label, {})[hit.topic] = hit.likeness
        shares: dict[str, float] = {}
        for label, own in likeness.items():
            odds = probabilities(np.array(list(own.values()), dtype=np.float32), self._sharpness)
            shares.update(zip(own, (classes[label] * odds).tolist(), strict=True))
        return shares

    def _take_shared(self, message: Message, topic: str, shared: Mapping[str, float]) -> bool:
        """Whether a topic of the long tail is what the text means; if so, the message says it."""
        ranking = [row for row in message.get("intent_ranking") or [] if row["name"] != ASK_TOPIC]
        classes: Mapping[str, float] = message.get(CLASSES) or {}
        together = family_confidence(topic_class(self._areas[topic]), classes, self.config["families"])
        score = shared[topic]
        sure = float((message.get(THRESHOLDS) or {}).get("sure", 0.6))
        if ranking and self._has_card(message, topic, ranking):
            # The card of the record says what the family's topics say of it: it inherits their probability.
            best = dict(ranking[0])
            own = family_confidence(
                str(best["name"]), {row["name"]: row["confidence"] for row in ranking}, self.config["families"]
            )
            best["confidence"] = together * float(best["confidence"]) / max(own, 1e-9)
            ranking = [best, *ranking[1:]]
            if best["confidence"] >= sure or score < sure:
                self._set_first(message, ranking, {"name": ASK_TOPIC, "confidence": min(score, best["confidence"])})
                return False
        elif ranking and score < float(ranking[0]["confidence"]):
            self._set_first(message, ranking, {"name": ASK_TOPIC, "confidence": score})
            return False
        if score < sure and (together < sure or score < float(self.config["leading"])):
            return False
        self._set_topic(message, topic, score, ranking)
        return True

    @staticmethod
    def _set_first(message: Message, ranking: list[dict[str, Any]], rival: dict[str, Any]) -> None:
        """Let the first of the ranking be the intent, with a rival in its place among the others."""
        message.set("intent", dict(ranking[0]), add_to_output=True)
        message.set("intent_ranking", sorted([*ranking, rival], key=lambda row: -row["confidence"]), add_to_output=True)

    def _has_card(self, message: Message, topic: str, ranking: list[dict[str, Any]]) -> bool:
        """Whether the text names a record (`cards`) whose card answers whatever the topic's family asks about it."""
        label = topic_class(self._areas[topic])
        entities = {str(entity.get("entity")) for entity in message.get("entities") or ()}
        return any(
            label.startswith(tuple(prefixes))
            and str(ranking[0]["name"]).startswith(tuple(prefixes))
            and any(
                prefix in prefixes and any(entities.issuperset(names) for names in alternatives)
                for prefix, alternatives in self.config["cards"].items()
            )
            for prefixes in self.config["families"]
        )

    def _set_topic(self, message: Message, topic: str, score: float, ranking: list[dict[str, Any]]) -> None:
        first = {"name": ASK_TOPIC, "confidence": score}
        entity = {
            "entity": "topic", "value": topic, "start": 0, "end": len(message_text(message)),
            "confidence": score, "extractor": EXTRACTOR,
        }  # fmt: skip
        message.set("entities", [*(message.get("entities") or []), entity], add_to_output=True)
        message.set(FOUND_TOPIC, topic)
        message.set("intent", first, add_to_output=True)
        message.set("intent_ranking", [first, *ranking], add_to_output=True)

    def _scores(self, found: list[Found], words_in_text: int) -> list[float]:
        """The probability of each hit to be the right one, as if it were the first."""
        assert self._judge is not None
        if not found:
            return []
        rows = np.vstack([evidence(found[at:], words_in_text) for at in range(len(found))])
        features = Features(sparse.csr_matrix((len(rows), 0), dtype=np.float32), rows)
        return [float(value) for value in probabilities(self._judge.logits(features))[:, 1]]

    def _speak(self, message: Message, topic: str, score: float) -> None:
        """Take the topic where the classifier is unsure; where both mean the same, they strengthen each other."""
        intent = message.get("intent") or {}
        confidence = float(intent.get("confidence") or 0.0)
        sure = float((message.get(THRESHOLDS) or {}).get("sure", 0.6))
        ranking = list(message.get("intent_ranking") or [])
        classes = message.get(CLASSES) or {}
        if max(confidence, family_confidence(str(intent.get("name")), classes, self.config["families"])) >= sure:
            return
        if self._intents.get(topic) == intent.get("name") and intent.get("name"):
            first = {"name": intent["name"], "confidence": 1.0 - (1.0 - confidence) * (1.0 - score)}
            ranking = [first, *ranking[1:]]
        elif score >= self.config["accept"] and score > confidence:
            self._set_topic(message, topic, score, [row for row in ranking if row["name"] != ASK_TOPIC])
            return
        else:
            return
        message.set("intent", first, add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)


def _entries(topics: Mapping[str, Topic | WithheldTopic]) -> Iterator[Entry]:
    """Every way to ask a topic in the offered languages."""
    for topic in topics.values():
        for entry in enabled_languages():
            for text in questions(topic, entry.code):
                yield Entry(topic.id, entry.code, text, tuple(words(text, entry.code)))


def _encoded(name: str, texts: Sequence[str], training_data: TrainingData) -> Floats | None:
    """Vectors of `texts`; those of training examples, which have them already, are taken from there."""
    known = {
        message_text(example): row
        for example in training_data.intent_examples
        if (row := dense_rows(example).get(name)) is not None
    }
    new = list(dict.fromkeys(text for text in texts if text not in known))
    rows = encode(name, new)
    if rows is None:
        return None
    known.update(zip(new, rows, strict=True))
    return np.vstack([known[text] for text in texts]) if texts else rows
