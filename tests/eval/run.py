"""`make eval`: asks the running guide every held-out question; prints and writes the figures of every language.

Starts the three real processes on free ports with their own run-time folder, talks HTTP, and writes `docs/quality.md`,
its pictures, and `var/eval.json` (every answer that was not right).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.i18n.languages import enabled_languages
from bot.knowledge.store import KnowledgeStore
from bot.nlu.trained import trained_identification
from bot.settings import PROJECT_ROOT, settings
from bot.supervisor.running import running_guide
from tests.eval.gate import shortfalls, thresholds
from tests.eval.measure import Asker, Result, evaluate, evaluate_identification, evaluate_robustness
from tests.eval.plot import draw
from tests.eval.report import report, table

UNLIMITED = {"RATE_PER_MINUTE": "1000000", "RATE_PER_MINUTE_ADDRESS": "1000000"}


def intents_of_topics(knowledge_db: Path) -> Mapping[str, str]:
    """The frequent intent each topic answers, by topic."""
    with KnowledgeStore(knowledge_db) as store:
        return {topic.id: topic.intent for topic in store.topics() if topic.intent}


@contextmanager
def asker(*, told: bool = False) -> Iterator[Asker]:
    """Someone who asks three processes started for it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_guide(Path(folder), UNLIMITED) as guide,
        httpx.Client(base_url=guide.url, timeout=60) as client,
    ):
        yield Asker(client, chosen=told)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line. Returns the exit code: 1 when a figure is under its threshold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", action="append", help="only this language (may be given more than once)")
    parser.add_argument(
        "--told", action="store_true", help="tell the guide the language instead of letting it find out"
    )
    parser.add_argument(
        "--robustness", type=int, default=1, metavar="N", help="every N-th question in all perturbations; 0: none"
    )
    options = parser.parse_args(arguments)
    codes = options.language or [entry.code for entry in enabled_languages()]
    intents = intents_of_topics(settings().knowledge_db)
    results: list[Result] = []
    with asker(told=options.told) as ask:
        for code in codes:
            result = evaluate(ask, code, intents)
            evaluate_identification(result, trained_identification())
            if options.robustness:
                evaluate_robustness(ask, result, intents, options.robustness)
            results.append(result)
            print(f"{code}: {result.share('right'):.1%} right of {result.total}", flush=True)
    print(table(results))
    settings().var_dir.mkdir(parents=True, exist_ok=True)
    mistakes = [mistake for result in results for mistake in result.mistakes]
    (settings().var_dir / "eval.json").write_text(json.dumps(mistakes, ensure_ascii=False, indent=1), "utf-8")
    if options.language is None and not options.told and options.robustness:
        (PROJECT_ROOT / "docs" / "quality.md").write_text(report(results), "utf-8")
        draw(results, PROJECT_ROOT / "docs" / "images")
    missed = [line for result in results for line in shortfalls(result, thresholds(result.language))]
    print("\n".join(missed) or "no figure is under its threshold")
    return 1 if missed or not all(result.total for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
