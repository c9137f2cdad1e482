"""Memory, latency and throughput of a running side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import httpx

from bench.chat import Chat, Kind
from bench.errors import BenchError
from bench.figures import Memory, Serving
from bench.layout import Effort
from bench.load import drive
from bench.memory import memory_of
from bench.questions import Question, conversations

WARM_UP = 30
_FIRST_SECONDS = 60.0


def first_answer(chat: Chat, text: str) -> float:
    """Seconds until a question has a reply, asked once. Raises `BenchError` when there is none."""

    async def ask() -> Kind:
        async with httpx.AsyncClient(trust_env=False, timeout=_FIRST_SECONDS) as client:
            return (await chat.ask(client, text, None)).kind

    began = time.monotonic()
    kind = asyncio.run(ask())
    if kind in ("refused", "failed"):
        raise BenchError(f"the first question was not answered ({kind})")
    return time.monotonic() - began


def measure(
    chat: Chat,
    pids: Callable[[], Mapping[str, int]],
    questions: Mapping[str, Sequence[Question]],
    effort: Effort,
    beside: int | None = None,
) -> Serving:
    """Asks a few questions, reads the memory of each process, puts it under load, and reads the memory again.

    Both sides get the same questions in the same order. `beside`: a process that serves nobody, reported apart.
    """
    asyncio.run(drive(chat, conversations(questions, WARM_UP, seed=0), 1, _FIRST_SECONDS))
    time.sleep(1)
    known = dict(pids())
    idle = read_memory(known)
    runs = [
        asyncio.run(drive(chat, conversations(questions, effort.questions, seed), clients, effort.load_seconds))
        for clients in effort.clients
        for seed in range(1, effort.load_runs + 1)
    ]
    time.sleep(1)
    if dict(pids()) != known:
        raise BenchError("a process ended under the load")
    return Serving(
        idle=idle,
        loaded=read_memory(known),
        beside={} if beside is None else {"supervisor": memory_of(beside, children=False)},
        runs=runs,
    )


def read_memory(pids: Mapping[str, int]) -> dict[str, Memory]:
    """Memory of each named process."""
    return {name: memory_of(pid) for name, pid in pids.items()}
