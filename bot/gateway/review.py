"""Notes for the staff's review list: feedback on answers, and questions that got no sure answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from bot.answers.card import About, Card
from bot.dialogue.payload import Payload
from bot.feedback import FeedbackStore, Note
from bot.feedback.store import Kind
from bot.gateway.conversations import Entry
from bot.gateway.problems import Problem

LEAST_SURE: Final = 0.7
"""An answer that was understood with less confidence is noted although it was given."""


class Review:
    """Writes the notes. Nothing here keeps an answer from a resident."""

    def __init__(self, store: FeedbackStore, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    async def feedback(self, payload: Payload, history: Sequence[Entry], channel: str) -> None:
        """Note what a resident says of an answer of this conversation. Raises `Problem` (`answer_unknown`)."""
        answer = payload.get("answer") or ""
        place = next((at for at, entry in enumerate(history) if entry.answer == answer), None)
        if place is None or history[place].card is None:
            raise Problem(
                "answer_unknown", "The answer is not in this conversation, or no longer kept.", field="payload"
            )
        card = Card.from_dict(history[place].card or {})
        before = reversed(history[:place])
        question = next((entry.text for entry in before if entry.author == "resident"), "")
        right = payload.get("right") == "yes"
        await self._store.record(self._note("feedback", answer, question, card, channel, right, payload.get("reason")))

    async def unanswered(self, question: str, answer: str, card: Card, channel: str) -> None:
        """Note a question (masked) that got no answer, a question back, or one that was not surely understood."""
        kind = kind_of(card)
        if kind is not None:
            await self._store.record(self._note(kind, answer, question, card, channel, None, None))

    def _note(
        self, kind: Kind, answer: str, question: str, card: Card, channel: str, right: bool | None, reason: str | None
    ) -> Note:
        about = card.about
        return Note(answer, kind, self._clock(), channel, card.language, question, about.intent, about.confidence,
                    card.status, _shown(card), right, reason)  # fmt: skip


def kind_of(card: Card) -> Kind | None:
    """Why a question with this answer is worth a look; None when it was surely understood and answered."""
    about: About = card.about
    if about.task is not None or card.status == "emergency":
        return None
    if card.status == "unanswered" or about.intent == "nlu_fallback":
        return "unanswered"
    if about.intent == "nlu_unsure" or (about.confidence is not None and about.confidence < LEAST_SURE):
        return "unsure"
    return None


def _shown(card: Card) -> dict[str, Any]:
    """The facts an answer showed, by ids, and their sources."""
    about = card.about
    shown = {
        "topic": about.topic,
        "offices": list(about.offices),
        "procedure": about.procedure,
        "task": about.task,
        "payload": about.payload,
        "sources": [source.name for source in card.sources],
    }
    return {name: value for name, value in shown.items() if value}
