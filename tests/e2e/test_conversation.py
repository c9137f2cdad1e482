"""Conversations over HTTP with the three real processes: context, guided tasks, commands, privacy, restarts."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.supervisor.running import RunningGuide, running_guide

pytestmark = pytest.mark.e2e

CONVERSATIONS: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "conversations.yaml").read_text("utf-8")
)
LANGUAGES = sorted(CONVERSATIONS)
TSURUMI, MINAMI = "045-511-5311", "045-232-9544"


class Resident:
    """One resident's conversation."""

    def __init__(self, guide: RunningGuide, language: str | None = None) -> None:
        self.guide = guide
        self.language = language
        self.session: str | None = None
        self.last: dict[str, Any] = {}

    def says(self, text: str = "", **fields: Any) -> dict[str, Any]:
        """Sends a message; gives the card of the last message of the answer."""
        body = {"session": self.session, "text": text, "language": None if self.session else self.language, **fields}
        response = httpx.post(f"{self.guide.url}/api/v1/messages", json=body, timeout=30)
        assert response.status_code == 200, response.text
        self.last = response.json()
        self.session = self.last["session"]
        card: dict[str, Any] = self.last["messages"][-1]["card"]
        return card

    def taps(self, payload: str) -> dict[str, Any]:
        """Sends a button's payload."""
        return self.says(payload=payload)

    def cards(self) -> list[dict[str, Any]]:
        """All cards of the last answer."""
        return [message["card"] for message in self.last["messages"]]

    @property
    def text(self) -> str:
        """The last answer as text."""
        return "\n".join(message["text"] for message in self.last["messages"])


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def task_of(card: dict[str, Any]) -> str:
    return str(card["about"]["payload"])


def test_the_office_is_carried_over_and_corrected(guide: RunningGuide, language: str) -> None:
    said, resident = CONVERSATIONS[language], Resident(guide, language)
    resident.says(said["lounge"])
    assert resident.last["language"] == language
    card = resident.says(said["sunday"])
    assert card["about"]["offices"] == ["lounge_tsurumi"]
    assert "09:00–17:00" in card["body"]
    card = resident.says(said["phone"])
    assert card["about"]["offices"] == ["lounge_tsurumi"]
    assert TSURUMI in card["body"]
    card = resident.says(said["minami"])
    assert card["about"]["offices"] == ["lounge_minami"]
    assert MINAMI in resident.text


def test_a_guided_task_in_words_with_a_side_question(guide: RunningGuide, language: str) -> None:
    said, resident = CONVERSATIONS[language], Resident(guide, language)
    assert resident.taps("task?id=desk")["status"] == "clarify"
    assert task_of(resident.says(said["visa"])) == "task?id=desk&answers=need%3Avisa"
    card = resident.says(said["side"])
    assert "9" in resident.text
    assert [each["status"] for each in resident.cards()] == ["answered", "clarify"]
    assert task_of(card) == "task?id=desk&answers=need%3Avisa"
    assert task_of(resident.says(said["language"])).endswith("language%3Ane")
    assert task_of(resident.says(said["back"])) == "task?id=desk&answers=need%3Avisa"
    resident.says(said["language"])
    assert task_of(resident.says(said["ward"])).endswith("place%3Award%3Atsurumi")
    card = resident.says(said["saturday"])
    assert (card["status"], card["about"]["task"]) == ("answered", "desk")
    assert "center_tabunka" in card["about"]["offices"]
    assert card["language"] == language


def test_stop_and_start_over(guide: RunningGuide, language: str) -> None:
    said, resident = CONVERSATIONS[language], Resident(guide, language)
    resident.taps("task?id=moving")
    card = resident.says(said["stop"])
    assert card["status"] == "answered"
    assert card["about"]["task"] is None
    card = resident.says(said["lounge"])
    assert len(resident.cards()) == 1
    assert "lounge_tsurumi" in card["about"]["offices"]
    card = resident.says(said["restart"])
    assert card["about"]["intent"] == "start_over"
    assert card["language"] == language


def test_hand_over_privacy_and_deletion(guide: RunningGuide, language: str) -> None:
    said, resident = CONVERSATIONS[language], Resident(guide, language)
    card = resident.says(said["person"])
    assert card["status"] == "handoff"
    assert "045-222-1209" in resident.text
    assert resident.says(said["stored"])["about"]["intent"] == "what_is_stored"
    assert "30" in resident.text
    card = resident.says(said["delete"])
    assert card["about"]["intent"] == "delete_my_data"
    assert card["language"] == language
    sender = str(resident.session).split(".")[0]
    with contextlib.closing(sqlite3.connect(guide.var_dir / "tracker.sqlite3")) as tracker:
        assert tracker.execute("SELECT count(*) FROM events WHERE sender_id = ?", (sender,)).fetchone() == (0,)
    with contextlib.closing(sqlite3.connect(guide.var_dir / "conversations.sqlite3")) as conversations:
        kept = conversations.execute("SELECT author FROM messages WHERE session = ?", (sender,)).fetchall()
    assert kept == [("guide",)]


def test_every_button_of_a_task_in_every_language(guide: RunningGuide, language: str) -> None:
    resident = Resident(guide, language)
    for task in ("passport", "interpreter", "moving", "ukraine"):
        card = resident.taps(f"task?id={task}")
        while card["status"] == "clarify":
            forward = [action for action in card["actions"] if action["payload"].startswith("task?")]
            card = resident.taps(forward[0]["payload"])
        assert (card["status"], card["about"]["task"], card["language"]) == ("answered", task, language)


def test_the_conversation_of_the_brief(guide: RunningGuide) -> None:
    resident = Resident(guide)
    assert resident.says("Is there a lounge in Tsurumi?")["about"]["offices"] == ["lounge_tsurumi"]
    assert "09:00–17:00" in resident.says("what time on Sunday?")["body"]
    assert TSURUMI in resident.says("and the phone?")["body"]
    resident.says("where is the passport centre at Center-Minami?")
    assert resident.says("the other passport centre?")["about"]["offices"] == ["ypc_main"]
    resident.says("in Vietnamese please")
    assert [card["language"] for card in resident.cards()] == ["vi", "vi"]
    assert resident.cards()[-1]["about"]["offices"] == ["ypc_main"]
    card = resident.says("how do I get there from Yokohama station?")
    assert card["language"] == "vi"
    assert card["about"]["offices"] == ["ypc_main"]
    assert any("origin=" in action["payload"] for action in card["actions"])


def test_an_item_of_a_list(guide: RunningGuide) -> None:
    resident = Resident(guide, "en")
    listed = resident.taps("list?kind=lounge")["about"]["offices"]
    assert resident.says("the second one")["about"]["offices"] == [listed[1]]
    assert resident.says("phone of the third one")["about"]["offices"] == [listed[2]]
    resident.taps("list?kind=lounge")
    assert resident.says("4")["about"]["offices"] == [listed[3]]


def test_a_new_subject_forgets_the_office(guide: RunningGuide) -> None:
    resident = Resident(guide, "en")
    resident.says("lounges in Tsurumi")
    resident.says("how do I put out garbage")
    assert "lounge_tsurumi" not in resident.says("what is the phone number?")["about"]["offices"]


def test_two_residents_at_once_never_see_each_others_context(guide: RunningGuide) -> None:
    wards = ["tsurumi", "aoba", "midori", "kohoku", "kanazawa", "minami", "izumi", "naka"]

    def talk(ward: str) -> list[list[str]]:
        resident, seen = Resident(guide, "en"), []
        resident.says(f"lounge in {ward.title()} ward")
        for _ in range(4):
            seen.append(resident.says("what is the phone number?")["about"]["offices"])
            resident.taps(f"task?id=desk&answers=need%3Avisa%2Clanguage%3Avi%2Cplace%3Award%3A{ward}")
            card = resident.taps("stop")
            assert card["about"]["task"] is None
            resident.taps(f"office?id=lounge_{ward}&ask=location")
        return seen

    with ThreadPoolExecutor(len(wards)) as pool:
        for ward, seen in zip(wards, pool.map(talk, wards), strict=True):
            assert seen == [[f"lounge_{ward}"]] * 4


def test_personal_data_is_masked_and_told(guide: RunningGuide) -> None:
    resident = Resident(guide, "en")
    resident.taps("task?id=desk")
    card = resident.says("my number is 090-1234-5678, visa please")
    assert any("do not" in notice.casefold() for notice in card["notices"])
    with contextlib.closing(sqlite3.connect(guide.var_dir / "tracker.sqlite3")) as tracker:
        assert not tracker.execute("SELECT 1 FROM events WHERE data LIKE '%1234-5678%'").fetchall()


def test_feedback_over_the_api(guide: RunningGuide) -> None:
    resident = Resident(guide, "en")
    resident.says("is the Tsurumi lounge open on Sunday")
    answer = resident.last["messages"][0]["id"]
    assert resident.taps(f"feedback?answer={answer}&right=no")["status"] == "clarify"
    resident.taps(f"feedback?answer={answer}&right=no&reason=out_of_date")
    with contextlib.closing(sqlite3.connect(guide.var_dir / "feedback.sqlite3")) as store:
        row = store.execute("SELECT question, was_right, reason FROM notes WHERE kind = 'feedback'").fetchone()
    assert row == ("is the Tsurumi lounge open on Sunday", 0, "out_of_date")
    # It is no turn of the conversation: what was talked about stays.
    assert resident.says("and the phone?")["about"]["offices"] == ["lounge_tsurumi"]


def wait_for(true: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.2)


def replaced(guide: RunningGuide, before: dict[str, int], names: tuple[str, ...]) -> bool:
    """Whether each of the parts runs as another process than before."""
    now = guide.pids()
    return all(now.get(name) not in (None, before[name]) for name in names)


def ready(guide: RunningGuide) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{guide.url}/readyz", timeout=5).status_code == 200
    return False


def test_a_task_survives_the_death_of_every_process(tmp_path: Path) -> None:
    with running_guide(tmp_path) as guide:
        resident = Resident(guide, "vi")
        resident.taps("task?id=desk")
        resident.says("visa")
        steps = [("tiếng Nepal", "language%3Ane"), ("quận Tsurumi", "place%3Award%3Atsurumi")]
        for names, (words, step) in zip((("rasa", "actions"), ("gateway", "rasa", "actions")), steps, strict=True):
            before = guide.pids()
            for name in names:
                os.kill(before[name], signal.SIGKILL)
            wait_for(partial(replaced, guide, before, names), 60)
            wait_for(lambda: ready(guide), 90)
            assert task_of(resident.says(words)).endswith(step)
        card = resident.says("thứ bảy")
        assert (card["status"], card["about"]["task"]) == ("answered", "desk")


def test_a_task_goes_on_by_buttons_while_rasa_is_down(tmp_path: Path) -> None:
    with running_guide(tmp_path) as guide:
        resident = Resident(guide, "uk")
        card = resident.taps("task?id=interpreter")
        os.kill(guide.pids()["rasa"], signal.SIGSTOP)
        try:
            while any(action["payload"].startswith("task?") for action in card["actions"]) and card["about"]["task"]:
                forward = [action for action in card["actions"] if action["payload"].startswith("task?")]
                card = resident.taps(forward[0]["payload"])
                if card["rows"]:
                    break
            assert card["about"]["task"] == "interpreter"
            assert card["language"] == "uk"
            assert "045-222-1209" in resident.text
        finally:
            os.kill(guide.pids()["rasa"], signal.SIGCONT)
