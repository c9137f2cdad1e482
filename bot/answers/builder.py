"""Collects what goes on a card: rows, the facts behind them, notices, actions; and keeps the card honest.

Every fact that is shown goes through `CardBuilder.use`, so that its source stands on the card and a fact that needs
confirming is named with its date.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.answers import formatting
from bot.answers.card import About, Card, CardAction, InputKind, Row, RowKind, SourceNote, Status
from bot.i18n import localise, text, worst_state
from bot.i18n.catalogues import SOURCE_LANGUAGE, State, is_reviewed
from bot.knowledge.models import LocalisedText, Provenance
from bot.knowledge.public import needs_confirmation

if TYPE_CHECKING:
    from bot.knowledge.store import PublicKnowledge

MAX_SOURCES = 4


@dataclass(slots=True)
class CardBuilder:
    """Builds one card in one language at one moment (`now` is aware, Asia/Tokyo)."""

    language: str
    now: dt.datetime
    knowledge: PublicKnowledge | None
    rows: list[Row] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    actions: list[CardAction] = field(default_factory=list)
    _facts: list[tuple[str, Provenance]] = field(default_factory=list)
    _states: list[State] = field(default_factory=list)

    def text(self, key: str, /, **values: object) -> str:
        """A text of the guide; an unreviewed one marks the card as unreviewed."""
        if self.language != SOURCE_LANGUAGE and not is_reviewed(key, self.language):
            self._states.append("unreviewed")
        return text(key, self.language, **values)

    def prose(self, source: LocalisedText, context: str) -> str:
        """A text of the knowledge; a missing translation marks the card as Japanese."""
        found = localise(source, context, self.language)
        self._states.append(found.state)
        return found.text

    def use(self, fact: Provenance, label: str) -> None:
        """Note that a fact is shown, under which label."""
        self._facts.append((label, fact))

    def row(
        self,
        label_key: str,
        value: str,
        kind: RowKind = "text",
        *,
        target: str | None = None,
        fact: Provenance | None = None,
    ) -> None:
        """Add a row under a label of the catalogue."""
        label = self.text(label_key)
        self.rows.append(Row(label, value, kind, target))
        if fact is not None:
            self.use(fact, label)

    def reply(self, label: str, payload: str) -> None:
        """Add a quick reply, once."""
        if all(action.payload != payload for action in self.actions):
            self.actions.append(CardAction(label, payload))

    def notice(self, message: str) -> None:
        """Add a notice, once."""
        if message and message not in self.notices:
            self.notices.append(message)

    def build(
        self, status: Status, title: str, body: str = "", about: About | None = None, input_: InputKind | None = None
    ) -> Card:
        """The finished card; `input_` is what it waits for."""
        state = worst_state(self._states)
        if status != "emergency":  # nobody in danger should stop to confirm a number
            self._confirmation_notice()
        if state != "curated" and self.language != SOURCE_LANGUAGE:
            self.notice(text(f"translation.{state}", self.language))
        return Card(
            status=status,
            language=self.language,
            translation=state,
            title=title,
            body=body,
            rows=tuple(self.rows),
            notices=tuple(self.notices),
            sources=self._sources(),
            actions=tuple(self.actions),
            about=about or About(),
            input=input_,
        )

    def _confirmation_notice(self) -> None:
        """One line that names what should be confirmed, each with the date of its oldest fact."""
        oldest: dict[str, Provenance] = {}
        for label, fact in self._facts:
            if needs_confirmation(fact, self.now.date()) and (label not in oldest or fact.date < oldest[label].date):
                oldest[label] = fact
        if not oldest:
            return
        dated = [
            text(
                "fact.dated",
                self.language,
                fact=label,
                date=formatting.reduced_date(fact.date, self.language, fact.qualifier),
            )
            for label, fact in oldest.items()
        ]
        self.notice(text("fact.confirm", self.language, facts=formatting.separated(dated, self.language)))

    def _sources(self) -> tuple[SourceNote, ...]:
        notes: dict[str, SourceNote] = {}
        for _label, fact in self._facts:
            source = self.knowledge.source(fact.source) if self.knowledge else None
            if source is None or fact.source in notes:
                continue
            notes[fact.source] = SourceNote(source.title, source.url, fact.date, fact.confidence)
        return tuple(notes.values())[:MAX_SOURCES]
