"""`make eval`: asks the running guide every held-out question; prints and writes the figures of every language.

Starts the three real processes on free ports with their own run-time folder, talks HTTP, and writes `docs/quality.md`
(table) and `var/eval.json` (every answer that was not right).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.i18n.languages import enabled_languages
from bot.knowledge.store import KnowledgeStore
from bot.settings import PROJECT_ROOT, settings
from bot.supervisor.running import running_guide
from tests.eval.scoring import Outcome, score

OUTCOMES: tuple[Outcome, ...] = ("right", "asked_back", "refused", "confidently_wrong")
FOLDER = Path(__file__).parent
UNLIMITED = {"RATE_PER_MINUTE": "1000000", "RATE_PER_MINUTE_ADDRESS": "1000000"}


@dataclass(slots=True)
class Result:
    """The figures of one language."""

    language: str
    outcomes: Counter[str] = field(default_factory=Counter)
    in_right_language: int = 0
    mistakes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many questions were asked."""
        return self.outcomes.total()

    def share(self, outcome: str) -> float:
        """The share of an outcome, 0..1."""
        return self.outcomes[outcome] / self.total if self.total else 0.0


def questions(code: str) -> list[dict[str, Any]]:
    """The held-out questions of a language."""
    path = FOLDER / f"{code}.yaml"
    return list(yaml.safe_load(path.read_text("utf-8"))["questions"]) if path.is_file() else []


def ask(client: httpx.Client, text: str, session: str | None, language: str | None) -> dict[str, Any]:
    """One turn of the chat API. Raises `httpx.HTTPStatusError` when it is refused."""
    response = client.post("/api/v1/messages", json={"session": session, "text": text, "language": language})
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer


def evaluate(client: httpx.Client, code: str, intents_of_topics: Mapping[str, str], chosen: str | None) -> Result:
    """Ask all questions of a language, each in a conversation of its own."""
    result = Result(code)
    for question in questions(code):
        session: str | None = None
        for earlier in question.get("before", ()):
            session = ask(client, earlier, session, chosen)["session"]
        answer = ask(client, question["text"], session, chosen)
        found = score(question["expect"], answer, code, intents_of_topics)
        result.outcomes[found.outcome] += 1
        result.in_right_language += found.language_right
        if found.outcome != "right" or not found.language_right:
            card = answer["messages"][-1]["card"] or {}
            result.mistakes.append(
                {"language": code, "text": question["text"], "expect": question["expect"], "outcome": found.outcome,
                 "answer_language": answer["language"], "status": card.get("status"), "title": card.get("title"),
                 "about": card.get("about")}
            )  # fmt: skip
    return result


def table(results: Sequence[Result]) -> str:
    """The figures as a Markdown table, a language a line."""
    lines = [
        "| language | questions | right | asked back | no answer | confidently wrong | in the right language |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        cells = [f"{result.share(outcome):.1%}" for outcome in OUTCOMES]
        heard = f"{result.in_right_language / result.total:.1%}" if result.total else "–"
        lines.append(f"| {result.language} | {result.total} | {' | '.join(cells)} | {heard} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line. Returns the exit code: 1 when a language has no held-out questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", action="append", help="only this language (may be given more than once)")
    parser.add_argument(
        "--told", action="store_true", help="tell the guide the language instead of letting it find out"
    )
    options = parser.parse_args(arguments)
    codes = options.language or [entry.code for entry in enabled_languages()]
    with KnowledgeStore(settings().knowledge_db) as store:
        intents_of_topics = {topic.id: topic.intent for topic in store.topics() if topic.intent}
    results: list[Result] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running_guide(Path(folder), UNLIMITED) as guide,
        httpx.Client(base_url=guide.url, timeout=30) as client,
    ):
        for code in codes:
            results.append(evaluate(client, code, intents_of_topics, code if options.told else None))
            print(f"{code}: {results[-1].share('right'):.1%} right of {results[-1].total}", flush=True)
    print(table(results))
    settings().var_dir.mkdir(parents=True, exist_ok=True)
    mistakes = [mistake for result in results for mistake in result.mistakes]
    (settings().var_dir / "eval.json").write_text(json.dumps(mistakes, ensure_ascii=False, indent=1), "utf-8")
    if options.language is None and not options.told:
        (PROJECT_ROOT / "docs" / "quality.md").write_text(report(results), "utf-8")
    return 0 if all(result.total for result in results) else 1


def report(results: Sequence[Result]) -> str:
    """`docs/quality.md`."""
    return (
        "# Quality\n\n"
        "Written by `make eval`. Held-out questions (`tests/eval/`), asked over the chat API of the three running\n"
        "processes; the guide finds out the language by itself. *Right*: the expected office, topic, procedure or\n"
        'emergency, or no answer where none is right. *Asked back*: "did you mean" or "which office".\n'
        "*Confidently wrong*: another answer.\n\n"
        f"{table(results)}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
