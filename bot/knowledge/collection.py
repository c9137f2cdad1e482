"""All records together: what the loader makes, the database keeps and the views read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.knowledge.models import (
    BudgetLine,
    Fee,
    Office,
    Partnership,
    Procedure,
    Record,
    Source,
    Station,
    Topic,
    Ward,
)

KINDS: Mapping[str, type[Record]] = MappingProxyType(
    {
        "sources": Source,
        "offices": Office,
        "wards": Ward,
        "stations": Station,
        "procedures": Procedure,
        "fees": Fee,
        "topics": Topic,
        "budget": BudgetLine,
        "partnerships": Partnership,
    }
)
"""Top-level keys of the YAML files and the model of the records below each."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Every record by kind and id, in the order of the files. Never changed after it was made."""

    sources: Mapping[str, Source] = field(default_factory=dict)
    offices: Mapping[str, Office] = field(default_factory=dict)
    wards: Mapping[str, Ward] = field(default_factory=dict)
    stations: Mapping[str, Station] = field(default_factory=dict)
    procedures: Mapping[str, Procedure] = field(default_factory=dict)
    fees: Mapping[str, Fee] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    budget: Mapping[str, BudgetLine] = field(default_factory=dict)
    partnerships: Mapping[str, Partnership] = field(default_factory=dict)

    def of_kind(self, kind: str) -> Mapping[str, Record]:
        """The records of one of `KINDS`. Raises `KeyError` for another word."""
        if kind not in KINDS:
            raise KeyError(kind)
        records: Mapping[str, Record] = getattr(self, kind)
        return records

    def __iter__(self) -> Iterator[tuple[str, str, Record]]:
        """Every record as (kind, id, record)."""
        for kind in KINDS:
            for identifier, record in self.of_kind(kind).items():
                yield kind, identifier, record
