"""Load on a chat API of loopback: a number of clients, each asking its next question when the last is answered."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import httpx

from bench.chat import Chat
from bench.errors import BenchError
from bench.figures import LoadRun
from bench.statistics import percentile

_TIMEOUT = 60.0


async def drive(chat: Chat, conversations: Sequence[Sequence[str]], clients: int, seconds: float) -> LoadRun:
    """Asks all conversations, `clients` of them at a time; begins no further question after `seconds`.

    Times are those of whole requests as a client sees them; throughput counts answered questions only. Raises
    `BenchError` when nothing was answered.
    """
    waiting = iter(conversations)
    times: list[float] = []
    kinds: Counter[str] = Counter()
    began = time.monotonic()

    async def client_loop(client: httpx.AsyncClient) -> None:
        for conversation in waiting:
            going: str | None = None
            for text in conversation:
                asked = time.monotonic()
                if asked - began > seconds:
                    return
                reply = await chat.ask(client, text, going)
                times.append(time.monotonic() - asked)
                kinds[reply.kind] += 1
                going = reply.conversation

    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with (
        httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT, limits=limits) as client,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(clients):
            group.create_task(client_loop(client))
    elapsed = time.monotonic() - began
    if not kinds["answered"]:
        raise BenchError(f"no question was answered: {dict(kinds)}")
    return LoadRun(
        clients=clients,
        seconds=round(elapsed, 2),
        p50_ms=round(1000 * percentile(times, 0.5), 1),
        p95_ms=round(1000 * percentile(times, 0.95), 1),
        per_second=round(kinds["answered"] / elapsed, 2),
        replies=dict(kinds),
    )
