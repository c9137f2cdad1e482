"""Puts the gateway together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.circuit import Circuit
from bot.feedback import FeedbackStore
from bot.gateway import api, page
from bot.gateway.context import Context
from bot.gateway.conversations import Conversations
from bot.gateway.forgetting import Forgetting
from bot.gateway.guide import Guide
from bot.gateway.health import HealthCheck
from bot.gateway.languages import is_offered
from bot.gateway.local_answers import LocalAnswers
from bot.gateway.message_request import MessageRules
from bot.gateway.metrics import Metrics
from bot.gateway.middleware import ObserveRequests
from bot.gateway.prober import Prober
from bot.gateway.problems import Problem
from bot.gateway.rasa_client import RasaClient
from bot.gateway.rate_limit import TokenBuckets
from bot.gateway.review import Review
from bot.gateway.session_tokens import SessionTokens, signing_secret
from bot.gateway.trackers import Trackers
from bot.gateway.translations import Translations
from bot.settings import Settings
from bot.settings import settings as process_settings
from bot.translation.bridge import Bridge
from bot.translation.providers import provider

log = structlog.get_logger(__name__)

_STATIC: Final = Path(__file__).parent / "static"
_PURGE_SECONDS: Final = 24 * 3600.0
_FLUSH_SECONDS: Final = 2.0

_ROUTES: Final = (
    Route("/api/v1/messages", api.post_message, methods=["POST"]),
    Route("/healthz", api.healthz),
    Route("/readyz", api.readyz),
    Route("/metrics", api.metrics),
    Route("/", page.show),
    Route("/ask", page.ask, methods=["POST"]),
    Route("/language", page.choose_language, methods=["POST"]),
    Route("/start-over", page.start_over, methods=["POST"]),
    Route("/answer", page.answer),
    Mount("/static", StaticFiles(directory=_STATIC), name="static"),
)


def create_app(settings: Settings | None = None) -> Starlette:
    """The gateway. It starts without Rasa, actions, knowledge or a writable disk, and uses them once they are there."""
    settings = settings or process_settings()
    metrics = Metrics()
    local = LocalAnswers(settings.knowledge_db)
    paths = frozenset(route.path for route in _ROUTES if isinstance(route, Route))
    middleware = [Middleware(ObserveRequests, metrics=metrics, routes=paths)]
    if origins := _comma_separated(settings.allowed_origins):
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=origins,
                allow_methods=["POST"],
                allow_headers=["Content-Type"],
                max_age=600,
            )
        )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        rasa = RasaClient(settings.rasa_url, settings.actions_url, settings.rasa_timeout)
        conversations = Conversations(settings.conversations_db)
        trackers = Trackers(settings.tracker_db)
        feedback = FeedbackStore(settings.feedback_db)
        circuit = Circuit("rasa")
        health = HealthCheck(local, conversations, rasa, circuit, metrics)
        prober = Prober(health.dialogue, circuit)
        translations = Translations(
            Bridge(provider(settings)),
            local.foreign_language_of,
            local.official_names,
            local.consultation_phone,
            metrics,
        )
        app.state.context = Context(
            settings=settings,
            guide=Guide(
                local,
                rasa,
                circuit,
                prober,
                conversations,
                metrics,
                translations,
                Review(feedback),
                Forgetting(conversations, trackers),
                max_in_flight=settings.max_in_flight,
            ),
            conversations=conversations,
            tokens=SessionTokens(signing_secret(settings)),
            rules=MessageRules(settings.max_text_length, is_offered, local.known),
            health=health,
            metrics=metrics,
            by_session=TokenBuckets(settings.rate_per_minute),
            by_address=TokenBuckets(settings.rate_per_minute_address),
            trusted_proxies=frozenset(_comma_separated(settings.trusted_proxies)),
        )
        await conversations.open()
        prober.start()
        tasks = [
            asyncio.create_task(run_in_threadpool(_warm_up, local), name="warm up"),
            asyncio.create_task(_purge_daily(conversations, trackers, feedback, settings), name="purge"),
            asyncio.create_task(_flush_regularly(conversations, trackers, feedback), name="flush"),
        ]
        try:
            yield
        finally:
            await prober.stop()
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await conversations.close()
            await trackers.flush()
            await feedback.close()
            await rasa.close()
            local.close()

    return Starlette(
        routes=_ROUTES,
        middleware=middleware,
        lifespan=lifespan,
        exception_handlers={Problem: _on_problem, HTTPException: _on_http_exception},
    )


async def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        headers = dict(error.headers or {})
        problem = Problem(
            "method_not_allowed", f"Allowed: {headers.get('Allow', 'see the reference')}.", headers=headers
        )
    else:
        problem = Problem("not_found", "There is no such address.")
    if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/"):
        return page.error_page(request, problem)
    return problem.response()


def _warm_up(local: LocalAnswers) -> None:
    try:
        local.warm_up()
    except Exception:
        log.exception("warming up failed: the first answers will be slow or plain")


async def _purge_daily(
    conversations: Conversations, trackers: Trackers, feedback: FeedbackStore, settings: Settings
) -> None:
    while True:
        messages = await conversations.purge(settings.retention_days)
        events = await trackers.purge(settings.retention_days)
        notes = await feedback.purge(settings.feedback_days)
        log.info("old conversations purged", messages=messages, events=events, notes=notes)
        await asyncio.sleep(_PURGE_SECONDS)


async def _flush_regularly(conversations: Conversations, trackers: Trackers, feedback: FeedbackStore) -> None:
    while True:
        await asyncio.sleep(_FLUSH_SECONDS)
        await conversations.flush()
        await trackers.flush()
        await feedback.flush()


def _comma_separated(text: str) -> list[str]:
    return [part.strip().rstrip("/") for part in text.split(",") if part.strip()]
