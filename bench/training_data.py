"""The training data both sides learn from; cut down for a trial of the benchmark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bench.layout import DOMAIN, TRAINING_DATA
from bot.settings import PROJECT_ROOT

NLU = TRAINING_DATA[0]


def lines(examples: str) -> list[str]:
    """The examples of an intent's block, each a line that begins with `- `."""
    return [line for line in examples.splitlines() if line.startswith("- ")]


def count_examples(root: Path = PROJECT_ROOT) -> int:
    """Training examples of all intents and languages."""
    return sum(len(lines(block["examples"])) for document in _documents(root) for block in document["nlu"])


def _documents(root: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((root / NLU).rglob("*.yml")):
        yield yaml.safe_load(path.read_text("utf-8"))


def shortened(document: dict[str, Any], examples: int) -> dict[str, Any]:
    """A file of training data with the first examples of each block only."""
    blocks = [
        {**block, "examples": "".join(f"{line}\n" for line in lines(block["examples"])[:examples])}
        for block in document["nlu"]
    ]
    return {**document, "nlu": blocks}


def copy_to(target: Path, examples: int | None = None) -> None:
    """Copies domain, training data, rules and stories below `target`, in place of what is there."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / DOMAIN, target / DOMAIN)
    for name in TRAINING_DATA:
        shutil.copytree(PROJECT_ROOT / name, target / name)
    if examples is None:
        return
    for path in (target / NLU).rglob("*.yml"):
        document = shortened(yaml.safe_load(path.read_text("utf-8")), examples)
        path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
