"""The held-out questions as the benchmark asks them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.i18n.languages import enabled_languages

CONVERSATION = 3
"""Questions of one conversation in the load runs."""


@dataclass(frozen=True, slots=True)
class Question:
    """A held-out question; `intents` and `topics` are those of which any is right (both empty: none is stated)."""

    language: str
    text: str
    intents: frozenset[str]
    topics: frozenset[str]


def options(expect: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The alternatives of an expectation, flat."""
    if "any_of" in expect:
        for option in expect["any_of"]:
            yield from options(option)
    else:
        yield expect


def read(document: Mapping[str, Any]) -> list[Question]:
    """The questions of one file of `tests/eval`."""
    found = []
    for question in document["questions"]:
        alternatives = list(options(question["expect"]))
        found.append(
            Question(
                document["language"],
                question["text"],
                frozenset(each["intent"] for each in alternatives if "intent" in each),
                frozenset(topic for each in alternatives for topic in each.get("topics", ())),
            )
        )
    return found


def held_out(folder: Path) -> dict[str, list[Question]]:
    """Language → its held-out questions, for every language that has any."""
    documents = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("*.yaml"))]
    offered = {entry.code for entry in enabled_languages()}
    return {each["language"]: read(each) for each in documents if each.get("language") in offered}


def conversations(questions: Mapping[str, Sequence[Question]], count: int, seed: int) -> list[list[str]]:
    """Conversations with `count` questions in all, languages in turn, the same for the same seed.

    A conversation keeps to one language. Questions come again when there are fewer than `count`.
    """
    chance = random.Random(seed)
    turns = {
        language: _forever([each.text for each in asked], chance) for language, asked in questions.items() if asked
    }
    found: list[list[str]] = []
    left = count
    while left > 0 and turns:
        for turn in turns.values():
            size = min(CONVERSATION, left)
            if size:
                found.append([next(turn) for _ in range(size)])
            left -= size
    return found


def _forever(texts: list[str], chance: random.Random) -> Iterator[str]:
    while True:
        order = texts[:]
        chance.shuffle(order)
        yield from order
