"""The held-out sets: questions, texts whose language is to be told, and sentences of danger. See README.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text("utf-8"), Loader=_Loader)) if path.is_file() else {}


def questions(code: str) -> list[dict[str, Any]]:
    """The held-out questions of a language."""
    return list(_read(FOLDER / f"{code}.yaml").get("questions", ()))


def identification_texts(code: str) -> Mapping[str, Sequence[str]]:
    """Texts in a language: `short` (at most 20 characters) and `long`."""
    found = _read(FOLDER / "identification" / f"{code}.yaml")
    return {kind: tuple(map(str, found.get(kind, ()))) for kind in ("short", "long")}


def dangers(code: str) -> Mapping[str, Sequence[str]]:
    """Sentences of danger by kind of emergency."""
    return {kind: tuple(map(str, texts)) for kind, texts in _read(FOLDER / "safety" / f"{code}.yaml").items()}
