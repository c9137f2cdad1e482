"""The training examples of `data/nlu/<code>/*.yml`, in Rasa's format, and the ways to ask topics of the knowledge."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

logger = logging.getLogger(__name__)

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Example(NamedTuple):
    """A line of the examples: its text as written, its intent, the language whose folder it is in."""

    text: str
    intent: str
    language: str


def read_file(path: Path) -> Iterator[Example]:
    """The examples of one file; its folder is named as their language. A file that cannot be read is logged."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, yaml.YAMLError):
        logger.exception("training examples in %s cannot be read", path.name)
        return
    for block in (content or {}).get("nlu", ()):
        if not block.get("intent"):
            logger.warning("%s: only intents are read, not %s", path.name, sorted(block))
            continue
        for line in str(block.get("examples", "")).splitlines():
            if text := line.strip().removeprefix("-").strip():
                yield Example(text, str(block["intent"]), path.parent.name)


def read_folder(folder: Path) -> Iterator[Example]:
    """The examples of all languages below `folder`."""
    for path in sorted(folder.glob("*/*.yml")):
        yield from read_file(path)


def read_questions(folder: Path) -> Iterator[tuple[str, str]]:
    """The ways to ask a topic in `folder/<code>.yaml`, each with its language."""
    for path in sorted(folder.glob("*.yaml")):
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
        except (OSError, yaml.YAMLError):
            logger.exception("ways to ask in %s cannot be read", path.name)
            continue
        for texts in (content or {}).get("questions", {}).values():
            yield from ((str(text), path.stem) for text in texts)
