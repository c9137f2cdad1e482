"""What a short message means after the last one: "and on Sunday?", "no, Minami ward", "the second one", "yes".

The understanding reads each message by itself. Here a message that holds nothing but a place, a day, a language … (and
words that link) asks the last question again with that changed; a number chooses from the list last shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.dialogue.context import Context
from bot.dialogue.payload import Payload, PayloadError, parse, to_turn
from bot.dialogue.turn import Turn
from bot.dialogue.words import dialogue_words, remainder
from bot.knowledge.store import PublicKnowledge

_GROUPS: Final[Mapping[str, str]] = {
    "office": "place", "office_kind": "place", "ward": "place", "station": "place",
    "weekday": "day", "date": "day", "time": "day",
    "language": "language",
    "procedure": "procedure", "passport_type": "procedure", "channel": "procedure",
    "country": "country",
}  # fmt: skip
_ASKED_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "place": ("office_", "list_offices", "nearest_office"),
    "day": ("office_hours", "office_open_now", "office_languages", "procedure_collect", "procedure_fee"),
    "language": ("office_languages", "list_offices", "nearest_office"),
    "procedure": ("procedure_",),
    "country": ("foreign_passport",),
}
"""Which questions can be asked again with another value of a group."""
_INSTEAD: Final[Mapping[str, str]] = {
    "place": "list_offices", "day": "office_hours", "language": "office_languages", "procedure": "procedure_how",
    "country": "foreign_passport",
}  # fmt: skip
"""What is asked when the last question does not go with the new value."""
SURE: Final = 0.85
_KEEPS_ITS_INTENT: Final = 0.5


def resolve(turn: Turn, context: Context, knowledge: PublicKnowledge | None) -> Turn:
    """The turn as it is meant after the last one; the same turn when it stands by itself."""
    if turn.is_payload or turn.intent.startswith("emergency_"):
        return turn
    if chosen := _chosen(turn, context):
        return chosen
    if turn.first("ordinal") == "other" and (other := _other(turn, context, knowledge)):
        return other
    if context.intent is None:
        return turn
    groups = {_GROUPS[name] for name in turn.entities if name in _GROUPS}
    if not groups:
        return turn
    if turn.intent == "deny" or _only_changes(turn):
        return _again(turn, context, groups)
    return _with_day(turn, context)


def listed_choice(turn: Turn, context: Context) -> Payload | None:
    """The reply of the last card that a number, or "the second one", names and nothing else; None without one."""
    at = _place(turn, context)
    if at is None or not _nothing_left(turn, {*turn.named("ordinal"), *_figures(turn.text)}):
        return None
    try:
        return parse(context.offered[at])
    except PayloadError:
        return None


def _place(turn: Turn, context: Context) -> int | None:
    place = turn.first("ordinal") or _figure(turn.text)
    if place is None or place == "other" or _counts_days(turn):
        return None
    at = len(context.offered) - 1 if place == "last" else int(place) - 1
    return at if 0 <= at < len(context.offered) else None


def _counts_days(turn: Turn) -> bool:
    """Whether the ordinal stands before a day: "the third Sunday" is no item of a list."""
    days = {start for start, _ in turn.named("weekday", "date", "time")}
    return any(start - 1 <= end <= start for _, end in turn.named("ordinal") for start in days)


def _chosen(turn: Turn, context: Context) -> Turn | None:
    """The turn that a choice from the last list stands for; a yes chooses where one thing was offered."""
    if (payload := listed_choice(turn, context)) is not None:
        return _as_turn(turn, payload)
    if turn.intent == "affirm" and turn.confidence >= _KEEPS_ITS_INTENT and len(context.offered) == 1:
        return _as_turn(turn, parse(context.offered[0])) if context.asked_back else None
    at, asked = _place(turn, context), likely_intent(turn)
    if at is not None and asked.startswith("office_"):
        offices = _office_of(context.offered[at])
        return replace(turn, intent=asked, entities={**turn.entities, "office": offices}) if offices else None
    return None


def likely_intent(turn: Turn) -> str:
    """The intent, or the likeliest one where the understanding is not sure: what the message is about may decide."""
    if turn.intent != "nlu_unsure" or not turn.candidates:
        return turn.intent
    return str(turn.candidates[0].get("intent") or turn.intent)


def _as_turn(turn: Turn, payload: Payload) -> Turn:
    intent, entities = to_turn(payload)
    return replace(turn, intent=intent, confidence=1.0, entities={name: (value,) for name, value in entities.items()})


def _other(turn: Turn, context: Context, knowledge: PublicKnowledge | None) -> Turn | None:
    """ "The other one": of the same kind as the office last talked about (or the kind named), all but that one."""
    if knowledge is None:
        return None
    held = [office for office in map(knowledge.office, context.offices) if office is not None]
    kind = turn.first("office_kind") or (held[0].kind if held else None)
    if kind is None:
        return None
    current = [office.id for office in knowledge.offices(kind=kind) if office.status != "ended"]
    # Where all of them were talked about (or none), "the other one" is either of them.
    others = tuple(identifier for identifier in current if identifier not in context.offices) or tuple(current)
    asked = likely_intent(turn)
    intent = next((name for name in (asked, context.intent) if name and name.startswith("office_")), "office_location")
    return replace(turn, intent=intent, entities={"office": others, **_only(turn.entities, {"day", "language"})})


def _only_changes(turn: Turn) -> bool:
    """Whether a message holds nothing but values and linking words."""
    if turn.intent == "change_language" and turn.confidence >= _KEEPS_ITS_INTENT:
        return False
    return _nothing_left(turn, turn.named(*_GROUPS))


def _nothing_left(turn: Turn, spans: set[tuple[int, int]] | frozenset[tuple[int, int]]) -> bool:
    left = dialogue_words().without_links(remainder(turn.text, spans), turn.language)
    # One character may be a particle of a script without spaces that no list holds.
    return bool(spans) and len(left) <= (0 if left.isascii() else 1)


def _again(turn: Turn, context: Context, groups: set[str]) -> Turn:
    assert context.intent is not None
    intent = turn.intent if _names_its_question(turn, groups) else context.intent
    fitting = [group for group in sorted(groups) if intent.startswith(_ASKED_OF[group])]
    if not fitting:
        intent = _INSTEAD[min(groups, key=list(_INSTEAD).index)]
    kept = {
        name: values
        for name, values in context.entities.items()
        if name in _GROUPS and (_GROUPS[name] not in groups or _stays(name, turn))
    }
    return replace(turn, intent=intent, confidence=max(turn.confidence, SURE), entities={**kept, **turn.entities})


def _names_its_question(turn: Turn, groups: set[str]) -> bool:
    """Whether the message says itself what it asks, and that goes with its values ("open on Sunday?")."""
    asked = tuple(prefix for group in groups for prefix in _ASKED_OF[group])
    return turn.confidence >= SURE and turn.intent.startswith(asked) and turn.intent != "list_offices"


def _stays(name: str, turn: Turn) -> bool:
    """The kind of office stays when only its place changes: a lounge in Tsurumi, then "and Minami?"."""
    return name == "office_kind" and not turn.entities.keys() & {"office_kind", "office"}


def _with_day(turn: Turn, context: Context) -> Turn:
    """A day once named goes on to hold for the languages of the same desk."""
    if turn.intent != "office_languages" or turn.entities.keys() & {"weekday", "date", "office", "office_kind", "ward"}:
        return turn
    return replace(turn, entities={**_only(context.entities, {"day"}), **turn.entities})


def _only(entities: Mapping[str, tuple[str, ...]], groups: set[str]) -> dict[str, tuple[str, ...]]:
    return {name: values for name, values in entities.items() if _GROUPS.get(name) in groups}


def _office_of(payload: str) -> tuple[str, ...]:
    try:
        found = parse(payload).get("id") if payload.startswith("office?") else None
    except PayloadError:
        return ()
    return (found,) if found else ()


def _figure(text: str) -> str | None:
    """The number a message consists of, from 1 to 20."""
    figures = "".join(ch for ch in text if ch.isalnum())
    if figures.isdecimal() and len(figures) <= 2 and 1 <= int(figures) <= 20:
        return str(int(figures))
    return None


def _figures(text: str) -> set[tuple[int, int]]:
    return {(at, at + 1) for at, ch in enumerate(text) if ch.isdecimal()} if _figure(text) else set()
