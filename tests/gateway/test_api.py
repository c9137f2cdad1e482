"""The chat API as it is described: answers, and a clear problem for everything that is not a message."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.gateway.problems import MEDIA_TYPE, PROBLEMS
from bot.gateway.session_tokens import SessionTokens
from tests.gateway.conftest import Gateway, RunGateway, StubRasa


def _problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    document: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "code"} <= document.keys()
    assert (document["status"], document["code"]) == (status, code)
    assert "Traceback" not in response.text
    return document


def test_an_answer_has_session_language_text_and_card(gateway: Gateway, stub: StubRasa) -> None:
    answer = gateway.say("Hello there", language="vi", location={"lat": 35.4, "lon": 139.6})
    assert set(answer) == {"session", "language", "messages"}
    assert answer["language"] == "vi"
    (message,) = answer["messages"]
    assert set(message) == {"id", "text", "card"}
    assert message["card"]["title"] in message["text"]
    (heard,) = stub.heard
    assert heard["message"] == "Hello there"
    assert heard["metadata"] == {
        "language": "vi",
        "conversation_language": "vi",
        "location": {"lat": 35.4, "lon": 139.6},
    }
    assert heard["sender"] == answer["session"].split(".")[0]


def test_the_conversation_keeps_its_language(gateway: Gateway, stub: StubRasa) -> None:
    stub.language = "uk"
    first = gateway.say("Доброго дня")
    stub.language = None
    gateway.say("ok", session=first["session"])
    assert stub.heard[-1]["metadata"]["language"] is None
    assert stub.heard[-1]["metadata"]["conversation_language"] == "uk"


def test_a_chosen_language_stays_chosen(gateway: Gateway, stub: StubRasa) -> None:
    first = gateway.say("x", language="vi")
    gateway.say("How much is it?", session=first["session"])
    assert stub.heard[-1]["metadata"]["language"] == "vi"


def test_a_switch_of_language_in_words_counts_as_a_choice(gateway: Gateway, stub: StubRasa) -> None:
    stub.language, stub.intent = "en", "change_language"
    first = gateway.say("English please", language="vi")
    stub.reset()
    second = gateway.say("ok", session=first["session"])
    assert second["language"] == "en"
    assert stub.heard[-1]["metadata"]["language"] == "en"


def test_a_payload_reaches_rasa_as_an_intent(gateway: Gateway, stub: StubRasa) -> None:
    answer = gateway.post({"payload": "list?kind=lounge&ward=tsurumi"})
    assert answer.status_code == 200
    assert stub.heard[-1]["message"] == '/list_offices{"office_kind": "lounge", "ward": "tsurumi"}'


def test_a_language_payload_is_a_choice(gateway: Gateway, stub: StubRasa) -> None:
    answer = gateway.post({"payload": "language?code=zh-Hans"}).json()
    assert stub.heard[-1]["metadata"]["language"] == "zh-Hans"
    gateway.say("ok", session=answer["session"])
    assert stub.heard[-1]["metadata"]["language"] == "zh-Hans"


def test_the_original_is_asked_for_in_japanese_without_changing_the_language(gateway: Gateway, stub: StubRasa) -> None:
    first = gateway.say("x", language="vi")
    original = gateway.post({"session": first["session"], "payload": "original?of=list%3Fkind%3Dlounge"}).json()
    assert original["language"] == "ja"
    assert stub.heard[-1]["message"] == '/list_offices{"office_kind": "lounge"}'
    gateway.say("y", session=first["session"])
    assert stub.heard[-1]["metadata"]["language"] == "vi"


@pytest.mark.parametrize(
    "text", ["/restart", "//// /restart", '/greet{"a": "b"}', "\u200b/restart", "\u202e /restart", "/\u2066/x"]
)
def test_a_text_never_reaches_rasa_as_a_command(gateway: Gateway, stub: StubRasa, text: str) -> None:
    gateway.say(text)
    assert not stub.heard[-1]["message"].startswith("/")
    assert stub.heard[-1]["message"]


def test_personal_data_reaches_neither_rasa_nor_the_disk(gateway: Gateway, stub: StubRasa) -> None:
    answer = gateway.say("My number is 1234 5678 9018, phone 090-1234-5678")
    assert "9018" not in stub.heard[-1]["message"]
    assert "1234" not in stub.heard[-1]["message"]
    card = answer["messages"][0]["card"]
    assert card["notices"], "the reader is told that something was hidden"
    for name in ("conversations.sqlite3", "conversations.sqlite3-wal"):
        path = gateway.settings.var_dir / name
        if path.is_file():
            assert b"5678" not in path.read_bytes()


BAD_BODIES: list[tuple[bytes, int, str]] = [
    (b"", 400, "body_not_json"),
    (b"{", 400, "body_not_json"),
    (b'{"text": NaN}', 400, "body_not_json"),
    (b"[" * 30_000, 400, "body_not_json"),
    (b'{"text": ' + b"9" * 6_000 + b"}", 400, "body_not_json"),
    (b'{"text": "\xff\xfe"}', 400, "text_not_unicode"),
    (b'{"text": "\\ud800"}', 400, "text_not_unicode"),
    (b'{"text": "hi", "language": "\\udfff"}', 400, "text_not_unicode"),
    (b"[]", 422, "body_not_object"),
    (b"null", 422, "body_not_object"),
    (b'"hi"', 422, "body_not_object"),
    (b"{}", 422, "text_empty"),
    (b'{"text": ""}', 422, "text_empty"),
    (b'{"text": " \\u200b\\u202e\\n "}', 422, "text_empty"),
    (b'{"text": "///"}', 422, "text_empty"),
    (b'{"text": 5}', 422, "field_type"),
    (b'{"text": ["hi"]}', 422, "field_type"),
    (b'{"text": "hi", "session": 5}', 422, "field_type"),
    (b'{"text": "hi", "payload": {}}', 422, "field_type"),
    (b'{"text": "hi", "language": true}', 422, "field_type"),
    (b'{"text": "hi", "sesion": null}', 422, "field_unknown"),
    (b'{"text": "hi", "language": "xx"}', 422, "language_unknown"),
    (b'{"text": "hi", "language": ""}', 422, "language_unknown"),
    (b'{"payload": "restart"}', 422, "payload_unknown_name"),
    (b'{"payload": "/restart"}', 422, "payload_unknown_name"),
    (b'{"payload": "topic?id=there_is_no_such_topic"}', 422, "payload_unknown_value"),
    (b'{"payload": "office?id=there_is_no_such_office&ask=phone"}', 422, "payload_unknown_value"),
    (b'{"payload": "language?code=xx"}', 422, "payload_unknown_value"),
    (b'{"payload": "foreign_passport?country=QQ"}', 422, "payload_unknown_value"),
    (b'{"payload": ""}', 422, "payload_malformed"),
    (b'{"text": "hi", "location": 5}', 422, "location_invalid"),
    (b'{"text": "hi", "location": {"lat": 35}}', 422, "location_invalid"),
    (b'{"text": "hi", "location": {"lat": 91, "lon": 0}}', 422, "location_invalid"),
    (b'{"text": "hi", "location": {"lat": true, "lon": 0}}', 422, "location_invalid"),
    (b'{"text": "hi", "location": {"lat": 1e999, "lon": 0}}', 422, "location_invalid"),
    (b'{"text": "hi", "location": {"lat": "35", "lon": 139}}', 422, "location_invalid"),
    (b'{"text": "hi", "session": ""}', 422, "session_invalid"),
    (b'{"text": "hi", "session": "abc"}', 422, "session_invalid"),
    (b'{"text": "hi", "session": "\\u3042"}', 422, "session_invalid"),
]


@pytest.mark.parametrize(("body", "status", "code"), BAD_BODIES)
def test_what_is_no_message_gets_a_problem(
    gateway: Gateway, stub: StubRasa, body: bytes, status: int, code: str
) -> None:
    with gateway.client() as client:
        response = client.post("/api/v1/messages", content=body, headers={"Content-Type": "application/json"})
    _problem(response, status, code)
    assert stub.heard == []


def test_a_text_may_have_a_thousand_characters_and_not_more(gateway: Gateway) -> None:
    gateway.say("あ" * 1000)
    document = _problem(gateway.post({"text": "a" * 2000}), 422, "text_too_long")
    assert (document["limit"], document["length"]) == (1000, 2000)
    assert "1000" in document["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {},
    ],
)
def test_other_media_types_are_refused(gateway: Gateway, headers: dict[str, str]) -> None:
    with gateway.client() as client:
        response = client.post("/api/v1/messages", content=b'{"text": "hi"}', headers=headers)
    _problem(response, 415, "media_type_unsupported")


def test_ten_megabytes_are_refused_with_and_without_a_declared_length(gateway: Gateway) -> None:
    block = b"x" * 65_536

    def chunks() -> Any:
        yield b'{"text": "'
        for _ in range(160):
            yield block

    with gateway.client() as client:
        for content in (b'{"text": "' + block * 160 + b'"}', chunks()):
            response = client.post("/api/v1/messages", content=content, headers={"Content-Type": "application/json"})
            document = _problem(response, 413, "body_too_large")
            assert document["limit"] == gateway.settings.max_body_bytes


def test_a_declared_length_is_refused_before_anything_is_sent(gateway: Gateway) -> None:
    head = (
        "POST /api/v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Expect: 100-continue\r\nContent-Length: 10485760\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", gateway.settings.port), timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_unknown_addresses_and_methods_get_problems(gateway: Gateway) -> None:
    with gateway.client() as client:
        _problem(client.get("/api/v1/nothing"), 404, "not_found")
        response = client.get("/api/v1/messages")
    _problem(response, 405, "method_not_allowed")
    assert "POST" in response.headers["allow"]


def test_forged_and_altered_tokens_open_no_session(gateway: Gateway, stub: StubRasa) -> None:
    token = gateway.say("hi")["session"]
    identifier, stamp, signature = token.split(".")
    other = SessionTokens.new_id()
    forged = SessionTokens("another secret").issue(identifier)
    swapped = signature[:-1] + ("A" if signature[-1] != "A" else "B")
    heard = len(stub.heard)
    for bad in (f"{other}.{stamp}.{signature}", f"{identifier}.{stamp}.{swapped}", identifier, forged, token + "x"):
        _problem(gateway.post({"text": "hi", "session": bad}), 422, "session_invalid")
    assert len(stub.heard) == heard


def test_a_form_token_of_the_page_is_no_session_token(gateway: Gateway) -> None:
    secret = (gateway.settings.var_dir / "session_secret").read_text()
    tokens = SessionTokens(secret)
    session = SessionTokens.new_id()
    assert gateway.post({"text": "hi", "session": tokens.issue(session)}).status_code == 200
    _problem(gateway.post({"text": "hi", "session": tokens.form_token(session)}), 422, "session_invalid")


def test_an_unused_session_expires_and_a_used_one_does_not(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    used = gateway.say("hi")["session"]
    secret = (gateway.settings.var_dir / "session_secret").read_text()
    late = time.time() - 31 * 86_400
    with monkeypatch.context() as patched:
        patched.setattr("time.time", lambda: late)
        tokens = SessionTokens(secret)
        old = tokens.issue(SessionTokens.new_id())
        old_but_used = tokens.issue(used.split(".")[0])
    _problem(gateway.post({"text": "hi", "session": old}), 422, "session_expired")
    assert gateway.post({"text": "hi", "session": old_but_used}).status_code == 200


def test_too_many_messages_of_one_session_are_slowed_down(run_gateway: RunGateway, stub: StubRasa) -> None:
    gateway = run_gateway(stub, rate_per_minute=3)
    session = gateway.say("one")["session"]
    responses = [gateway.post({"text": "again", "session": session}) for _ in range(4)]
    document = _problem(responses[-1], 429, "rate_limited")
    assert 1 <= int(responses[-1].headers["retry-after"]) == document["retry_after"] <= 20
    assert gateway.post({"text": "another session"}).status_code == 200
    emergency = gateway.post({"text": "There is a fire in my house", "session": session})
    assert emergency.status_code == 200, "danger is answered whatever the limit"
    assert emergency.json()["messages"][0]["card"]["status"] == "emergency"


def test_one_address_cannot_open_sessions_without_end(run_gateway: RunGateway, stub: StubRasa) -> None:
    gateway = run_gateway(stub, rate_per_minute_address=5, trusted_proxies="127.0.0.1")
    for _ in range(5):
        assert gateway.post({"text": "x"}).status_code == 200
    _problem(gateway.post({"text": "x"}), 429, "rate_limited")
    _problem(gateway.post({"text": "x"}, **{"X-Forwarded-For": "127.0.0.1"}), 429, "rate_limited")
    assert gateway.post({"text": "x"}, **{"X-Forwarded-For": "10.9.9.9, 192.0.2.7"}).status_code == 200


def test_more_messages_than_can_be_answered_at_once_are_sent_away(run_gateway: RunGateway, stub: StubRasa) -> None:
    gateway = run_gateway(stub, max_in_flight=1)
    stub.delay = 1.5
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(gateway.post, {"text": "slow"})
        time.sleep(0.7)
        refused = gateway.post({"text": "one too many"})
        emergency = gateway.post({"text": "There is a fire"})
        _problem(refused, 503, "overloaded")
        assert int(refused.headers["retry-after"]) >= 1
        assert emergency.json()["messages"][0]["card"]["status"] == "emergency"
        assert first.result().status_code == 200
    assert gateway.post({"text": "now"}).status_code == 200


def test_only_listed_origins_may_call_from_a_browser(run_gateway: RunGateway, stub: StubRasa) -> None:
    gateway = run_gateway(stub, allowed_origins="https://www.example.jp")
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    with gateway.client() as client:
        good = client.options("/api/v1/messages", headers={**preflight, "Origin": "https://www.example.jp"})
        bad = client.options("/api/v1/messages", headers={**preflight, "Origin": "https://evil.example"})
    assert good.headers["access-control-allow-origin"] == "https://www.example.jp"
    assert "access-control-allow-origin" not in bad.headers
    with gateway.client() as client:
        answer = client.post("/api/v1/messages", json={"text": "x"}, headers={"Origin": "https://www.example.jp"})
    assert answer.headers["access-control-allow-origin"] == "https://www.example.jp"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(max_size=200) | json_values,
        "session": json_values,
        "language": st.sampled_from(["ja", "vi", "xx"]) | json_values,
        "payload": st.sampled_from(["help", "topic?id=x", "list?kind=lounge", "a?b=c&d"]) | json_values,
        "location": st.fixed_dictionaries({"lat": json_values, "lon": json_values}) | json_values,
        "other": json_values,
    },
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=requests.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=100))
def test_no_body_whatever_breaks_the_service(gateway: Gateway, body: bytes) -> None:
    with gateway.client() as client:
        response = client.post("/api/v1/messages", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in {200, 400, 413, 422}, response.text
    if response.status_code != 200:
        assert response.json()["code"] in PROBLEMS
