"""`python -m bench`: measures both sides, writes `docs/benchmarks.md` and its picture."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import os
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

from bench.clone import QUESTION
from bench.errors import BenchError
from bench.figures import PARTS, SIDES, PartName, SideName
from bench.figures import Part as PartFigures
from bench.guide_side import GuideSide
from bench.layout import DOMAIN, FULL, HELD_OUT, QUICK, TRAINING_DATA, TRIAL, Layout, layout
from bench.machine import busy_share, commit, describe
from bench.plot import draw
from bench.questions import held_out
from bench.report import report
from bench.results_file import ResultsFile
from bench.stock_side import StockSide
from bot.settings import PROJECT_ROOT
from bot.supervisor.training import INPUTS, fingerprint

#: What the figures of each side depend on. A change of our code does not make stock's training worthless.
MEASURED: dict[SideName, tuple[str, ...]] = {
    "ours": (*INPUTS, "actions", "bot", "bench", "tests/eval"),
    "stock": (*TRAINING_DATA, DOMAIN, "bench/stock", "requirements/plain.txt", "tests/eval"),
}


def say(text: str) -> None:
    """One line of progress."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Bench:
    """One run of the benchmark."""

    def __init__(self, *, trial: bool, skip_stock: bool, quick: bool = False, stock_epochs: int | None = None) -> None:
        self.layout = layout(trial=trial)
        self.trial = trial
        self.skip_stock = skip_stock
        self.file = ResultsFile(self.layout.results)
        effort = TRIAL if trial else QUICK if quick else FULL
        if stock_epochs is not None:
            effort = dataclasses.replace(effort, epochs=stock_epochs)
        self.effort = effort
        questions = held_out(HELD_OUT)
        guide = GuideSide(self.layout, effort, questions)
        self.sides: dict[SideName, GuideSide | StockSide] = {
            "ours": guide,
            "stock": StockSide(self.layout, effort, questions, guide),
        }

    def run(self, only: Sequence[PartName] | None) -> None:
        """Measures the parts named anew, or all parts that this run has not measured yet; writes the report."""
        if only is None:
            inputs = {name: fingerprint(PROJECT_ROOT, MEASURED[name])[:16] for name in SIDES}
            inputs["stock"] += f", {self.effort.epochs} epochs" if self.effort.epochs else ""
            self.file.begin(inputs, keep_stock=self.skip_stock, trial=self.trial)
        self.file.results.trial = self.trial
        self.file.results.machine = describe()
        for part in only or PARTS:
            for name in SIDES:
                if name == "stock" and self.skip_stock:
                    continue
                if only is None and self.file.part(name, part) is not None:
                    say(f"{part}, {name}: measured before")
                    continue
                self.measure(name, part)
        if only is None:
            self.file.results.finished = True
        self.file.save()
        write_report(self.file, self.layout, trial=self.trial)

    def measure(self, name: SideName, part: PartName) -> None:
        """Measures one part of one side and keeps its figures."""
        busy = busy_share()
        say(f"{part}, {name} (others use {busy:.0%} of the processors)")
        began = time.monotonic()
        side = self.sides[name]
        figures: PartFigures = getattr(side, part)()
        figures.measured_at = dt.datetime.now(dt.UTC).replace(microsecond=0)
        figures.commit, figures.busy = commit(), busy
        self.file.results.side(name).versions = side.versions()
        self.file.put(name, part, figures)
        say(f"{part}, {name}: done in {time.monotonic() - began:.0f} s")


def write_report(file: ResultsFile, folders: Layout, *, trial: bool) -> None:
    """Writes document and picture from the figures there are: to `docs`, those of a trial beside its results."""
    docs = folders.root if trial else PROJECT_ROOT / "docs"
    draw(file.results, docs / "images" / "benchmarks.svg")
    (docs / "benchmarks.md").write_text(report(file.results, QUESTION), "utf-8")
    say(f"written: {docs / 'benchmarks.md'}")


def parts(text: str) -> list[PartName]:
    """The parts named in a comma-separated list, in their own order. Raises `argparse.ArgumentTypeError`."""
    named = text.split(",")
    if unknown := set(named) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not among {', '.join(PARTS)}")
    return [part for part in PARTS if part in named]


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--skip-stock", action="store_true", help="keep the last figures of stock Rasa")
    parser.add_argument("--stock-epochs", type=int, metavar="N", help="train stock with N instead of 100 epochs")
    parser.add_argument("--only", type=parts, metavar="PART,…", help=f"measure these parts anew: {', '.join(PARTS)}")
    parser.add_argument("--trial", action="store_true", help="try it on little data; writes to var/bench/trial only")
    parser.add_argument("--quick", action="store_true", help="measure once instead of several times")
    parser.add_argument("--report", action="store_true", help="measure nothing, write the report from the last figures")
    options = parser.parse_args(arguments)
    # Without compiled modules every start of Rasa would cost several seconds more, on either side.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Ended from outside, the servers that were started are stopped, too.
    signal.signal(signal.SIGTERM, _stop)
    try:
        bench = Bench(
            trial=options.trial,
            skip_stock=options.skip_stock,
            quick=options.quick,
            stock_epochs=options.stock_epochs,
        )
        if options.report:
            write_report(bench.file, bench.layout, trial=options.trial)
        else:
            bench.run(options.only)
    except BenchError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped; the next call goes on from here")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
