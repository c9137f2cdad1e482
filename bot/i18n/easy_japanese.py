"""Counts what makes easy Japanese hard: `python -m bot.i18n.easy_japanese` looks through the whole catalogue.

After the national guideline for easy Japanese for residents (Immigration Services Agency and Agency for Cultural
Affairs, 2020): short sentences, no double negatives, a reading for every kanji.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

import regex
import yaml
from pydantic import BaseModel, ConfigDict

from bot.i18n.catalogues import GUIDE, TOPICS, catalogue
from bot.i18n.furigana import pieces
from bot.settings import settings

Kind = Literal["long sentence", "double negative", "kanji without reading"]

_ASIDE = regex.compile(r"[（(「][^）)」]*[）)」]|https?://\S+|\s")
_KANJI = regex.compile(r"[\p{Han}--々]", regex.V1)


class Rules(BaseModel):
    """`data/easy_japanese.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str
    longest: int
    sentence_ends: str
    double_negatives: tuple[str, ...]


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The rules. Raises `OSError` or `ValidationError` when the file cannot be used."""
    path = settings().data_dir / "easy_japanese.yaml"
    return Rules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


class Finding(NamedTuple):
    """Something hard: what, where (the text's key) and in which sentence or word."""

    kind: Kind
    key: str
    text: str


def findings(text: str, key: str = "") -> Iterator[Finding]:
    """What is hard in a text."""
    ends = regex.escape(rules().sentence_ends)
    for sentence in regex.findall(rf"[^{ends}\n]+[{ends}]?", text):
        if len(_ASIDE.sub("", sentence)) > rules().longest:
            yield Finding("long sentence", key, sentence.strip())
        if any(regex.search(pattern, sentence) for pattern in rules().double_negatives):
            yield Finding("double negative", key, sentence.strip())
    for part, reading in pieces(text):
        if reading is None and _KANJI.search(part):
            yield Finding("kanji without reading", key, part)


def catalogue_findings() -> Iterator[Finding]:
    """What is hard in all texts of the catalogues."""
    for domain in (GUIDE, TOPICS):
        for (key, _source), entry in catalogue(domain, rules().language).items():
            for string in entry.strings:
                yield from findings(string, key)


def main() -> int:
    """Command line: every finding, then the counts. Always 0: the limits are set by the tests."""
    found = list(catalogue_findings())
    for each in found:
        print(f"{each.kind}: {each.key}: {each.text}")
    for kind, number in Counter(each.kind for each in found).most_common():
        print(f"{number:5d}  {kind}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
