"""What can go wrong at start, as one line for the person at the terminal."""

from __future__ import annotations

from typing import Literal

Code = Literal["port_busy", "disk_full", "not_writable", "step_failed", "part_died", "part_gave_up", "start_timeout"]


class SupervisorError(Exception):
    """The guide cannot run (any longer).

    `message` is one line that says what to do; `details` are the last lines a failed program printed.
    """

    def __init__(self, code: Code, message: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
