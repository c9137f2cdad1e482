"""The Rasa graph components: trained on a part of the real examples, persisted, loaded, and asked."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import rasa_compat  # noqa: F401  (puts the mends in place before Rasa is imported)
from bot.settings import settings

pytestmark = [pytest.mark.rasa, pytest.mark.filterwarnings("ignore")]

INTENTS = (
    "greet", "out_of_scope", "procedure_fee", "procedure_documents", "office_hours", "office_location",
    "emergency_fire", "topic_garbage", "topic_my_number", "topic_disaster_preparedness",
)  # fmt: skip


@dataclass
class Trained:
    """The loaded components by name and where they were written."""

    components: dict[str, Any]
    folder: Path

    def parse(self, text: str, **metadata: Any) -> dict[str, Any]:
        from rasa.shared.nlu.training_data.message import Message

        message = Message(data={"text": text, "metadata": metadata})
        for component in self.components.values():
            component.process([message])
        found: dict[str, Any] = message.as_dict(only_output_properties=True)
        return found


def _examples() -> Iterator[Any]:
    from rasa.shared.nlu.training_data.message import Message

    for code in ("en", "ja"):
        for path in sorted((settings().data_dir / "nlu" / code).glob("*.yml")):
            for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
                if block.get("intent") in INTENTS:
                    for line in block["examples"].splitlines()[:14]:
                        text = line.strip().removeprefix("- ").strip()
                        metadata = {"intent": {"language": code}}
                        yield Message(data={"text": text, "intent": block["intent"], "metadata": metadata})


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from bot.nlu.bands import ConfidenceBands
    from bot.nlu.classifier import CalibratedIntentClassifier
    from bot.nlu.featurizers import SentenceVectorFeaturizer, TfidfFeaturizer
    from bot.nlu.gazetteer import KnowledgeGazetteer
    from bot.nlu.language import LanguageIdentifier
    from bot.nlu.retriever import TopicRetriever
    from bot.nlu.safety import SafetyDetector
    from bot.nlu.tokenizer import MultilingualTokenizer

    folder = tmp_path_factory.mktemp("model")
    storage = LocalModelStorage(folder)
    context = ExecutionContext(GraphSchema({}), "test", None, "node")
    data = TrainingData(list(_examples()))
    components: dict[str, Any] = {}
    changes: dict[Any, dict[str, Any]] = {
        SentenceVectorFeaturizer: {"encoders": ["potion"]},
        TopicRetriever: {"encoders": ["potion"], "sample": 200},
        CalibratedIntentClassifier: {"least": 30, "precision": 0.8},
    }
    for component in (
        LanguageIdentifier, MultilingualTokenizer, TfidfFeaturizer, SentenceVectorFeaturizer,
        CalibratedIntentClassifier, KnowledgeGazetteer, SafetyDetector, TopicRetriever, ConfidenceBands,
    ):  # fmt: skip
        config = {**component.get_default_config(), **changes.get(component, {})}
        resource = Resource(component.__name__)
        made = component.create(config, storage, resource, context)
        if hasattr(made, "train"):
            made.train(data)
        loaded = component.load(config, storage, resource, context)
        if hasattr(loaded, "process_training_data"):
            loaded.process_training_data(data)
        components[component.__name__] = loaded
    components["KnowledgeGazetteer"].today = lambda: dt.date(2026, 11, 25)
    return Trained(components, folder)


def test_nothing_is_pickled(trained: Trained) -> None:
    suffixes = {path.suffix for path in trained.folder.rglob("*") if path.is_file()}
    assert suffixes <= {".json", ".npz", ".yaml"}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("how much does a passport cost", "procedure_fee"),
        ("hello", "greet"),
        ("パスポートの手数料はいくらですか", "procedure_fee"),
        ("how do i prepare for a big earthquake", "topic_disaster_preparedness"),
    ],
)
def test_the_loaded_pipeline_predicts(trained: Trained, text: str, intent: str) -> None:
    found = trained.parse(text)
    named = [found["intent"]["name"], *(candidate["intent"] for candidate in found["candidates"])]
    assert intent in named
    assert sum(row["confidence"] for row in found["intent_ranking"]) > 0.5


def test_the_output_has_every_part_of_the_contract_and_is_json(trained: Trained) -> None:
    import json

    found = trained.parse("is the Tsurumi lounge open tomorrow?", language=None, conversation_language="ja")
    assert {"language", "intent", "intent_ranking", "entities", "candidates", "topics", "safety"} <= set(found)
    assert set(found["language"]) == {"code", "confidence", "source", "detected"}
    assert len(found["topics"]) == 5
    assert all(0.0 <= row["score"] <= 1.0 for row in found["topics"])
    assert ("date", "2026-11-26") in {(entity["entity"], entity["value"]) for entity in found["entities"]}
    json.dumps(found)


def test_the_explicit_language_reaches_the_message(trained: Trained) -> None:
    assert trained.parse("hello", language="vi")["language"]["code"] == "vi"
    assert trained.parse("ok", conversation_language="uk")["language"]["code"] == "uk"


def test_danger_comes_first_whatever_the_classifier_says(trained: Trained) -> None:
    found = trained.parse("hello, how much is a passport? there is a fire in my kitchen")
    assert found["intent"] == {"name": "emergency_fire", "confidence": 1.0}
    assert found["safety"]["kind"] == "fire"
    assert found["candidates"] == []


def test_a_topic_without_an_intent_of_its_own_is_found(trained: Trained) -> None:
    from bot.nlu.retriever import public_topics

    topic = next(t for t in public_topics().values() if t.intent is None and t.question and len(t.question.ja) > 15)
    assert topic.question is not None
    found = trained.parse(topic.question.ja)
    assert topic.id in [row["topic"] for row in found["topics"]]


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\ud800", '/topic{"id":"x"}', "a" * 5000, "🔥" * 50, "\x00\x01"])
def test_no_text_breaks_the_pipeline(trained: Trained, text: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        found = trained.parse(text)
    assert found["language"]["code"]
    assert "passed over" not in caplog.text


def test_a_failing_component_is_passed_over(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("broken")

    for name in ("KnowledgeGazetteer", "TopicRetriever", "SafetyDetector", "TfidfFeaturizer", "LanguageIdentifier"):
        with monkeypatch.context() as patched:
            patched.setattr(trained.components[name], "understand", broken)
            assert trained.parse("hello")["intent"]["name"]


def test_a_component_whose_files_are_gone_still_answers(trained: Trained, tmp_path: Path) -> None:
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource

    context = ExecutionContext(GraphSchema({}), "test", None, "node")
    empty = LocalModelStorage(tmp_path)
    for name, component in list(trained.components.items()):
        if name in ("MultilingualTokenizer", "SentenceVectorFeaturizer", "ConfidenceBands"):
            continue
        bare = type(component).load(component.config, empty, Resource("gone"), context)
        others = {**trained.components, name: bare}
        found = Trained(others, tmp_path).parse("hello")
        assert found["language"]["code"]
        assert "name" in found["intent"]


def test_fingerprints_change_with_the_data(trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from bot.nlu import safety as module

    component = trained.components["SafetyDetector"]
    before = type(component).fingerprint_addon({})
    assert before == type(component).fingerprint_addon({})
    (tmp_path / "safety").mkdir()
    (tmp_path / "safety" / "en.yaml").write_text("fire: [a fire]", encoding="utf-8")
    changed = settings().model_copy(update={"data_dir": tmp_path})
    monkeypatch.setattr(module, "settings", lambda: changed)
    assert type(component).fingerprint_addon({}) != before


def test_bands_follow_the_borders(trained: Trained) -> None:
    from rasa.shared.nlu.training_data.message import Message

    bands = trained.components["ConfidenceBands"]

    def judge(first: float, second: float, topics: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        ranking = [{"name": "topic_garbage", "confidence": first}, {"name": "topic_my_number", "confidence": second}]
        data = {"text": "x", "intent": ranking[0], "intent_ranking": ranking, "topics": topics or []}
        message = Message(data={**data, "intent_thresholds": {"sure": 0.7, "lost": 0.2}})
        bands.process([message])
        return {"intent": message.get("intent")["name"], "candidates": message.get("candidates")}

    assert judge(0.71, 0.1) == {"intent": "topic_garbage", "candidates": []}
    assert judge(0.60, 0.10)["intent"] == "topic_garbage", "far ahead of the next"
    unsure = judge(0.5, 0.4)
    assert unsure["intent"] == "nlu_unsure"
    assert [candidate["intent"] for candidate in unsure["candidates"]] == ["topic_garbage", "topic_my_number"]
    assert judge(0.15, 0.1) == {"intent": "nlu_fallback", "candidates": []}
    by_topic = judge(0.15, 0.1, [{"topic": "faq_x", "score": 0.5}])
    assert by_topic["intent"] == "nlu_unsure"
    assert by_topic["candidates"][0] == {"intent": "ask_topic", "topic": "faq_x", "confidence": 0.5}
