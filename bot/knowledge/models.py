"""What the guide knows, as typed records. Modelled after Open Referral HSDS 3, trimmed to what is used.

Every value that a resident may act on is a fact: it carries `confidence`, `source` (an id in `sources.yaml`) and
`date`. Values whose confidence is `unverified` are kept for the staff and never leave through `public()` views.
Texts are `{ja: …, en: …}`; Japanese is authoritative. Other languages' prose lives in the catalogues
(`data/locale/<lang>/topics.po`, msgctxt = the text's key, msgid = the Japanese text).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Confidence = Literal["official", "secondary", "unverified"]
DateQualifier = Literal["exact", "about", "after", "before", "read"]
"""How `date` is meant. `read`: the page shows no date; `date` is the day its text was read."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
ReducedDate = Annotated[
    str, StringConstraints(pattern=r"^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$")
]
FullDate = Annotated[str, StringConstraints(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
PhoneNumber = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\+[0-9][0-9-]{6,18}|0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}|0[0-9]{2,3}-[0-9]{6,7}|#[0-9]{3,4}|1[0-9][0-9])$"
    ),
]
PostalCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}-[0-9]{4}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=600)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Record(BaseModel):
    """Base of all records: unknown keys are errors, values are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LocalisedText(Record):
    """A text. `ja` is authoritative; `en` stands beside it where the facts came with it."""

    ja: str = Field(min_length=1)
    en: str | None = None


class Names(BaseModel):
    """Names by BCP 47 code. `ja` and `en` are required; a missing language falls back by the registry."""

    model_config = ConfigDict(extra="allow", frozen=True)
    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def get(self, language: str) -> str | None:
        """The name in exactly this language, or None."""
        value = getattr(self, language, None) if language in {"ja", "en"} else (self.model_extra or {}).get(language)
        return value if isinstance(value, str) and value else None

    def by_language(self) -> dict[str, str]:
        """All names, by language code."""
        others = {code: name for code, name in (self.model_extra or {}).items() if isinstance(name, str)}
        return {"ja": self.ja, "en": self.en, **others}


class Source(Record):
    """A page or document facts were read in."""

    id: Identifier
    title: str
    url: Url | None = None
    kind: Literal["official", "secondary", "general_knowledge"]
    date: ReducedDate
    qualifier: DateQualifier = "exact"
    note: str | None = None


class Provenance(Record):
    """Where a fact is from and how sure we are."""

    confidence: Confidence
    source: Identifier
    date: ReducedDate
    qualifier: DateQualifier = "exact"
    more_sources: tuple[Identifier, ...] = ()
    remark: str | None = Field(default=None, description="for the staff; never shown to residents")


class TextFact(Provenance):
    """A fact that is a text (an address, an eligibility rule, a note)."""

    text: LocalisedText


Need = Literal[
    "consultation", "japanese_class", "child_study", "interpreter", "legal", "visa", "medical",
]  # fmt: skip
"""What residents look for a desk for (HSDS: taxonomy term of a service)."""


class Service(TextFact):
    """Something an office offers; `needs` are those it meets."""

    needs: tuple[Need, ...] = ()


class Duration(TextFact):
    """How long something takes. `working_days` count the day of application as the first one."""

    working_days: int | None = Field(default=None, ge=1, le=200)


class Deadline(Record):
    """By when something must be done: so many days after `event`."""

    days: int = Field(ge=1, le=400)
    event: Literal["moved_in", "born"]


class ValueFact(Provenance):
    """A fact that is one value the same in every language (URL, e-mail, postal code)."""

    value: str


class Phone(Provenance):
    """A telephone or fax number, as dialled in Japan (`045-222-1209`, `#7119`, `119`)."""

    number: PhoneNumber
    kind: Literal["voice", "fax"] = "voice"
    label: LocalisedText | None = None


class Schedule(Provenance):
    """Opening hours as an OSM `opening_hours` string, evaluated in Asia/Tokyo with Japan's public holidays."""

    hours: str
    purpose: Literal["open", "apply", "collect", "consultation", "phone"] = "open"
    note: LocalisedText | None = None


class SpokenLanguage(Provenance):
    """A language spoken at an office. `hours` None: no weekday is known, ask first."""

    code: str
    hours: str | None = None
    note: LocalisedText | None = None


class Access(Provenance):
    """How to get there."""

    text: LocalisedText
    station: Identifier | None = None
    walk_minutes: int | None = Field(default=None, ge=0, le=60)


class Position(Provenance):
    """WGS 84 degrees."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


OfficeKind = Literal[
    "lounge", "passport_centre", "prefecture_passport_centre", "consultation_centre", "association",
    "japanese_learning_centre", "student_house", "ward_office", "city_hall", "bureau_division", "help_desk",
    "ukraine_desk", "immigration", "consulate", "emergency", "overseas_office", "facility",
]  # fmt: skip


class Office(Record):
    """A place or line that serves residents (HSDS service-at-location)."""

    id: Identifier
    kind: OfficeKind
    names: Names
    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="by language code")
    provenance: Provenance
    city: Literal["yokohama", "kanagawa", "japan", "abroad"] = "yokohama"
    ward: Identifier | None = None
    status: Literal["current", "uncertain", "ended"] = "current"
    operator: TextFact | None = None
    address: TextFact | None = None
    postal_code: ValueFact | None = None
    phones: tuple[Phone, ...] = ()
    email: ValueFact | None = None
    url: ValueFact | None = None
    schedules: tuple[Schedule, ...] = ()
    languages: tuple[SpokenLanguage, ...] = ()
    access: tuple[Access, ...] = ()
    position: Position | None = None
    services: tuple[Service, ...] = ()
    eligibility: TextFact | None = None
    cost: TextFact | None = None
    serves_country: str | None = Field(
        default=None, description="ISO 3166-1 alpha-2, for consulates", pattern="^[A-Z]{2}$"
    )
    notes: tuple[TextFact, ...] = ()


class Ward(Record):
    """One of Yokohama's 18 wards."""

    id: Identifier
    names: Names
    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    office: Identifier
    neighbours: tuple[Identifier, ...] = ()


class Station(Record):
    """A railway station residents name when they ask for the nearest desk."""

    id: Identifier
    names: Names
    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    ward: Identifier | None = None
    lines: tuple[str, ...] = ()
    position: Position


class Fee(Provenance):
    """A price in yen. Exactly one of `amount` and `status` is meaningful; validity dates are inclusive."""

    id: Identifier
    procedure: Identifier
    item: LocalisedText
    channel: Literal["window", "online", "any"] = "any"
    amount: int | None = Field(default=None, ge=0)
    status: Literal["known", "abolished", "unknown"] = "known"
    valid_from: FullDate | None = None
    valid_to: FullDate | None = None
    note: LocalisedText | None = None


class Procedure(Record):
    """Something a resident gets done, with documents, fees, channels and duration."""

    id: Identifier
    names: Names
    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    provenance: Provenance
    offices: tuple[Identifier, ...] = ()
    who: TextFact | None = None
    documents: tuple[TextFact, ...] = ()
    steps: tuple[TextFact, ...] = ()
    online: TextFact | None = None
    duration: Duration | None = None
    collection: TextFact | None = None
    notes: tuple[TextFact, ...] = ()


class Topic(Provenance):
    """A question with its answer, or a statement of the city's document."""

    id: Identifier
    area: Literal[
        "passport", "lounge", "consultation", "interpreter", "japanese", "ukraine", "bureau", "budget", "everyday",
        "health", "children", "garbage", "housing", "work", "safety", "disaster", "residence", "information",
    ]  # fmt: skip
    kind: Literal["faq", "statement"] = "faq"
    question: LocalisedText | None = None
    alternative_questions: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="by language code")
    answer: LocalisedText
    caution: LocalisedText | None = Field(default=None, description="shown below the answer")
    offices: tuple[Identifier, ...] = ()
    intent: str | None = Field(default=None, description="the frequent intent (topic_…) this answers first")
    covered_by: str | None = Field(
        default=None,
        description="the frequent intent whose answer covers this: to ask it is to mean that intent",
    )
    status: Literal["current", "uncertain", "ended", "historical"] = "current"
    deadline: Deadline | None = Field(default=None, description="the time limit that the answer states")

    @field_validator("intent")
    @classmethod
    def _intent_is_a_topic(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"topic_[a-z_]+", value):
            raise ValueError("an intent of a topic starts with topic_")
        return value


class BudgetLine(Provenance):
    """A line of the FY2022 budget. Amounts are thousands of yen, as printed in the document."""

    id: Identifier
    name: LocalisedText
    fiscal_year: int
    amount: int
    previous_amount: int | None = None
    parent: Identifier | None = None
    bureau: str | None = None


class Partnership(Provenance):
    """A sister city, friendship city, partner city or sister port."""

    id: Identifier
    kind: Literal["sister_city", "friendship_city", "partner_city", "sister_port"]
    names: Names
    country: str = Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    since: ReducedDate | None = None
