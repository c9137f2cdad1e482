"""Keeps a dead service from costing everyone who asks it the time-out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger(__name__)

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 30.0


class Circuit:
    """Closed: requests go to the service. Open: they do not. After a wait one at a time may try again.

    A part found dead by a probe opens the circuit and a good probe lets the next message try; a failed try doubles the
    wait. `name` stands in the log. Not thread-safe.
    """

    def __init__(self, name: str, *, failures_to_open: int = 2, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
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
        """Whether requests are kept from the service."""
        return self._open or not self._parts_up

    def allow(self) -> bool:
        """Whether the next request may go to the service. After True, call `succeeded`, `failed` or `given_up`."""
        if not self._parts_up:
            return False
        if not self._open:
            return True
        if self._trying or self._clock() < self._retry_at:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        """The service answered."""
        if self._open:
            log.info("answers again", service=self._name)
        self._open = self._trying = False
        self._failures = 0
        self._wait = FIRST_WAIT

    def failed(self, *, hard: bool) -> None:
        """No answer (`hard`), or no usable one (which says nothing about the next request)."""
        tried, self._trying = self._trying, False
        if not hard and not tried:
            return
        self._failures += 1
        if tried or self._failures >= self._failures_to_open:
            if not self._open:
                log.warning("does not answer: going on without it", service=self._name, failures=self._failures)
            self._open = True
            self._retry_at = self._clock() + self._wait
            self._wait = min(self._wait * 2, LONGEST_WAIT)

    def given_up(self) -> None:
        """The request was abandoned before the service could answer."""
        self._trying = False

    def probed(self, *, up: bool) -> None:
        """What a probe of all parts found."""
        if up != self._parts_up:
            log.log(20 if up else 30, "probed", service=self._name, up=up)
        if up and not self._parts_up:
            self._failures = 0
            self._open = self._trying = False
            self._wait = FIRST_WAIT
        self._parts_up = up
