"""Asks the running guide and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from bot.i18n.languages import registry
from bot.nlu.language_identification import LanguageIdentification
from tests.eval import sets
from tests.eval.perturbations import PERTURBATIONS
from tests.eval.scoring import Outcome, expected_intent, score

OUTCOMES: tuple[Outcome, ...] = ("right", "asked_back", "refused", "confidently_wrong")
CLIENTS = 4
T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class Share:
    """How many of how many."""

    of: int = 0
    hits: int = 0

    def add(self, hit: bool) -> None:
        """Count one."""
        self.of += 1
        self.hits += hit

    @property
    def value(self) -> float | None:
        """0..1, or None when nothing was counted."""
        return self.hits / self.of if self.of else None


@dataclass(slots=True)
class Result:
    """The figures of one language. `answers`: one (confidence, right) a question that was answered as sure."""

    language: str
    outcomes: Counter[str] = field(default_factory=Counter)
    in_right_language: Share = field(default_factory=Share)
    out_of_scope: Share = field(default_factory=Share)
    false_alarms: Share = field(default_factory=Share)
    danger: Share = field(default_factory=Share)
    short_identified: Share = field(default_factory=Share)
    long_identified: Share = field(default_factory=Share)
    robust: dict[str, Share] = field(default_factory=dict)
    areas: dict[str, Share] = field(default_factory=dict)
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    answers: list[tuple[float, bool]] = field(default_factory=list)
    mistakes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many questions were asked."""
        return self.outcomes.total()

    def share(self, outcome: str) -> float:
        """The share of an outcome, 0..1."""
        return self.outcomes[outcome] / self.total if self.total else 0.0


class Asker:
    """Asks the chat API, several questions at a time. `chosen`: languages are told instead of found out."""

    def __init__(self, client: httpx.Client, *, chosen: bool = False, clients: int = CLIENTS) -> None:
        self._client = client
        self._chosen = chosen
        self._clients = clients

    def all(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """`work` on every item, in order."""
        with ThreadPoolExecutor(self._clients) as pool:
            return list(pool.map(work, items))

    def ask(self, text: str, code: str, before: Sequence[str] = ()) -> dict[str, Any]:
        """The answer to a text, after others in the same conversation. Raises `httpx.HTTPStatusError`."""
        session: str | None = None
        for each in (*before, text):
            body = {"session": session, "text": each[:1000], "language": code if self._chosen else None}
            response = self._client.post("/api/v1/messages", json=body)
            response.raise_for_status()
            answer: dict[str, Any] = response.json()
            session = answer["session"]
        return answer


def evaluate(asker: Asker, code: str, intents_of_topics: Mapping[str, str]) -> Result:
    """Ask all questions of a language, each in a conversation of its own."""
    result = Result(code)
    asked = sets.questions(code)
    answers = asker.all(lambda q: asker.ask(q["text"], code, q.get("before", ())), asked)
    for question, answer in zip(asked, answers, strict=True):
        _count(result, question, answer, intents_of_topics)
    for kind, texts in sets.dangers(code).items():
        for text, answer in zip(texts, asker.all(lambda text: asker.ask(text, code), texts), strict=True):
            card = answer["messages"][-1]["card"] or {}
            right = card.get("status") == "emergency"
            result.danger.add(right)
            if not right:
                result.mistakes.append({"language": code, "text": text, "expect": kind, "outcome": "missed danger"})
    return result


def _count(result: Result, question: Mapping[str, Any], answer: Mapping[str, Any], intents: Mapping[str, str]) -> None:
    expect, card = question["expect"], answer["messages"][-1]["card"] or {}
    found = score(expect, answer, result.language, intents)
    right = found.outcome == "right"
    result.outcomes[found.outcome] += 1
    result.in_right_language.add(found.language_right)
    wanted = expected_intent(expect)
    if expect.get("refuse"):
        result.out_of_scope.add(right)
    else:
        result.areas.setdefault(wanted.split("_")[0], Share()).add(right)
    if not wanted.startswith("emergency"):
        result.false_alarms.add(card.get("status") == "emergency")
    about = card.get("about") or {}
    confidence = about.get("confidence")
    if confidence is not None and found.outcome in ("right", "confidently_wrong"):
        result.answers.append((float(confidence), right))
    if found.outcome == "confidently_wrong":
        result.confusions[wanted, str(about.get("intent"))] += 1
    if not right or not found.language_right:
        result.mistakes.append(
            {"language": result.language, "text": question["text"], "expect": expect, "outcome": found.outcome,
             "answer_language": answer["language"], "status": card.get("status"), "title": card.get("title"),
             "about": about}
        )  # fmt: skip


def evaluate_robustness(asker: Asker, result: Result, intents_of_topics: Mapping[str, str], every: int = 1) -> None:
    """Ask each `every`-th question that is answered right in all its perturbations: the share still answered right."""
    code = result.language
    wrong = {mistake["text"] for mistake in result.mistakes if mistake["outcome"] != "right"}
    asked = [q for q in sets.questions(code)[::every] if q["text"] not in wrong]
    for name, perturb in PERTURBATIONS.items():
        share = result.robust.setdefault(name, Share())
        changed = [(q, perturb(q["text"], code)) for q in asked]
        changed = [(q, text) for q, text in changed if text != q["text"]]
        answers = asker.all(lambda pair: asker.ask(pair[1], code, pair[0].get("before", ())), changed)
        for (question, _), answer in zip(changed, answers, strict=True):
            share.add(score(question["expect"], answer, code, intents_of_topics).outcome == "right")


def evaluate_identification(result: Result, languages: LanguageIdentification) -> None:
    """Which language the texts of the identification set are taken for, without a conversation around them."""
    known = registry()
    for kind, share in (("short", result.short_identified), ("long", result.long_identified)):
        for text in sets.identification_texts(result.language)[kind]:
            found = languages.identify(text)
            right = known.base(found.code) == known.base(result.language) and found.source != "outside"
            share.add(right)
            if not right:
                result.mistakes.append(
                    {
                        "language": result.language,
                        "text": text,
                        "outcome": "wrong language",
                        "taken": found.detected,
                    }
                )
