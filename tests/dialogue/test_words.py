"""The words of all languages: the same keys, no two meanings in one question, found where they stand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from bot.dialogue.tasks import tasks
from bot.dialogue.words import DialogueWords, DialogueWordsError, dialogue_words, remainder
from bot.i18n.languages import enabled_languages, registry
from bot.nlu.normalization import normalise
from bot.settings import settings

FOLDER = settings().data_dir / "dialogue"
CODES = sorted({registry().base(entry.code) for entry in enabled_languages()})
TODAY = dt.date(2026, 11, 25)


def words(code: str) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = yaml.safe_load((FOLDER / f"{code}.yaml").read_text("utf-8"))["words"]
    return found


@pytest.mark.parametrize("code", CODES)
def test_every_language_has_the_same_keys(code: str) -> None:
    keys = {kind: set(values) for kind, values in words("en").items()}
    assert {kind: set(values) for kind, values in words(code).items()} == keys


def test_options_and_tasks_are_those_that_are_asked() -> None:
    asked = {option for task in tasks().values() for step in task.steps for option in step.options}
    wildcards = {"any_language", "anywhere", "here", "any_time", "now"}
    assert set(words("en")["option"]) == asked | wildcards
    assert set(words("en")["task"]) == set(tasks())


@pytest.mark.parametrize("code", CODES)
def test_a_word_means_one_answer_of_a_question(code: str) -> None:
    options = words(code)["option"]
    for name, task in tasks().items():
        for step in task.steps:
            meanings: dict[str, str] = {}
            for option in step.options:
                for word in map(normalise, options[option]):
                    assert meanings.setdefault(word, option) == option, f"{name}.{step.id}: {word!r}"


@pytest.mark.parametrize("code", CODES)
def test_every_ordinal_is_found(code: str) -> None:
    for value, texts in words(code)["ordinal"].items():
        for text in texts:
            found = dialogue_words().find(text, code, TODAY)
            assert value in {entity["value"] for entity in found if entity["entity"] == "ordinal"}, text


@pytest.mark.parametrize(
    ("code", "text", "left"),
    [
        ("en", "and on ?", ""),
        ("en", "no, I meant", ""),
        ("en", "and the phone?", "phone"),
        ("ja", "じゃあ　は？", ""),
        ("vi", "còn  thì sao?", ""),
        ("uk", "а в ?", ""),
    ],
)
def test_what_links_leave(code: str, text: str, left: str) -> None:
    assert dialogue_words().without_links(text, code) == left


def test_remainder_keeps_places() -> None:
    assert remainder("and on Sunday?", [(7, 13)]) == "and on       ?"


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "xx.yaml").write_text("endings: 0\nwords: {ordinal: {'1': [no]}}\n", "utf-8")
    with pytest.raises(DialogueWordsError, match=r"xx\.yaml: ordinal 1"):
        DialogueWords.read(tmp_path)
