"""The few numbers that are compared, from all the figures of a side."""

from __future__ import annotations

from dataclasses import dataclass

from bench.figures import Fresh, Hits, LoadRun, Memory, Side, SideName, TaskTurns
from bench.statistics import median


@dataclass(frozen=True, slots=True)
class Load:
    """Medians over the runs at one number of clients."""

    p50_ms: float
    p95_ms: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Summary:
    """One side. None: not measured. Times in seconds, memory in MB."""

    cold: Fresh | None
    warm: Fresh | None
    training: float | None
    ready: float | None
    idle: dict[str, Memory]
    loaded: dict[str, Memory]
    load: dict[int, Load]
    accuracy: dict[str, Hits]
    tasks: TaskTurns | None = None

    def resident(self) -> float | None:
        """Resident memory of all processes after the load."""
        return sum(memory.rss_mb for memory in self.loaded.values()) if self.loaded else None


def summary(name: SideName, side: Side) -> Summary:
    """The summary of a side."""
    return Summary(
        cold=_fresh(name, side, cold=True),
        warm=_fresh(name, side, cold=False),
        training=median(side.training.seconds) if side.training else None,
        ready=median(side.startup.ready) if side.startup else None,
        idle=side.serving.idle if side.serving else {},
        loaded=side.serving.loaded if side.serving else {},
        load=loads(side.serving.runs) if side.serving else {},
        accuracy=side.accuracy.languages if side.accuracy else {},
        tasks=side.serving.tasks if side.serving else None,
    )


def _fresh(name: SideName, side: Side, *, cold: bool) -> Fresh | None:
    """To the first answer. Stock has no one command for it: the sum of its installation, training and start."""
    if side.clone is None:
        return None
    measured = side.clone.cold if cold else side.clone.warm
    if name == "ours":
        return measured
    if side.training is None or side.startup is None:
        return None
    stages = {
        **measured.stages,
        "training": median(side.training.seconds),
        "start": median(side.startup.ready),
        "first answer": median(side.startup.first_answer) - median(side.startup.ready),
    }
    return Fresh(seconds=sum(stages.values()), stages=stages)


def loads(runs: list[LoadRun]) -> dict[int, Load]:
    """Number of clients → medians over its runs."""
    found: dict[int, Load] = {}
    for clients in sorted({run.clients for run in runs}):
        own = [run for run in runs if run.clients == clients]
        found[clients] = Load(
            p50_ms=median([run.p50_ms for run in own]),
            p95_ms=median([run.p95_ms for run in own]),
            per_second=median([run.per_second for run in own]),
        )
    return found
