"""What residents may see."""

from __future__ import annotations

from datetime import date

import pytest

from bot.knowledge.models import Phone, Topic
from bot.knowledge.public import WithheldTopic, needs_confirmation, public_topic
from bot.knowledge.store import KnowledgeStore
from tests.knowledge.conftest import TODAY


def test_unverified_facts_and_remarks_are_stripped(store: KnowledgeStore) -> None:
    raw, public = store.office("north_lounge"), store.public.office("north_lounge")
    assert raw is not None
    assert public is not None
    assert raw.address is not None
    assert public.address is None
    assert public.position is None
    assert public.postal_code == raw.postal_code
    assert [phone.number for phone in raw.phones] == ["045-999-0001", "045-999-0002"]
    assert [phone.number for phone in public.phones] == ["045-999-0001"]
    assert [spoken.code for spoken in public.languages] == ["vi"]
    assert raw.provenance.remark == "the staff only"
    assert public.provenance.remark is None
    assert public.phones[0].remark is None
    assert public.schedules == raw.schedules


def test_an_unverified_office_keeps_its_name_only(store: KnowledgeStore) -> None:
    public = store.public.office("south_lounge")
    assert public is not None
    assert public.names.ja == "南国際交流ラウンジ"
    assert public.kind == "lounge"
    assert public.ward is None
    assert public.phones == ()
    assert public.model_dump_json()


def test_procedures_and_fees(store: KnowledgeStore) -> None:
    public = store.public.procedure("renewal")
    assert public is not None
    assert [document.text.ja for document in public.documents] == ["写真1枚"]
    assert [fee.id for fee in store.fees("renewal")] == ["old_fee", "new_fee", "online_fee"]
    assert [fee.id for fee in store.public.fees("renewal")] == ["old_fee", "new_fee"]
    assert [fee.id for fee in store.public.fees("renewal", on=date(2026, 6, 30))] == ["old_fee"]
    assert [fee.id for fee in store.public.fees("renewal", on=date(2026, 7, 1))] == ["new_fee"]
    assert [fee.id for fee in store.public.all_fees()] == ["old_fee", "new_fee"]


def test_unverified_topics_are_withheld(store: KnowledgeStore) -> None:
    found = store.public.topic("secret_topic")
    assert isinstance(found, WithheldTopic)
    assert found.question.en == "How large is the secret budget?"
    assert found.offices == ("north_ward_office",)
    assert "兆" not in repr(found)
    assert store.public.topic("hidden_statement") is None
    assert isinstance(store.topic("secret_topic"), Topic)
    assert [topic.id for topic in store.public.topics(area="bureau")] == ["plain_statement", "secret_topic"]
    assert [topic.id for topic in store.public.topics(intent="topic_garbage")] == ["garbage_days"]
    garbage = store.public.topic("garbage_days")
    assert isinstance(garbage, Topic)
    assert garbage.remark is None


def test_unverified_lines_do_not_exist_and_notes_stay_inside(store: KnowledgeStore) -> None:
    assert [line.id for line in store.public.budget()] == ["total"]
    assert [line.id for line in store.budget()] == ["total", "part"]
    raw, public = store.source("city"), store.public.source("city")
    assert raw is not None
    assert public is not None
    assert raw.note == "staff note"
    assert public.note is None


def test_a_topic_stays_itself_when_nothing_is_hidden(store: KnowledgeStore) -> None:
    statement = store.topic("plain_statement")
    assert statement is not None
    assert public_topic(statement) is statement


@pytest.mark.parametrize(
    ("confidence", "day", "qualifier", "expected"),
    [
        ("official", "2026-11-25", "exact", False),
        ("official", "2024-11-25", "exact", False),  # two years to the day
        ("official", "2024-11-24", "exact", True),
        ("official", "2024-11", "exact", True),  # it may be from the first day of that month
        ("official", "2024", "about", True),
        ("official", "2025", "about", False),
        ("official", "2025-06", "after", False),
        ("official", "2023-06", "after", True),
        ("official", "2026-11-23", "read", True),  # the page bears no date
        ("official", "2026-11-23", "before", True),
        ("secondary", "2026-11-25", "exact", True),
        ("unverified", "2026-11-25", "exact", True),
    ],
)
def test_needs_confirmation(confidence: str, day: str, qualifier: str, expected: bool) -> None:
    fact = Phone.model_validate(
        {"number": "119", "confidence": confidence, "source": "s", "date": day, "qualifier": qualifier}
    )
    assert needs_confirmation(fact, TODAY) is expected
