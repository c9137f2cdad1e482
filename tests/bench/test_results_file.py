"""Figures on disk: continued when interrupted, forgotten when outdated."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.figures import SideName, Training
from bench.results_file import ResultsFile

OURS = Training(seconds=[100.0], peak_mb=1, examples=2)
ONE: dict[SideName, str] = {"ours": "one", "stock": "one"}
STOCK = Training(seconds=[1000.0], peak_mb=1, examples=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = ResultsFile(tmp_path / "new" / "results.json")
    file.begin(ONE, keep_stock=False, trial=False)
    file.put("ours", "training", OURS)
    file.put("stock", "training", STOCK)
    return tmp_path / "new" / "results.json"


def test_an_interrupted_run_goes_on(path: Path) -> None:
    file = ResultsFile(path)
    file.begin(ONE, keep_stock=False, trial=False)
    assert file.part("ours", "training") == OURS
    assert file.part("stock", "training") == STOCK
    assert file.part("ours", "clone") is None


def test_a_side_that_changed_begins_anew_and_the_other_goes_on(path: Path) -> None:
    file = ResultsFile(path)
    file.begin({**ONE, "ours": "two"}, keep_stock=False, trial=False)
    assert file.part("ours", "training") is None
    assert ResultsFile(path).part("ours", "training") is None
    assert ResultsFile(path).part("stock", "training") == STOCK


@pytest.mark.parametrize("finished", [True, False])
def test_stock_figures_are_kept_when_asked(path: Path, finished: bool) -> None:
    file = ResultsFile(path)
    file.results.finished = finished
    file.begin({"ours": "two", "stock": "two"}, keep_stock=True, trial=False)
    assert file.part("ours", "training") is None
    assert file.part("stock", "training") == STOCK


def test_a_finished_run_begins_anew(path: Path) -> None:
    file = ResultsFile(path)
    file.results.finished = True
    file.save()
    again = ResultsFile(path)
    again.begin(ONE, keep_stock=False, trial=False)
    assert again.part("ours", "training") is None
    assert again.part("stock", "training") is None
    assert again.results.finished is False


@pytest.mark.parametrize("text", ["{", '{"unknown": 1}', '{"ours": {"training": {"seconds": "fast"}}}'])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(BenchError, match="remove it"):
        ResultsFile(path)
