"""What is concluded from the figures, and how it is written down."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.figures import Results, Side
from bench.plot import draw
from bench.report import report, table
from bench.summary import summary
from bench.targets import targets
from tests.bench.samples import ours, results, stock


def verdicts(mine: Side, theirs: Side) -> dict[str, tuple[str, bool | None]]:
    found = targets(summary("ours", mine), summary("stock", theirs))
    return {each.name: (each.measured, each.met) for each in found}


def test_summary_takes_medians_over_runs_and_sums_over_processes() -> None:
    found = summary("ours", ours())
    assert (found.training, found.ready, found.resident()) == (100.0, 10.0, 460.0)
    assert (found.load[1].p50_ms, found.load[1].p95_ms, found.load[1].per_second) == (20, 40, 50)


def test_first_answer_of_stock_is_the_sum_of_its_steps() -> None:
    cold = summary("stock", stock()).cold
    assert cold is not None
    assert cold.seconds == pytest.approx(70 + 1001 + 32)
    assert cold.stages == {"environment": 70.0, "training": 1001.0, "start": 30.0, "first answer": 2.0}


def test_first_answer_of_stock_is_unknown_without_its_training() -> None:
    side = stock()
    side.training = None
    assert summary("stock", side).cold is None


def test_targets_at_their_borders() -> None:
    found = verdicts(ours(), stock())
    assert found["fresh clone to first answer, empty package cache"] == ("170 s", True)
    assert found["ready after the start of a trained model"] == ("10.0 s", True)
    assert found["resident memory of the three processes"] == ("460 MB", True)
    assert found["training time"] == ("0.100 of stock's", True)
    assert found["p95, 1 client"] == ("0.336 of stock's", False)
    assert found["p95, 8 clients"] == ("0.332 of stock's", True)
    assert found["throughput, 1 client"] == ("3.12 times stock's", True)
    assert found["throughput, 8 clients"] == ("2.96 times stock's", False)
    assert found["intent accuracy as served"] == ("above in 1 of 2; not in bb", False)
    assert found["intent accuracy, best of the ranking"] == ("above in 2 of 2", True)


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert all(met is None for _, met in verdicts(Side(), Side()).values())
    alone = verdicts(ours(), Side())
    assert alone["training time"] == ("–", None)
    assert alone["intent accuracy as served"] == ("–", None)
    assert alone["resident memory of the three processes"][1] is True


def test_limits_are_missed_when_exceeded() -> None:
    side = ours()
    assert side.clone is not None
    assert side.startup is not None
    assert side.serving is not None
    side.clone.cold.seconds = 180.1
    side.startup.ready = [15.1]
    side.serving.loaded["rasa"].rss_mb = 600
    found = verdicts(side, stock())
    assert found["fresh clone to first answer, empty package cache"][1] is False
    assert found["ready after the start of a trained model"][1] is False
    assert found["resident memory of the three processes"] == ("710 MB", False)


def test_report_holds_absolutes_ratios_and_verdicts() -> None:
    text = report(results(), "Where?")
    assert "| training | 100 | 1,001 | 0.100 |" in text
    assert "| 8 | answers a second | 80.0 | 27.0 | 2.963 |" in text
    assert "| ours | **together** | 400 | 370 | 460 | 430 |" in text
    assert "| stock | **together** | 1,100 | – | 1,210 | – |" in text
    assert "| aa | 100 | 70.0% (60–78) | 60.0% (50–69) | 80.0% (71–87) | 60.0% (50–69) |" in text
    assert "| p95, 1 client | at most 1/3 of stock's | 0.336 of stock's | **not met** |" in text
    assert "A processor, 2 cores, 8,000 MB; A system, kernel 6.1." in text
    assert "| first answer (stock: installation) | ours | 2026-11-25 12:00 UTC | abc | 25% (noisy) |" in text
    assert 'until "Where?" is answered rightly' in text
    assert "lower bound" not in text
    assert "trial on little data" not in text


def test_report_says_when_stock_was_trained_short_or_all_was_a_trial() -> None:
    found = results()
    assert found.stock.training is not None
    found.stock.training.epochs = 20
    found.trial = True
    text = report(found, "Where?")
    assert "lower bound" in text
    assert "trial on little data" in text


def test_report_of_nothing_says_so() -> None:
    text = report(Results(), "Where?")
    assert text.count("Not measured.") == 4
    assert "not met" not in text


def test_table_rows_have_as_many_cells_as_the_head() -> None:
    assert list(table(["a", "b"], [["1", "2"]])) == ["", "| a | b |", "|---|---|", "| 1 | 2 |"]
    lines = [line for line in report(results(), "Where?").splitlines() if line.startswith("|")]
    widths = {line.count("|") for line in lines}
    assert widths <= {5, 6, 7}


@pytest.mark.parametrize("figures", [results(), Results()], ids=["all", "nothing"])
def test_plot_is_valid_svg_and_the_same_again(figures: Results, tmp_path: Path) -> None:
    draw(figures, tmp_path / "new" / "a.svg")
    draw(figures, tmp_path / "b.svg")
    assert ElementTree.parse(tmp_path / "b.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert (tmp_path / "new" / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
