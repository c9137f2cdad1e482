"""What an answer needs to know of the question, besides its subject."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")

OfficeAsk = Literal["location", "access", "hours", "open_now", "phone", "languages", "services"]
ProcedureAsk = Literal["how", "documents", "fee", "duration", "online", "eligibility", "collect"]


@dataclass(frozen=True, slots=True)
class Request:
    """One question's circumstances: the reader's language, the moment, and what was said of day, time and languages.

    `now` is aware (Asia/Tokyo). `day` is the day asked about, None when none was named; `at` a time of that day;
    `spoken` a language asked for at a desk; `station` where someone starts from; `position` WGS 84 degrees (lat, lon).
    """

    language: str
    now: dt.datetime
    intent: str | None = None
    confidence: float | None = None
    day: dt.date | None = None
    at: dt.time | None = None
    spoken: str | None = None
    station: str | None = None
    channel: str | None = None
    passport_type: str | None = None
    position: tuple[float, float] | None = None

    @property
    def today(self) -> dt.date:
        """Today in Yokohama."""
        return self.now.astimezone(TOKYO).date()
