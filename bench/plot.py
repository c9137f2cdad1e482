"""`docs/images/benchmarks.svg`: both sides beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.figures import Results
from bench.summary import Summary, summary

#: Told apart by people with any kind of colour vision.
COLOURS = ("#0072B2", "#E69F00")
NAMES = ("this guide", "stock Rasa")
_WIDTH = 0.38

Values = Sequence[float | None]


def draw(results: Results, path: Path) -> None:
    """Writes the picture, the same bytes for the same figures."""
    ours, stock = summary("ours", results.ours), summary("stock", results.stock)
    with mpl.rc_context({"svg.hashsalt": "benchmarks", "font.size": 9, "axes.titlesize": 10}):
        figure = Figure(figsize=(10, 9), layout="constrained")
        grid = figure.add_gridspec(3, 3)
        _times(figure, grid, ours, stock)
        _serving(figure, grid, ours, stock)
        _accuracy(figure.add_subplot(grid[2, :]), ours, stock)
        handles = [mpl.patches.Patch(color=colour) for colour in COLOURS]
        figure.legend(handles, NAMES, loc="outside upper center", ncols=2, frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _times(figure: Figure, grid: mpl.gridspec.GridSpec, ours: Summary, stock: Summary) -> None:
    fresh = [[each.seconds if each else None for each in (side.cold, side.warm)] for side in (ours, stock)]
    bars(figure.add_subplot(grid[0, 0]), "nothing to first answer, s", ("empty cache", "filled cache"), *fresh)
    bars(figure.add_subplot(grid[0, 1]), "training, s", ("",), [ours.training], [stock.training])
    bars(figure.add_subplot(grid[0, 2]), "start to ready, s", ("",), [ours.ready], [stock.ready])


def _serving(figure: Figure, grid: mpl.gridspec.GridSpec, ours: Summary, stock: Summary) -> None:
    names = list(dict.fromkeys([*ours.loaded, *stock.loaded]))
    memory = [[side.loaded[name].rss_mb if name in side.loaded else None for name in names] for side in (ours, stock)]
    bars(figure.add_subplot(grid[1, 0]), "resident memory, MB", names, *memory)
    clients = sorted({*ours.load, *stock.load})
    labels = [f"{number} client{'s' if number > 1 else ''}" for number in clients]
    p95 = [[side.load[number].p95_ms if number in side.load else None for number in clients] for side in (ours, stock)]
    bars(figure.add_subplot(grid[1, 1]), "p95, ms", labels, *p95)
    speed = [
        [side.load[number].per_second if number in side.load else None for number in clients] for side in (ours, stock)
    ]
    bars(figure.add_subplot(grid[1, 2]), "answers a second", labels, *speed)


def _accuracy(axes: Axes, ours: Summary, stock: Summary) -> None:
    languages = list(dict.fromkeys([*ours.accuracy, *stock.accuracy]))
    shares: list[list[float | None]] = []
    for side in (ours, stock):
        hits = [side.accuracy.get(language) for language in languages]
        shares.append([100 * each.ranked / each.questions if each and each.questions else None for each in hits])
    bars(axes, "intent accuracy, best of the ranking, %", languages, *shares)
    axes.set_ylim(0, 108)


def bars(axes: Axes, title: str, labels: Sequence[str], ours: Values, stock: Values) -> None:
    """Pairs of bars with their values above; a missing value leaves its place empty."""
    axes.set_title(title)
    axes.spines[["top", "right"]].set_visible(False)
    for side, values in enumerate((ours, stock)):
        for place, value in enumerate(values):
            if value is None:
                continue
            drawn = axes.bar(place + (side - 0.5) * _WIDTH, value, _WIDTH * 0.94, color=COLOURS[side])
            axes.bar_label(drawn, [f"{value:,.0f}" if value >= 20 else f"{value:.1f}"], padding=2, fontsize=8)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_xlim(-0.6, max(len(labels), 1) - 0.4)
    axes.margins(y=0.15)
    if all(value is None for value in (*ours, *stock)):
        axes.text(0.5, 0.5, "not measured", ha="center", va="center", transform=axes.transAxes)
