"""From what a resident says while a guided task asks, to the answers of its questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from bot.dialogue.follow_up import SURE, likely_intent, listed_choice
from bot.dialogue.tasks import ANY_LANGUAGE, ANY_TIME, ANYWHERE, NOW, Step, TaskState, tasks
from bot.dialogue.turn import Turn
from bot.dialogue.words import dialogue_words, remainder
from bot.i18n.languages import enabled_languages, only_country_of, registry

LIKELY: Final = 0.5
_SOME_WORDS: Final = 3
"""So many letters besides an answer are a question word at least."""
_ASKS: Final = (
    "office_location", "office_access", "office_hours", "office_open_now", "office_phone", "office_services",
    "procedure_fee", "procedure_documents", "procedure_duration",
)  # fmt: skip
"""What nobody says who only names a place or a day."""
_SIDE_QUESTIONS: Final = ("office_", "procedure_", "topic_")
_SIDE_INTENTS: Final = frozenset(
    {"ask_topic", "list_offices", "nearest_office", "foreign_passport", "talk_to_person", "bot_identity", "help",
     "what_is_stored", "delete_my_data", "thank", "goodbye", "greet"}
)  # fmt: skip
_NOT_GIVEN: Final = (None, ANY_LANGUAGE, ANYWHERE, ANY_TIME)
_KIND_ENTITIES: Final = ("ward", "station", "language", "country", "weekday", "date", "time", "office_kind")


Near = Callable[[tuple[float, float]], str | None]
"""The station nearest to a position (WGS 84), by id: a position itself is never kept."""


def begun(turn: Turn, near: Near) -> TaskState | None:
    """The task a message starts, with every answer the same message gives; None when it names no task.

    "Any desk" is no wish for any language: what does not matter is asked all the same.
    """
    name = next((value for value in turn.all("task") if value in tasks()), None)
    if name is None:
        return None
    state = TaskState(name)
    while (step := state.next_step) is not None and (value := answer_to(step, turn, near)) not in _NOT_GIVEN:
        assert value is not None
        state = state.answered(value)
    return state


def chosen(turn: Turn, near: Near) -> TaskState | None:
    """The task that a message names which answers the menu of tasks; None when it says something else too."""
    if (listed := _from_list(turn)) is not None:
        return listed
    return begun(turn, near) if turn.first("task") and not _left(turn, turn.named("task")) else None


def continued(state: TaskState, turn: Turn, near: Near) -> TaskState | None:
    """The state after a message; None when the message is no answer to the question asked."""
    step = state.next_step
    listed = _from_list(turn)
    if listed is not None and len(listed.answers) > len(state.answers):
        return listed
    if step is None or _asks_something_else(turn, step):
        return None
    value = answer_to(step, turn, near)
    return state.answered(value) if value is not None else None


def answer_to(step: Step, turn: Turn, near: Near) -> str | None:
    """The answer to one question in a message, or None."""
    options = turn.all("option")
    match step.kind:
        case "choice":
            return next((value for value in (*options, *_from_entities(step, turn)) if value in step.options), None)
        case "language":
            if ANY_LANGUAGE in options:
                return ANY_LANGUAGE
            return turn.first("language") or _language_of(turn.first("country"))
        case "country":
            return turn.first("country")
        case "ward":
            return turn.first("ward")
        case "place":
            return _place(turn, near)
        case "date":
            return turn.day.isoformat() if turn.day else _today_for_now(turn)
        case "time":
            return _time(turn)


def _language_of(country: str | None) -> str | None:
    """The offered language of a country that was named instead: Nepali for Nepal. None where there are several."""
    spoken = dict.fromkeys(registry().base(entry.code).split("-")[0] for entry in enabled_languages())
    return next((code for code in spoken if country and only_country_of(code) == country), None)


def _from_entities(step: Step, turn: Turn) -> list[str]:
    return [
        meant
        for entity, values in step.entities.items()
        for value in turn.all(entity)
        if (meant := values.get(value)) is not None
    ]


def _place(turn: Turn, near: Near) -> str | None:
    if ward := turn.first("ward"):
        return f"ward:{ward}"
    if station := turn.first("station"):
        return f"station:{station}"
    if turn.position is not None and (station := near(turn.position)):
        return f"station:{station}"
    return ANYWHERE if ANYWHERE in turn.all("option") else None


def _time(turn: Turn) -> str | None:
    if turn.day is not None:
        at = turn.time
        return f"{turn.day.isoformat()}T{at.strftime('%H:%M')}" if at else turn.day.isoformat()
    if turn.time is not None:
        day = turn.request().today
        return f"{day.isoformat()}T{turn.time.strftime('%H:%M')}"
    return next((value for value in (NOW, ANY_TIME) if value in turn.all("option")), None)


def _today_for_now(turn: Turn) -> str | None:
    return turn.request().today.isoformat() if NOW in turn.all("option") else None


def _from_list(turn: Turn) -> TaskState | None:
    """The state behind the button that a number, or "the second one", names."""
    payload = listed_choice(turn, turn.context)
    return payload.task if payload is not None and payload.name == "task" else None


def _left(turn: Turn, spans: frozenset[tuple[int, int]]) -> str:
    """The letters of a message besides some spans and the words that link."""
    return dialogue_words().without_links(remainder(turn.text, spans), turn.language)


def _asks_something_else(turn: Turn, step: Step) -> bool:
    """Whether a message is a question of its own: likely one, and more than the words of an answer."""
    asked = likely_intent(turn)
    if not (asked.startswith(_SIDE_QUESTIONS) or asked in _SIDE_INTENTS) or turn.confidence < LIKELY:
        return False
    spans = turn.named("option", *_KIND_ENTITIES, *step.entities)
    left = _left(turn, spans)
    if asked.startswith(_ASKS) and turn.confidence >= SURE and len(left) >= _SOME_WORDS:
        return True
    letters = sum(ch.isalnum() for ch in turn.text)
    return not spans or len(left) > letters / 2


def day_of(value: str) -> dt.date | None:
    """The day of a `time` answer, None for `now` and `any_time`."""
    return None if value in {NOW, ANY_TIME} else dt.date.fromisoformat(value.partition("T")[0])


def time_of(value: str) -> dt.time | None:
    """The time of day of a `time` answer, if it has one."""
    clock = value.partition("T")[2]
    return dt.time.fromisoformat(clock) if clock else None
