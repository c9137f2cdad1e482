"""What the routes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from bot.gateway.conversations import Conversations
from bot.gateway.guide import Guide
from bot.gateway.health import HealthCheck
from bot.gateway.message_request import MessageRules
from bot.gateway.metrics import Metrics
from bot.gateway.problems import rate_limited
from bot.gateway.rate_limit import TokenBuckets, client_address
from bot.gateway.session_tokens import SessionError, SessionTokens
from bot.settings import Settings


@dataclass(frozen=True)
class Context:
    """The parts of one gateway, made once by `bot.gateway.app`."""

    settings: Settings
    guide: Guide
    conversations: Conversations
    tokens: SessionTokens
    rules: MessageRules
    health: HealthCheck
    metrics: Metrics
    by_session: TokenBuckets
    by_address: TokenBuckets
    trusted_proxies: frozenset[str]

    async def open_session(self, token: str, now: float) -> str:
        """The id of the session a token opens. Raises `SessionError`: forged, or unused for too long."""
        claims = self.tokens.read(token)
        idle = self.settings.session_idle_days * 86_400
        if now - claims.issued > idle:
            session = await self.conversations.load(claims.session)
            if session is None or now - session.last_seen > idle:
                raise SessionError("session_expired")
        return claims.session

    def limit_address(self, request: Request) -> None:
        """Count a message for the sender's address. Raises `Problem` (`rate_limited`)."""
        wait = self.by_address.take(self.address(request))
        if wait:
            raise rate_limited(wait)

    async def limit_session(self, session_id: str, text: str) -> None:
        """Count a message for its session; one that speaks of danger always passes. Raises `Problem`."""
        wait = self.by_session.take(session_id)
        if wait and await self.guide.danger_in(text) is None:
            raise rate_limited(wait)

    def address(self, request: Request) -> str:
        """The sender's address as far as proxies may be believed."""
        peer = request.client.host if request.client else None
        return client_address(peer, request.headers.get("x-forwarded-for"), self.trusted_proxies)

    def is_https(self, request: Request) -> bool:
        """Whether the visitor came by https, directly or to a trusted proxy."""
        if request.url.scheme == "https":
            return True
        peer = request.client.host if request.client else ""
        return peer in self.trusted_proxies and request.headers.get("x-forwarded-proto", "").strip().lower() == "https"


def context(request: Request) -> Context:
    """The gateway a request came to."""
    return cast(Context, request.app.state.context)
