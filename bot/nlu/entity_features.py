"""What the entities of a text say about its meaning: how sure each kind is in it, and some kinds' values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.nlu.gazetteer_data import GazetteerData
from bot.nlu.softmax import Floats

TELLING = frozenset({"office_kind", "procedure", "channel", "passport_type"})
"""Entities of few values, each of which says something about the intent."""
DATES = ("date", "time")
"""Found by the gazetteer without a phrase that names them."""


@dataclass(frozen=True, slots=True)
class EntityFeatures:
    """Columns by name: `office`, `office_kind=lounge` …"""

    columns: Mapping[str, int]

    @classmethod
    def of(cls, data: GazetteerData) -> EntityFeatures:
        """A column for every entity, and for every value of the telling ones, that the gazetteer may find."""
        names = set(DATES) | {phrase.entity for phrase in data.phrases}
        names |= {f"{phrase.entity}={phrase.value}" for phrase in data.phrases if phrase.entity in TELLING}
        return cls({name: column for column, name in enumerate(sorted(names))})

    def row(self, entities: Iterable[Mapping[str, Any]]) -> Floats:
        """One row, shape (columns,), for entities in Rasa's shape."""
        found = np.zeros(len(self.columns), dtype=np.float32)
        for entity in entities:
            for name in _names(entity):
                if (column := self.columns.get(name)) is not None:
                    found[column] = max(found[column], float(entity.get("confidence", 1.0)))
        return found


def _names(entity: Mapping[str, Any]) -> Sequence[str]:
    kind = str(entity["entity"])
    return (kind, f"{kind}={entity['value']}")
