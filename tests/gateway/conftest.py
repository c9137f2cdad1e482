"""The real gateway over HTTP on a free port, with a small real server in Rasa's place that can be told to misbehave."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.answers.card import About, Card, CardAction, Row, SourceNote
from bot.gateway.app import create_app
from bot.settings import Settings


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """An ASGI app served by uvicorn in a thread of its own."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=3)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        """Serve; returns when connections are accepted."""
        self._thread.start()
        wait_until(lambda: self._server.started, seconds=30)

    def stop(self) -> None:
        """Stop and wait for the end."""
        self._server.should_exit = True
        self._thread.join(timeout=15)
        assert not self._thread.is_alive()


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait for a condition; fails the test when it does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.05)


@dataclass
class StubRasa:
    """Rasa's REST channel and the action server's health. `mode`: how it behaves; `heard`: what it got."""

    rasa_port: int = field(default_factory=free_port)
    actions_port: int = field(default_factory=free_port)
    mode: str = "cards"
    delay: float = 0.0
    language: str | None = None
    intent: str | None = None
    heard: list[dict[str, Any]] = field(default_factory=list)
    _servers: list[Server] = field(default_factory=list)

    def start(self, *, actions: bool = True) -> None:
        """Begin to serve both ports (or Rasa's only)."""
        rasa = Starlette(
            routes=[
                Route("/", lambda _request: PlainTextResponse("Hello from Rasa: 3.6.21")),
                Route("/webhooks/rest/webhook", self._webhook, methods=["POST"]),
            ]
        )
        health = Starlette(routes=[Route("/health", lambda _request: JSONResponse({"status": "ok"}))])
        self._servers = [Server(rasa, self.rasa_port)] + ([Server(health, self.actions_port)] if actions else [])
        for server in self._servers:
            server.start()

    def stop(self) -> None:
        """Stop both."""
        for server in self._servers:
            server.stop()
        self._servers = []

    def reset(self) -> None:
        """Behave well and forget what was heard."""
        self.mode, self.delay, self.language, self.intent = "cards", 0.0, None, None
        self.heard.clear()

    async def _webhook(self, request: Request) -> Response:
        body = await request.json()
        self.heard.append(body)
        if self.delay:
            await asyncio.sleep(self.delay)
        match self.mode:
            case "cards":
                return JSONResponse([{"recipient_id": body["sender"], "custom": {"card": self._card(body).as_dict()}}])
            case "empty":
                return JSONResponse([])
            case "text":
                return JSONResponse([{"recipient_id": body["sender"], "text": "An error occurred"}])
            case "status":
                return PlainTextResponse("Internal Server Error", 500)
            case "garbage":
                return PlainTextResponse("<html>no JSON</html>")
            case "broken card":
                return JSONResponse([{"custom": {"card": {**self._card(body).as_dict(), "title": 7}}}])
            case "unknown language":
                return JSONResponse([{"custom": {"card": {**self._card(body).as_dict(), "language": "xx"}}}])
            case "script":
                return JSONResponse([{"custom": {"card": dangerous_card().as_dict()}}])
            case "endless":
                return PlainTextResponse("[" + "1," * 3_000_000 + "1]")
        raise AssertionError(self.mode)

    def _card(self, body: dict[str, Any]) -> Card:
        metadata = body["metadata"]
        language = self.language or metadata["language"] or metadata["conversation_language"] or "en"
        return Card("answered", language, "curated", "Heard", json.dumps(body["message"]), about=About(self.intent))


def dangerous_card() -> Card:
    """A card whose every text tries to become markup or a script."""
    script = "<script>alert(1)</script>"
    return Card(
        "answered",
        "en",
        "curated",
        script,
        f"{script}\n<img src=x onerror=alert(1)>",
        rows=(
            Row("<b>row</b>", script, "url", "javascript:alert(1)"),
            Row("phone", "045", "phone", '045" onclick="x'),
            Row("mail", "m", "email", "a@b?cc=<x>"),
        ),
        notices=(script,),
        sources=(SourceNote(script, "javascript:alert(1)", "2024", "official"),),
        actions=(
            CardAction(script, "javascript:alert(1)", "url"),
            CardAction("data", "data:text/html,x", "map"),
            CardAction("call", "+81 javascript:", "call"),
            CardAction('"><script>', '"><script>alert(1)</script>', "reply"),
        ),
    )


@dataclass
class Gateway:
    """A running gateway: where it is and what it was set to."""

    url: str
    settings: Settings
    server: Server

    def client(self, **details: Any) -> httpx.Client:
        """An HTTP client for it."""
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False, verify=False, **details)

    def post(self, body: object, **headers: str) -> httpx.Response:
        """Send one message to the chat API."""
        with self.client() as client:
            return client.post("/api/v1/messages", json=body, headers=headers)

    def say(self, text: str, **fields: object) -> dict[str, Any]:
        """Send one message that must be answered; the answer."""
        response = self.post({"text": text, **fields})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


RunGateway = Callable[..., Gateway]


@contextmanager
def running_gateways(knowledge_db: Path, folder: Path) -> Iterator[RunGateway]:
    """A function that starts gateways; they all stop at the end."""
    started: list[Server] = []

    def start(stub: StubRasa | None = None, *, knowledge: bool = True, **changes: Any) -> Gateway:
        var_dir = Path(changes.pop("var_dir", folder / f"var{len(started)}"))
        var_dir.mkdir(exist_ok=True)
        if knowledge:
            shutil.copy(knowledge_db, var_dir / "knowledge.sqlite3")
        values: dict[str, Any] = {
            "port": free_port(),
            "rasa_port": stub.rasa_port if stub else free_port(),
            "actions_port": stub.actions_port if stub else free_port(),
            "var_dir": var_dir,
            "rasa_timeout": 5.0,
            "rate_per_minute": 100_000,
            "rate_per_minute_address": 100_000,
        }
        settings = Settings(**{**values, **changes})
        server = Server(create_app(settings), settings.port)
        server.start()
        started.append(server)
        return Gateway(f"http://127.0.0.1:{settings.port}", settings, server)

    try:
        yield start
    finally:
        for server in started:
            server.stop()


@pytest.fixture(scope="session")
def session_stub() -> Iterator[StubRasa]:
    """One stub for all tests that do not stop it."""
    stub = StubRasa()
    stub.start()
    yield stub
    stub.stop()


@pytest.fixture
def stub(session_stub: StubRasa) -> StubRasa:
    """The shared stub, behaving well."""
    session_stub.reset()
    return session_stub


@pytest.fixture(scope="session")
def session_gateway(
    session_stub: StubRasa, knowledge_db: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """One gateway in front of the shared stub."""
    with running_gateways(knowledge_db, tmp_path_factory.mktemp("gateway")) as start:
        gateway = start(session_stub)
        with gateway.client() as client:
            wait_until(lambda: client.get("/readyz").status_code == 200, seconds=60)
        yield gateway


@pytest.fixture
def gateway(session_gateway: Gateway, stub: StubRasa) -> Gateway:
    """The shared gateway, its stub behaving well and its circuit closed."""
    stub.reset()
    wait_until(lambda: session_gateway.say("hello")["messages"][0]["card"]["status"] == "answered")
    stub.reset()
    return session_gateway


@pytest.fixture
def run_gateway(knowledge_db: Path, tmp_path: Path) -> Iterator[RunGateway]:
    """Starts gateways of the test's own."""
    with running_gateways(knowledge_db, tmp_path) as start:
        yield start
