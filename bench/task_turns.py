"""How much longer a turn of a guided task takes than a plain question: both asked in turns, in one run."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import yaml

from bench.errors import BenchError
from bench.figures import TaskTurns
from bench.questions import Question
from bench.statistics import percentile
from bot.settings import PROJECT_ROOT

CONVERSATIONS = PROJECT_ROOT / "tests" / "e2e" / "conversations.yaml"
ANSWERS = ("visa", "language", "ward", "saturday")
"""What a resident answers in words to the questions of "find a desk", by the keys of the conversations."""
_TIMEOUT = 60.0


def measure(url: str, questions: Mapping[str, Sequence[Question]], rounds: int) -> TaskTurns:
    """Asks `rounds` plain questions and as many answers of a guided task, one after the other, in all languages.

    Raises `BenchError` when a turn is not answered by the task.
    """
    said = yaml.safe_load(Path(CONVERSATIONS).read_text("utf-8"))
    plain: list[float] = []
    turns: list[float] = []
    with httpx.Client(base_url=url, trust_env=False, timeout=_TIMEOUT) as client:
        languages = [code for code in said if questions.get(code)]
        number = 0
        while len(turns) < rounds:
            code = languages[number % len(languages)]
            session, _, _ = _ask(client, {"payload": "task?id=desk", "language": code})
            for key in ANSWERS:
                asked = questions[code][len(plain) % len(questions[code])]
                _, _, seconds = _ask(client, {"text": asked.text, "language": code})
                plain.append(seconds)
                session, card, seconds = _ask(client, {"text": said[code][key], "session": session})
                if card["about"]["task"] != "desk":
                    raise BenchError(f"{code}: {said[code][key]!r} was no answer to the task")
                turns.append(seconds)
            number += 1
    return TaskTurns(
        turns=len(turns),
        plain_p50_ms=_ms(plain, 0.5),
        plain_p95_ms=_ms(plain, 0.95),
        task_p50_ms=_ms(turns, 0.5),
        task_p95_ms=_ms(turns, 0.95),
    )


def _ask(client: httpx.Client, body: dict[str, object]) -> tuple[str, dict[str, dict[str, object]], float]:
    began = time.monotonic()
    response = client.post("/api/v1/messages", json=body)
    seconds = time.monotonic() - began
    if response.status_code != httpx.codes.OK:
        raise BenchError(f"{body}: {response.status_code} {response.text[:200]}")
    answer = response.json()
    return answer["session"], answer["messages"][-1]["card"], seconds


def _ms(times: Sequence[float], share: float) -> float:
    return round(1000 * percentile(times, share), 1)


def main() -> None:
    """`python -m bench.task_turns URL`: measures a guide that runs already."""
    from bench.layout import HELD_OUT
    from bench.questions import held_out

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("url")
    parser.add_argument("--rounds", type=int, default=240)
    options = parser.parse_args()
    found = measure(options.url, held_out(HELD_OUT), options.rounds)
    print(json.dumps(found.model_dump(), indent=1))


if __name__ == "__main__":
    main()
