"""The way of a message through the gateway: mask, look for danger, ask Rasa, else answer from here, record."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import structlog
from starlette.concurrency import run_in_threadpool

from bot.answers.card import Card
from bot.answers.contacts import EmergencyKind
from bot.answers.render import render_text
from bot.circuit import Circuit
from bot.dialogue.payload import Payload, beside, to_rasa
from bot.gateway.conversations import Conversations, Entry, Session
from bot.gateway.forgetting import Forgetting
from bot.gateway.languages import is_offered
from bot.gateway.local_answers import LocalAnswers
from bot.gateway.message_request import Incoming
from bot.gateway.metrics import Metrics
from bot.gateway.prober import Prober
from bot.gateway.problems import Problem
from bot.gateway.rasa_client import RasaClient, RasaError
from bot.gateway.review import Review
from bot.gateway.translations import Foreign, Translations
from bot.i18n import text
from bot.i18n.languages import registry
from bot.privacy.masking import MaskedText, mask

log = structlog.get_logger(__name__)
T = TypeVar("T")

_ANSWERED_HERE: Final = frozenset({"show", "feedback"})
"""Payloads that are no turn of the dialogue."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an answer: complete as text, and as the card it was rendered from.

    `answer` is the random id by which the resident can say whether it was right (payload `feedback`).
    """

    answer: str
    text: str
    card: Card

    def as_dict(self) -> dict[str, object]:
        """The message as the API gives it."""
        return {"id": self.answer, "text": self.text, "card": self.card.as_dict()}


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one message; `session` is the session's state after it."""

    session: Session
    language: str
    messages: tuple[Message, ...]


class SessionLocks:
    """One lock a session, as long as someone holds or awaits it: messages of a session are answered in their order."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    def __len__(self) -> int:
        """How many sessions are being answered."""
        return len(self._locks)

    @asynccontextmanager
    async def of(self, session_id: str) -> AsyncIterator[None]:
        """Hold the session's lock; those who wait get it in the order they came."""
        lock, users = self._locks.get(session_id, (asyncio.Lock(), 0))
        self._locks[session_id] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[session_id]
            if users == 1:
                del self._locks[session_id]
            else:
                self._locks[session_id] = (lock, users - 1)


class Guide:
    """Answers messages. Works on one event loop; anything slow runs in worker threads."""

    def __init__(
        self,
        local: LocalAnswers,
        rasa: RasaClient,
        circuit: Circuit,
        prober: Prober,
        conversations: Conversations,
        metrics: Metrics,
        translations: Translations,
        review: Review,
        forgetting: Forgetting,
        *,
        max_in_flight: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._max_in_flight = max_in_flight
        self._in_flight = 0
        self._local = local
        self._rasa = rasa
        self._circuit = circuit
        self._prober = prober
        self._conversations = conversations
        self._metrics = metrics
        self._translations = translations
        self._review = review
        self._forgetting = forgetting
        self._clock = clock
        self._locks = SessionLocks()

    async def danger_in(self, text: str) -> EmergencyKind | None:
        """The kind of danger a text speaks of, or None. Never raises: a failure is logged."""
        if not text:
            return None
        try:
            return await run_in_threadpool(self._local.emergency_in, text)
        except Exception:
            log.exception("safety check failed")
            return None

    async def answer(
        self, session_id: str, incoming: Incoming, channel: str, *, language: str | None = None, label: str = ""
    ) -> Reply:
        """Answer a message and record both. `language`: a first guess for a new session (the page's language).

        `label`: what the tapped button said. Raises `Problem`: `overloaded` when too many are being answered (never for
        a text that speaks of danger), `answer_unavailable` when neither Rasa nor this process can answer.
        """
        kind = await self._danger(incoming)
        if kind is None and self._in_flight >= self._max_in_flight:
            raise Problem("overloaded", "Too many messages are being answered.", headers={"Retry-After": "5"})
        self._in_flight += 1
        try:
            async with self._locks.of(session_id):
                return await self._answer(session_id, incoming, channel, kind, language, label)
        finally:
            self._in_flight -= 1

    async def _answer(
        self,
        session_id: str,
        incoming: Incoming,
        channel: str,
        kind: EmergencyKind | None,
        language: str | None,
        label: str,
    ) -> Reply:
        now = self._clock()
        known = await self._conversations.load(session_id)
        session = _with_choice(
            replace(known or Session(session_id, language, False, now, now), last_seen=now), incoming
        )
        masked = await self._masked(incoming.text)
        if kind is not None:
            cards = await self._emergency(kind, session, incoming)
        elif incoming.payload is not None and incoming.payload.name in _ANSWERED_HERE:
            cards = await self._from_here(session, incoming, incoming.payload, channel)
        elif foreign := await self._foreign(session, incoming, masked):
            cards = await self._foreign_cards(session, incoming, foreign)
        else:
            cards = await self._cards(session, incoming, masked)
        if masked.kinds and incoming.payload is None:
            cards = await self._with_notice(cards)
        forgotten = _wants_deletion(cards)
        if forgotten:
            cards = await self._forget(session_id, cards)
        else:
            cards = await self._told_once(session_id, cards)
        session = _after(session, incoming, cards)
        messages = await self._locally(
            lambda: tuple(Message(secrets.token_urlsafe(9), render_text(card), card) for card in cards)
        )
        said = "" if forgotten else masked.text or label
        await self._record(session, said, messages)
        if incoming.payload is None and not forgotten:
            await self._review.unanswered(masked.text, messages[0].answer, cards[0], channel)
        for card in cards:
            self._metrics.answers.labels(card.status, card.language, channel).inc()
        for hidden in masked.kinds:
            self._metrics.masked.labels(hidden).inc()
        self._metrics.unsaved.set(self._conversations.unsaved)
        return Reply(session, cards[-1].language, messages)

    async def _from_here(self, session: Session, incoming: Incoming, payload: Payload, channel: str) -> Sequence[Card]:
        """What needs no understanding: an answer to be shown to a clerk, and feedback. Raises `Problem`."""
        if payload.name == "feedback":
            await self._review.feedback(payload, await self._conversations.history(session.id), channel)
        language = await self._language(session, incoming)
        return (await self._locally(lambda: self._local.shown(payload, language, incoming.location)),)

    async def _forget(self, session_id: str, cards: Sequence[Card]) -> Sequence[Card]:
        """Deletes the conversation at once; the card says so, or that it will be as soon as the disk allows it."""
        if await self._forgetting.forget(session_id):
            return cards
        language = cards[-1].language
        return (await self._locally(lambda: self._local.deleted(language, pending=True)),)

    async def start_over(self, session_id: str) -> None:
        """Forget a session with everything said in it."""
        async with self._locks.of(session_id):
            await self._forgetting.forget(session_id)

    async def _told_once(self, session_id: str, cards: Sequence[Card]) -> Sequence[Card]:
        """The cards with what is told once in a conversation: what not to send, that no person reviewed the texts."""
        history = await self._conversations.history(session_id)
        if not history and cards[-1].status != "emergency" and is_offered(cards[-1].language):
            cards = [*cards[:-1], await self._locally(lambda: self._local.with_privacy_notice(cards[-1]))]
        if all(card.translation != "unreviewed" for card in cards):
            return cards
        notices = {card.language: text("translation.unreviewed", card.language) for card in cards}
        told = {
            entry.language
            for entry in history
            if entry.card and notices.get(entry.language) in entry.card.get("notices", ())
        }
        return [
            replace(card, notices=tuple(notice for notice in card.notices if notice != notices[card.language]))
            if card.language in told
            else card
            for card in cards
        ]

    def welcome(self, language: str) -> Card:
        """The card a visitor sees before the first question. Blocking."""
        return self._local.welcome(language)

    async def shown(self, payload: Payload, language: str) -> Card:
        """The answer of a payload beside the Japanese one, outside of any conversation. Raises `Problem`."""
        wanted = payload if payload.wrapped or language == registry().first.code else beside(payload)
        return await self._locally(lambda: self._local.shown(wanted, language, None))

    async def choose_language(self, session_id: str, language: str) -> None:
        """Keep the language a resident picked."""
        async with self._locks.of(session_id):
            now = self._clock()
            session = await self._conversations.load(session_id) or Session(session_id, None, False, now, now)
            await self._conversations.record(replace(session, language=language, explicit=True, last_seen=now), ())

    async def _masked(self, text: str) -> MaskedText:
        return mask(text, await run_in_threadpool(self._local.public_numbers)) if text else MaskedText("")

    async def _danger(self, incoming: Incoming) -> EmergencyKind | None:
        payload = incoming.payload
        if payload is None:
            return await self.danger_in(incoming.text)
        if payload.name == "emergency":
            return payload.get("kind")  # type: ignore[return-value]
        return None

    async def _emergency(self, kind: EmergencyKind, session: Session, incoming: Incoming) -> Sequence[Card]:
        language = await self._language(session, incoming)
        card = await self._locally(lambda: self._local.emergency(kind, language))
        self._metrics.emergencies.labels(kind, card.language).inc()
        return (card,)

    async def _cards(self, session: Session, incoming: Incoming, masked: MaskedText) -> Sequence[Card]:
        if not self._circuit.allow():
            return await self._without_rasa(session, incoming, masked, "circuit_open")
        try:
            cards = await self._ask_rasa(session, incoming, masked)
        except RasaError as error:
            self._circuit.failed(hard=error.hard)
            self._prober.hurry()
            return await self._without_rasa(session, incoming, masked, error.reason)
        except BaseException:
            self._circuit.given_up()
            raise
        self._circuit.succeeded()
        return cards

    async def _foreign(self, session: Session, incoming: Incoming, masked: MaskedText) -> Foreign | None:
        """The message in a language without texts of our own, and translated if that can be done. Never raises."""
        if incoming.payload is not None or session.explicit or not masked.text:
            return None
        try:
            return await run_in_threadpool(self._translations.read, masked.text, session.language)
        except Exception:
            log.exception("reading a foreign language failed")
            return None

    async def _foreign_cards(self, session: Session, incoming: Incoming, foreign: Foreign) -> Sequence[Card]:
        """The answer to a translated text, translated back; to an untranslated one, with a sentence in its language."""
        if foreign.text is None:
            cards = await self._cards(session, incoming, MaskedText(foreign.original))
        else:
            pivot = replace(session, language=foreign.pivot, explicit=True)
            kind = await self.danger_in(foreign.text)
            if kind is not None:
                cards = await self._emergency(kind, pivot, incoming)
            else:
                cards = await self._cards(pivot, incoming, MaskedText(foreign.text))
        return await self._locally(lambda: self._translations.answer(cards, foreign))

    async def _ask_rasa(self, session: Session, incoming: Incoming, masked: MaskedText) -> Sequence[Card]:
        metadata = {
            "language": _explicit(session, incoming),
            "conversation_language": session.language,
            "location": incoming.location.as_dict() if incoming.location else None,
        }
        if incoming.payload is not None:
            return await self._rasa.ask_intent(session.id, to_rasa(incoming.payload), metadata)
        return await self._rasa.ask_text(session.id, masked.text, metadata)

    async def _without_rasa(
        self, session: Session, incoming: Incoming, masked: MaskedText, reason: str
    ) -> Sequence[Card]:
        self._metrics.degraded.labels(reason).inc()
        language = await self._language(session, incoming)
        payload, location = incoming.payload, incoming.location
        if payload is not None:
            return (await self._locally(lambda: self._local.from_payload(payload, language, location)),)
        return (await self._locally(lambda: self._local.search(masked.text, language, location)),)

    async def _language(self, session: Session, incoming: Incoming) -> str:
        explicit = _explicit(session, incoming)
        if explicit is not None:
            return explicit
        text = "" if incoming.payload is not None else incoming.text
        return await self._locally(lambda: self._local.language_of(text, None, session.language))

    async def _with_notice(self, cards: Sequence[Card]) -> Sequence[Card]:
        try:
            first = await run_in_threadpool(self._local.with_personal_data_notice, cards[0])
        except Exception:
            log.exception("notice of hidden personal data failed")
            return cards
        return (first, *cards[1:])

    async def _locally(self, work: Callable[[], T]) -> T:
        try:
            return await run_in_threadpool(work)
        except Exception as error:
            log.exception("local answer failed")
            raise Problem(
                "answer_unavailable",
                "The guide cannot answer at the moment. In danger call 119 (fire, ambulance) or 110 (police).",
                headers={"Retry-After": "10"},
            ) from error

    async def _record(self, session: Session, said: str, messages: Sequence[Message]) -> None:
        now = self._clock()
        language = session.language or messages[-1].card.language
        entries = [Entry("resident", language, said, None, session.last_seen)] if said else []
        entries += [
            Entry("guide", each.card.language, each.text, each.card.as_dict(), now, each.answer) for each in messages
        ]
        await self._conversations.record(session, entries)


def _with_choice(session: Session, incoming: Incoming) -> Session:
    """The session with the language chosen by this very message."""
    chosen = incoming.language
    if incoming.payload is not None and incoming.payload.name == "language":
        chosen = incoming.payload.get("code")
    return replace(session, language=chosen, explicit=True) if chosen is not None else session


def _explicit(session: Session, incoming: Incoming) -> str | None:
    """The language this message must be answered in, if one was chosen."""
    if _wants_original(incoming.payload):
        return registry().first.code
    return session.language if session.explicit else None


def _wants_deletion(cards: Sequence[Card]) -> bool:
    """Whether the answer is that the conversation has been deleted."""
    return any(card.about.intent == "delete_my_data" and card.status in {"answered", "degraded"} for card in cards)


def _wants_original(payload: Payload | None) -> bool:
    return payload is not None and payload.name == "original"


def _after(session: Session, incoming: Incoming, cards: Sequence[Card]) -> Session:
    """The session with the language the conversation is in after the answer."""
    last = cards[-1]
    if _wants_original(incoming.payload) or not is_offered(last.language):
        return session
    # What was talked about before may follow the confirmation, in the new language.
    if any(card.about.intent == "change_language" and card.status == "answered" for card in cards):
        return replace(session, language=last.language, explicit=True)
    return session if session.explicit else replace(session, language=last.language)
