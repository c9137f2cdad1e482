"""Talks to Rasa's REST channel on loopback and takes nothing from it that is not an answer card."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Final, Literal

import httpx
from pydantic import TypeAdapter

from bot.answers.card import Card
from bot.answers.render import render_text
from bot.gateway.text_cleaning import without_command
from bot.i18n.languages import registry

FailureReason = Literal["unreachable", "timeout", "status", "garbage", "empty"]

_MOST_BYTES: Final = 2_000_000
_CARD: Final = TypeAdapter(Card)


class RasaError(Exception):
    """Rasa gave no answer. `reason` says why; `hard` whether the next message would most likely fare the same."""

    def __init__(self, reason: FailureReason) -> None:
        super().__init__(reason)
        self.reason: FailureReason = reason

    @property
    def hard(self) -> bool:
        """Whether nobody answered at all."""
        return self.reason in {"unreachable", "timeout"}


class RasaClient:
    """One connection pool to Rasa and the action server."""

    def __init__(self, rasa_url: str, actions_url: str, timeout: float) -> None:
        self._webhook = f"{rasa_url}/webhooks/rest/webhook"
        self._probes = {"rasa": f"{rasa_url}/", "actions": f"{actions_url}/health"}
        self._timeout = timeout
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=4.0)
        # Loopback only: no certificates to load, and no proxy of the environment may ever see a resident's words.
        self._client = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False, verify=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def ask_text(self, sender: str, text: str, metadata: Mapping[str, object]) -> list[Card]:
        """The cards for a resident's own words. Raises `RasaError`."""
        return await self._ask(sender, without_command(text), metadata)

    async def ask_intent(self, sender: str, command: str, metadata: Mapping[str, object]) -> list[Card]:
        """The cards for a command made by `bot.dialogue.payload.to_rasa`. Raises `RasaError`."""
        return await self._ask(sender, command, metadata)

    async def probe(self, part: Literal["rasa", "actions"]) -> bool:
        """Whether a part answers at all."""
        try:
            response = await self._client.get(self._probes[part], timeout=min(self._timeout, 2.0))
        except (httpx.HTTPError, OSError):
            return False
        return response.status_code == httpx.codes.OK

    async def _ask(self, sender: str, message: str, metadata: Mapping[str, object]) -> list[Card]:
        body = {"sender": sender, "message": message, "metadata": dict(metadata)}
        try:
            async with asyncio.timeout(self._timeout):
                return read_cards(await self._post(body))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise RasaError("timeout") from error
        except (httpx.HTTPError, OSError) as error:
            raise RasaError("unreachable") from error

    async def _post(self, body: Mapping[str, object]) -> bytes:
        async with self._client.stream("POST", self._webhook, json=body) as response:
            if response.status_code != httpx.codes.OK:
                raise RasaError("status")
            chunks: list[bytes] = []
            size = 0
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > _MOST_BYTES:
                    raise RasaError("garbage")
                chunks.append(chunk)
            return b"".join(chunks)


def read_cards(body: bytes) -> list[Card]:
    """The answer cards in a response of the REST channel, in order. Raises `RasaError` (`garbage`, `empty`).

    Rasa answers 200 with an empty list, or with a text of its own, when the action server fails: neither is an answer.
    """
    try:
        messages = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RasaError("garbage") from error
    if not isinstance(messages, list):
        raise RasaError("garbage")
    cards: list[Card] = []
    broken = False
    for message in messages:
        custom = message.get("custom") if isinstance(message, dict) else None
        data = custom.get("card") if isinstance(custom, dict) else None
        if not isinstance(data, dict):
            continue
        try:
            cards.append(_checked(data))
        except (ValueError, KeyError, TypeError, AttributeError):
            broken = True
    if not cards:
        raise RasaError("garbage" if broken else "empty")
    return cards


def _checked(data: Mapping[str, object]) -> Card:
    """A card whose every part has the right type and that can be shown. Raises what reading or showing it raises."""
    card = _CARD.validate_python(Card.from_dict(data).as_dict())
    if registry().find(card.language) is None:
        raise ValueError("the card is in no language of the registry")
    render_text(card)
    return card
