from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from bot.answers.card import About, Card, CardAction
from bot.dialogue.context import Context
from bot.settings import settings
from tests.conftest import WEDNESDAY_NOON as NOW


def card(status: str = "answered", *payloads: str, **about: Any) -> Card:
    actions = tuple(CardAction("label", payload) for payload in payloads)
    return Card(status, "en", "curated", "Title", actions=actions, about=About(**about))  # type: ignore[arg-type]


def asked(payload: str = "office?id=lounge_naka&ask=hours") -> Context:
    shown = card(offices=("lounge_naka",), payload=payload)
    return Context().after(shown, "office_hours", {"office": ["lounge_naka"]})


def test_what_was_asked_is_kept_as_json() -> None:
    context = asked()
    slot = json.loads(json.dumps(context.as_slot(NOW)))
    assert Context.read(slot, NOW) == context
    assert context.offices == ("lounge_naka",)
    assert context.payload == "office?id=lounge_naka&ask=hours"


def test_it_is_forgotten_after_the_idle_time() -> None:
    slot = asked().as_slot(NOW)
    idle = dt.timedelta(minutes=settings().context_idle_minutes)
    assert Context.read(slot, NOW + idle).offices
    assert Context.read(slot, NOW + idle + dt.timedelta(seconds=2)) == Context()


@pytest.mark.parametrize("slot", [None, {}, "text", 7, {"at": "yesterday"}, {"at": NOW.isoformat(), "entities": []}])
def test_a_damaged_slot_is_an_empty_context(slot: Any) -> None:
    assert Context.read(slot, NOW) == Context()


def test_a_new_subject_does_not_inherit_the_old_office() -> None:
    after = asked().after(card(topic="faq_trash_days"), "topic_garbage", {})
    assert after.offices == ()
    assert after.topic == "faq_trash_days"


@pytest.mark.parametrize("intent", ["greet", "thank", "change_language", "help", "stop"])
def test_small_talk_leaves_it(intent: str) -> None:
    context = asked()
    assert context.after(card(), intent, {}) == context


def test_a_question_back_offers_and_keeps() -> None:
    after = asked().after(card("clarify", "topic?id=a", "topic?id=b", "none"), "nlu_unsure", {})
    assert after.offered == ("topic?id=a", "topic?id=b")
    assert after.asked_back
    assert after.offices == ("lounge_naka",)


def test_back_leads_to_the_answer_before() -> None:
    after = asked("office?id=lounge_naka&ask=hours").after(
        card(offices=("lounge_naka",), payload="office?id=lounge_naka&ask=phone"), "office_phone", {}
    )
    assert after.previous == "office?id=lounge_naka&ask=hours"
    again = after.after(card(offices=("lounge_naka",), payload="office?id=lounge_naka&ask=phone"), "office_phone", {})
    assert again.previous == "office?id=lounge_naka&ask=hours"


def test_a_list_stays_in_mind_while_one_of_it_is_talked_about() -> None:
    two = ("office?id=lounge_naka&ask=location", "office?id=lounge_aoba&ask=location")
    listed = Context().after(card("answered", *two, offices=("lounge_naka", "lounge_aoba")), "list_offices", {})
    one = listed.after(card(offices=("lounge_aoba",)), "office_hours", {})
    assert one.offered == two
    other = one.after(card(offices=("ward_naka",)), "office_hours", {})
    assert other.offered == ()


def test_what_only_steers_is_not_offered() -> None:
    wrapped = ("original?of=topic%3Fid%3Da", "show?of=topic%3Fid%3Da")
    shown = card("clarify", "topic?id=a", *wrapped, "stop", "none", "help")
    assert replace(Context()).after(shown, "nlu_unsure", {}).offered == ("topic?id=a",)
