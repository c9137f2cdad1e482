"""Intent accuracy on the held-out questions, by the same rule on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from bench.errors import BenchError
from bench.figures import Accuracy, Hits
from bench.questions import Question

#: What a side says when it does not decide; never an expected intent.
UNDECIDED = frozenset({"nlu_unsure", "nlu_fallback"})
ASK_TOPIC = "ask_topic"


def is_right(name: str | None, topic: str | None, question: Question, intents_of_topics: Mapping[str, str]) -> bool:
    """Whether a predicted intent is one that is expected.

    A topic counts as the intent it answers, expected or found: an expected topic makes its intent right, and the intent
    `ask_topic` (a topic found by retrieval) is as right as that topic.
    """
    wanted = question.intents | {intents_of_topics[each] for each in question.topics if each in intents_of_topics}
    if name != ASK_TOPIC:
        return name in wanted
    return topic is not None and (topic in question.topics or intents_of_topics.get(topic) in wanted)


def served(parsed: Mapping[str, Any]) -> str | None:
    """The intent the dialogue is given."""
    return (parsed.get("intent") or {}).get("name")


def best_ranked(parsed: Mapping[str, Any]) -> str | None:
    """The best intent of the ranking, whether or not it was sure enough to be served."""
    ranking = parsed.get("intent_ranking") or [parsed.get("intent") or {}]
    return next((row["name"] for row in ranking if row.get("name") and row["name"] not in UNDECIDED), None)


def first_topic(parsed: Mapping[str, Any]) -> str | None:
    """The topic that retrieval put first, where a side has retrieval."""
    topics = parsed.get("topics") or ()
    return str(topics[0]["topic"]) if topics else None


def count(
    parses: Sequence[Mapping[str, Any]], questions: Sequence[Question], intents_of_topics: Mapping[str, str]
) -> Hits:
    """How many of the questions were understood."""
    pairs = list(zip(parses, questions, strict=True))
    return Hits(
        questions=len(pairs),
        served=sum(is_right(served(p), first_topic(p), q, intents_of_topics) for p, q in pairs),
        ranked=sum(is_right(best_ranked(p), first_topic(p), q, intents_of_topics) for p, q in pairs),
    )


def measure(
    url: str, token: str, questions: Mapping[str, Sequence[Question]], intents_of_topics: Mapping[str, str]
) -> Accuracy:
    """Has every question that states an intent parsed by Rasa at `url`. Raises `BenchError` when one is refused."""
    languages: dict[str, Hits] = {}
    with httpx.Client(base_url=url, params={"token": token}, trust_env=False, timeout=60.0) as client:
        for language, asked in questions.items():
            stated = [question for question in asked if question.intents]
            parses = [_parse(client, question.text) for question in stated]
            languages[language] = count(parses, stated, intents_of_topics)
    return Accuracy(languages=languages)


def _parse(client: httpx.Client, text: str) -> Mapping[str, Any]:
    try:
        response = client.post("/model/parse", json={"text": text})
        response.raise_for_status()
        found: dict[str, Any] = response.json()
    except httpx.HTTPError as error:
        raise BenchError(f"a question could not be parsed: {error}") from error
    return found
