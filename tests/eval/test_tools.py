"""The tools that measure quality, measured themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.i18n.languages import enabled_languages, languages, registry
from bot.nlu.language_identification import read_examples
from bot.nlu.normalization import normalise
from bot.settings import settings
from tests.eval import sets
from tests.eval.gate import figures, shortfalls, thresholds
from tests.eval.measure import Result, Share
from tests.eval.perturbations import PERTURBATIONS
from tests.eval.plot import bins, draw
from tests.eval.report import report
from tests.eval.scoring import EXPECT_KEYS, expected_intent

CODES = [entry.code for entry in languages()]
KINDS = {"fire", "medical", "violence", "crime", "suicide", "disaster"}


_BETWEEN_WORDS = re.compile(r"[\s?？!！.。,、，]+")


def _bare(text: str) -> str:
    return _BETWEEN_WORDS.sub(" ", normalise(text)).strip()


def test_no_held_out_question_is_a_training_example() -> None:
    trained: dict[str, set[str]] = {}
    for text, code in read_examples(settings().data_dir):
        trained.setdefault(code, set()).add(_bare(text))
    seen = [
        f"{code}: {question['text']}"
        for code in CODES
        for question in sets.questions(code)
        if _bare(question["text"]) in trained.get(code, ())
    ]
    assert not seen


def result(**outcomes: int) -> Result:
    found = Result("en")
    found.outcomes.update(outcomes)
    return found


@pytest.mark.parametrize(
    ("name", "text", "language", "expected"),
    [
        ("no diacritics", "đổ rác ở đâu", "vi", "do rac o dau"),
        ("no diacritics", "パスポート", "ja", "パスポート"),
        ("no diacritics", "पासपोर्ट", "ne", "पासपोर्ट"),
        ("capitals", "lost passport", "en", "LOST PASSPORT"),
        ("wide letters", "my number?", "en", "ｍｙ ｎｕｍｂｅｒ？"),
        ("greeting", "where", "en", "Hello, where"),
        ("doubled punctuation", "where?", "en", "where??!!"),
    ],
)
def test_perturbations(name: str, text: str, language: str, expected: str) -> None:
    assert PERTURBATIONS[name](text, language) == expected


@pytest.mark.parametrize("edits", [1, 2])
def test_typing_errors_are_the_same_each_time_and_small(edits: int) -> None:
    perturb = PERTURBATIONS["1 typing error" if edits == 1 else "2 typing errors"]
    for text in ("where is the passport centre", "パスポートセンターはどこですか", "hộ chiếu ở đâu", "ok"):
        changed = perturb(text, "en")
        assert changed == perturb(text, "en")
        assert abs(len(changed) - len(text)) <= edits
    assert perturb("where is the passport centre", "en") != "where is the passport centre"


def test_every_language_has_a_greeting() -> None:
    assert all(PERTURBATIONS["greeting"]("x", code) != "x" for code in CODES)


def test_the_gate_tells_what_falls_short() -> None:
    found = result(right=90, asked_back=5, confidently_wrong=5)
    assert shortfalls(found, {"right": 0.9, "confidently_wrong": 0.05}) == []
    lines = shortfalls(found, {"right": 0.93, "confidently_wrong": 0.02, "danger": 1.0})
    assert [line.split(" is ")[0] for line in lines] == ["en: right", "en: confidently_wrong"]
    with pytest.raises(ValueError, match="unknown thresholds"):
        shortfalls(found, {"rigth": 0.9})


def test_thresholds_are_known_figures_and_no_language_is_forgotten() -> None:
    for entry in enabled_languages():
        assert thresholds(entry.code).keys() <= figures(result()).keys()


def test_bins_hold_every_answer() -> None:
    assert bins([(0.0, True), (0.19, False), (1.0, True)]) == [(0.095, 0.5, 2), (1.0, 1.0, 1)]


def test_the_report_shows_what_was_not_measured_as_a_dash(tmp_path: Path) -> None:
    found = result(right=3, confidently_wrong=1)
    found.confusions["greet", "thank"] += 1
    found.robust["capitals"] = Share(4, 3)
    page = report([found])
    assert "| en | 4 | 75.0% | 0.0% | 0.0% | 25.0% | – |" in page
    assert "75.0% (4)" in page
    assert "| greet | thank | 1 |" in page
    draw([found], tmp_path)
    first = (tmp_path / "quality.svg").read_bytes()
    draw([found], tmp_path)
    assert (tmp_path / "quality.svg").read_bytes() == first


@pytest.mark.parametrize("code", CODES)
def test_sets_are_well_formed(code: str) -> None:
    asked = sets.questions(code)
    for question in asked:
        assert question["text"].strip()
        assert _keys(question["expect"]) <= EXPECT_KEYS
        assert expected_intent(question["expect"]) != "other"
    for kind, texts in sets.identification_texts(code).items():
        assert len(set(texts)) == len(texts), kind
        assert kind != "short" or all(len(text) <= 20 for text in texts)
    assert set(sets.dangers(code)) <= KINDS


def test_every_offered_language_has_questions() -> None:
    assert all(len(sets.questions(entry.code)) >= 150 for entry in enabled_languages())
    assert {path.stem for path in sets.FOLDER.glob("*.yaml")} - {"greetings", "thresholds"} <= {
        entry.code for entry in registry().languages
    }


def _keys(expect: dict[str, object]) -> set[str]:
    inner = expect.get("any_of")
    options = inner if isinstance(inner, list) else []
    return set(expect).union(*(_keys(option) for option in options))
