"""What is wrong with the curated files, as values: where, what, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ProblemCode = Literal[
    "unreadable_file", "bad_yaml", "duplicate_key", "wrong_shape", "bad_value", "missing_key", "unknown_key",
    "duplicate_id", "unknown_id", "unknown_language", "bad_hours", "bad_position", "overlapping_fees",
    "confidence_too_high", "future_date", "unknown_intent", "bad_order",
]  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend. `file` is relative to the project, `line` starts at 1 (0: the file as a whole)."""

    file: str
    line: int
    code: ProblemCode
    record: str | None
    what: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        name = f" {self.record}:" if self.record else ""
        return f"{place}:{name} {self.what}\n    mend: {self.mend} [{self.code}]"
