"""Guided tasks: their questions (`data/tasks.yaml`), and how far a resident has come in one.

A state is a value that fits into a reply payload: every button carries the whole of it, so an old button still means
what it says, and nothing needs to be remembered for a button to work.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from bot.settings import settings

StepKind = Literal["choice", "country", "language", "ward", "place", "date", "time"]
ANY_LANGUAGE: Final = "any_language"
ANYWHERE: Final = "anywhere"
ANY_TIME: Final = "any_time"
NOW: Final = "now"
MOST_STEPS: Final = 5
"""A resident is asked at most this many questions."""

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "country": re.compile(r"[A-Z]{2}"),
    "language": re.compile(rf"{ANY_LANGUAGE}|[a-z]{{2,3}}(-[A-Za-z0-9]{{1,8}}){{0,3}}"),
    "ward": _IDENTIFIER,
    "place": re.compile(rf"{ANYWHERE}|(ward|station):[a-z][a-z0-9_]{{0,59}}"),
}


class TaskError(ValueError):
    """Answers that no guided task could have led to; the message is English, for the caller of the API."""


class Step(BaseModel):
    """One question."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    kind: StepKind = "choice"
    options: tuple[str, ...] = ()
    when: dict[str, tuple[str, ...]] = {}
    entities: dict[str, dict[str, str]] = {}

    @model_validator(mode="after")
    def _choices_have_options(self) -> Step:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError(f"step {self.id}: a choice has options, other kinds have none")
        return self

    def asked_after(self, answers: Mapping[str, str]) -> bool:
        """Whether this question is asked once the earlier ones are answered so."""
        return all(answers.get(step) in allowed for step, allowed in self.when.items())

    def takes(self, value: str) -> bool:
        """Whether a value has the form of an answer; ids are not looked up."""
        match self.kind:
            case "choice":
                return value in self.options
            case "date":
                return _is_date(value)
            case "time":
                return value in {ANY_TIME, NOW} or _is_date(value) or _is_moment(value)
            case kind:
                return _FORMS[kind].fullmatch(value) is not None


class Task(BaseModel):
    """One guided task."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    steps: tuple[Step, ...]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    tasks: dict[str, Task]


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task and the answers given so far, in the order of its questions."""

    task: str
    answers: tuple[tuple[str, str], ...] = ()

    def get(self, step: str) -> str | None:
        """The answer to a question, or None."""
        return dict(self.answers).get(step)

    @property
    def next_step(self) -> Step | None:
        """The next question; None when all are answered."""
        given = dict(self.answers)
        for step in tasks()[self.task].steps:
            if step.id not in given and step.asked_after(given):
                return step
        return None

    @property
    def step_number(self) -> int:
        """The number of the next question, from 1."""
        return len(self.answers) + 1

    @property
    def back(self) -> TaskState:
        """The same without the last answer."""
        return TaskState(self.task, self.answers[:-1])

    def answered(self, value: str) -> TaskState:
        """The same with an answer to the next question. Raises `TaskError` when it does not fit."""
        step = self.next_step
        if step is None or not step.takes(value):
            raise TaskError(f"{self.task} has no question that takes this answer now")
        return TaskState(self.task, (*self.answers, (step.id, value)))

    def encoded(self) -> str:
        """The answers as a payload's value: `step:value,step:value`."""
        return ",".join(f"{step}:{value}" for step, value in self.answers)

    @classmethod
    def decoded(cls, task: str, encoded: str | None = None) -> TaskState:
        """Read a state back. Raises `TaskError` for an unknown task, or answers in another order than it asks."""
        if task not in tasks():
            raise TaskError(f"unknown task; known are {', '.join(tasks())}")
        state = cls(task)
        for pair in (encoded or "").split(",") if encoded else ():
            name, _, value = pair.partition(":")
            step = state.next_step
            if step is None or step.id != name:
                raise TaskError(f"{task} does not ask {name[:30]!r} at this point")
            state = state.answered(value)
        return state

    def confirm(self, known: Callable[[Literal["ward", "station", "language", "country"], str], bool]) -> None:
        """Raises `TaskError` when an answer names something that does not exist."""
        steps = {step.id: step for step in tasks()[self.task].steps}
        for name, value in self.answers:
            kind: str = steps[name].kind
            if kind == "place":
                kind, _, value = value.partition(":")
            if kind in {"ward", "station", "country"} and not known(kind, value):  # type: ignore[arg-type]
                raise TaskError(f"there is no such {kind}")


@lru_cache(maxsize=1)
def tasks() -> Mapping[str, Task]:
    """The guided tasks by name. Raises `pydantic.ValidationError` when the file is not as it must be."""
    raw = yaml.safe_load((settings().data_dir / "tasks.yaml").read_text("utf-8"))
    return _File.model_validate(raw).tasks


def longest_path(task: Task) -> int:
    """The most questions a resident can be asked in a task, over all ways through its choices."""

    def longest(answers: dict[str, str]) -> int:
        step = next((s for s in task.steps if s.id not in answers and s.asked_after(answers)), None)
        if step is None:
            return 0
        return 1 + max(longest({**answers, step.id: value}) for value in step.options or ("",))

    return longest({})


def _is_date(value: str) -> bool:
    if len(value) != len("2026-01-01"):
        return False
    try:
        return 1970 <= dt.date.fromisoformat(value).year <= 2200
    except ValueError:
        return False


def _is_moment(value: str) -> bool:
    day, _, time = value.partition("T")
    return _is_date(day) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", time) is not None


STEP_KINDS: tuple[str, ...] = get_args(StepKind)
