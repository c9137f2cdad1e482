"""How long facts may be relied on before somebody has to look at them again.

`data/freshness.yaml` holds the day on which all facts were last compared with their sources, and limits in days by kind
of fact and confidence. A fact is due for a new look so many days after the later of that day and its own date. Facts of
records that have ended, are historical or are marked `uncertain` are not due: residents are told so anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.knowledge.checks import facts_of
from bot.knowledge.collection import Knowledge
from bot.knowledge.dates import last_day
from bot.knowledge.models import (
    Access,
    BudgetLine,
    Fee,
    Office,
    Partnership,
    Phone,
    Position,
    Procedure,
    Provenance,
    Schedule,
    SpokenLanguage,
    Topic,
)
from bot.knowledge.public_holidays import CalendarReport, compare_calendars

FactKind = Literal["hours", "phones", "languages", "fees", "topics", "procedures", "places", "budget", "partnerships"]

_KINDS: tuple[tuple[type[Provenance], FactKind], ...] = (
    (Schedule, "hours"),
    (Phone, "phones"),
    (SpokenLanguage, "languages"),
    (Fee, "fees"),
    (Topic, "topics"),
    (BudgetLine, "budget"),
    (Partnership, "partnerships"),
    (Access, "places"),
    (Position, "places"),
)
_SETTLED = frozenset({"ended", "historical", "uncertain", "abolished"})


class FreshnessError(Exception):
    """`data/freshness.yaml` cannot be used. `code`: `unreadable` or `invalid`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Limit(BaseModel):
    """Days a fact of one kind may be relied on; None: it never gets old (a budget of a past year)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    official: int | None = Field(gt=0)
    secondary: int | None = Field(gt=0)


class Freshness(BaseModel):
    """The whole of `data/freshness.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    reviewed: date
    limits: dict[FactKind, Limit]


@dataclass(frozen=True, slots=True)
class Stale:
    """A fact that somebody has to look at again."""

    kind: str
    record: str
    path: str
    fact_kind: FactKind
    dated: str
    due: date

    def __str__(self) -> str:
        place = f"{self.kind} {self.record}" + (f", {self.path}" if self.path else "")
        return f"{place}: dated {self.dated}, was due for a new look on {self.due.isoformat()}"


def read_freshness(path: Path) -> Freshness:
    """The limits. Raises `FreshnessError`."""
    try:
        return Freshness.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise FreshnessError("unreadable", f"{path} cannot be read: {error}") from error
    except (yaml.YAMLError, ValidationError) as error:
        raise FreshnessError("invalid", f"{path}: {error}") from error


def stale_facts(knowledge: Knowledge, freshness: Freshness, today: date) -> Iterator[Stale]:
    """Facts residents may see whose limit has passed, in the order of the files."""
    for kind, identifier, record in knowledge:
        if getattr(record, "status", None) in _SETTLED or _is_over(record, today):
            continue
        for path, fact in facts_of(record):
            due = due_date(fact, _kind_of(fact, record), freshness)
            if due is not None and due < today:
                yield Stale(kind, identifier, path, _kind_of(fact, record), fact.date, due)


def due_date(fact: Provenance, kind: FactKind, freshness: Freshness) -> date | None:
    """When a fact has to be looked at again; None for a fact that never gets old or that residents do not see."""
    if fact.confidence == "unverified":
        return None
    limit = freshness.limits.get(kind)
    days = getattr(limit, fact.confidence, None)
    if days is None:
        return None
    return max(freshness.reviewed, last_day(fact.date)) + timedelta(days=days)


def next_year_holidays(today: date) -> CalendarReport:
    """Next year's public holidays, compared between the two calendars at hand."""
    return _calendar(today.year + 1)


@lru_cache(maxsize=8)
def _calendar(year: int) -> CalendarReport:
    return compare_calendars(year)


def _is_over(record: object, today: date) -> bool:
    return isinstance(record, Fee) and record.valid_to is not None and record.valid_to < today.isoformat()


def _kind_of(fact: Provenance, record: object) -> FactKind:
    for model, kind in _KINDS:
        if isinstance(fact, model):
            return kind
    return "procedures" if isinstance(record, Procedure) else "places" if isinstance(record, Office) else "topics"
