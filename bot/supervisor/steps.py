"""A program that runs before the parts do and must end well: import, training, tests of the stories."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bot.supervisor.errors import SupervisorError
from bot.supervisor.logs import CappedLog
from bot.supervisor.process import Child, describe_exit

_FULL_DISK = ("No space left on device", "database or disk is full", "Disk quota exceeded")


class Step:
    """Runs one program with its output in `log`; with `show`, also on the terminal."""

    def __init__(self, name: str, log: CappedLog, *, say: Callable[[str], None], show: bool = False) -> None:
        self.name = name
        self.log = log
        self.show = show
        self._say = say

    async def run(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> float:
        """Gives the seconds it took; raises `SupervisorError` when the program does not end with 0.

        Cancelled, it stops the program first. Says every five seconds that it is still at it.
        """
        began = time.monotonic()
        child = await Child.start(command, cwd=cwd, env=env, sink=self._sink)
        progress = asyncio.create_task(self._report(began))
        try:
            code = await child.wait()
        finally:
            progress.cancel()
            await asyncio.shield(child.stop())
        if code != 0:
            self._fail(code)
        return time.monotonic() - began

    def _sink(self, data: bytes) -> None:
        self.log.write(data)
        if self.show:
            sys.stderr.write(data.decode("utf-8", "replace"))
            sys.stderr.flush()

    async def _report(self, began: float) -> None:
        await asyncio.sleep(2)
        while True:
            self._say(f"{self.name} … {time.monotonic() - began:.0f} s")
            await asyncio.sleep(5)

    def _fail(self, code: int) -> None:
        tail = self.log.tail()
        if self.log.lost or any(sign in line for line in tail for sign in _FULL_DISK):
            raise SupervisorError("disk_full", f"{self.name} failed: the disk is full")
        raise SupervisorError(
            "step_failed",
            f"{self.name} failed ({describe_exit(code)}); its log is {self.log.path}",
            () if self.show else tail,
        )
