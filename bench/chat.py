"""One turn of a conversation with either side, over HTTP."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import httpx

Kind = Literal["answered", "degraded", "empty", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: `answered`, `degraded` (an answer without Rasa), `empty` (no message), `refused` (a status other
    than 200) or `failed` (no response); and what continues the conversation."""

    kind: Kind
    conversation: str | None


class Chat(Protocol):
    """A side's chat API."""

    async def ask(self, client: httpx.AsyncClient, text: str, conversation: str | None) -> Reply:
        """Asks one question; `conversation` is that of the last reply, None begins a new one. Never raises."""


class GuideChat:
    """The guide's `POST /api/v1/messages`, which finds out the language by itself."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/api/v1/messages"

    async def ask(self, client: httpx.AsyncClient, text: str, conversation: str | None) -> Reply:
        """See `Chat`."""
        status, body = await post(client, self._url, {"session": conversation, "text": text, "language": None})
        if status != httpx.codes.OK:
            return Reply("refused" if status else "failed", conversation)
        return Reply(guide_kind(body), body["session"])


class StockChat:
    """Rasa's REST channel."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/webhooks/rest/webhook"

    async def ask(self, client: httpx.AsyncClient, text: str, conversation: str | None) -> Reply:
        """See `Chat`."""
        sender = conversation or uuid.uuid4().hex
        status, body = await post(client, self._url, {"sender": sender, "message": text})
        if status != httpx.codes.OK:
            return Reply("refused" if status else "failed", sender)
        return Reply("answered" if body else "empty", sender)


def guide_kind(body: dict[str, Any]) -> Kind:
    """What kind of reply the guide's JSON is."""
    messages = body["messages"]
    if not messages:
        return "empty"
    degraded = any((message.get("card") or {}).get("status") == "degraded" for message in messages)
    return "degraded" if degraded else "answered"


async def post(client: httpx.AsyncClient, url: str, body: dict[str, Any]) -> tuple[int, Any]:
    """(status, JSON of a 200); status 0 when there was no response."""
    try:
        response = await client.post(url, json=body)
        return response.status_code, response.json() if response.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, ValueError):
        return 0, None
