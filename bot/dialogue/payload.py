"""Reply payloads: what a quick reply says to the guide, `name?key=value&key=value`.

The one place where payloads are built and read. Everything not in `GRAMMAR` is refused, so that a payload from outside
can start nothing but what a button of the guide could have started.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.parse import quote, unquote

from bot.dialogue.tasks import TaskError, TaskState
from bot.knowledge.models import OfficeKind

IdType = Literal["office", "topic", "procedure", "ward", "station", "language", "country", "intent"]
"""Types of values that only the knowledge, the language registry or the domain can confirm."""

Known = Callable[[IdType, str], bool]
"""Tells whether a value of a type exists."""

ErrorCode = Literal[
    "payload_malformed", "payload_unknown_name", "payload_unknown_key", "payload_missing_key", "payload_unknown_value"
]

MAX_LENGTH: Final = 600
OFFICE_ASKS: Final = ("location", "access", "hours", "open_now", "phone", "languages", "services")
PROCEDURE_ASKS: Final = ("how", "documents", "fee", "duration", "online", "eligibility", "collect")
EMERGENCIES: Final = ("fire", "medical", "violence", "crime", "suicide", "disaster")
CONVERSATION_INTENTS: Final = (
    "greet", "thank", "goodbye", "bot_identity", "help", "change_language", "talk_to_person", "out_of_scope",
    "list_offices", "nearest_office", "foreign_passport", "guided_task", "go_back", "start_over", "stop",
    "delete_my_data", "what_is_stored",
)  # fmt: skip
FEEDBACK_REASONS: Final = ("wrong_fact", "out_of_date", "not_my_question", "hard_to_understand", "other")
_WRAPPING: Final = frozenset({"original", "show"})
"""Payloads that hold another one, in the key `of`."""
_NO_ANSWERS: Final = frozenset({"feedback", "language", "delete_my_data", "stop", "start_over", "back", "none"})
"""Payloads that do something in a conversation and give no answer that could be shown again."""
OFFICE_KINDS: Final[tuple[str, ...]] = get_args(OfficeKind)

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,59}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_ANSWERS = re.compile(r"[a-z_]{1,30}:[A-Za-z0-9_:-]{1,80}(,[a-z_]{1,30}:[A-Za-z0-9_:-]{1,80}){0,9}")
_ANSWER_ID = re.compile(r"[A-Za-z0-9_-]{8,32}")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class PayloadError(ValueError):
    """A payload the guide does not know. `code` is stable; the message is English, for the caller of the API."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: ErrorCode = code


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of a payload: its closed list of values, or the type of id it holds; and the Rasa entity it becomes."""

    values: tuple[str, ...] = ()
    type: IdType | None = None
    entity: str | None = None
    form: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a name may carry. `required` keys must be there; of `exclusive` keys at most one; `one_of` exactly one."""

    keys: Mapping[str, _Key]
    required: frozenset[str] = frozenset()
    exclusive: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()


def _id(type_: IdType, entity: str | None = None) -> _Key:
    return _Key(type=type_, entity=entity or type_)


_KIND = _Key(values=OFFICE_KINDS, entity="office_kind")

GRAMMAR: Final[Mapping[str, _Shape]] = {
    "topic": _Shape({"id": _id("topic"), "intent": _Key(type="intent")}, one_of=frozenset({"id", "intent"})),
    "office": _Shape(
        {"id": _id("office"), "kind": _KIND, "ask": _Key(values=OFFICE_ASKS)},
        required=frozenset({"ask"}),
        exclusive=frozenset({"id", "kind"}),
    ),
    "list": _Shape({"kind": _KIND, "ward": _id("ward")}, required=frozenset({"kind"})),
    "nearest": _Shape(
        {"kind": _KIND, "ward": _id("ward"), "station": _id("station")},
        required=frozenset({"kind"}),
        exclusive=frozenset({"ward", "station"}),
    ),
    "procedure": _Shape({"id": _id("procedure"), "ask": _Key(values=PROCEDURE_ASKS)}, required=frozenset({"ask"})),
    "foreign_passport": _Shape({"country": _id("country")}),
    "ask": _Shape({"intent": _Key(type="intent")}, required=frozenset({"intent"})),
    "language": _Shape({"code": _id("language")}, required=frozenset({"code"})),
    "original": _Shape({"of": _Key()}, required=frozenset({"of"})),
    "show": _Shape({"of": _Key()}, required=frozenset({"of"})),
    "emergency": _Shape({"kind": _Key(values=EMERGENCIES)}, required=frozenset({"kind"})),
    "task": _Shape({"id": _Key(form=_IDENTIFIER, entity="task"), "answers": _Key(form=_ANSWERS, entity="answers")}),
    "feedback": _Shape(
        {
            "answer": _Key(form=_ANSWER_ID),
            "right": _Key(values=("yes", "no")),
            "reason": _Key(values=FEEDBACK_REASONS),
        },
        required=frozenset({"answer", "right"}),
    ),
    "back": _Shape({}),
    "stop": _Shape({}),
    "start_over": _Shape({}),
    "delete_my_data": _Shape({}),
    "what_is_stored": _Shape({}),
    "person": _Shape({}),
    "help": _Shape({}),
    "greet": _Shape({}),
    "none": _Shape({}),
}

_PLAIN_INTENTS: Final[Mapping[str, str]] = {
    "list": "list_offices",
    "nearest": "nearest_office",
    "foreign_passport": "foreign_passport",
    "language": "change_language",
    "back": "go_back",
    "stop": "stop",
    "start_over": "start_over",
    "delete_my_data": "delete_my_data",
    "what_is_stored": "what_is_stored",
    "person": "talk_to_person",
    "help": "help",
    "greet": "greet",
    "none": "nlu_fallback",
}

_ASKABLE: Final = frozenset(
    {
        *CONVERSATION_INTENTS,
        *(f"office_{ask}" for ask in OFFICE_ASKS),
        *(f"procedure_{ask}" for ask in PROCEDURE_ASKS),
        *(f"emergency_{kind}" for kind in EMERGENCIES),
    }
)
"""Intents `ask` may name besides those of topics: those whose answer needs no subject or asks back for it."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload that follows the grammar; `values` in the grammar's order."""

    name: str
    values: tuple[tuple[str, str], ...] = ()

    def get(self, key: str) -> str | None:
        """The value of a key, or None."""
        return dict(self.values).get(key)

    @property
    def original(self) -> Payload | None:
        """The payload whose answer is wanted in the authoritative language, for `original?of=…`; else None."""
        return self.wrapped if self.name == "original" else None

    @property
    def wrapped(self) -> Payload | None:
        """The payload that this one holds, for `original` and `show`; else None."""
        return _read(self.values[0][1]) if self.name in _WRAPPING else None

    @property
    def is_answer(self) -> bool:
        """Whether it gives an answer that stands by itself: to be shown on a page of its own."""
        return (self.wrapped or self).name not in _NO_ANSWERS

    @property
    def task(self) -> TaskState | None:
        """The state of a guided task that this payload holds; None without one."""
        name = self.get("id") if self.name == "task" else None
        return TaskState.decoded(name, self.get("answers")) if name else None

    def __str__(self) -> str:
        """The payload as it is sent."""
        if not self.values:
            return self.name
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in self.values)
        return f"{self.name}?{query}"


def build(name: str, /, **values: str | None) -> str:
    """The payload of a button, checked against the grammar; values that are None are left out.

    Raises `PayloadError` when the grammar does not allow it (ids are not looked up).
    """
    return str(_checked(name, {key: value for key, value in values.items() if value is not None}))


def parse(text: str, known: Known | None = None) -> Payload:
    """Read a payload. `known` confirms ids; without it only their form is checked.

    Raises `PayloadError`, with a code and an English message, for everything outside the grammar.
    """
    payload = _read(text)
    if known is not None:
        _confirm(payload, known)
    return payload


def to_turn(payload: Payload) -> tuple[str, dict[str, str]]:
    """The intent and the entities a payload stands for.

    `original?of=…` and `show?of=…` stand for what they wrap; the caller asks for the authoritative language.
    """
    if inner := payload.wrapped:
        return to_turn(inner)
    entities = {entity: value for key, value in payload.values if (entity := GRAMMAR[payload.name].keys[key].entity)}
    return _intent(payload), entities


def to_rasa(payload: Payload) -> str:
    """The message Rasa gets for a payload: `/intent` or `/intent{"entity": "value"}`; see `to_turn`."""
    intent, entities = to_turn(payload)
    return f"/{intent}{json.dumps(entities)}" if entities else f"/{intent}"


def beside(payload: Payload) -> Payload:
    """The payload that shows an answer with the Japanese one beside it. Raises `PayloadError` for a wrapped one."""
    return parse(build("show", of=str(payload)))


def of_task(state: TaskState) -> str:
    """The payload that leads to a state of a guided task: its next question, or its result."""
    return build("task", id=state.task, answers=state.encoded() or None)


def _intent(payload: Payload) -> str:
    values = dict(payload.values)
    match payload.name:
        case "topic":
            return values.get("intent", "ask_topic")
        case "ask":
            return values["intent"]
        case "office" | "procedure":
            return f"{payload.name}_{values['ask']}"
        case "emergency":
            return f"emergency_{values['kind']}"
        case "task":
            state = payload.task
            return "task_result" if state is not None and state.next_step is None else "guided_task"
        case "feedback":
            return "thank"
        case name:
            return _PLAIN_INTENTS[name]


def _read(text: str) -> Payload:
    if not text or len(text) > MAX_LENGTH:
        raise PayloadError("payload_malformed", f"a payload has 1 to {MAX_LENGTH} characters")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise PayloadError("payload_malformed", "a payload holds printable ASCII characters only")
    name, question_mark, query = text.partition("?")
    values: dict[str, str] = {}
    for pair in query.split("&") if question_mark else ():
        key, equals, value = pair.partition("=")
        if not key or not equals or _PERCENT.search(value):
            raise PayloadError("payload_malformed", "a payload reads name?key=value&key=value")
        if key in values:
            raise PayloadError("payload_malformed", f"the key {key!r} stands twice")
        values[key] = unquote(value, errors="replace")
    return _checked(name, values)


def _checked(name: str, values: Mapping[str, str]) -> Payload:
    shape = GRAMMAR.get(name)
    if shape is None:
        raise PayloadError("payload_unknown_name", f"unknown payload name; known are {', '.join(GRAMMAR)}")
    if values.keys() - shape.keys.keys():
        allowed = ", ".join(shape.keys) or "no keys"
        raise PayloadError("payload_unknown_key", f"{name} has an unknown key; it takes {allowed}")
    if missing := shape.required - values.keys():
        raise PayloadError("payload_missing_key", f"{name} needs {', '.join(sorted(missing))}")
    if shape.one_of and len(shape.one_of & values.keys()) != 1:
        raise PayloadError("payload_missing_key", f"{name} needs exactly one of {', '.join(sorted(shape.one_of))}")
    if len(shape.exclusive & values.keys()) > 1:
        raise PayloadError("payload_unknown_key", f"{name} takes only one of {', '.join(sorted(shape.exclusive))}")
    for key, value in values.items():
        _check_value(name, key, shape.keys[key], value)
    if name == "task":
        _check_task(values)
    if name == "feedback" and values["right"] == "yes" and "reason" in values:
        raise PayloadError("payload_unknown_key", "feedback has a reason only when something was wrong")
    return Payload(name, tuple((key, values[key]) for key in shape.keys if key in values))


def _check_task(values: Mapping[str, str]) -> None:
    if "id" not in values:
        if "answers" in values:
            raise PayloadError("payload_missing_key", "task has answers only with an id")
        return
    try:
        TaskState.decoded(values["id"], values.get("answers"))
    except TaskError as error:
        raise PayloadError("payload_unknown_value", str(error)) from error


def _check_value(name: str, key: str, rule: _Key, value: str) -> None:
    if rule.values:
        good = value in rule.values
    elif rule.form:
        good = rule.form.fullmatch(value) is not None
    elif rule.type == "language":
        good = _LANGUAGE.fullmatch(value) is not None
    elif rule.type == "country":
        good = _COUNTRY.fullmatch(value) is not None
    elif rule.type == "intent":
        good = _is_topic_intent(value) or (name == "ask" and value in _ASKABLE)
    elif rule.type is not None:
        good = _IDENTIFIER.fullmatch(value) is not None
    else:
        good = _read(value).name not in _WRAPPING
    if not good:
        allowed = f"; allowed are {', '.join(rule.values)}" if rule.values else ""
        raise PayloadError("payload_unknown_value", f"{name} has a value it does not know for {key}{allowed}")


def _is_topic_intent(value: str) -> bool:
    return value.startswith("topic_") and _IDENTIFIER.fullmatch(value) is not None


def _confirm(payload: Payload, known: Known) -> None:
    if inner := payload.wrapped:
        _confirm(inner, known)
        return
    if (state := payload.task) is not None:
        try:
            state.confirm(known)
        except TaskError as error:
            raise PayloadError("payload_unknown_value", f"{error}") from error
        return
    keys = GRAMMAR[payload.name].keys
    for key, value in payload.values:
        type_ = keys[key].type
        if type_ is None or (type_ == "intent" and value in _ASKABLE):
            continue
        if not known(type_, value):
            raise PayloadError("payload_unknown_value", f"{payload.name} names a {type_} that does not exist")
