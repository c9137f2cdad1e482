"""Fails when the facts or the calendar get old, and says how to mend it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.knowledge import freshness as module
from bot.knowledge.freshness import FreshnessError, Limit, due_date, next_year_holidays, read_freshness, stale_facts
from bot.knowledge.loading import Loaded
from bot.knowledge.models import Phone
from bot.knowledge.public_holidays import TIMEZONE, CalendarReport
from bot.knowledge.store import KnowledgeStore
from bot.settings import PROJECT_ROOT

LIMITS = read_freshness(PROJECT_ROOT / "data" / "freshness.yaml")
TODAY = datetime.now(TIMEZONE).date()


def test_no_fact_has_passed_its_limit(real: tuple[Loaded, object]) -> None:
    stale = list(stale_facts(real[0].knowledge, LIMITS, TODAY))
    listed = "\n".join(f"  {one}" for one in stale[:40])
    assert not stale, (
        f"{len(stale)} facts have to be compared with their sources again:\n{listed}\n"
        "mend: see the head of data/freshness.yaml and docs/knowledge.md"
    )


def test_next_years_holidays_are_known() -> None:
    report = next_year_holidays(TODAY)
    assert report.complete, (
        f"the public holidays of {report.year} are not complete: {len(report.days)} days, "
        f"missing {[day.isoformat() for day in report.missing]}\n"
        "mend: raise `holidays` (and `opening-hours-py`) in the requirements to a release that knows the year"
    )


def test_a_limit_that_passes_is_seen(real: tuple[Loaded, object]) -> None:
    later = LIMITS.reviewed + timedelta(days=3650)
    stale = list(stale_facts(real[0].knowledge, LIMITS, later))
    assert len(stale) > 100
    assert {"hours", "phones", "topics"} <= {one.fact_kind for one in stale}
    assert not [one for one in stale if one.kind == "budget"]
    assert all(one.due < later for one in stale)


def test_settled_and_hidden_facts_are_not_due(store: KnowledgeStore) -> None:
    later = LIMITS.reviewed + timedelta(days=3650)
    stale = {(one.record, one.path) for one in stale_facts(store.knowledge(), LIMITS, later)}
    assert ("north_lounge", "phones.0") in stale
    assert ("north_lounge", "phones.1") not in stale  # unverified
    assert ("plain_statement", "") not in stale  # historical
    assert ("old_fee", "") not in stale  # no longer in force
    assert ("new_fee", "") in stale


def test_the_later_of_review_and_date_counts() -> None:
    limits = LIMITS.model_copy(update={"limits": {"phones": Limit(official=10, secondary=5)}})
    old = Phone(number="119", confidence="official", source="s", date="2019")
    new = Phone(number="119", confidence="secondary", source="s", date="2026-12")
    assert due_date(old, "phones", limits) == LIMITS.reviewed + timedelta(days=10)
    assert due_date(new, "phones", limits) == date(2027, 1, 5)
    assert due_date(old, "hours", limits) is None


def test_every_kind_of_fact_has_a_limit() -> None:
    assert set(LIMITS.limits) == set(module.FactKind.__args__)  # type: ignore[attr-defined]


def test_an_incomplete_calendar_is_seen() -> None:
    days = tuple(date(2030, 1, day) for day in range(1, 17))
    assert CalendarReport(2030, days, ()).complete
    assert not CalendarReport(2030, days[:5], ()).complete
    assert not CalendarReport(2030, days, (date(2030, 3, 20),)).complete


@pytest.mark.parametrize(
    ("text", "code"), [(None, "unreadable"), ("reviewed: [", "invalid"), ("reviewed: 2026-11-23", "invalid")]
)
def test_unusable_limits_are_told(tmp_path: Path, text: str | None, code: str) -> None:
    path = tmp_path / "freshness.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(FreshnessError) as caught:
        read_freshness(path)
    assert caught.value.code == code
