"""Answers from this process alone: emergencies at once, everything else while Rasa or the action server is down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog

from bot.answers.card import Card
from bot.answers.contacts import EmergencyKind, choices
from bot.answers.request import Request
from bot.answers.service import AnswerService
from bot.dialogue.payload import IdType, Payload, build
from bot.gateway.languages import default_language, is_offered
from bot.gateway.message_request import Location
from bot.i18n.languages import registry
from bot.knowledge.search import HitKind, KnowledgeSearch
from bot.knowledge.store import KnowledgeError, KnowledgeStore
from bot.nlu.safety_phrases import SafetyDataError, safety_phrases
from bot.nlu.trained import trained_identification

log = structlog.get_logger(__name__)

SURE_SCORE: Final = 0.6
"""From this search score on the best topic is the answer; below it is only offered."""

LEAST_SCORE: Final = 0.25
"""Below this search score a topic is not even offered."""

_SEARCHED: Final[tuple[HitKind, ...]] = ("topic",)
_RETRY_SECONDS: Final = 5.0


class LocalAnswers:
    """Understanding and answers without Rasa. Blocking: call it from a worker thread.

    The knowledge store is opened when first needed, and again every few seconds while it cannot be read.
    """

    def __init__(self, knowledge_db: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = knowledge_db
        self._clock = clock
        self._store: KnowledgeStore | None = None
        self._search: KnowledgeSearch | None = None
        self._retry_at = 0.0
        self._reason = "not opened yet"
        self._warm = False
        # Everything is loaded once, however many threads want it first.
        self._loading = threading.Lock()

    def warm_up(self) -> None:
        """Load everything that the first answer would otherwise wait for; what is most urgent first."""
        try:
            self.emergency_in("hello")
            self._opened()
            self._identify("hello", None, None)
            if self._search is not None:
                self._search.search("hello", default_language())
        finally:
            self._warm = True

    def close(self) -> None:
        """Close the knowledge store."""
        if self._store is not None:
            self._store.close()
            self._store = self._search = None

    def knowledge_ready(self) -> tuple[bool, str]:
        """Whether the knowledge can be read and is loaded, and its version or the reason why not."""
        store = self._opened()
        if store is None:
            return False, self._reason
        return self._warm, store.version()

    def known(self, type_: IdType, value: str) -> bool:
        """Whether a payload's id exists. While the knowledge cannot be read, every well-formed id of it passes."""
        if type_ == "language":
            return is_offered(value)
        if type_ == "country":
            return value in _countries()
        store = self._opened()
        if store is None:
            return True
        public = store.public
        match type_:
            case "office":
                return public.office(value) is not None
            case "topic":
                return public.topic(value) is not None
            case "procedure":
                return public.procedure(value) is not None
            case "ward":
                return public.ward(value) is not None
            case "station":
                return public.station(value) is not None
            case "intent":
                return bool(public.topics(intent=value))

    def public_numbers(self) -> frozenset[str]:
        """Telephone numbers of offices, as dialled in Japan, that are nobody's personal data."""
        store = self._opened()
        return _office_numbers(store, store.version()) if store else frozenset()

    def emergency_in(self, text: str) -> EmergencyKind | None:
        """The kind of danger that a text speaks of, or None. The threshold is low: typing errors count too."""
        try:
            danger = safety_phrases().find(text)
        except SafetyDataError as error:
            log.error("safety phrases cannot be read", reason=str(error))
            return None
        return danger.kind if danger else None

    def language_of(self, text: str, explicit: str | None, conversation: str | None) -> str:
        """The language to answer a text in."""
        code = self._identify(text, explicit, conversation)
        return code if is_offered(code) else default_language()

    def foreign_language_of(self, text: str, conversation: str | None) -> str | None:
        """ISO 639 code of a text that is surely in a language residents cannot choose; else None."""
        with self._loading:
            languages = trained_identification()
        found = languages.identify(text, None, conversation)
        return found.detected if found.source == "outside" else None

    def official_names(self) -> frozenset[str]:
        """Japanese and English names of offices, wards and stations."""
        store = self._opened()
        return _official_names(store, store.version()) if store else frozenset()

    def consultation_phone(self) -> str | None:
        """The number of the office that is named where the guide has no answer."""
        store = self._opened()
        office = store.public.office(choices().fallback_office) if store else None
        return next((phone.number for phone in office.phones), None) if office else None

    def welcome(self, language: str) -> Card:
        """The greeting, with what people ask most as quick replies."""
        service = self._service()
        return service.talk("greet", service.request(language))

    def emergency(self, kind: EmergencyKind, language: str) -> Card:
        """The emergency card."""
        service = self._service()
        card = service.emergency(kind, service.request(language, intent=f"emergency_{kind}"))
        return service.completed(card, build("emergency", kind=kind))

    def from_payload(self, payload: Payload, language: str, location: Location | None) -> Card:
        """What a quick reply asks for, marked as given without Rasa."""
        service = self._service()
        card = service.degraded(service.from_payload(payload, self._request(service, language, location)))
        return service.completed(card, None if payload.wrapped else str(payload))

    def shown(self, payload: Payload, language: str, location: Location | None) -> Card:
        """The answer of a payload that needs no understanding, so that it is as good here as from Rasa."""
        service = self._service()
        card = service.from_payload(payload, self._request(service, language, location))
        return service.completed(card, None if payload.wrapped else str(payload))

    def deleted(self, language: str, *, pending: bool) -> Card:
        """That the conversation has been, or will be, deleted."""
        service = self._service()
        return service.deleted(service.request(language), pending=pending)

    def with_privacy_notice(self, card: Card) -> Card:
        """The card with the line on what not to send and what is kept."""
        return self._service().with_privacy_notice(card)

    def search(self, text: str, language: str, location: Location | None) -> Card:
        """The answer that the full-text search finds, marked as given without Rasa."""
        service = self._service()
        hits = self._search.search(text, language, kinds=_SEARCHED) if self._search else []
        topics = [hit.id for hit in hits if hit.score >= LEAST_SCORE]
        sure = bool(hits) and hits[0].score >= SURE_SCORE
        card = service.degraded(service.search_answer(topics, self._request(service, language, location), sure=sure))
        return service.completed(card, build("topic", id=card.about.topic) if card.about.topic else None)

    def with_personal_data_notice(self, card: Card) -> Card:
        """The card with the notice that personal data was hidden."""
        return self._service().with_personal_data_notice(card)

    def _request(self, service: AnswerService, language: str, location: Location | None) -> Request:
        return service.request(language, position=(location.lat, location.lon) if location else None)

    def _service(self) -> AnswerService:
        store = self._opened()
        return AnswerService(store.public if store else None)

    def _opened(self) -> KnowledgeStore | None:
        if self._store is not None:
            return self._store
        with self._loading:
            if self._store is None and self._clock() >= self._retry_at:
                self._retry_at = self._clock() + _RETRY_SECONDS
                try:
                    store = KnowledgeStore(self._path)
                except (KnowledgeError, OSError) as error:
                    self._reason = str(error)
                    log.warning("knowledge cannot be read", reason=self._reason)
                else:
                    self._search = KnowledgeSearch(store)
                    self._store = store
        return self._store

    def _identify(self, text: str, explicit: str | None, conversation: str | None) -> str:
        with self._loading:
            languages = trained_identification()
        return languages.identify(text, explicit, conversation).code


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes that CLDR names."""
    from babel import Locale

    names: Mapping[str, str] = Locale.parse(registry().first.locale).territories
    return frozenset(code for code in names if len(code) == 2 and code.isalpha())


@lru_cache(maxsize=2)
def _office_numbers(store: KnowledgeStore, _version: str) -> frozenset[str]:
    return frozenset(phone.number for office in store.public.offices() for phone in office.phones)


@lru_cache(maxsize=2)
def _official_names(store: KnowledgeStore, _version: str) -> frozenset[str]:
    public = store.public
    groups = (public.offices(), public.wards(), public.stations())
    names = [record.names for group in groups for record in group]
    return frozenset(name for each in names for name in (each.ja, each.en) if name)
