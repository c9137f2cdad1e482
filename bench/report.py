"""`docs/benchmarks.md` from the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.figures import PARTS, SIDES, Hits, Memory, Results
from bench.statistics import interval
from bench.summary import Summary, summary
from bench.targets import targets

MET = {True: "met", False: "**not met**", None: "not measured"}
PART_TITLES = {
    "clone": "first answer (stock: installation)",
    "training": "training",
    "startup": "start-up",
    "serving": "memory, latency, throughput",
    "accuracy": "intent accuracy",
}
#: From this share of the processors on, others were not quiet while a part was measured.
NOISE = 0.10
STOCK_EPOCHS = 100

TEMPLATE = Path(__file__).with_name("benchmarks.template.md")
TRIAL = "\n**These figures are of a trial on little data and say nothing.**\n"


def report(results: Results, question: str) -> str:
    """The whole document. `question`: what is asked of the fresh clone."""
    ours, stock = summary("ours", results.ours), summary("stock", results.stock)
    return TEMPLATE.read_text("utf-8").format(
        trial=TRIAL if results.trial else "",
        targets=_lines(_targets(ours, stock)),
        times=_lines(_times(ours, stock)),
        memory=_lines(_memory(results, ours, stock)),
        load=_lines(_load(results, ours, stock)),
        accuracy=_lines(_accuracy(ours, stock)),
        machine=_lines(_machine(results)),
        question=question,
    )


def _lines(lines: Iterator[str]) -> str:
    return "\n".join(lines).strip("\n")


def _targets(ours: Summary, stock: Summary) -> Iterator[str]:
    yield from table(
        ["what", "target", "measured", ""],
        [[each.name, each.wanted, each.measured, MET[each.met]] for each in targets(ours, stock)],
    )


def _times(ours: Summary, stock: Summary) -> Iterator[str]:
    rows = []
    for cache, mine, theirs in (("empty", ours.cold, stock.cold), ("filled", ours.warm, stock.warm)):
        mine_total, theirs_total = mine.seconds if mine else None, theirs.seconds if theirs else None
        rows.append([f"nothing to first answer, {cache} package cache", *_pair(mine_total, theirs_total)])
        names = dict.fromkeys([*(mine.stages if mine else {}), *(theirs.stages if theirs else {})])
        for name in names:
            pair = (mine.stages.get(name) if mine else None, theirs.stages.get(name) if theirs else None)
            rows.append([f"– {name}", *_pair(*pair)])
    rows.append(["training", *_pair(ours.training, stock.training)])
    rows.append(["start of a trained model to ready", *_pair(ours.ready, stock.ready)])
    yield from table(["", "ours", "stock", "ratio"], rows)


def _memory(results: Results, ours: Summary, stock: Summary) -> Iterator[str]:
    rows = []
    for side, found in (("ours", ours), ("stock", stock)):
        for name, loaded in found.loaded.items():
            rows.append([side, name, *_memory_cells(found.idle[name]), *_memory_cells(loaded)])
        if found.loaded:
            total = [_total(list(found.idle.values())), _total(list(found.loaded.values()))]
            rows.append([side, "**together**", *_memory_cells(total[0]), *_memory_cells(total[1])])
    beside = results.ours.serving.beside if results.ours.serving else {}
    rows += [["ours", f"beside: {name}", "–", "–", *_memory_cells(memory)] for name, memory in beside.items()]
    yield from table(["", "process", "idle RSS", "idle PSS", "loaded RSS", "loaded PSS"], rows)
    mine, theirs = ours.resident(), stock.resident()
    if mine and theirs:
        yield f"\nResident memory after the load: {mine / theirs:.2f} of stock's."
    peaks = [
        f"{name} {side.training.peak_mb:,.0f} MB"
        for name, side in (("ours", results.ours), ("stock", results.stock))
        if side.training
    ]
    if peaks:
        yield f"\nPeak resident memory of the training: {', '.join(peaks)}."


def _total(memories: Sequence[Memory]) -> Memory:
    pss = [memory.pss_mb for memory in memories]
    return Memory(
        rss_mb=sum(memory.rss_mb for memory in memories),
        pss_mb=None if None in pss else sum(size or 0.0 for size in pss),
    )


def _memory_cells(memory: Memory) -> list[str]:
    return [f"{memory.rss_mb:,.0f}", "–" if memory.pss_mb is None else f"{memory.pss_mb:,.0f}"]


def _load(results: Results, ours: Summary, stock: Summary) -> Iterator[str]:
    rows = []
    for clients in sorted({*ours.load, *stock.load}):
        mine, theirs = ours.load.get(clients), stock.load.get(clients)
        for title, key in (("p50, ms", "p50_ms"), ("p95, ms", "p95_ms"), ("answers a second", "per_second")):
            values = (getattr(mine, key) if mine else None, getattr(theirs, key) if theirs else None)
            rows.append([str(clients), title, *_pair(*values)])
    yield from table(["clients", "", "ours", "stock", "ratio"], rows)
    for name in SIDES:
        serving = results.side(name).serving
        if serving is None:
            continue
        kinds: dict[str, int] = {}
        for run in serving.runs:
            for kind, number in run.replies.items():
                kinds[kind] = kinds.get(kind, 0) + number
        yield f"\nReplies ({name}): {', '.join(f'{number} {kind}' for kind, number in sorted(kinds.items()))}."


def _accuracy(ours: Summary, stock: Summary) -> Iterator[str]:
    rows = []
    for language in dict.fromkeys([*ours.accuracy, *stock.accuracy]):
        mine, theirs = ours.accuracy.get(language), stock.accuracy.get(language)
        known = mine or theirs
        cells = [language, str(known.questions if known else 0)]
        for side in (mine, theirs):
            cells.append(_share(side, side.served if side else 0))
        for side in (mine, theirs):
            cells.append(_share(side, side.ranked if side else 0))
        rows.append(cells)
    yield from table(
        ["language", "questions", "as served: ours", "stock", "best of the ranking: ours", "stock"],
        rows,
    )


def _share(hits: Hits | None, right: int) -> str:
    if hits is None or not hits.questions:
        return "–"
    low, high = interval(right, hits.questions)
    return f"{right / hits.questions:.1%} ({100 * low:.0f}–{100 * high:.0f})"


def _machine(results: Results) -> Iterator[str]:
    machine = results.machine
    hardware = f"{machine.processor}, {machine.cores} cores, {machine.memory_mb:,} MB"
    yield f"{hardware}; {machine.system}, kernel {machine.kernel}."
    for name in SIDES:
        found = results.side(name).versions
        yield f"\n{name.capitalize()}: {', '.join(f'{package} {version}' for package, version in found.items())}."
    rows = []
    for part in PARTS:
        for name in SIDES:
            figures = getattr(results.side(name), part)
            if figures is not None:
                busy = f"{figures.busy:.0%}" + (" (noisy)" if figures.busy > NOISE else "")
                when = f"{figures.measured_at:%Y-%m-%d %H:%M} UTC" if figures.measured_at else "–"
                rows.append([PART_TITLES[part], name, when, figures.commit, busy])
    yield from table(["part", "side", "measured", "commit", "processors used by others just before"], rows)
    if results.stock.training:
        training = results.stock.training
        yield f"\nStock learnt from {training.examples:,} examples with {training.epochs} epochs."
        if training.epochs != STOCK_EPOCHS:
            yield f"\n**Its own number is {STOCK_EPOCHS}:** training time is a lower bound, accuracy maybe too low."


def _pair(ours: float | None, stock: float | None) -> list[str]:
    ratio = f"{ours / stock:.3f}" if ours is not None and stock else "–"
    return [_number(ours), _number(stock), ratio]


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a Markdown table; one line that says so when there are no rows."""
    if not rows:
        yield "\nNot measured."
        return
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
