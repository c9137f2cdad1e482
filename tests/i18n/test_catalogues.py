from __future__ import annotations

import re
import string

import pytest

from bot.i18n import MissingTextError, localise, plural, text
from bot.i18n.catalogues import GUIDE, TOPICS, catalogue
from bot.i18n.extraction import main as extraction
from bot.i18n.languages import enabled_languages
from bot.knowledge.models import LocalisedText
from bot.settings import PROJECT_ROOT

TRANSLATED = [entry.code for entry in enabled_languages() if entry.code != "ja"]
SOURCE = catalogue(GUIDE, "ja")
KEY_IN_CODE = re.compile(r'\b(?:text|row|plural|has_text)\(\s*"([a-z_]+(?:\.[a-z_0-9]+)+)"')


def placeholders(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_with_its_placeholders(language: str) -> None:
    translated = catalogue(GUIDE, language)
    wrong = []
    for key in SOURCE:
        source = SOURCE.get(key)
        assert source
        entry = translated.translation(key, source.source)
        if entry is None or not all(entry.strings):
            wrong.append(f"{key}: not translated")
        elif any(placeholders(form) != placeholders(source.source) for form in entry.strings):
            wrong.append(f"{key}: placeholders differ from {source.source!r}")
    assert not wrong, f"data/locale/{language}/guide.po\n" + "\n".join(wrong)


@pytest.mark.parametrize("language", TRANSLATED)
def test_translated_topics_keep_the_numbers_of_the_source(language: str) -> None:
    """A telephone number, an amount or a date that differs from the Japanese text is a wrong answer."""
    wrong = []
    translated = catalogue(TOPICS, language)
    for (key, source), entry in translated.items():
        if entry.strings[0]:
            phones = set(re.findall(r"0\d{1,3}-\d{2,4}-\d{3,4}|#\d{4}", source))
            missing = [number for number in phones if number not in entry.strings[0]]
            wrong.extend(f"{key}: {number} is missing" for number in missing)
    assert not wrong, f"data/locale/{language}/topics.po\n" + "\n".join(wrong)


def test_every_key_in_the_code_exists() -> None:
    keys = {
        key
        for folder in ("bot", "actions")
        for path in (PROJECT_ROOT / folder).rglob("*.py")
        for key in KEY_IN_CODE.findall(path.read_text("utf-8"))
    }
    assert len(keys) > 50
    assert {key for key in keys if SOURCE.get(key) is None} == set()


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(MissingTextError):
        text("no.such.key", "en")


def test_plural_forms_follow_the_language() -> None:
    one, five = plural("list.count", 1, "en", kind="x"), plural("list.count", 5, "en", kind="x")
    assert one != five.replace("5", "1")
    assert plural("list.count", 2, "uk", kind="x") != plural("list.count", 5, "uk", kind="x").replace("5", "2")


def test_a_changed_source_drops_its_translation() -> None:
    known = LocalisedText(ja="原文", en="English text")
    assert localise(known, "topic.none.answer", "vi").language == "en"
    assert localise(LocalisedText(ja="原文だけ"), "topic.none.answer", "vi").state == "japanese"
    assert localise(known, "topic.none.answer", "ja").state == "curated"


def test_catalogues_are_up_to_date_with_code_and_knowledge(
    knowledge_db: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bot.i18n.extraction.knowledge_path", lambda: knowledge_db)
    code = extraction(["--check"])
    assert code == 0, f"{capsys.readouterr().out}\nmend it with: .venv/bin/python -m bot.i18n.extraction"
