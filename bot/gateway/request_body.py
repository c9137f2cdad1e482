"""Reads a request's body without ever holding more of it than is allowed."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import NoReturn

from starlette.requests import ClientDisconnect, Request

from bot.gateway.problems import Problem

# A client that is still sending when the connection closes may lose our answer; a little is read and thrown away first.
_DISCARD_BYTES = 16 * 1024 * 1024
_DISCARD_SECONDS = 2.0


async def read_limited(request: Request, limit: int) -> bytes:
    """The body, at most `limit` bytes. Raises `Problem` (`body_too_large`) as soon as there is clearly more."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 15 or int(declared) > limit):
        await _refuse(request, limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            await _refuse(request, limit)
        chunks.append(chunk)
    return b"".join(chunks)


def parse_json(body: bytes) -> object:
    """The JSON value in a body. Raises `Problem` (`body_not_json`, `text_not_unicode`)."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("text_not_unicode", f"The body is not valid UTF-8 (byte {error.start}).") from error
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Problem("body_not_json", f"{error.msg} (line {error.lineno}, column {error.colno}).") from error
    except RecursionError as error:
        raise Problem("body_not_json", "The JSON is nested too deeply.") from error
    except ValueError as error:
        raise Problem("body_not_json", "The JSON holds a number that cannot be read.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


async def _refuse(request: Request, limit: int) -> NoReturn:
    expects = request.headers.get("expect", "").lower() == "100-continue"
    if not expects:
        with suppress(TimeoutError, ClientDisconnect, RuntimeError):
            async with asyncio.timeout(_DISCARD_SECONDS):
                discarded = 0
                async for chunk in request.stream():
                    discarded += len(chunk)
                    if discarded > _DISCARD_BYTES:
                        break
    raise Problem(
        "body_too_large", f"The body may have at most {limit} bytes.", headers={"Connection": "close"}, limit=limit
    )
