"""Typed look-ups over the records of one import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.knowledge.collection import Knowledge
from bot.knowledge.models import (
    BudgetLine,
    Fee,
    Office,
    OfficeKind,
    Partnership,
    Procedure,
    Source,
    Station,
    Ward,
)


class KnowledgeView:
    """Typed look-ups. Records are immutable; an unknown id gives None; lists keep the order of the files."""

    def __init__(self, records: Callable[[], Knowledge]) -> None:
        self._records = records

    def office(self, identifier: str) -> Office | None:
        """The office with this id."""
        return self._records().offices.get(identifier)

    def offices(self, kind: OfficeKind | str | None = None, ward: str | None = None) -> tuple[Office, ...]:
        """Offices of a kind, in a ward, or all."""
        return tuple(
            office
            for office in self._records().offices.values()
            if (kind is None or office.kind == kind) and (ward is None or office.ward == ward)
        )

    def ward(self, identifier: str) -> Ward | None:
        """The ward with this id."""
        return self._records().wards.get(identifier)

    def wards(self) -> tuple[Ward, ...]:
        """All wards."""
        return tuple(self._records().wards.values())

    def station(self, identifier: str) -> Station | None:
        """The station with this id."""
        return self._records().stations.get(identifier)

    def stations(self) -> tuple[Station, ...]:
        """All stations."""
        return tuple(self._records().stations.values())

    def procedure(self, identifier: str) -> Procedure | None:
        """The procedure with this id."""
        return self._records().procedures.get(identifier)

    def procedures(self) -> tuple[Procedure, ...]:
        """All procedures."""
        return tuple(self._records().procedures.values())

    def fees(self, procedure: str, on: date | None = None) -> tuple[Fee, ...]:
        """Fees of a procedure: those valid on a day (both ends of the validity included), or all of them."""
        day = on.isoformat() if on else None
        return tuple(
            fee
            for fee in self._records().fees.values()
            if fee.procedure == procedure and (day is None or ((fee.valid_from or day) <= day <= (fee.valid_to or day)))
        )

    def all_fees(self) -> tuple[Fee, ...]:
        """The fees of all procedures."""
        return tuple(self._records().fees.values())

    def budget(self) -> tuple[BudgetLine, ...]:
        """All budget lines, in the order of the document."""
        return tuple(self._records().budget.values())

    def partnerships(self) -> tuple[Partnership, ...]:
        """Sister cities, friendship and partner cities, sister ports."""
        return tuple(self._records().partnerships.values())

    def source(self, identifier: str) -> Source | None:
        """The source with this id."""
        return self._records().sources.get(identifier)

    def sources(self) -> tuple[Source, ...]:
        """All sources."""
        return tuple(self._records().sources.values())

    def knowledge(self) -> Knowledge:
        """Everything of one import, for readers that need several records to belong together."""
        return self._records()
