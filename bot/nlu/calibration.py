"""From held-out predictions to honest probabilities and to the borders between sure, unsure and lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.softmax import Floats, probabilities

_TEMPERATURES = np.geomspace(0.15, 3.0, 41)


@dataclass(frozen=True, slots=True)
class BandTargets:
    """What the bands promise on held-out examples.

    `precision`: share of right answers among those given as sure. `hope`: the share of messages whose meaning is among
    the first three, below which asking back is of no use. `least`: examples a language needs for borders of its own.
    `floor` and `ceiling`: the lowest probability that can count as sure, and the one that always does.
    """

    precision: float = 0.92
    hope: float = 0.45
    least: int = 150
    floor: float = 0.0
    ceiling: float = 1.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """One language's temperature, its borders (probabilities), and what was measured on its held-out examples."""

    temperature: float
    sure: float
    lost: float
    examples: int
    accuracy: float
    top3: float
    sure_share: float
    sure_precision: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)


def calibrate(
    logits: Floats, labels: NDArray[np.intp], languages: NDArray[np.str_], targets: BandTargets
) -> dict[str, Calibration]:
    """Calibration a language from held-out logits (n, k), true classes and languages (n,); `*` is for all others."""
    whole = _calibration(logits, labels, targets)
    found = {"*": whole}
    for language in np.unique(languages):
        own = languages == language
        if own.sum() >= targets.least:
            found[str(language)] = _calibration(logits[own], labels[own], targets)
    return found


def of_language(calibrations: Mapping[str, Calibration], language: str) -> Calibration:
    """The language's own calibration, or the common one."""
    return calibrations.get(language) or calibrations["*"]


def best_temperature(logits: Floats, labels: NDArray[np.intp]) -> float:
    """The temperature at which the true classes are likeliest."""
    rows = np.arange(len(labels))
    losses = [-np.log(np.maximum(probabilities(logits, float(t))[rows, labels], 1e-9)).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _calibration(logits: Floats, labels: NDArray[np.intp], targets: BandTargets) -> Calibration:
    temperature = best_temperature(logits, labels)
    odds = probabilities(logits, temperature)
    order = np.argsort(-odds, axis=1)[:, :3]
    top = odds[np.arange(len(labels)), order[:, 0]]
    right = order[:, 0] == labels
    among = (order == labels[:, np.newaxis]).any(axis=1)
    sure = min(targets.ceiling, max(targets.floor, _lowest(top, right, targets.precision)))
    lost = min(sure, _border(top, among, targets.hope))
    accepted = top >= sure
    return Calibration(
        temperature=temperature,
        sure=sure,
        lost=lost,
        examples=len(labels),
        accuracy=float(right.mean()),
        top3=float(among.mean()),
        sure_share=float(accepted.mean()),
        sure_precision=float(right[accepted].mean()) if accepted.any() else 0.0,
    )


def _lowest(confidence: Floats, right: NDArray[np.bool_], precision: float) -> float:
    """The lowest confidence from which on at least `precision` of the predictions are right."""
    order = np.argsort(-confidence)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(shares >= precision)
    return float(confidence[order[good[-1]]]) if len(good) else 0.95


def _border(confidence: Floats, hit: NDArray[np.bool_], share: float) -> float:
    """The confidence below which fewer than `share` of the predictions hit, by steps of a twentieth of the examples."""
    order = np.argsort(confidence)
    step = max(20, len(order) // 20)
    border = 0.0
    for start in range(0, len(order), step):
        part = order[start : start + step]
        if hit[part].mean() >= share:
            break
        border = float(confidence[part[-1]])
    return border
