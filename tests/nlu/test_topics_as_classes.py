"""Topics of the long tail as training data, and entities as features."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

import rasa_compat  # noqa: F401  (puts the mends in place before Rasa is imported)
from bot.i18n.languages import LanguageRegistry, enabled_languages, registry
from bot.nlu.entity_features import EntityFeatures
from bot.nlu.example_files import Example, read_folder
from bot.nlu.gazetteer_data import GazetteerData, Phrase
from bot.nlu.topic_questions import ASK_TOPIC, is_long_tail, public_topics, topic_examples
from bot.settings import PROJECT_ROOT


def test_every_topic_of_the_long_tail_can_be_asked_in_every_language() -> None:
    asked = {(example.topic, example.language) for example in topic_examples()}
    tail = [topic.id for topic in public_topics().values() if is_long_tail(topic)]
    assert len(tail) > 150
    missing = [(id_, entry.code) for id_ in tail for entry in enabled_languages() if (id_, entry.code) not in asked]
    assert missing == []


def test_no_question_belongs_to_two_topics_of_different_areas() -> None:
    """The same words asked of two areas would teach the classifier nothing; near topics of one area may share some."""
    areas: dict[tuple[str, str], Counter[str]] = {}
    topics = public_topics()
    for example in topic_examples():
        areas.setdefault((example.language, example.text.lower()), Counter())[topics[example.topic].area] += 1
    shared = [key for key, found in areas.items() if len(found) > 1]
    assert len(shared) <= 0.01 * len(areas), shared[:20]


def test_entities_become_a_row() -> None:
    data = GazetteerData(
        phrases=[
            Phrase("lounge", "office_kind", "lounge", "en"),
            Phrase("tsurumi", "ward", "tsurumi", None),
            Phrase("kannai", "station", "kannai", None),
        ]
    )
    features = EntityFeatures.of(data)
    row = features.row(
        [
            {"entity": "office_kind", "value": "lounge", "confidence": 1.0},
            {"entity": "ward", "value": "tsurumi", "confidence": 0.85},
            {"entity": "ward", "value": "other", "confidence": 0.5},
            {"entity": "unheard of", "value": "x", "confidence": 1.0},
        ]
    )
    found = {name: float(row[column]) for name, column in features.columns.items() if row[column]}
    assert found == {"office_kind": 1.0, "office_kind=lounge": 1.0, "ward": pytest.approx(0.85)}
    assert "ward=tsurumi" not in features.columns
    assert features.row([]).sum() == 0


@pytest.mark.rasa
@pytest.mark.filterwarnings("ignore")
def test_rasa_trains_on_the_offered_languages_and_the_topics(tmp_path: Path) -> None:
    from bot.nlu.graph import training_area, training_language
    from bot.nlu.importer import GuideImporter

    for code in ("en", "xx"):
        (tmp_path / code).mkdir()
    example = 'version: "3.1"\nnlu:\n- intent: greet\n  metadata: {language: en}\n  examples: |\n    - hello there\n'
    (tmp_path / "en" / "small.yml").write_text(example, "utf-8")
    found = GuideImporter(None, None, [str(tmp_path)]).get_nlu_data()
    by_intent = Counter(message.get("intent") for message in found.intent_examples)
    assert by_intent["greet"] == 1
    assert by_intent[ASK_TOPIC] > 1000
    topic = next(message for message in found.intent_examples if message.get("intent") == ASK_TOPIC)
    assert training_area(topic)
    assert training_language(topic) in {entry.code for entry in enabled_languages()}


@pytest.mark.rasa
@pytest.mark.filterwarnings("ignore")
def test_languages_that_are_not_offered_are_not_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.nlu import importer

    known = registry()
    entries = [entry.model_copy(update={"enabled": entry.code == "en"}) for entry in known.languages]
    monkeypatch.setattr(importer, "registry", lambda: LanguageRegistry(tuple(entries)))
    for code in ("en", "vi"):
        (tmp_path / code).mkdir()
        example = f'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hello {code}\n'
        (tmp_path / code / "small.yml").write_text(example, "utf-8")
    found = importer.GuideImporter(None, None, [str(tmp_path)]).get_nlu_data()
    texts = {message.get("text") for message in found.training_examples}
    assert "hello en" in texts
    assert "hello vi" not in texts


@pytest.mark.rasa
@pytest.mark.filterwarnings("ignore")
def test_a_stamp_saves_hashing_and_is_each_its_own() -> None:
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from bot.nlu.graph import StampedTrainingData

    data = TrainingData([Message(data={"text": "a", "intent": "greet"})])
    one, other = StampedTrainingData.of(data), StampedTrainingData.of(data)
    assert one.fingerprint() == one.fingerprint() != other.fingerprint()
    assert [m.get("text") for m in one.training_examples] == ["a"]


def test_a_covered_question_is_an_example_of_its_intent() -> None:
    domain = set(yaml.safe_load((PROJECT_ROOT / "domain.yml").read_text("utf-8"))["intents"])
    covered = [example for example in topic_examples() if example.intent != ASK_TOPIC]
    assert {example.intent for example in covered} <= domain
    tail = {example.topic for example in topic_examples() if example.intent == ASK_TOPIC}
    assert covered
    assert {example.topic for example in covered}.isdisjoint(tail)


def test_example_files_hold_intents_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "vi").mkdir()
    blocks = "- intent: greet\n  examples: |\n    - chào\n    -   xin chào  \n- synonym: x\n  examples: |\n    - y\n"
    (tmp_path / "vi" / "a.yml").write_text(f'version: "3.1"\nnlu:\n{blocks}', "utf-8")
    (tmp_path / "vi" / "b.yml").write_text("nlu: [", "utf-8")
    assert list(read_folder(tmp_path)) == [Example("chào", "greet", "vi"), Example("xin chào", "greet", "vi")]
    assert "only intents are read" in caplog.text
    assert "b.yml cannot be read" in caplog.text


@pytest.mark.rasa
@pytest.mark.filterwarnings("ignore")
def test_entities_marked_in_an_example_are_kept(tmp_path: Path) -> None:
    from bot.nlu.importer import GuideImporter

    (tmp_path / "en").mkdir()
    example = 'version: "3.1"\nnlu:\n- intent: office_hours\n  examples: |\n    - is [Tsurumi](ward) open\n'
    (tmp_path / "en" / "small.yml").write_text(example, "utf-8")
    message = GuideImporter(None, None, [str(tmp_path)]).get_nlu_data().intent_examples[0]
    assert message.get("text") == "is Tsurumi open"
    assert message.get("entities")[0]["entity"] == "ward"
