"""What residents may see: every record without its unverified facts and without the staff's remarks.

An office or procedure that is itself unverified keeps its name only. A topic that is unverified is withheld: its
question stays, so that the guide understands it, but in place of the answer there are the offices that know. A fee,
budget line or partnership that is unverified does not exist for residents. The positions of stations stay: no card
shows them, they only tell which office is nearest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar, cast

from bot.knowledge.collection import Knowledge
from bot.knowledge.dates import first_day
from bot.knowledge.distance import Degrees, ranking_positions
from bot.knowledge.models import LocalisedText, Office, Procedure, Provenance, Record, Source, Topic
from bot.knowledge.views import KnowledgeView

CONFIRM_AFTER = timedelta(days=730)
"""Design section 2: values older than two years are shown with their date and a line that asks to confirm."""

RecordT = TypeVar("RecordT", bound=Record)

_IDENTITY: Mapping[type[Record], frozenset[str]] = {
    Office: frozenset({"id", "kind", "names", "aliases", "provenance", "city", "status", "serves_country"}),
    Procedure: frozenset({"id", "names", "aliases", "provenance", "offices"}),
}
"""What is left of a record that is itself unverified: who it is, nothing that a resident could act on."""


@dataclass(frozen=True, slots=True)
class WithheldTopic:
    """A topic whose answer nobody has verified: name the offices (or, without any, the consultation centre) instead."""

    id: str
    area: str
    question: LocalisedText
    offices: tuple[str, ...] = ()
    intent: str | None = None
    covered_by: str | None = None
    alternative_questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublicRecords:
    """All public views: the records, the topics that are withheld, and positions of offices for ranking only."""

    knowledge: Knowledge
    withheld: Mapping[str, WithheldTopic]
    positions: Mapping[str, Degrees] = field(default_factory=dict)


def is_public(fact: Provenance) -> bool:
    """Whether residents may see this fact."""
    return fact.confidence != "unverified"


def needs_confirmation(fact: Provenance, today: date) -> bool:
    """Whether the fact is shown with its date and the line that asks to confirm it.

    That is so when it is not from an official source; when the first day its date allows is more than two years
    back; or when its age is not known: the page bears no date (`read`), or the fact is older than its date (`before`).
    """
    if fact.confidence != "official" or fact.qualifier in {"read", "before"}:
        return True
    return today - first_day(fact.date) > CONFIRM_AFTER


def public_office(office: Office) -> Office:
    """The office as residents may see it."""
    return _public(office, office.provenance)


def public_procedure(procedure: Procedure) -> Procedure:
    """The procedure as residents may see it."""
    return _public(procedure, procedure.provenance)


def public_source(source: Source) -> Source:
    """The source without the staff's note."""
    return source.model_copy(update={"note": None}) if source.note is not None else source


def public_topic(topic: Topic) -> Topic | WithheldTopic | None:
    """The topic as residents may see it; None for an unverified statement without a question."""
    if is_public(topic):
        return _stripped(topic)
    if topic.question is None:
        return None
    return WithheldTopic(
        topic.id,
        topic.area,
        topic.question,
        topic.offices,
        topic.intent,
        topic.covered_by,
        topic.alternative_questions,
    )


def public_records(knowledge: Knowledge) -> PublicRecords:
    """The public views of everything."""
    topics: dict[str, Topic] = {}
    withheld: dict[str, WithheldTopic] = {}
    for identifier, topic in knowledge.topics.items():
        view = public_topic(topic)
        if isinstance(view, Topic):
            topics[identifier] = view
        elif view is not None:
            withheld[identifier] = view
    return PublicRecords(
        Knowledge(
            sources={key: public_source(source) for key, source in knowledge.sources.items()},
            offices={key: public_office(office) for key, office in knowledge.offices.items()},
            wards=knowledge.wards,
            stations=knowledge.stations,
            procedures={key: public_procedure(procedure) for key, procedure in knowledge.procedures.items()},
            fees={key: _stripped(fee) for key, fee in knowledge.fees.items() if is_public(fee)},
            topics=topics,
            budget={key: _stripped(line) for key, line in knowledge.budget.items() if is_public(line)},
            partnerships={key: _stripped(one) for key, one in knowledge.partnerships.items() if is_public(one)},
        ),
        withheld,
        ranking_positions(knowledge),
    )


def _public(record: RecordT, provenance: Provenance) -> RecordT:
    if is_public(provenance):
        return _stripped(record)
    model = type(record)
    kept = _IDENTITY[model]
    values: dict[str, Any] = {name: getattr(record, name) for name in model.model_fields if name in kept}
    values["provenance"] = _without_remark(provenance)
    return cast(RecordT, model.model_construct(**values))


def _stripped(record: RecordT) -> RecordT:
    changes: dict[str, Any] = {}
    for name in type(record).model_fields:
        value = getattr(record, name)
        if isinstance(value, Provenance):
            public = _without_remark(value) if is_public(value) else None
            if public is not value:
                changes[name] = public
        elif isinstance(value, tuple) and any(isinstance(item, Provenance) for item in value):
            changes[name] = tuple(_without_remark(item) for item in value if is_public(item))
    if isinstance(record, Provenance) and record.remark is not None:
        changes["remark"] = None
    return record.model_copy(update=changes) if changes else record


def _without_remark(fact: Provenance) -> Provenance:
    return fact.model_copy(update={"remark": None}) if fact.remark is not None else fact


class PublicKnowledge(KnowledgeView):
    """What residents may see; see `bot.knowledge.public`."""

    def __init__(self, records: Callable[[], PublicRecords], version: Callable[[], str]) -> None:
        super().__init__(lambda: records().knowledge)
        self._public = records
        self._version = version

    def topic(self, identifier: str) -> Topic | WithheldTopic | None:
        """The topic with this id; `WithheldTopic` when nobody has verified its answer."""
        records = self._public()
        return records.knowledge.topics.get(identifier) or records.withheld.get(identifier)

    def topics(self, area: str | None = None, intent: str | None = None) -> tuple[Topic | WithheldTopic, ...]:
        """Topics of an area, of a frequent intent, or all; those that are withheld come last."""
        records = self._public()
        both: list[Topic | WithheldTopic] = [*records.knowledge.topics.values(), *records.withheld.values()]
        return tuple(
            topic
            for topic in both
            if (area is None or topic.area == area) and (intent is None or topic.intent == intent)
        )

    def ranking_position(self, office: str) -> Degrees | None:
        """Where an office is, good enough to tell which is nearest, never to be shown. None: not known at all."""
        return self._public().positions.get(office)

    def version(self) -> str:
        """Changes with every import of other facts."""
        return self._version()
