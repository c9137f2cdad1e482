"""The measured figures as they stand in `var/bench/results.json`. Times are seconds unless the name says otherwise."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

SideName = Literal["ours", "stock"]
PartName = Literal["clone", "training", "startup", "serving", "accuracy"]
SIDES: tuple[SideName, ...] = ("ours", "stock")
PARTS: tuple[PartName, ...] = ("clone", "training", "startup", "serving", "accuracy")


class Figures(BaseModel):
    """Base of all records: unknown keys are an error, so that a file of an older benchmark is not half read."""

    model_config = ConfigDict(extra="forbid")


class Part(Figures):
    """A measured part: when, of which commit, and what share of the processors others used just before (0..1)."""

    measured_at: dt.datetime | None = None
    commit: str = ""
    busy: float = 0.0


class Fresh(Figures):
    """From nothing to the first right answer. `stages`: the seconds of each stage, in order."""

    seconds: float
    stages: dict[str, float] = {}


class Clone(Part):
    """Ours: `git clone` to the first right answer. Stock: the installation alone."""

    cold: Fresh
    warm: Fresh


class Training(Part):
    """`seconds` of every run; `peak_mb`: the largest resident memory any process of it had; `epochs` of stock."""

    seconds: list[float]
    peak_mb: float
    examples: int
    epochs: int | None = None


class Startup(Part):
    """Of every start: seconds until all processes were ready, and until the first question was answered."""

    ready: list[float]
    first_answer: list[float]


class Memory(Figures):
    """Resident memory of a process with its children; `pss_mb` counts shared pages by their share, where known."""

    rss_mb: float
    pss_mb: float | None = None


class LoadRun(Figures):
    """One run of `clients`, each asking its next question when the last is answered. `replies`: number by kind."""

    clients: int
    seconds: float
    p50_ms: float
    p95_ms: float
    per_second: float
    replies: dict[str, int]


class TaskTurns(Figures):
    """Times of a guided task's turns, and of plain questions asked in between, by one client."""

    turns: int
    plain_p50_ms: float
    plain_p95_ms: float
    task_p50_ms: float
    task_p95_ms: float


class Serving(Part):
    """Memory by process after the first questions (`idle`) and after the load (`loaded`); `beside`: the supervisor.

    `tasks`: ours only.
    """

    idle: dict[str, Memory]
    loaded: dict[str, Memory]
    beside: dict[str, Memory] = {}
    runs: list[LoadRun]
    tasks: TaskTurns | None = None


class Hits(Figures):
    """Questions of a language; how many right as served, and how many by the best meaning of the ranking."""

    questions: int
    served: int
    ranked: int


class Accuracy(Part):
    """Intent accuracy by language."""

    languages: dict[str, Hits]


class Side(Figures):
    """All parts of one side; None: not measured. `inputs`: fingerprint of what they were measured from."""

    inputs: str = ""
    versions: dict[str, str] = {}
    clone: Clone | None = None
    training: Training | None = None
    startup: Startup | None = None
    serving: Serving | None = None
    accuracy: Accuracy | None = None


class Machine(Figures):
    """What the figures were measured on."""

    processor: str = ""
    cores: int = 0
    memory_mb: int = 0
    system: str = ""
    kernel: str = ""


class Results(Figures):
    """Everything. A run that is not `finished` is continued."""

    finished: bool = False
    trial: bool = False
    machine: Machine = Machine()
    ours: Side = Side()
    stock: Side = Side()

    def side(self, name: SideName) -> Side:
        """The figures of a side."""
        return self.ours if name == "ours" else self.stock
