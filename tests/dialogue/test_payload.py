"""Reply payloads: only what a button of the guide could have said is accepted."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.payload import (
    EMERGENCIES,
    GRAMMAR,
    MAX_LENGTH,
    OFFICE_ASKS,
    OFFICE_KINDS,
    PROCEDURE_ASKS,
    IdType,
    Payload,
    PayloadError,
    build,
    parse,
    to_rasa,
)
from bot.settings import PROJECT_ROOT

DOMAIN = yaml.safe_load((PROJECT_ROOT / "domain.yml").read_text("utf-8"))

identifiers = st.from_regex(r"[a-z][a-z0-9_]{0,59}", fullmatch=True)

payloads = st.one_of(
    st.builds(lambda i: build("topic", id=i), identifiers),
    st.builds(lambda i: build("topic", intent=f"topic_{i}"[:60]), identifiers),
    st.builds(lambda i, a: build("office", id=i, ask=a), identifiers, st.sampled_from(OFFICE_ASKS)),
    st.builds(lambda k, a: build("office", kind=k, ask=a), st.sampled_from(OFFICE_KINDS), st.sampled_from(OFFICE_ASKS)),
    st.builds(lambda k, w: build("list", kind=k, ward=w), st.sampled_from(OFFICE_KINDS), st.none() | identifiers),
    st.builds(lambda k, s: build("nearest", kind=k, station=s), st.sampled_from(OFFICE_KINDS), st.none() | identifiers),
    st.builds(lambda i, a: build("procedure", id=i, ask=a), st.none() | identifiers, st.sampled_from(PROCEDURE_ASKS)),
    st.builds(lambda k: build("emergency", kind=k), st.sampled_from(EMERGENCIES)),
    st.sampled_from(["person", "help", "greet", "none", "language?code=zh-Hans", "language?code=ja-x-easy"]),
)


@given(payloads)
def test_what_is_built_can_be_read(text: str) -> None:
    assert str(parse(text)) == text
    assert parse(text, known=lambda _type, _value: True) == parse(text)


@given(payloads)
def test_the_original_of_a_payload_leads_back_to_it(text: str) -> None:
    wrapped = parse(build("original", of=text))
    assert wrapped.original == parse(text)
    assert to_rasa(wrapped) == to_rasa(parse(text))


@given(payloads)
def test_rasa_gets_one_intent_with_json_entities(text: str) -> None:
    message = to_rasa(parse(text))
    intent, brace, rest = message.partition("{")
    assert intent.startswith("/")
    assert intent[1:].replace("_", "").isalnum()
    if brace:
        assert all(isinstance(value, str) for value in json.loads(brace + rest).values())


@given(st.text(max_size=80))
def test_rubbish_is_refused_with_a_code(text: str) -> None:
    name = text.partition("?")[0]
    if name not in GRAMMAR:
        with pytest.raises(PayloadError):
            parse(text)
    else:
        with suppress(PayloadError):
            assert parse(text).name == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("office?id=lounge_naka&ask=open_now", '/office_open_now{"office": "lounge_naka"}'),
        ("office?ask=location&kind=passport_centre", '/office_location{"office_kind": "passport_centre"}'),
        ("topic?id=faq_garbage", '/ask_topic{"topic": "faq_garbage"}'),
        ("topic?intent=topic_garbage", "/topic_garbage"),
        ("list?kind=lounge&ward=tsurumi", '/list_offices{"office_kind": "lounge", "ward": "tsurumi"}'),
        ("nearest?kind=lounge&station=kannai", '/nearest_office{"office_kind": "lounge", "station": "kannai"}'),
        ("procedure?id=passport_renew&ask=fee", '/procedure_fee{"procedure": "passport_renew"}'),
        ("language?code=vi", '/change_language{"language": "vi"}'),
        ("emergency?kind=fire", "/emergency_fire"),
        ("foreign_passport?country=BR", '/foreign_passport{"country": "BR"}'),
        ("foreign_passport", "/foreign_passport"),
        ("ask?intent=office_hours", "/office_hours"),
        ("ask?intent=topic_garbage", "/topic_garbage"),
        ("person", "/talk_to_person"),
        ("none", "/nlu_fallback"),
        ("original?of=topic%3Fid%3Dx", '/ask_topic{"topic": "x"}'),
    ],
)
def test_conversion_to_rasa(text: str, message: str) -> None:
    assert to_rasa(parse(text)) == message


@given(payloads.filter(lambda text: "intent=topic_" not in text))
def test_rasa_knows_every_intent_and_entity(text: str) -> None:
    message = to_rasa(parse(text))
    intent, brace, rest = message.removeprefix("/").partition("{")
    assert intent in DOMAIN["intents"]
    assert set(json.loads(brace + rest) if brace else ()) <= set(DOMAIN["entities"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "payload_malformed"),
        ("x" * (MAX_LENGTH + 1), "payload_malformed"),
        ("topic?id=a b", "payload_malformed"),
        ("topic?id", "payload_malformed"),
        ("topic?id=a&id=b", "payload_malformed"),
        ("topic?id=%zz", "payload_malformed"),
        ("help?", "payload_malformed"),
        ("/restart", "payload_unknown_name"),
        ("restart", "payload_unknown_name"),
        ("help?x=y", "payload_unknown_key"),
        ("nearest?kind=lounge&ward=naka&station=kannai", "payload_unknown_key"),
        ("office?id=a&kind=lounge&ask=phone", "payload_unknown_key"),
        ("topic", "payload_missing_key"),
        ("topic?id=a&intent=topic_b", "payload_missing_key"),
        ("office?id=a", "payload_missing_key"),
        ("office?id=a&ask=owner", "payload_unknown_value"),
        ("office?id=A&ask=phone", "payload_unknown_value"),
        ("topic?id=%7B%22a%22%7D", "payload_unknown_value"),
        ("topic?intent=restart", "payload_unknown_value"),
        ("ask?intent=restart", "payload_unknown_value"),
        ("ask?intent=session_start", "payload_unknown_value"),
        ("foreign_passport?country=bra", "payload_unknown_value"),
        ("language?code=%2Frestart", "payload_unknown_value"),
        ("original?of=original%3Fof%3Dhelp", "payload_unknown_value"),
        ("original?of=%2Frestart", "payload_unknown_name"),
    ],
)
def test_refusals(text: str, code: str) -> None:
    with pytest.raises(PayloadError) as caught:
        parse(text)
    assert caught.value.code == code


def test_unknown_ids_are_refused_also_inside_an_original() -> None:
    def known(type_: IdType, value: str) -> bool:
        return (type_, value) in {("topic", "here"), ("language", "vi")}

    assert parse("topic?id=here", known) == Payload("topic", (("id", "here"),))
    assert parse("ask?intent=office_hours", known)
    for text in (
        "topic?id=gone",
        "ask?intent=topic_gone",
        "foreign_passport?country=XX",
        "original?of=topic%3Fid%3Dgone",
        "language?code=xx",
    ):
        with pytest.raises(PayloadError) as caught:
            parse(text, known)
        assert caught.value.code == "payload_unknown_value"


def test_build_refuses_what_parse_would_refuse() -> None:
    with pytest.raises(PayloadError):
        build("office", id="x", ask="owner")
    with pytest.raises(PayloadError):
        build("restart")
