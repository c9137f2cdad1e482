from __future__ import annotations

from collections import Counter

import pytest

from bot.i18n.easy_japanese import catalogue_findings, findings

MOST = {"long sentence": 11}
"""Long ones left: lists of telephone numbers and titles of the old document."""


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("くやくしょに 行って ください。", []),
        ("書類が ない わけでは ありません。", ["double negative"]),
        ("行けない ことは ない。", ["double negative"]),
        ("書かなくは ありません。", ["double negative"]),
        ("あ" * 61 + "。", ["long sentence"]),
        ("あ" * 30 + "。" + "い" * 40 + "。", []),
        ("名前（" + "あ" * 80 + "）", []),
        ("𠮷", ["kanji without reading"]),
    ],
)
def test_what_is_hard_is_found(text: str, kinds: list[str]) -> None:
    assert [found.kind for found in findings(text)] == kinds


def test_easy_japanese_is_easy() -> None:
    counted = Counter(found.kind for found in catalogue_findings())
    assert {kind: number for kind, number in counted.items() if number > MOST.get(kind, 0)} == {}
