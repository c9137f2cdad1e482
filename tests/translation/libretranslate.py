"""A small server that speaks LibreTranslate's protocol on loopback, and misbehaves when told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.gateway.conftest import Server, free_port


async def _drops() -> AsyncIterator[bytes]:
    """A byte every tenth of a second, for ten seconds."""
    for _ in range(100):
        yield b" "
        await asyncio.sleep(0.1)


KNOWN = frozenset({"en", "ja", "fr", "de", "ar", "km"})


@dataclass
class LibreTranslateServer:
    """Translates by writing the target's code before each line. `modes`: how the next answers misbehave, in order."""

    port: int = field(default_factory=free_port)
    modes: list[str] = field(default_factory=list)
    delay: float = 0.0
    glossary: dict[str, str] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    _server: Server | None = None

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to serve."""
        self._server = Server(Starlette(routes=[Route("/translate", self._translate, methods=["POST"])]), self.port)
        self._server.start()

    def stop(self) -> None:
        """Stop."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def reset(self) -> None:
        """Behave well and forget what was heard."""
        self.modes, self.delay, self.glossary = [], 0.0, {}
        self.heard.clear()
        self.addresses.clear()

    async def _translate(self, request: Request) -> Response:
        form = dict(await request.form())
        self.heard.append(form)
        self.addresses.append(str(request.url))
        mode = self.modes.pop(0) if self.modes else "good"
        if self.delay:
            await asyncio.sleep(self.delay)
        match mode:
            case "429":
                return JSONResponse({"error": "Too many requests"}, 429)
            case "403":
                return JSONResponse({"error": "Invalid API key"}, 403)
            case "500":
                return PlainTextResponse("Internal Server Error", 500)
            case "garbage":
                return PlainTextResponse("<html>no JSON</html>")
            case "other shape":
                return JSONResponse({"translation": ["x"]})
            case "number":
                return JSONResponse({"translatedText": 7})
            case "empty":
                return JSONResponse({"translatedText": ""})
            case "endless":
                return PlainTextResponse('{"translatedText": "' + "x" * 5_000_000 + '"}')
            case "drips":
                return StreamingResponse(_drops(), media_type="application/json")
            case "loses names":
                return JSONResponse({"translatedText": f"<{form['target']}> something else"})
            case "joins lines":
                return JSONResponse({"translatedText": f"<{form['target']}> " + str(form["q"]).replace("\n", " ")})
        if form["source"] not in KNOWN or form["target"] not in KNOWN:
            return JSONResponse({"error": f"{form['source']} is not supported"}, 400)
        lines = [self.glossary.get(line, f"<{form['target']}> {line}") for line in str(form["q"]).split("\n")]
        return JSONResponse({"translatedText": "\n".join(lines)})
