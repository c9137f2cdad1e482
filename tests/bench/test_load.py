"""Load on a real HTTP server of loopback, and what is made of its replies."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from bench.chat import GuideChat, StockChat, guide_kind
from bench.errors import BenchError
from bench.load import drive


class Channel(BaseHTTPRequestHandler):
    """A REST channel that takes 50 ms; the word in the message chooses its reply."""

    protocol_version = "HTTP/1.1"
    running = 0
    most = 0
    lock = threading.Lock()

    def do_POST(self) -> None:
        cls = type(self)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with cls.lock:
            cls.running += 1
            cls.most = max(cls.most, cls.running)
        time.sleep(0.05)
        with cls.lock:
            cls.running -= 1
        status = 500 if b"break" in body else 200
        answer = b"[]" if b"nothing" in body else b'[{"text": "yes"}]'
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Channel.running = Channel.most = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Channel)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("clients", [1, 4])
async def test_every_question_is_asked_by_so_many_clients_at_once(url: str, clients: int) -> None:
    run = await drive(StockChat(url), [["a", "b"]] * 8, clients, 30)
    assert run.replies == {"answered": 16}
    assert run.clients == clients
    assert Channel.most == clients
    assert 50 <= run.p50_ms <= run.p95_ms < 1000
    assert run.per_second == pytest.approx(16 / run.seconds, rel=0.05)
    assert run.per_second <= clients / 0.05


async def test_only_answers_count_as_throughput(url: str) -> None:
    run = await drive(StockChat(url), [["a", "nothing", "break", "b"]], 1, 30)
    assert run.replies == {"answered": 2, "empty": 1, "refused": 1}
    assert run.per_second == pytest.approx(2 / run.seconds, rel=0.05)


async def test_load_ends_in_time(url: str) -> None:
    run = await drive(StockChat(url), [["a"]] * 1000, 2, 0.3)
    assert run.seconds < 5
    assert 2 <= sum(run.replies.values()) < 100


async def test_a_side_that_answers_nothing_is_no_measurement(url: str) -> None:
    with pytest.raises(BenchError, match="no question was answered"):
        await drive(StockChat(url), [["break"]], 1, 30)


async def test_no_response_is_a_failure(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=0.01) as client:
        assert (await StockChat(url).ask(client, "a", None)).kind == "failed"
        assert (await GuideChat(url).ask(client, "a", None)).kind == "failed"


async def test_a_conversation_keeps_its_sender(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        first = await StockChat(url).ask(client, "a", None)
        second = await StockChat(url).ask(client, "a", first.conversation)
        other = await StockChat(url).ask(client, "a", None)
    assert first.conversation == second.conversation != other.conversation


@pytest.mark.parametrize(
    ("messages", "kind"),
    [
        ([{"text": "x", "card": {"status": "answered"}}], "answered"),
        ([{"text": "x", "card": {"status": "clarify"}}], "answered"),
        ([{"text": "x", "card": {"status": "degraded"}}], "degraded"),
        ([{"text": "x", "card": None}], "answered"),
        ([], "empty"),
    ],
)
def test_kinds_of_the_guide(messages: list[dict[str, Any]], kind: str) -> None:
    assert guide_kind({"messages": messages}) == kind
