"""From an untrusted JSON value or form to a message the guide can answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.dialogue.payload import Known, Payload, PayloadError, parse
from bot.gateway.problems import Problem
from bot.gateway.text_cleaning import NotUnicodeError, clean_text, ensure_unicode

FIELDS: Final = ("session", "text", "language", "payload", "location")


@dataclass(frozen=True, slots=True)
class Location:
    """Where the resident is, WGS 84 degrees. Used for this one answer, never stored."""

    lat: float
    lon: float

    def as_dict(self) -> dict[str, float]:
        """The position as the metadata for Rasa carries it."""
        return {"lat": self.lat, "lon": self.lon}


@dataclass(frozen=True, slots=True)
class Incoming:
    """One checked message. `text` is clean and not yet masked; with a `payload` it is only what the button said."""

    text: str
    payload: Payload | None = None
    language: str | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class MessageRules:
    """What a message must keep to: length in characters, languages on offer, ids that exist."""

    max_text_length: int
    offered: Callable[[str], bool]
    known: Known


def read_message(value: object, rules: MessageRules) -> tuple[str | None, Incoming]:
    """The session token (or None) and the message of an API request. Raises `Problem` naming field and reason."""
    if not isinstance(value, dict):
        raise Problem(
            "body_not_object", "Send an object with the fields session, text, language, payload and location."
        )
    if unknown := sorted(set(map(str, value)) - set(FIELDS)):
        field = unknown[0].encode("ascii", "replace").decode()[:60]
        raise Problem("field_unknown", f"Unknown field {field!r}; known are {', '.join(FIELDS)}.", field=field)
    token = _string(value, "session")
    language = _string(value, "language")
    payload = _string(value, "payload")
    text = _string(value, "text") or ""
    return token, check_message(text, rules, language=language, payload=payload, location=value.get("location"))


def check_message(
    text: str,
    rules: MessageRules,
    *,
    language: str | None = None,
    payload: str | None = None,
    location: object = None,
) -> Incoming:
    """A message from its parts. Raises `Problem`."""
    cleaned = _cleaned(text, rules.max_text_length)
    if language is not None and not rules.offered(language):
        raise Problem("language_unknown", "The field language takes the code of an offered language.", field="language")
    return Incoming(
        text=cleaned,
        payload=_payload(payload, cleaned, rules.known),
        language=language,
        location=None if location is None else _location(location),
    )


def _string(value: Mapping[str, object], field: str) -> str | None:
    found = value.get(field)
    if found is None:
        return None
    if not isinstance(found, str):
        raise Problem("field_type", f"The field {field} must be a string or null.", field=field)
    try:
        ensure_unicode(found)
    except NotUnicodeError as error:
        raise Problem("text_not_unicode", f"The field {field} holds a lone surrogate.", field=field) from error
    return found


def _cleaned(text: str, limit: int) -> str:
    try:
        cleaned = clean_text(text)
    except NotUnicodeError as error:
        raise Problem("text_not_unicode", "The text holds a lone surrogate.", field="text") from error
    if len(cleaned) > limit:
        raise Problem(
            "text_too_long",
            f"The text has {len(cleaned)} characters; at most {limit} are allowed.",
            field="text",
            limit=limit,
            length=len(cleaned),
        )
    return cleaned


def _payload(payload: str | None, text: str, known: Known) -> Payload | None:
    if payload is None:
        if not text:
            raise Problem("text_empty", "Send a text with at least one visible character, or a payload.", field="text")
        return None
    try:
        return parse(payload, known)
    except PayloadError as error:
        raise Problem(error.code, f"{error}.", field="payload") from error


def _location(value: object) -> Location:
    if not isinstance(value, dict) or set(value) != {"lat", "lon"}:
        raise Problem(
            "location_invalid", "The field location must be null or an object with lat and lon.", field="location"
        )
    return Location(_degrees(value["lat"], 90, "lat"), _degrees(value["lon"], 180, "lon"))


def _degrees(value: object, limit: int, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > limit or not math.isfinite(value):
        raise Problem("location_invalid", f"{name} must be a number from -{limit} to {limit}.", field="location")
    return float(value)
