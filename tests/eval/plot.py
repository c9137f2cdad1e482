"""`docs/images/quality.svg` and `docs/images/reliability.svg`: the figures of every language as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from tests.eval.measure import OUTCOMES, Result

COLOURS = ("#009E73", "#F0E442", "#999999", "#D55E00")
"""Right, asked back, no answer, confidently wrong: told apart by people with any kind of colour vision."""
BINS = 5


def draw(results: Sequence[Result], folder: Path) -> None:
    """Write both pictures; the same bytes for the same figures."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "quality", "font.size": 9, "axes.titlesize": 9}):
        _save(_outcomes(results), folder / "quality.svg")
        _save(_reliability(results), folder / "reliability.svg")


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None})


def _outcomes(results: Sequence[Result]) -> Figure:
    figure = Figure(figsize=(9, 1.2 + 0.28 * len(results)), layout="constrained")
    axes = figure.add_subplot()
    names = [result.language for result in reversed(results)]
    left = np.zeros(len(names))
    for outcome, colour in zip(OUTCOMES, COLOURS, strict=True):
        shares = np.array([result.share(outcome) for result in reversed(results)])
        axes.barh(names, shares, left=left, color=colour, label=outcome.replace("_", " "))
        left += shares
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of held-out questions")
    figure.legend(loc="outside upper center", ncols=4, frameon=False)
    return figure


def _reliability(results: Sequence[Result]) -> Figure:
    columns = 5
    rows = -(-len(results) // columns)
    figure = Figure(figsize=(10, 2.2 * rows), layout="constrained")
    for at, result in enumerate(results):
        axes = figure.add_subplot(rows, columns, at + 1)
        axes.plot((0, 1), (0, 1), color="#999999", linewidth=0.8)
        points = bins(result.answers)
        axes.plot(
            [said for said, _, _ in points], [right for _, right, _ in points], "o-", color="#0072B2", markersize=4
        )
        axes.set(title=result.language, xlim=(0, 1), ylim=(0, 1.02))
    figure.supxlabel("probability given")
    figure.supylabel("share right")
    return figure


def bins(answers: Sequence[tuple[float, bool]], number: int = BINS) -> list[tuple[float, float, int]]:
    """Answers in bins of their probability: mean probability, share right, how many. Empty bins are left out."""
    points = []
    for at in range(number):
        own = [(said, right) for said, right in answers if min(int(said * number), number - 1) == at]
        if own:
            points.append((sum(s for s, _ in own) / len(own), sum(r for _, r in own) / len(own), len(own)))
    return points
