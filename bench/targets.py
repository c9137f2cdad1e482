"""What the guide is to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.figures import Hits, TaskTurns
from bench.summary import Summary

FIRST_ANSWER_SECONDS = 180.0
RESIDENT_MB = 700.0
READY_SECONDS = 15.0
TRAINING_SHARE = 1 / 10
P95_SHARE = 1 / 3
THROUGHPUT_FACTOR = 3.0
TASK_TURN_FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class Target:
    """A target, what was measured, and whether it is met; None: not measured."""

    name: str
    wanted: str
    measured: str
    met: bool | None


def targets(ours: Summary, stock: Summary) -> Iterator[Target]:
    """All targets, in the order of the report."""
    for cache, fresh in (("empty", ours.cold), ("filled", ours.warm)):
        seconds = fresh.seconds if fresh else None
        yield _bound(f"fresh clone to first answer, {cache} package cache", seconds, FIRST_ANSWER_SECONDS, "s")
    yield _bound("ready after the start of a trained model", ours.ready, READY_SECONDS, "s")
    yield _bound("resident memory of the three processes", ours.resident(), RESIDENT_MB, "MB")
    yield _share("training time", ours.training, stock.training, TRAINING_SHARE, "1/10")
    for clients in sorted(ours.load):
        mine, theirs = ours.load[clients], stock.load.get(clients)
        who = f"{clients} client{'s' if clients > 1 else ''}"
        yield _share(f"p95, {who}", mine.p95_ms, theirs.p95_ms if theirs else None, P95_SHARE, "1/3")
        yield _factor(f"throughput, {who}", mine.per_second, theirs.per_second if theirs else None)
    yield _task_turn(ours.tasks)
    yield _above("intent accuracy as served", ours.accuracy, stock.accuracy, lambda hits: hits.served)
    yield _above("intent accuracy, best of the ranking", ours.accuracy, stock.accuracy, lambda hits: hits.ranked)


def _bound(name: str, value: float | None, most: float, unit: str) -> Target:
    wanted = f"at most {most:.0f} {unit}"
    if value is None:
        return Target(name, wanted, "–", None)
    return Target(name, wanted, f"{value:.1f} {unit}" if value < 100 else f"{value:.0f} {unit}", value <= most)


def _share(name: str, ours: float | None, stock: float | None, most: float, words: str) -> Target:
    wanted = f"at most {words} of stock's"
    if ours is None or not stock:
        return Target(name, wanted, "–", None)
    return Target(name, wanted, f"{ours / stock:.3f} of stock's", ours <= most * stock)


def _task_turn(tasks: TaskTurns | None) -> Target:
    name, wanted = "p95 of a guided task's turn", f"under {TASK_TURN_FACTOR:.0f} times a plain question's"
    if tasks is None or not tasks.plain_p95_ms:
        return Target(name, wanted, "–", None)
    factor = tasks.task_p95_ms / tasks.plain_p95_ms
    measured = f"{factor:.2f} times ({tasks.task_p95_ms:.0f} and {tasks.plain_p95_ms:.0f} ms, {tasks.turns} turns)"
    return Target(name, wanted, measured, factor < TASK_TURN_FACTOR)


def _factor(name: str, ours: float, stock: float | None) -> Target:
    wanted = f"at least {THROUGHPUT_FACTOR:.0f} times stock's"
    if not stock:
        return Target(name, wanted, "–", None)
    return Target(name, wanted, f"{ours / stock:.2f} times stock's", ours >= THROUGHPUT_FACTOR * stock)


def _above(name: str, ours: dict[str, Hits], stock: dict[str, Hits], right: Callable[[Hits], int]) -> Target:
    wanted = "above stock's in every language"
    both = [language for language in ours if language in stock]
    if not both:
        return Target(name, wanted, "–", None)
    share = {
        language: (right(ours[language]) / ours[language].questions, right(stock[language]) / stock[language].questions)
        for language in both
    }
    behind = [language for language, (mine, theirs) in share.items() if mine <= theirs]
    measured = f"above in {len(both) - len(behind)} of {len(both)}" + (
        f"; not in {', '.join(behind)}" if behind else ""
    )
    return Target(name, wanted, measured, not behind)
