"""Walks every record of the real knowledge."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.knowledge.checks import BOXES, facts_of
from bot.knowledge.collection import Knowledge
from bot.knowledge.dates import first_day
from bot.knowledge.importer import Inputs, known_intents, run
from bot.knowledge.loading import Loaded
from bot.knowledge.models import LocalisedText, Office, Provenance, Record, Schedule, SpokenLanguage, Station
from bot.knowledge.opening_hours import TIMEZONE, parse_hours
from bot.knowledge.problems import Problem
from bot.knowledge.public import PublicRecords, WithheldTopic, public_records
from bot.settings import PROJECT_ROOT

PHONE = re.compile(
    r"0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}|0(120|570|800)-[0-9]{6}|#[0-9]{3,4}|1[0-9][0-9]|[+][0-9][0-9-]{6,18}"
)
OFFICIALS = frozenset(
    {
        "0a2f02a3fcba5bdf30b8",
        "13454472cdeb5777e218",
        "33cd2c1b660c6ff3c4d7",
        "6b5897da2ae7b2e768dc",
        "91e394a8d142b7bd34d8",
    }
)
"""Hashes of the names of individual officials that stand in the city's document and are not given out."""
OFFICIALS_LENGTHS = (3, 4, 5)


@pytest.fixture(scope="module")
def knowledge(real: tuple[Loaded, list[Problem]]) -> Knowledge:
    """All records."""
    return real[0].knowledge


@pytest.fixture(scope="module")
def public(knowledge: Knowledge) -> PublicRecords:
    """What residents may see of them."""
    return public_records(knowledge)


def facts(knowledge: Knowledge) -> Iterator[tuple[str, Provenance]]:
    """Every fact with its place."""
    for kind, identifier, record in knowledge:
        for path, fact in facts_of(record):
            yield f"{kind} {identifier} {path}".strip(), fact


def test_the_importer_finds_no_problem(real: tuple[Loaded, list[Problem]]) -> None:
    assert not real[1], "\n".join(map(str, real[1]))


def test_everything_that_was_researched_is_there(knowledge: Knowledge) -> None:
    offices = list(knowledge.offices.values())
    kinds = [office.kind for office in offices]
    assert len(knowledge.wards) == 18
    assert kinds.count("ward_office") == 18
    assert kinds.count("lounge") == 13
    assert kinds.count("passport_centre") == 2
    for kind in ("consultation_centre", "association", "japanese_learning_centre", "immigration", "consulate"):
        assert kind in kinds
    statements = [topic for topic in knowledge.topics.values() if topic.kind == "statement"]
    assert len(statements) == 352
    assert len(knowledge.budget) > 50
    assert len(knowledge.fees) > 10
    assert len(knowledge.partnerships) > 10
    assert len([topic for topic in knowledge.topics.values() if topic.kind == "faq"]) > 250


def test_every_fact_has_a_source_and_a_date(knowledge: Knowledge) -> None:
    today = datetime.now(TIMEZONE).date()
    count = 0
    for place, fact in facts(knowledge):
        assert fact.source in knowledge.sources, place
        assert all(source in knowledge.sources for source in fact.more_sources), place
        assert date(1950, 1, 1) <= first_day(fact.date) <= today, place
        count += 1
    assert count > 1500
    for source in knowledge.sources.values():
        assert source.title, source.id
        assert first_day(source.date) <= today, source.id


def test_every_record_that_is_a_fact_carries_its_provenance(knowledge: Knowledge) -> None:
    for kind, identifier, record in knowledge:
        if kind in {"offices", "procedures"}:
            assert isinstance(getattr(record, "provenance", None), Provenance), identifier
        elif kind in {"fees", "topics", "budget", "partnerships"}:
            assert isinstance(record, Provenance), identifier


def test_confidence_is_not_above_that_of_the_sources(knowledge: Knowledge) -> None:
    for place, fact in facts(knowledge):
        kinds = {knowledge.sources[source].kind for source in (fact.source, *fact.more_sources)}
        if fact.confidence == "official":
            assert "official" in kinds, place
        if kinds == {"general_knowledge"}:
            assert fact.confidence == "unverified", place


def test_all_hours_parse_and_can_be_shown(knowledge: Knowledge) -> None:
    count = 0
    for place, fact in facts(knowledge):
        if isinstance(fact, Schedule | SpokenLanguage) and fact.hours is not None:
            hours = parse_hours(fact.hours)
            description = hours.description()
            assert description.always or description.weekly or description.exceptions, place
            assert any(day.intervals for first in range(1, 29, 7) for day in hours.week(date(2026, 6, first))), place
            count += 1
    assert count > 50


def test_phones_and_postal_codes_are_well_formed(knowledge: Knowledge) -> None:
    count = 0
    for office in knowledge.offices.values():
        for phone in office.phones:
            assert PHONE.fullmatch(phone.number), (office.id, phone.number)
            digits = sum(ch.isdigit() for ch in phone.number)
            if phone.number.startswith("0"):
                assert digits in {10, 11}, (office.id, phone.number)
            count += 1
        if office.postal_code is not None and office.city != "abroad":
            assert re.fullmatch(r"[0-9]{3}-[0-9]{4}", office.postal_code.value), office.id
    assert count > 60


def test_coordinates_lie_in_the_right_city(knowledge: Knowledge) -> None:
    count = 0
    for office in knowledge.offices.values():
        if office.position is not None and office.city in BOXES:
            assert BOXES[office.city].holds(office.position.lat, office.position.lon), office.id
            count += 1
    for station in knowledge.stations.values():
        area = "yokohama" if station.ward else "japan"
        assert BOXES[area].holds(station.position.lat, station.position.lon), station.id
    assert count > 20


def test_intents_of_topics_exist(knowledge: Knowledge) -> None:
    listed = (PROJECT_ROOT / "docs" / "intents.md").read_text(encoding="utf-8")
    documented = frozenset(re.findall(r"^[|] `([a-z_]+)`", listed, flags=re.MULTILINE))
    known = known_intents(PROJECT_ROOT / "domain.yml") or documented
    assert len(documented) > 50
    used = {topic.intent for topic in knowledge.topics.values() if topic.intent is not None}
    assert used <= known, used - known
    frequent = {intent for intent in documented if intent.startswith("topic_")}
    assert frequent <= used, f"no topic answers {sorted(frequent - used)}"


def leaves(value: object) -> set[str]:
    """What a fact says: its texts, numbers and positions, without source, date and the like."""
    if isinstance(value, LocalisedText):
        return {text for text in (value.ja, value.en) if text}
    if isinstance(value, BaseModel):
        said = {"text", "value", "number", "hours", "code", "note", "lat", "lon", "answer", "amount", "name", "label"}
        return {leaf for name in type(value).model_fields if name in said for leaf in leaves(getattr(value, name))}
    return {json.dumps(value, ensure_ascii=False)} if isinstance(value, str | int | float) else set()


def strings(value: object) -> set[str]:
    """Every leaf of dumped data, as JSON writes it, and texts as they are."""
    if isinstance(value, dict):
        return {leaf for inner in value.values() for leaf in strings(inner)}
    if isinstance(value, list | tuple):
        return {leaf for inner in value for leaf in strings(inner)}
    found = {json.dumps(value, ensure_ascii=False)}
    return found | {value} if isinstance(value, str) else found


def dumped(public: PublicRecords, kind: str, identifier: str) -> Any:
    """A record as residents may see it, as plain data; None when it does not exist for them."""
    record: Record | None = public.knowledge.of_kind(kind).get(identifier)
    if record is not None:
        return record.model_dump(mode="json")
    withheld: WithheldTopic | None = public.withheld.get(identifier) if kind == "topics" else None
    if withheld is None:
        return None
    return {"question": withheld.question.model_dump(), "offices": list(withheld.offices)}


def test_nothing_unverified_is_reachable_by_residents(knowledge: Knowledge, public: PublicRecords) -> None:
    hidden = 0
    for kind, identifier, record in knowledge:
        if isinstance(record, Station):
            continue  # no card shows the position of a station, see bot.knowledge.public
        secret: set[str] = set()
        open_values: set[str] = set()
        for _, fact in facts_of(record):
            (secret if fact.confidence == "unverified" else open_values).update(leaves(fact))
        seen = strings(dumped(public, kind, identifier))
        assert not (secret - open_values) & seen, (kind, identifier)
        hidden += len(secret)
    assert hidden > 50, "there are unverified facts, and this test has to meet them"


def test_no_public_fact_is_unverified_and_no_remark_leaves(public: PublicRecords) -> None:
    for kind, identifier, record in public.knowledge:
        if isinstance(record, Station):
            continue
        for path, fact in facts_of(record):
            own_name_only = isinstance(record, Office) and path == "provenance"
            assert fact.confidence != "unverified" or own_name_only, (kind, identifier, path)
            assert fact.remark is None, (kind, identifier, path)


def test_an_unverified_topic_has_no_answer_for_residents(knowledge: Knowledge, public: PublicRecords) -> None:
    for topic in knowledge.topics.values():
        if topic.confidence == "unverified":
            assert topic.id not in public.knowledge.topics
            assert topic.question is None or topic.id in public.withheld


def officials_in(text: str) -> list[str]:
    """Places of the officials' names in a text, whatever white space stands in between."""
    dense = re.sub(r"\s+", "", text)
    found = []
    for match in re.finditer(r"[\u3400-\u9fff々]+", dense):
        run_of_kanji = match.group()
        for length in OFFICIALS_LENGTHS:
            for start in range(len(run_of_kanji) - length + 1):
                name = run_of_kanji[start : start + length]
                if hashlib.sha256(name.encode()).hexdigest()[:20] in OFFICIALS:
                    found.append(dense[max(0, match.start() - 5) : match.start()])
    return found


def test_officials_are_not_named_in_any_data_file() -> None:
    files = [path for path in (PROJECT_ROOT / "data").rglob("*") if path.suffix in {".yaml", ".yml", ".po"}]
    assert len(files) > 10
    for path in files:
        assert not officials_in(path.read_text(encoding="utf-8")), path


def test_the_check_for_officials_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "横浜太郎"
    monkeypatch.setattr(
        "tests.knowledge.test_records.OFFICIALS", frozenset({hashlib.sha256(name.encode()).hexdigest()[:20]})
    )
    assert officials_in("担当係長 横浜　太郎 です")
    assert not officials_in("横浜市の太郎さん")


def test_the_real_knowledge_can_be_imported_and_searched(tmp_path: Path) -> None:
    from bot.knowledge.search import KnowledgeSearch
    from bot.knowledge.store import KnowledgeStore

    target = tmp_path / "knowledge.sqlite3"
    inputs = Inputs(PROJECT_ROOT / "data", PROJECT_ROOT / "domain.yml")
    assert run(inputs, target, datetime.now(TIMEZONE).date()) == []
    with KnowledgeStore(target) as store:
        search = KnowledgeSearch(store)
        assert search.search("鶴見のラウンジ", "ja")[0].id == "lounge_tsurumi"
        assert any(hit.id == "lounge_tsurumi" for hit in search.search("Tsurmi lounge", "en"))
        assert search.search("無料で相談できますか", "ja")[0].score > 0.6
        for topic in list(store.topics())[::40]:
            if topic.question is not None and topic.confidence != "unverified":
                hits = search.search(topic.question.ja, "ja")
                assert topic.id in [hit.id for hit in hits], topic.id
