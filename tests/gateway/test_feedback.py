"""Feedback, questions without a sure answer, deletion, and the answer page, over HTTP with the real stores."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.feedback import FeedbackStore, Note
from bot.gateway.trackers import Trackers
from tests.gateway.conftest import Gateway, RunGateway, StubRasa, wait_until


def notes(gateway: Gateway, kind: str | None = None) -> list[Note]:
    async def read() -> list[Note]:
        store = FeedbackStore(gateway.settings.feedback_db)
        try:
            return await store.notes(kind)  # type: ignore[arg-type]
        finally:
            await store.close()

    return asyncio.run(read())


def judge(gateway: Gateway, answer: dict[str, Any], right: str, reason: str = "") -> httpx.Response:
    payload = f"feedback?answer={answer['messages'][0]['id']}&right={right}" + (f"&reason={reason}" if reason else "")
    return gateway.post({"session": answer["session"], "payload": payload})


def test_feedback_is_noted_with_question_and_facts_but_no_session(gateway: Gateway, stub: StubRasa) -> None:
    stub.intent = "office_hours"
    answer = gateway.say("call me at 090-1234-5678 about the Naka lounge", language="en")
    asked = judge(gateway, answer, "no")
    assert asked.json()["messages"][0]["card"]["status"] == "clarify"
    thanks = judge(gateway, answer, "no", "out_of_date")
    assert thanks.json()["messages"][0]["card"]["status"] == "answered"
    note = notes(gateway, "feedback")[0]
    assert (note.right, note.reason, note.language, note.intent) == (False, "out_of_date", "en", "office_hours")
    assert note.question == "call me at ●●● about the Naka lounge"
    raw = gateway.settings.feedback_db.read_bytes()
    assert answer["session"].split(".")[0].encode() not in raw
    assert answer["messages"][0]["id"].encode() not in raw
    assert b"1234" not in raw


def test_a_second_word_on_an_answer_replaces_the_first(gateway: Gateway, stub: StubRasa) -> None:
    stub.intent = "office_hours"
    answer = gateway.say("second thoughts", language="en")
    for right in ("no", "yes"):
        assert judge(gateway, answer, right).status_code == 200
    found = [note for note in notes(gateway, "feedback") if note.question == "second thoughts"]
    assert [note.right for note in found] == [True]


def test_only_answers_of_the_own_conversation_can_be_judged(gateway: Gateway, stub: StubRasa) -> None:
    stub.intent = "office_hours"
    mine, theirs = gateway.say("mine", language="en"), gateway.say("theirs", language="en")
    response = gateway.post(
        {"session": mine["session"], "payload": f"feedback?answer={theirs['messages'][0]['id']}&right=yes"}
    )
    assert (response.status_code, response.json()["code"]) == (422, "answer_unknown")
    assert not [note for note in notes(gateway, "feedback") if note.question == "theirs"]


@pytest.mark.parametrize(
    "payload",
    ["feedback", "feedback?right=yes", "feedback?answer=abcdefghij", "feedback?answer=abcdefghij&right=maybe",
     "feedback?answer=abcdefghij&right=yes&reason=other", "feedback?answer=../../etc&right=no"],
)  # fmt: skip
def test_other_feedback_is_refused(gateway: Gateway, payload: str) -> None:
    assert gateway.post({"payload": payload}).status_code == 422


@pytest.mark.parametrize(("intent", "kind"), [("nlu_fallback", "unanswered"), ("nlu_unsure", "unsure")])
def test_questions_without_a_sure_answer_are_noted(gateway: Gateway, stub: StubRasa, intent: str, kind: str) -> None:
    stub.intent = intent
    gateway.say(f"what about {intent} at mail@example.com", language="en")
    note = notes(gateway, kind)[0]
    assert note.question == f"what about {intent} at ●●●"
    assert note.right is None


def test_a_sure_answer_and_a_button_are_not_noted(gateway: Gateway, stub: StubRasa) -> None:
    stub.intent = "office_hours"
    gateway.say("sure enough", language="en")
    stub.intent = "nlu_fallback"
    gateway.post({"payload": "none"})
    assert not [note for note in notes(gateway) if note.question in {"sure enough", ""}]


def test_a_broken_feedback_file_keeps_no_answer_back(run_gateway: RunGateway, stub: StubRasa, tmp_path: Path) -> None:
    var_dir = tmp_path / "blocked"
    var_dir.mkdir()
    (var_dir / "feedback.sqlite3").mkdir()
    gateway = run_gateway(stub, var_dir=var_dir)
    stub.intent = "nlu_fallback"
    wait_until(lambda: gateway.say("hello")["messages"][0]["card"]["status"] == "answered")
    (var_dir / "feedback.sqlite3").rmdir()
    wait_until(lambda: bool((var_dir / "feedback.sqlite3").is_file() and notes(gateway)))


def fill_tracker(path: Path, *senders: str, moment: float | None = None) -> None:
    """Events as Rasa's SQL tracker store keeps them."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, sender_id TEXT, type_name TEXT,"
            " timestamp FLOAT, intent_name TEXT, action_name TEXT, data TEXT)"
        )
        when = moment or time.time()
        connection.executemany(
            "INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (?, 'user', ?, ?)",
            [(sender, when, json.dumps({"text": f"words of {sender}"})) for sender in senders],
        )
    connection.close()


def senders(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        found = [row[0] for row in connection.execute("SELECT sender_id FROM events ORDER BY id")]
    connection.close()
    return found


def test_delete_my_data_deletes_everywhere_at_once(run_gateway: RunGateway, stub: StubRasa) -> None:
    gateway = run_gateway(stub)
    wait_until(lambda: gateway.say("hello")["messages"][0]["card"]["status"] == "answered")
    answer = gateway.say("my unforgettable words", language="vi")
    sender = answer["session"].split(".")[0]
    fill_tracker(gateway.settings.tracker_db, sender, "somebody else")
    stub.intent = "delete_my_data"
    deleted = gateway.say("xóa dữ liệu của tôi", session=answer["session"])
    assert deleted["language"] == "vi"
    assert senders(gateway.settings.tracker_db) == ["somebody else"]
    for path in gateway.settings.var_dir.glob("*.sqlite3*"):
        content = path.read_bytes()
        assert b"unforgettable" not in content, path
        assert f"words of {sender}".encode() not in content, path
    stub.intent = None
    gateway.say("and now?", session=deleted["session"])
    assert stub.heard[-1]["metadata"]["language"] == "vi"


def test_a_deletion_that_cannot_be_done_now_is_told_and_repeated(run_gateway: RunGateway, stub: StubRasa) -> None:
    gateway = run_gateway(stub)
    wait_until(lambda: gateway.say("hello")["messages"][0]["card"]["status"] == "answered")
    answer = gateway.say("some words", language="en")
    sender = answer["session"].split(".")[0]
    fill_tracker(gateway.settings.tracker_db, sender)
    stub.intent = "delete_my_data"
    lock = sqlite3.connect(gateway.settings.tracker_db, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    told = gateway.say("delete my data", session=answer["session"])
    assert "deleted by itself" in told["messages"][0]["text"]
    assert senders(gateway.settings.tracker_db) == [sender]
    lock.execute("ROLLBACK")
    lock.close()
    wait_until(lambda: senders(gateway.settings.tracker_db) == [])


def test_old_events_of_rasa_are_purged(tmp_path: Path) -> None:
    path = tmp_path / "tracker.sqlite3"
    fill_tracker(path, "old", moment=time.time() - 31 * 86_400)
    fill_tracker(path, "new")
    assert asyncio.run(Trackers(path).purge(30)) == 1
    assert senders(path) == ["new"]


def test_no_tracker_file_is_nothing_to_delete(tmp_path: Path) -> None:
    assert asyncio.run(Trackers(tmp_path / "none.sqlite3").delete("someone"))
    assert not (tmp_path / "none.sqlite3").exists()


def test_what_not_to_send_is_told_once(gateway: Gateway, stub: StubRasa) -> None:
    first = gateway.say("hello", language="en")
    second = gateway.say("hello again", session=first["session"])
    told = ["Please do not send" in answer["messages"][0]["text"] for answer in (first, second)]
    assert told == [True, False]


def test_an_emergency_comes_without_it(gateway: Gateway) -> None:
    text = gateway.say("there is a fire in my kitchen", language="en")["messages"][0]["text"]
    assert "Please do not send" not in text


def test_show_to_a_clerk_comes_from_the_gateway(gateway: Gateway, stub: StubRasa) -> None:
    answer = gateway.post({"payload": "show?of=topic%3Fid%3Dfaq_move_in", "language": "ne"}).json()
    card = answer["messages"][0]["card"]
    assert (card["language"], card["beside"]["language"]) == ("ne", "ja")
    assert not stub.heard


def get(gateway: Gateway, **query: str) -> httpx.Response:
    with gateway.client() as client:
        return client.get("/answer", params=query)


def test_an_answer_has_a_page_of_its_own(gateway: Gateway) -> None:
    response = get(
        gateway, of="task?id=interpreter&answers=where%3Ahospital%2Clanguage%3Avi%2Cwhen%3Anow", language="vi"
    )
    assert response.status_code == 200
    assert 'lang="ja"' in response.text
    assert 'lang="vi"' in response.text
    assert "<form" not in response.text
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "payload", ["", "nonsense", "topic?id=no_such_topic", "delete_my_data", "feedback?answer=abcdefghij&right=yes",
                "<script>alert(1)</script>", "task?id=passport&answers=whose%3Anobody",
                "show?of=delete_my_data"],
)  # fmt: skip
def test_no_page_for_anything_else(gateway: Gateway, payload: str) -> None:
    response = get(gateway, of=payload, language="en")
    assert response.status_code == 404
    assert "<script" not in response.text


def test_the_page_asks_whether_an_answer_was_right(gateway: Gateway, stub: StubRasa) -> None:
    stub.intent = "office_hours"
    with gateway.client(follow_redirects=True) as client:
        token = client.get("/").text.split('name="form" value="')[1].split('"')[0]
        page = client.post("/ask", data={"text": "when is the lounge open", "form": token}).text
        found = page.split("feedback?answer=")[1].split("&amp;")[0]
        page = client.post("/ask", data={"payload": f"feedback?answer={found}&right=yes", "form": token}).text
    assert notes(gateway, "feedback")[0].question == "when is the lounge open"
    assert page.count("feedback?answer=") == 2


def test_a_forged_feedback_on_the_page_is_told_kindly(gateway: Gateway, stub: StubRasa) -> None:
    with gateway.client(follow_redirects=True) as client:
        page = client.post("/ask", data={"text": "hello"}).text
        token = page.split('name="form" value="')[1].split('"')[0]
        response = client.post("/ask", data={"payload": "feedback?answer=aaaaaaaaaa&right=yes", "form": token})
    assert response.status_code == 422
    assert 'role="alert"' in response.text
