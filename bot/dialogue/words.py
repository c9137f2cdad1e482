"""The words with which residents steer a conversation (`data/dialogue/<code>.yaml`): ordinals, links, answers to tasks.

They are looked for where the conversation is known, after the understanding: so they never change what a question means
by itself, and a new word needs no training.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from bot.i18n.languages import registry
from bot.nlu.gazetteer_data import GazetteerData, Phrase
from bot.nlu.gazetteer_match import Entity, Gazetteer
from bot.nlu.normalization import normalise
from bot.nlu.text_forms import is_run
from bot.settings import settings

ORDINAL: Final = "ordinal"
OPTION: Final = "option"
TASK: Final = "task"
LINK: Final = "follow_up"
KINDS: Final = (ORDINAL, LINK, TASK, OPTION)


class DialogueWordsError(Exception):
    """A file of words cannot be used; the text says which and why."""


@dataclass(frozen=True)
class DialogueWords:
    """The words of all languages; `find` gives what stands in a text, `without_links` what links leave of it."""

    gazetteer: Gazetteer
    links: Mapping[str, tuple[str, ...]]
    whole: Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
    """By language and a message's letters: what the whole message stands for (a single character may be an answer)."""

    @classmethod
    def read(cls, folder: Path) -> DialogueWords:
        """Read a folder. Raises `DialogueWordsError`."""
        data = GazetteerData()
        links: dict[str, tuple[str, ...]] = {}
        for path in sorted(folder.glob("*.yaml")):
            code, raw = path.stem, _read(path)
            data.endings[code] = int(raw.get("endings", 0))
            for entity, values in raw["words"].items():
                if entity not in KINDS:
                    raise DialogueWordsError(f"{path.name}: {entity!r} is none of {', '.join(KINDS)}")
                for value, texts in values.items():
                    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                        raise DialogueWordsError(f"{path.name}: {entity} {value} must be a list of texts")
                    if entity == LINK:
                        links[code] = tuple(sorted({normalise(text) for text in texts}, key=len, reverse=True))
                    else:
                        data.phrases += [Phrase(text, entity, str(value), code) for text in texts]
        whole: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for phrase in data.phrases:
            whole.setdefault((phrase.language or "", _letters(phrase.text)), []).append((phrase.entity, phrase.value))
        return cls(Gazetteer(data, registry()), links, {key: tuple(found) for key, found in whole.items()})

    def find(self, text: str, language: str, today: dt.date) -> list[dict[str, Any]]:
        """Ordinals, options and tasks named in a text, in the shape of Rasa's entities."""
        found = [entity.as_dict() for entity in self.gazetteer.find(text, language, today) if entity.entity in KINDS]
        if not found:
            meant = self.whole.get((registry().base(language), _letters(text)), ())
            found = [Entity(entity, value, 0, len(text), 1.0).as_dict() for entity, value in meant]
        return found

    def without_links(self, text: str, language: str) -> str:
        """What is left of a text (letters and figures only) when the words that merely link are taken out."""
        codes = {registry().base(language), registry().common_fallback.code}
        links = [link for code in codes for link in self.links.get(code, ())]
        spaced = {link for link in links if not is_run(link)}
        dense = sorted((link for link in links if is_run(link)), key=len, reverse=True)
        left = normalise(text)
        for link in dense:
            left = left.replace(link, " ")
        words = "".join(ch if ch.isalnum() or ch in "'’" or _combines(ch) else " " for ch in left).split()
        longest = max((link.count(" ") + 1 for link in spaced), default=1)
        kept: list[str] = []
        at = 0
        while at < len(words):
            size = next((n for n in range(longest, 0, -1) if " ".join(words[at : at + n]) in spaced), 0)
            if size == 0:
                kept.append(words[at])
            at += size or 1
        return "".join(kept)


@lru_cache(maxsize=1)
def dialogue_words() -> DialogueWords:
    """The words of this process, read once. Raises `DialogueWordsError`."""
    return DialogueWords.read(settings().data_dir / "dialogue")


def remainder(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with a space in place of each span."""
    characters = list(text)
    for start, end in spans:
        characters[start:end] = " " * (min(end, len(characters)) - start)
    return "".join(characters)


def _letters(text: str) -> str:
    return "".join(ch for ch in normalise(text) if ch.isalnum() or _combines(ch))


def _combines(character: str) -> bool:
    """Vowel signs and the like, which are no letters but belong to one."""
    return unicodedata.category(character).startswith("M")


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DialogueWordsError(f"{path.name}: {error}") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("words"), dict):
        raise DialogueWordsError(f"{path.name}: expected endings and words, see the top of en.yaml")
    return raw
