"""Where the benchmark keeps its files, and how much it measures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.settings import PROJECT_ROOT

STOCK_FILES = PROJECT_ROOT / "bench" / "stock"
STOCK_LOCK = PROJECT_ROOT / "requirements" / "plain.txt"
HELD_OUT = PROJECT_ROOT / "tests" / "eval"
TRAINING_DATA = ("data/nlu", "data/rules", "data/stories")
DOMAIN = "domain.yml"


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders under `shared` (environment and package caches of every run) and `root` (everything else of this run)."""

    root: Path
    shared: Path

    @property
    def results(self) -> Path:
        """The figures measured so far, JSON."""
        return self.root / "results.json"

    @property
    def logs(self) -> Path:
        """What the measured programs printed."""
        return self.root / "log"

    @property
    def guide_var(self) -> Path:
        """`VAR_DIR` of the guide."""
        return self.root / "guide" / "var"

    @property
    def guide_models(self) -> Path:
        """`MODEL_DIR` of the guide."""
        return self.root / "guide" / "models"

    @property
    def clone(self) -> Path:
        """The fresh clone; removed when it has answered."""
        return self.root / "clone"

    @property
    def guide_cache(self) -> Path:
        """Package caches of the fresh clone."""
        return self.shared / "cache" / "guide"

    @property
    def stock_cache(self) -> Path:
        """Package cache of stock Rasa's installation."""
        return self.shared / "cache" / "stock"

    @property
    def stock_environment(self) -> Path:
        """Virtual environment of stock Rasa."""
        return self.shared / "stock" / "env"

    @property
    def stock_work(self) -> Path:
        """Working folder of stock Rasa (data of a trial, Rasa's own cache)."""
        return self.root / "stock" / "work"

    @property
    def stock_models(self) -> Path:
        """Models of stock Rasa."""
        return self.root / "stock" / "models"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    `starts`: how often each side is started; `trainings`: how often the guide is trained at most, as long as
    `training_seconds` are not used up; `load_runs`: runs at each number of clients with `questions` questions, at most
    `load_seconds` long; `epochs` and `examples` (of an intent and language) cut stock's training down for a trial.
    """

    starts: int = 3
    trainings: int = 3
    training_seconds: float = 300.0
    clients: tuple[int, ...] = (1, 8)
    load_runs: int = 3
    questions: int = 240
    load_seconds: float = 90.0
    epochs: int | None = None
    examples: int | None = None


FULL = Effort()
QUICK = Effort(starts=1, trainings=1, load_runs=1, questions=120, load_seconds=45.0)
TRIAL = Effort(starts=1, trainings=1, load_runs=1, questions=36, load_seconds=30.0, epochs=3, examples=3)


def layout(*, trial: bool) -> Layout:
    """The folders of a full run, or of a trial."""
    shared = PROJECT_ROOT / "var" / "bench"
    return Layout(shared / "trial" if trial else shared, shared)
