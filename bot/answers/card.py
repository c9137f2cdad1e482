"""The answer card: the one shape in which an answer travels between the parts and to the channels.

A card is built in `bot.answers` only. It is a value: parts pass it on as JSON (`as_dict`, `from_dict`) and
channels render it (`bot.answers.render_text`, `bot.answers.render_html`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

Status = Literal["answered", "clarify", "unanswered", "emergency", "handoff", "degraded"]
Translation = Literal["curated", "unreviewed", "machine", "japanese"]
RowKind = Literal[
    "text",
    "address",
    "phone",
    "email",
    "hours",
    "fee",
    "url",
    "languages",
    "date",
    "access",
    "document",
    "map",
    "count",
]
Confidence = Literal["official", "secondary", "unverified"]
ActionKind = Literal["reply", "call", "map", "url", "email"]
InputKind = Literal["text", "date", "place", "language", "country"]
"""What a card waits for besides its buttons, so that a channel can offer the right field."""

STATUSES: tuple[str, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled value of a card: what to show (`value`) and what to use (`target`: a number to dial, an address)."""

    label: str
    value: str
    kind: RowKind = "text"
    target: str | None = None


@dataclass(frozen=True, slots=True)
class SourceNote:
    """Where a shown fact comes from. `date` is ISO 8601, possibly reduced (`2024`, `2024-03`)."""

    name: str
    url: str | None
    date: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class CardAction:
    """Something to tap. `payload` is a reply payload (`bot.dialogue.payload`), a telephone number, or an address."""

    label: str
    payload: str
    kind: ActionKind = "reply"


@dataclass(frozen=True, slots=True)
class About:
    """What the card is about, by ids: for tests, context, feedback and links. Never shown to a resident.

    `payload` gives the same answer again; `task` is the guided task whose question or result this is.
    """

    intent: str | None = None
    topic: str | None = None
    offices: tuple[str, ...] = ()
    procedure: str | None = None
    confidence: float | None = None
    payload: str | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One answer in one language.

    `language` is the BCP 47 code the text is written in as far as it could be; `translation` says how far it may be
    trusted (`japanese`: some of the text stands in Japanese because no translation exists). `beside` is the same answer
    in the authoritative language, to be shown side by side; `input` what the card waits for.
    """

    status: Status
    language: str
    translation: Translation
    title: str
    body: str = ""
    rows: tuple[Row, ...] = ()
    notices: tuple[str, ...] = ()
    sources: tuple[SourceNote, ...] = ()
    actions: tuple[CardAction, ...] = ()
    about: About = field(default_factory=About)
    input: InputKind | None = None
    beside: Card | None = None

    def as_dict(self) -> dict[str, Any]:
        """The card as JSON-ready values; tuples become lists."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Card:
        """Read back what `as_dict` wrote. Raises `ValueError` when the data is no card."""
        try:
            if data["status"] not in STATUSES:
                raise ValueError(f"unknown card status {data['status']!r}")
            about = dict(data.get("about") or {})
            about["offices"] = tuple(about.get("offices") or ())
            return cls(
                status=data["status"],
                language=data["language"],
                translation=data["translation"],
                title=data["title"],
                body=data.get("body", ""),
                rows=tuple(Row(**row) for row in data.get("rows", ())),
                notices=tuple(data.get("notices", ())),
                sources=tuple(SourceNote(**source) for source in data.get("sources", ())),
                actions=tuple(CardAction(**action) for action in data.get("actions", ())),
                about=About(**about),
                input=data.get("input"),
                beside=cls.from_dict(data["beside"]) if data.get("beside") else None,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an answer card: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
