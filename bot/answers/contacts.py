"""The choices of `data/answers.yaml` and the numbers of `data/emergency.yaml`, read once."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from bot.knowledge.models import Identifier, Need, OfficeKind, PhoneNumber
from bot.settings import settings

EmergencyKind = Literal["fire", "medical", "violence", "crime", "suicide", "disaster"]


class PassportChoices(BaseModel):
    """What is special about passports."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    office_kind: OfficeKind
    foreign_procedure: Identifier
    home_country: str
    choices: tuple[Identifier, ...]
    passport_types: dict[str, str]


class PassportHelper(BaseModel):
    """Which procedure an answer of the passport helper means, and which adds documents."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    procedures: dict[str, Identifier]
    further: dict[str, Identifier]


class InterpreterPlan(BaseModel):
    """The topics that fit a place and the time left (`any`: whatever time), and the office to call."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    offices: dict[str, Identifier]
    topics: dict[str, dict[str, tuple[Identifier, ...]]]


class MovingItem(BaseModel):
    """A topic of the moving checklist, and for which answers it is shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    topic: Identifier
    when: dict[str, tuple[str, ...]] = {}


class UkrainePlan(BaseModel):
    """Whom to ask first, and the topics of each subject."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    offices: tuple[Identifier, ...]
    in_full: int
    topics: dict[str, tuple[Identifier, ...]]


class Choices(BaseModel):
    """`data/answers.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fallback_office: Identifier
    general_office: Identifier
    default_list_kind: OfficeKind
    nearest_limit: int
    many_offices: int
    about_kind: dict[str, Identifier]
    passport: PassportChoices
    welcome: tuple[str, ...]
    working_days: str
    desk_limit: int
    person_need: Need
    desks_for_speakers: dict[Identifier, tuple[str, ...]]
    route_url: str
    task_languages: dict[str, str]
    offer_task: dict[str, str]
    passport_helper: PassportHelper
    interpreter: InterpreterPlan
    moving: tuple[MovingItem, ...]
    ukraine: UkrainePlan


class EmergencyNumber(BaseModel):
    """A number of an emergency card; `office` names the record it comes from, so that the card can cite it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number: PhoneNumber
    office: Identifier


@lru_cache(maxsize=1)
def choices() -> Choices:
    """The choices of the answers. Raises `pydantic.ValidationError` when the file is not as it must be."""
    return Choices.model_validate(yaml.safe_load((settings().data_dir / "answers.yaml").read_text("utf-8")))


@lru_cache(maxsize=1)
def emergency_numbers() -> dict[EmergencyKind, tuple[EmergencyNumber, ...]]:
    """The numbers to call first, by kind of emergency: readable without the knowledge store."""
    raw = yaml.safe_load((settings().data_dir / "emergency.yaml").read_text("utf-8"))
    return {kind: tuple(EmergencyNumber.model_validate(item) for item in items) for kind, items in raw.items()}
