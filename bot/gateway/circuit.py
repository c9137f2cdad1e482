"""Keeps a dead Rasa from costing every resident the time-out, and finds out when it is back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

log = structlog.get_logger(__name__)

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 30.0


class Circuit:
    """Closed: messages go to Rasa. Open: they do not. After a wait one message at a time may try again.

    A part found dead by a probe opens the circuit and a good probe lets the next message try; a failed try doubles the
    wait. Single-threaded (one event loop).
    """

    def __init__(self, *, failures_to_open: int = 2, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures_to_open = failures_to_open
        self._clock = clock
        self._failures = 0
        self._open = False
        self._parts_up = True
        self._trying = False
        self._wait = FIRST_WAIT
        self._retry_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether messages are kept from Rasa."""
        return self._open or not self._parts_up

    def allow(self) -> bool:
        """Whether the next message may go to Rasa. After True, call `succeeded`, `failed` or `given_up`."""
        if not self._parts_up:
            return False
        if not self._open:
            return True
        if self._trying or self._clock() < self._retry_at:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        """Rasa answered."""
        if self._open:
            log.info("rasa answers again")
        self._open = self._trying = False
        self._failures = 0
        self._wait = FIRST_WAIT

    def failed(self, *, hard: bool) -> None:
        """Rasa did not answer (`hard`), or gave no usable answer (which says nothing about the next message)."""
        tried, self._trying = self._trying, False
        if not hard and not tried:
            return
        self._failures += 1
        if tried or self._failures >= self._failures_to_open:
            if not self._open:
                log.warning("rasa does not answer: answering without it", failures=self._failures)
            self._open = True
            self._retry_at = self._clock() + self._wait
            self._wait = min(self._wait * 2, LONGEST_WAIT)

    def given_up(self) -> None:
        """The message was abandoned before Rasa could answer."""
        self._trying = False

    def probed(self, *, up: bool) -> None:
        """What a probe of all parts found."""
        if up != self._parts_up:
            log.log(20 if up else 30, "parts behind the gateway", up=up)
        if up and not self._parts_up:
            self._failures = 0
            self._open = self._trying = False
            self._wait = FIRST_WAIT
        self._parts_up = up


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
