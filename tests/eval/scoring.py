"""Scores one answer of the chat API against what a held-out question expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.i18n.languages import registry

Outcome = Literal["right", "asked_back", "refused", "confidently_wrong"]

EXPECT_KEYS = {"intent", "offices", "procedure", "topics", "language", "contains", "refuse", "any_of"}
NO_ANSWER = {"unanswered", "clarify"}
FACT_ROWS = {
    "office_location": "address",
    "office_access": "access",
    "office_hours": "hours",
    "office_open_now": "hours",
    "office_phone": "phone",
    "office_languages": "languages",
}
"""What a question about an office asks for, by the kind of row that shows it."""


@dataclass(frozen=True, slots=True)
class Score:
    """How an answer did: `outcome`, and whether it came in the right language."""

    outcome: Outcome
    language_right: bool


def score(
    expect: Mapping[str, Any], answer: Mapping[str, Any], language: str, intents_of_topics: Mapping[str, str]
) -> Score:
    """Score the API's `answer` (its JSON). `intents_of_topics` maps topic ids to the frequent intent they answer."""
    card = answer["messages"][-1]["card"] or {}
    wanted = expect.get("language", language)
    language_right = registry().base(answer["language"]) == registry().base(wanted)
    return Score(_outcome(expect, card, answer["messages"][-1]["text"], intents_of_topics), language_right)


def _outcome(expect: Mapping[str, Any], card: Mapping[str, Any], text: str, intents: Mapping[str, str]) -> Outcome:
    if matches(expect, card, text, intents):
        return "right"
    if card.get("status") == "clarify":
        return "asked_back"
    if card.get("status") == "unanswered":
        return "refused"
    return "confidently_wrong"


def matches(expect: Mapping[str, Any], card: Mapping[str, Any], text: str, intents: Mapping[str, str]) -> bool:
    """Whether the card is what was expected. Raises `ValueError` for a key no expectation has."""
    if unknown := expect.keys() - EXPECT_KEYS:
        raise ValueError(f"unknown expectation {sorted(unknown)}")
    if "any_of" in expect:
        return any(matches(option, card, text, intents) for option in expect["any_of"])
    about = card.get("about") or {}
    if expect.get("refuse"):
        return card.get("status") in NO_ANSWER
    topic = about.get("topic")
    checks = [
        "intent" not in expect
        or expect["intent"] in (about.get("intent"), intents.get(topic or ""))
        or _shows_fact(expect, card, about),
        "offices" not in expect or set(expect["offices"]) <= set(about.get("offices") or ()),
        "procedure" not in expect or about.get("procedure") == expect["procedure"],
        "topics" not in expect or topic in expect["topics"],
        all(part in text for part in expect.get("contains", ())),
    ]
    return all(checks)


def _shows_fact(expect: Mapping[str, Any], card: Mapping[str, Any], about: Mapping[str, Any]) -> bool:
    """Whether the card of just the right office, though led by something else, has a row with the fact asked for."""
    wanted = FACT_ROWS.get(expect["intent"])
    return (
        wanted is not None
        and card.get("status") == "answered"
        and bool(expect.get("offices"))
        and list(about.get("offices") or ()) == list(expect["offices"])
        and any(row.get("kind") == wanted for row in card.get("rows") or ())
    )


def expected_intent(expect: Mapping[str, Any]) -> str:
    """A name for what a question asks: its intent, `topic` or `out_of_scope`; of several right answers the first."""
    if "any_of" in expect:
        return expected_intent(expect["any_of"][0])
    if expect.get("refuse"):
        return "out_of_scope"
    if "intent" in expect:
        return str(expect["intent"])
    return next((name for name in ("topics", "procedure", "offices") if name in expect), "other").rstrip("s")
