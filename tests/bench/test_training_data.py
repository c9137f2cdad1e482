"""Counting and cutting down the training data."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.layout import STOCK_FILES
from bench.stock_side import with_epochs
from bench.training_data import copy_to, count_examples, lines, shortened


def test_lines_are_the_examples_only() -> None:
    assert lines("- where is it\n\n- a - b\n") == ["- where is it", "- a - b"]


def test_shortened_keeps_the_first_examples_and_everything_else() -> None:
    document = {
        "version": "3.1",
        "nlu": [{"intent": "greet", "metadata": {"language": "en"}, "examples": "- hi\n- hello\n- hey\n"}],
    }
    found = shortened(document, 2)
    assert found == {
        "version": "3.1",
        "nlu": [{"intent": "greet", "metadata": {"language": "en"}, "examples": "- hi\n- hello\n"}],
    }


def test_a_copy_holds_the_real_data(tmp_path: Path) -> None:
    copy_to(tmp_path / "whole")
    assert count_examples(tmp_path / "whole") == count_examples() > 1000


def test_a_short_copy_is_short_and_replaces_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "short"
    target.mkdir()
    (target / "old").touch()
    copy_to(target, examples=1)
    assert not (target / "old").exists()
    assert (target / "domain.yml").is_file()
    assert any((target / "data" / "rules").iterdir())
    assert 0 < count_examples(target) < count_examples() / 5


@pytest.mark.parametrize("epochs", [2, 40])
def test_epochs_are_changed_everywhere_and_nothing_else_is(epochs: int) -> None:
    config = (STOCK_FILES / "config.yml").read_text("utf-8")
    found = with_epochs(config, epochs)
    assert config.count("epochs: 100") == 4
    assert found == config.replace("epochs: 100", f"epochs: {epochs}")
    assert with_epochs(config, None) == config
