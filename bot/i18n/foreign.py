"""Languages without texts of our own that the guide knows when it reads them: one sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.settings import settings

FILE = "outside_languages.yaml"


@dataclass(frozen=True, slots=True)
class ForeignLanguage:
    """`code` is ISO 639; `name` is in the language itself; `sentence` has the placeholder `{phone}`.

    `words` are everyday words that no language of the registry in the same script has.
    """

    code: str
    name: str
    sentence: str
    words: frozenset[str] = frozenset()

    def apology(self, phone: str) -> str:
        """That there is no answer in this language, and where to phone."""
        return self.sentence.format(phone=phone)


def read(path: Path) -> Mapping[str, ForeignLanguage]:
    """The languages of a file, by code. Raises `OSError`, `KeyError`, `TypeError` or `yaml.YAMLError`."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))["languages"]
    return {
        str(code): ForeignLanguage(
            str(code), str(row["name"]), str(row["sentence"]), frozenset(map(str, row.get("words", ())))
        )
        for code, row in raw.items()
    }


@lru_cache(maxsize=1)
def foreign_languages() -> Mapping[str, ForeignLanguage]:
    """Those of `data/outside_languages.yaml`."""
    return read(settings().data_dir / FILE)
