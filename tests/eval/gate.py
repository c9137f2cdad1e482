"""Holds the figures of every language against `thresholds.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.eval.measure import Result

THRESHOLDS = Path(__file__).parent / "thresholds.yaml"
AT_MOST = frozenset({"confidently_wrong", "false_alarms"})


def thresholds(code: str, path: Path = THRESHOLDS) -> Mapping[str, float]:
    """The figures demanded of a language: the common ones and its own over them."""
    raw = yaml.safe_load(path.read_text("utf-8"))
    return {**raw["default"], **raw.get(code, {})}


def figures(result: Result) -> Mapping[str, float | None]:
    """The figures by the names of the thresholds; None where nothing was counted."""
    robust = [share.value for share in result.robust.values() if share.value is not None]
    return {
        "right": result.share("right"),
        "confidently_wrong": result.share("confidently_wrong"),
        "out_of_scope": result.out_of_scope.value,
        "danger": result.danger.value,
        "false_alarms": result.false_alarms.value,
        "short_identified": result.short_identified.value,
        "long_identified": result.long_identified.value,
        "robust": sum(robust) / len(robust) if robust else None,
    }


def shortfalls(result: Result, demanded: Mapping[str, float]) -> list[str]:
    """What falls short, a line each: the language, the figure, what is demanded."""
    measured = figures(result)
    if unknown := demanded.keys() - measured.keys():
        raise ValueError(f"unknown thresholds {sorted(unknown)}")
    return [
        f"{result.language}: {name} is {value:.3f}, asked: {'at most' if name in AT_MOST else 'at least'} {border:.3f}"
        for name, border in demanded.items()
        if (value := measured[name]) is not None and (value > border if name in AT_MOST else value < border)
    ]
