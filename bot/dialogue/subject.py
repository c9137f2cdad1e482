"""Which office a question is about: the one named, those that fit a kind and a ward, or the one last talked about."""

from __future__ import annotations

from dataclasses import dataclass

from bot.answers.contacts import choices
from bot.dialogue.turn import Turn
from bot.knowledge.models import Office, OfficeKind
from bot.knowledge.store import PublicKnowledge


@dataclass(frozen=True, slots=True)
class Subject:
    """The offices meant, and the kind and ward they were found by (for lists and links)."""

    offices: tuple[str, ...]
    kind: str | None = None
    ward: str | None = None


def office_subject(turn: Turn, knowledge: PublicKnowledge) -> Subject:
    """The offices a question about an office means, best guess first; none when only asking back helps."""
    ward = turn.first("ward")
    kind = turn.first("office_kind")
    named = [office for office in (knowledge.office(identifier) for identifier in turn.all("office")) if office]
    if named:
        return Subject(_ids(_narrowed(named, kind, ward)), kind, ward)
    remembered = _remembered(turn, knowledge)
    if kind is not None:
        fitting = _at_station(_of_kind(knowledge, kind, ward), turn.first("station"))
        if fitting:
            same = [office for office in remembered if office.kind == kind]
            return Subject(_ids(same if same and ward is None and len(fitting) > 1 else fitting), kind, ward)
        return Subject((), kind, ward)
    if ward is not None:
        context_kind = remembered[0].kind if remembered else choices().default_list_kind
        for candidate in (context_kind, choices().default_list_kind, "ward_office"):
            if fitting := _of_kind(knowledge, candidate, ward):
                return Subject(_ids(fitting), candidate, ward)
    return Subject(_ids(remembered))


def _narrowed(offices: list[Office], kind: str | None, ward: str | None) -> list[Office]:
    """Of several offices, those of the kind and ward that were named too, as far as that leaves any."""
    of_kind = [office for office in offices if office.kind == kind] or offices
    return [office for office in of_kind if office.ward == ward] or of_kind


def _of_kind(knowledge: PublicKnowledge, kind: str, ward: str | None) -> list[Office]:
    return [office for office in knowledge.offices(kind=kind, ward=ward) if office.status != "ended"]


def _at_station(offices: list[Office], station: str | None) -> list[Office]:
    """Those whose way is told from a station, where that leaves any: "the passport centre at Center-Minami"."""
    return [office for office in offices if station and any(a.station == station for a in office.access)] or offices


def _remembered(turn: Turn, knowledge: PublicKnowledge) -> list[Office]:
    offices = [knowledge.office(identifier) for identifier in turn.context.offices]
    return [office for office in offices if office is not None]


def _ids(offices: list[Office]) -> tuple[str, ...]:
    return tuple(office.id for office in offices)


def list_kind(turn: Turn, knowledge: PublicKnowledge | None) -> OfficeKind:
    """The kind of offices a list is asked of: the one named, that of an office named, or the default."""
    if kind := turn.first("office_kind"):
        return kind  # type: ignore[return-value]
    named = knowledge.office(turn.first("office") or "") if knowledge else None
    return named.kind if named else choices().default_list_kind
