"""No language answers worse than `tests/eval/thresholds.yaml` allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from bot.i18n.languages import enabled_languages
from bot.nlu.trained import trained_identification
from bot.supervisor.running import RunningGuide, running_guide
from tests.eval.gate import shortfalls, thresholds
from tests.eval.measure import Asker, evaluate, evaluate_identification
from tests.eval.run import UNLIMITED, intents_of_topics


@pytest.fixture(scope="module")
def unlimited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGuide]:
    """The three processes, for someone who asks very many questions."""
    with running_guide(tmp_path_factory.mktemp("quality"), UNLIMITED) as running:
        yield running


@pytest.fixture(scope="module")
def intents(knowledge_db: Path) -> Mapping[str, str]:
    return intents_of_topics(knowledge_db)


@pytest.mark.parametrize("code", [entry.code for entry in enabled_languages()])
def test_no_figure_is_under_its_threshold(code: str, unlimited: RunningGuide, intents: Mapping[str, str]) -> None:
    with httpx.Client(base_url=unlimited.url, timeout=60) as client:
        result = evaluate(Asker(client), code, intents)
    evaluate_identification(result, trained_identification())
    assert result.total >= 150
    assert shortfalls(result, thresholds(code)) == []
