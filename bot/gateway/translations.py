"""Messages in languages without texts of our own: found out, translated to and fro, or answered as near as we can."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.answers.card import Card
from bot.gateway.metrics import Metrics
from bot.i18n import text
from bot.i18n.foreign import foreign_languages
from bot.i18n.languages import registry
from bot.translation.bridge import Bridge
from bot.translation.cards import translated
from bot.translation.errors import TranslationError
from bot.translation.protection import Glossary

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A text in the language `code` (ISO 639); `text`: the same in `pivot` (registry code), None if not translated."""

    code: str
    original: str
    text: str | None
    pivot: str


class Translations:
    """Blocking: call it from a worker thread. `detect` gives the code of a text in a language that is not offered.

    `names` are the official names that stay as they are, `phone` the consultation centre's number; both are asked for
    when they are needed, because the knowledge may change.
    """

    def __init__(
        self,
        bridge: Bridge,
        detect: Callable[[str, str | None], str | None],
        names: Callable[[], frozenset[str]],
        phone: Callable[[], str | None],
        metrics: Metrics,
    ) -> None:
        self._bridge = bridge
        self._detect = detect
        self._names = names
        self._phone = phone
        self._metrics = metrics
        self._known_names: frozenset[str] = frozenset()

    def read(self, message: str, conversation: str | None) -> Foreign | None:
        """The message if it is in a language that is not offered; translated where a service is set up and works."""
        code = self._detect(message, conversation)
        if code is None:
            return None
        pivot = registry().common_fallback.code
        try:
            if self._bridge.is_on:
                self._refresh()
            found: str | None = self._bridge.translate(message, code, pivot)
        except TranslationError as error:
            found = None
            self._metrics.translations.labels(error.reason).inc()
        else:
            self._metrics.translations.labels("translated").inc()
        return Foreign(code, message, found, pivot)

    def answer(self, cards: Sequence[Card], foreign: Foreign) -> list[Card]:
        """The cards for the resident: in their language, or as they are with a sentence in it first."""
        if foreign.text is not None:
            try:
                return [self._translated(card, foreign) for card in cards]
            except TranslationError as error:
                self._metrics.translations.labels(error.reason).inc()
        return [self._with_apology(cards[0], foreign), *cards[1:]]

    def _translated(self, card: Card, foreign: Foreign) -> Card:
        notice = text("translation.machine", card.language)
        source = card.language

        def translate(texts: Sequence[str]) -> list[str]:
            return self._bridge.translate_all(texts, source, foreign.code)

        return translated(card, foreign.code, translate, notice)

    def _with_apology(self, card: Card, foreign: Foreign) -> Card:
        known, phone = foreign_languages().get(foreign.code), self._phone()
        if known is None or phone is None:
            return card
        return replace(card, notices=(known.apology(phone), *card.notices))

    def _refresh(self) -> None:
        names = self._names()
        if names != self._known_names:
            self._known_names = names
            self._bridge.use(Glossary(names))
