"""Figures to report on."""

from __future__ import annotations

import datetime as dt

from bench.figures import (
    Accuracy,
    Clone,
    Fresh,
    Hits,
    LoadRun,
    Machine,
    Memory,
    Results,
    Serving,
    Side,
    Startup,
    Training,
)  # fmt: skip

WHEN = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)


def run(clients: int, p95: float, per_second: float) -> LoadRun:
    return LoadRun(
        clients=clients, seconds=10, p50_ms=p95 / 2, p95_ms=p95, per_second=per_second, replies={"answered": 240}
    )


def ours() -> Side:
    return Side(
        versions={"python": "3.11.9", "rasa": "3.6.21"},
        clone=Clone(
            cold=Fresh(seconds=170.0, stages={"clone": 1.0, "environment": 60.0, "training": 100.0, "start": 9.0}),
            warm=Fresh(seconds=120.0, stages={"clone": 1.0, "environment": 10.0, "training": 100.0, "start": 9.0}),
            measured_at=WHEN, commit="abc", busy=0.25,
        ),
        training=Training(seconds=[90.0, 110.0, 100.0], peak_mb=800, examples=11000, measured_at=WHEN, commit="abc"),
        startup=Startup(ready=[9.0, 12.0, 10.0], first_answer=[9.5, 12.5, 10.5], measured_at=WHEN, commit="abc"),
        serving=Serving(
            idle={"rasa": Memory(rss_mb=300, pss_mb=290), "actions": Memory(rss_mb=100, pss_mb=80)},
            loaded={"rasa": Memory(rss_mb=350, pss_mb=340), "actions": Memory(rss_mb=110, pss_mb=90)},
            beside={"supervisor": Memory(rss_mb=40)},
            runs=[run(1, 30, 60), run(1, 50, 40), run(1, 40, 50), run(8, 100, 80)],
            measured_at=WHEN, commit="abc",
        ),
        accuracy=Accuracy(
            languages={"aa": Hits(questions=100, served=70, ranked=80), "bb": Hits(questions=50, served=40, ranked=45)},
            measured_at=WHEN, commit="abc",
        ),
    )  # fmt: skip


def stock() -> Side:
    return Side(
        clone=Clone(
            cold=Fresh(seconds=70.0, stages={"environment": 70.0}),
            warm=Fresh(seconds=20.0, stages={"environment": 20.0}),
            measured_at=WHEN, commit="abc",
        ),
        training=Training(seconds=[1001.0], peak_mb=3000, examples=11000, epochs=100, measured_at=WHEN, commit="abc"),
        startup=Startup(ready=[30.0], first_answer=[32.0], measured_at=WHEN, commit="abc"),
        serving=Serving(
            idle={"rasa": Memory(rss_mb=1000), "actions": Memory(rss_mb=100)},
            loaded={"rasa": Memory(rss_mb=1100), "actions": Memory(rss_mb=110)},
            runs=[run(1, 119, 16), run(8, 301, 27)],
            measured_at=WHEN, commit="abc",
        ),
        accuracy=Accuracy(
            languages={"aa": Hits(questions=100, served=60, ranked=60), "bb": Hits(questions=50, served=40, ranked=40)},
            measured_at=WHEN, commit="abc",
        ),
    )  # fmt: skip


def results() -> Results:
    machine = Machine(processor="A processor", cores=2, memory_mb=8000, system="A system", kernel="6.1")
    return Results(machine=machine, ours=ours(), stock=stock())
