"""Guided tasks as cards, over the real knowledge: every way through every task, in every language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest

from bot.answers import AnswerService, Card, render_text
from bot.answers.builder import CardBuilder
from bot.answers.guided.desk import Wish, desks
from bot.answers.guided.passport import working_day
from bot.answers.guided.questions import next_working_day
from bot.answers.request import TOKYO, Request
from bot.dialogue.payload import parse
from bot.dialogue.tasks import TaskState, tasks
from bot.i18n.languages import enabled_languages
from bot.knowledge.store import KnowledgeStore
from tests.conftest import WEDNESDAY_NOON, request_in

LANGUAGES = [entry.code for entry in enabled_languages()]


def state(task: str, **answers: str) -> TaskState:
    return TaskState.decoded(task, ",".join(f"{step}:{value}" for step, value in answers.items()))


def ways(answers: AnswerService, start: TaskState, language: str) -> Iterator[tuple[TaskState, Card]]:
    """Every question and result that the buttons lead to; of many like buttons (wards, days) the first two."""
    card = answers.task(start, request_in(language))
    yield start, card
    step = start.next_step
    if step is None:
        return
    forward = [
        found
        for action in card.actions
        if action.kind == "reply" and (found := parse(action.payload).task) and len(found.answers) > len(start.answers)
    ]
    for found in forward if step.kind == "choice" else forward[:2]:
        yield from ways(answers, found, language)


@pytest.mark.parametrize("task", tasks())
def test_every_way_leads_to_an_answer(answers: AnswerService, task: str) -> None:
    results = 0
    for where, card in ways(answers, TaskState(task), "en"):
        assert card.title
        assert render_text(card)
        if where.next_step is None:
            results += 1
            assert card.status in {"answered", "unanswered"}, where
            assert card.about.task == task
            assert card.rows, where
            assert card.sources, where
        else:
            assert card.status == "clarify"
            assert card.input is not None
            assert any(action.payload == "stop" for action in card.actions)
            assert len(where.answers) == 0 or any(
                parse(action.payload).task == where.back for action in card.actions if action.kind == "reply"
            )
    assert results


SAMPLES = [
    state("passport", whose="renewal", registered="yokohama", channel="window", day="2026-12-24"),
    state("passport", whose="child", registered="kanagawa", channel="online", day="2026-12-05"),
    state("passport", whose="lost", registered="elsewhere", day="2026-12-01"),
    state("passport", whose="foreign", country="BR"),
    state("desk", need="visa", language="ne", place="ward:tsurumi", time="2026-12-05T10:30"),
    state("desk", need="japanese_class", language="uk", place="anywhere", time="now"),
    state("interpreter", where="ward_office", language="vi", when="now"),
    state("interpreter", where="hospital", language="any_language", when="later"),
    TaskState.decoded("moving", "from:abroad,day:2026-11-20,ward:minami,family:children,insurance:not_insured"),
    state("ukraine", about="everything"),
    state("ukraine", about="money"),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language(answers: AnswerService, language: str) -> None:
    for sample in SAMPLES:
        steps = [TaskState(sample.task, sample.answers[:n]) for n in range(len(sample.answers) + 1)]
        for each in steps:
            card = answers.task(each, request_in(language))
            shown = render_text(card)
            assert card.language == language
            assert "{" not in shown, each
            assert card.translation != "japanese" or language == "ja", each
            if language not in {"ja", "ja-x-easy", "zh-Hans", "zh-Hant"}:
                assert not re.search(r"[\u3040-\u30ff]", card.title), each


def test_the_passport_fee_is_that_of_the_day(answers: AnswerService) -> None:
    def fee(day: str) -> str:
        found = state("passport", whose="renewal", registered="yokohama", channel="online", day=day)
        return render_text(answers.task(found, request_in("en")))

    assert "8,900" in fee("2026-12-01")
    assert "15,900" in fee("2026-06-30")
    assert "15,900" not in fee("2026-07-01")


@pytest.mark.parametrize(
    ("day", "received", "earliest"),
    [
        ("2026-12-01", "2026-12-01", "2026-12-15"),  # two weeks without a day off
        ("2026-12-05", "2026-12-07", "2026-12-21"),  # a Saturday: counted from Monday
        ("2026-12-24", "2026-12-24", "2027-01-14"),  # over New Year (29 December to 3 January) and 11 January
        ("2026-12-31", "2027-01-04", "2027-01-19"),
        ("2027-04-28", "2027-04-28", "2027-05-18"),  # Golden Week
    ],
)
def test_working_days(day: str, received: str, earliest: str) -> None:
    counted_from = next_working_day(dt.date.fromisoformat(day))
    assert counted_from.isoformat() == received
    assert working_day(counted_from, 11).isoformat() == earliest


def test_a_day_off_is_told(answers: AnswerService) -> None:
    found = state("passport", whose="first", registered="yokohama", channel="window", day="2026-12-05")
    notices = " ".join(answers.task(found, request_in("en")).notices)
    assert "Offices are closed on Sat, 5 Dec 2026" in notices
    assert "Mon, 7 Dec 2026" in notices
    assert "estimate" in notices


def test_someone_registered_elsewhere_is_told_to_ask_first(answers: AnswerService) -> None:
    found = state("passport", whose="first", registered="elsewhere", day="2026-12-01")
    card = answers.task(found, request_in("en"))
    assert any("Call first" in notice for notice in card.notices)
    assert any(action.kind == "call" for action in card.actions)


def found_desks(store: KnowledgeStore, wish: Wish, now: dt.datetime = WEDNESDAY_NOON) -> list[str]:
    builder = CardBuilder("en", now, store.public)
    return [desk.office.id for desk in desks(builder, wish, Request("en", now))]


def test_desks_that_speak_the_language_come_first_then_the_nearest(store: KnowledgeStore) -> None:
    at_tsurumi = store.public.ranking_position("lounge_tsurumi")
    found = found_desks(store, Wish("consultation", "pt", at_tsurumi))
    assert found[0] == "lounge_tsurumi"
    listed = [store.public.office(identifier) for identifier in found]
    speaks = [any(entry.code == "pt" for entry in office.languages) for office in listed if office]
    assert speaks == sorted(speaks, reverse=True)


def test_open_at_the_time_comes_before_near(store: KnowledgeStore) -> None:
    at_center = store.public.ranking_position("center_tabunka")
    sunday = dt.date(2026, 11, 29)
    found = found_desks(store, Wish("consultation", "en", at_center, day=sunday, at=dt.time(10)))
    assert found.index("lounge_tsurumi") < found.index("center_tabunka")


def test_desks_for_ukrainians_are_not_shown_to_others(store: KnowledgeStore) -> None:
    assert "kif_ua" in found_desks(store, Wish("consultation", "uk", None))
    assert "kif_ua" not in found_desks(store, Wish("consultation", "en", None))
    assert "kif_ua" not in found_desks(store, Wish("consultation", None, None))


def test_nobody_there_is_told(answers: AnswerService) -> None:
    found = state("desk", need="visa", language="ne", place="anywhere", time="2026-12-05T23:00")
    assert any("None of these is open" in notice for notice in answers.task(found, request_in("en")).notices)


def test_a_language_nobody_speaks_is_told(answers: AnswerService) -> None:
    found = state("desk", need="child_study", language="ne", place="anywhere", time="any_time")
    card = answers.task(found, request_in("en"))
    assert "No desk here is known to speak Nepali" in card.body
    assert card.rows


def test_a_list_that_nobody_is_on_becomes_the_desks_that_speak_the_language(answers: AnswerService) -> None:
    card = answers.list_offices("lounge", None, request_in("vi", spoken="ne"))
    assert card.status == "answered"
    assert "center_tabunka" in card.about.offices


def test_the_interpreter_sentence_is_in_japanese_with_its_meaning(answers: AnswerService) -> None:
    found = state("interpreter", where="hospital", language="vi", when="now")
    row = next(row for row in answers.task(found, request_in("vi")).rows if "通訳" in row.value)
    japanese, meaning = row.value.split("\n")
    assert "ベトナム語" in japanese
    assert "tiếng Việt" in meaning.casefold() or "Việt" in meaning


def test_moving_deadlines_are_dated_and_in_order(answers: AnswerService) -> None:
    found = TaskState.decoded("moving", "from:abroad,day:2026-11-20,ward:minami,family:children,insurance:not_insured")
    rows = answers.task(found, request_in("en")).rows
    assert "045-341-1212" in rows[0].value
    dated = [row.label for row in rows if row.label.startswith("By ")]
    assert [label.split(":")[0] for label in dated] == [
        "By Fri, 4 Dec 2026",
        "By Fri, 4 Dec 2026",
        "By Mon, 7 Dec 2026",
    ]


def test_a_deadline_that_has_passed_is_told(answers: AnswerService) -> None:
    moved = "from:within_city,day:2026-11-02,ward:naka,family:no_children,insurance:insured"
    found = TaskState.decoded("moving", moved)
    assert any("has passed" in row.label for row in answers.task(found, request_in("en")).rows)


def test_ukraine_tells_what_goes_on_and_what_has_ended(answers: AnswerService) -> None:
    rows = answers.task(state("ukraine", about="everything"), request_in("en")).rows
    labels = [row.label for row in rows]
    assert {"Still there", "Not confirmed to go on", "Ended"} <= set(labels)
    assert labels.index("Still there") < labels.index("Not confirmed to go on") < labels.index("Ended")
    assert "045-222-1209" in rows[0].value


def test_ukraine_offers_ukrainian_first(answers: AnswerService) -> None:
    card = answers.task(TaskState("ukraine"), request_in("ja"))
    assert (card.actions[0].label, card.actions[0].payload) == ("Українська", "language?code=uk")
    assert answers.task(TaskState("ukraine"), request_in("uk")).actions[0].payload != "language?code=uk"


def test_a_position_is_offered_as_a_place(answers: AnswerService) -> None:
    at = state("desk", need="visa", language="ne")
    here = answers.task(at, request_in("en", position=(35.44, 139.64)))
    assert here.actions[0].payload.endswith("place%3Astation%3Aishikawacho")
    assert answers.task(at, request_in("en")).actions[0].payload.endswith("place%3Aanywhere")


def test_without_knowledge_a_question_is_still_asked() -> None:
    nothing = AnswerService(None, clock=lambda: dt.datetime(2026, 11, 25, 12, tzinfo=TOKYO))
    assert nothing.task(TaskState("desk"), request_in("th")).status == "clarify"
    assert nothing.task(SAMPLES[0], request_in("th")).status == "unanswered"
