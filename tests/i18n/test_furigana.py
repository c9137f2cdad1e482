from __future__ import annotations

import pytest

from bot.i18n.furigana import pieces, to_brackets, to_ruby
from bot.knowledge.store import KnowledgeStore


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("鶴見区", "鶴見区（つるみく）"),
        ("都筑区", "都筑区（つづきく）"),
        ("保土ケ谷区", "保土ケ谷区（ほどがやく）"),
        ("区役所", "区役所（くやくしょ）"),
        ("日曜日", "日曜日（にちようび）"),
        ("電話してください", "電話（でんわ）してください"),
        ("ラウンジ 045-511-5311", "ラウンジ 045-511-5311"),
        ("6日と16日", "6日（むいか）と16日（にち）"),
        ("", ""),
    ],
)
def test_readings(text: str, expected: str) -> None:
    assert to_brackets(text) == expected


def test_html_is_escaped() -> None:
    assert "<script>" not in to_ruby("<script>横浜")
    assert "<rt>よこはま</rt>" in to_ruby("横浜")


def test_nothing_of_a_text_is_lost(store: KnowledgeStore) -> None:
    for topic in store.public.topics():
        if topic.question is not None:
            assert "".join(part for part, _ in pieces(topic.question.ja)) == topic.question.ja
