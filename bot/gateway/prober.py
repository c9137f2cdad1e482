"""Finds out in the background when a part behind the gateway dies and when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.circuit import Circuit

log = structlog.get_logger(__name__)


class Prober:
    """Probes the parts behind the gateway in the background: often while one is down, seldom while all are up."""

    def __init__(
        self,
        probe: Callable[[], Awaitable[bool]],
        circuit: Circuit,
        *,
        seconds_up: float = 5.0,
        seconds_down: float = 0.5,
    ) -> None:
        self._probe = probe
        self._circuit = circuit
        self._seconds_up = seconds_up
        self._seconds_down = seconds_down
        self._now = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._task = asyncio.create_task(self._run(), name="prober")

    async def stop(self) -> None:
        """End and wait for the end."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def hurry(self) -> None:
        """Probe at once: something went wrong."""
        self._now.set()

    async def _run(self) -> None:
        while True:
            try:
                self._circuit.probed(up=await self._probe())
            except Exception:
                log.exception("probe failed")
            self._now.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self._now.wait(), self._seconds_down if self._circuit.is_open else self._seconds_up
                )
