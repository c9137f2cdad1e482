"""The chat API and the addresses for operators."""

from __future__ import annotations

import time

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.gateway.context import context
from bot.gateway.message_request import read_message
from bot.gateway.problems import Problem
from bot.gateway.request_body import parse_json, read_limited
from bot.gateway.session_tokens import SessionError

_SESSION_DETAILS = {
    "session_invalid": "The session token was not issued by this guide. Leave session out to begin a new one.",
    "session_expired": "The session was not used for too long. Leave session out to begin a new one.",
}


async def post_message(request: Request) -> Response:
    """`POST /api/v1/messages`: one message in, the guide's answer out. Raises `Problem`."""
    gateway = context(request)
    gateway.limit_address(request)
    _require_json(request)
    body = await read_limited(request, gateway.settings.max_body_bytes)
    token, incoming = read_message(parse_json(body), gateway.rules)
    if token is None:
        session_id = gateway.tokens.new_id()
    else:
        try:
            session_id = await gateway.open_session(token, time.time())
        except SessionError as error:
            raise Problem(error.code, _SESSION_DETAILS[error.code], field="session") from error
    await gateway.limit_session(session_id, incoming.text)
    reply = await gateway.guide.answer(session_id, incoming, "api")
    return JSONResponse(
        {
            "session": gateway.tokens.issue(session_id),
            "language": reply.language,
            "messages": [message.as_dict() for message in reply.messages],
        }
    )


async def healthz(_request: Request) -> Response:
    """`GET /healthz`: the process is alive."""
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> Response:
    """`GET /readyz`: 200 when every part works, 503 with the same document when one does not (answers go on)."""
    health = await context(request).health.all()
    return JSONResponse(health.as_dict(), 200 if health.ready else 503)


async def metrics(request: Request) -> Response:
    """`GET /metrics`: counters for Prometheus."""
    return Response(context(request).metrics.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _require_json(request: Request) -> None:
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if media_type.strip().lower() != "application/json" or charset not in {"", "utf-8", "utf8"}:
        raise Problem("media_type_unsupported", "Send the message as application/json in UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("media_type_unsupported", "Compressed request bodies are not accepted.")
