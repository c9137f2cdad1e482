from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalization import align, fold, normalise


def test_width_case_and_composition_do_not_matter() -> None:
    assert normalise("ﾊﾟｽﾎﾟｰﾄ") == normalise("パスポート")
    assert normalise("ＡＢＣ１２") == "abc12"
    assert normalise(unicodedata.normalize("NFD", "Tiếng Việt")) == normalise("Tiếng Việt")


def test_fold_takes_marks_of_alphabets_and_leaves_letters_of_other_scripts() -> None:
    assert fold("Đường Nguyễn") == "duong nguyen"
    assert fold("Kōhoku") == "kohoku"
    assert fold("がぎ") == "がぎ"
    assert fold("ที่ไหน") == "ที่ไหน"
    assert fold("कहाँ") == "कहाँ"


def test_positions_lead_back_to_the_original() -> None:
    text = "ﾊﾟｽﾎﾟｰﾄ　更新"
    aligned = align(text)
    assert aligned.text.startswith("パスポート")
    start, end = aligned.span(0, len("パスポート"))
    assert text[start:end] == "ﾊﾟｽﾎﾟｰﾄ"


@given(st.text(max_size=60))
def test_any_text_can_be_aligned(text: str) -> None:
    for bare in (False, True):
        aligned = align(text, without_diacritics=bare)
        assert len(aligned.starts) == len(aligned.ends) == len(aligned.text)
        assert list(aligned.starts) == sorted(aligned.starts)
        assert all(0 <= s < e <= len(text) for s, e in zip(aligned.starts, aligned.ends, strict=True))
