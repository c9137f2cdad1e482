"""The whole guide, started once for all end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.supervisor.running import RunningGuide, running_guide

HERE = Path(__file__).parent
MANY_MESSAGES = {"RATE_PER_MINUTE": "100000", "RATE_PER_MINUTE_ADDRESS": "100000"}
"""The tests are one address that asks more than any resident."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder starts the three real processes."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGuide]:
    """Gateway, Rasa and action server on free ports of loopback, with run-time files of their own."""
    with running_guide(tmp_path_factory.mktemp("guide"), MANY_MESSAGES) as running:
        yield running
