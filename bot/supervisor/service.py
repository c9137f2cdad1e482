"""Keeps the parts running: starts them, waits until they are ready, restarts one that dies, stops them all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.supervisor.errors import SupervisorError
from bot.supervisor.health import answers
from bot.supervisor.logs import CappedLog
from bot.supervisor.parts import Part
from bot.supervisor.process import Child, describe_exit

Say = Callable[[str], None]


@dataclass(frozen=True)
class Patience:
    """How long and how often (all times in seconds).

    A part that ends is started again after `first_delay`, doubled each time up to `longest_delay`; more than
    `restarts` within `window` and the supervisor gives up. A part that leaves `missed_probes` probes in a row
    unanswered is killed and started again.
    """

    start: float = 120.0
    stop: float = 6.0
    first_delay: float = 1.0
    longest_delay: float = 30.0
    restarts: int = 5
    window: float = 600.0
    probe_every: float = 10.0
    probe_timeout: float = 10.0
    missed_probes: int = 3
    progress_every: float = 2.0


@dataclass
class _Kept:
    """A part and the state of its process."""

    part: Part
    log: CappedLog
    child: Child | None = None
    ended: deque[float] = field(default_factory=deque)


class Supervisor:
    """Runs `parts` in `cwd` with `env`; their output goes to `log_dir`, their process ids to `pid_file`."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        cwd: Path,
        env: Mapping[str, str],
        log_dir: Path,
        pid_file: Path,
        say: Say,
        patience: Patience | None = None,
    ) -> None:
        self._kept = [_Kept(part, CappedLog(log_dir / f"{part.name}.log")) for part in parts]
        self._cwd = cwd
        self._env = env
        self._pid_file = pid_file
        self._say = say
        self._patience = patience or Patience()
        self._serving = False

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Runs until cancelled; all children have ended when it returns or raises.

        Raises `SupervisorError` when a part ends during the start, is not ready in time, or ends too often later.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for kept in self._kept:
                    group.create_task(self._keep(kept))
                group.create_task(self._serve(group, on_ready))
        except BaseExceptionGroup as failures:
            known = failures.subgroup(SupervisorError)
            if known is None:
                raise
            raise _first(known) from None
        finally:
            await asyncio.shield(self._stop_all())

    async def _serve(self, group: asyncio.TaskGroup, on_ready: Callable[[], None]) -> None:
        await self._wait_until_ready()
        self._serving = True
        on_ready()
        for kept in self._kept:
            group.create_task(self._probe(kept))

    async def _keep(self, kept: _Kept) -> None:
        while True:
            kept.child = await self._start(kept)
            self._write_pids()
            code = await kept.child.wait()
            kept.child.kill()
            if not self._serving:
                raise SupervisorError(
                    "part_died",
                    f"{kept.part.name} ended during the start ({describe_exit(code)}); its log is {kept.log.path}",
                    kept.log.tail(),
                )
            await asyncio.sleep(self._delay_before_restart(kept, code))

    async def _start(self, kept: _Kept) -> Child:
        try:
            return await Child.start(
                kept.part.command, cwd=self._cwd, env={**self._env, **kept.part.env}, sink=kept.log.write
            )
        except OSError as error:
            raise SupervisorError("part_died", f"{kept.part.name} cannot be started: {error.strerror}") from error

    def _delay_before_restart(self, kept: _Kept, code: int) -> float:
        rules = self._patience
        now = time.monotonic()
        kept.ended.append(now)
        while kept.ended and now - kept.ended[0] > rules.window:
            kept.ended.popleft()
        times = len(kept.ended)
        if times > rules.restarts:
            raise SupervisorError(
                "part_gave_up",
                f"{kept.part.name} ended {times} times within {rules.window / 60:.0f} minutes "
                f"(last: {describe_exit(code)}); giving up; its log is {kept.log.path}",
                kept.log.tail(),
            )
        delay = min(rules.first_delay * 2.0 ** (times - 1), rules.longest_delay)
        ended = f"{kept.part.name} ended ({describe_exit(code)})"
        self._say(f"{ended}; starting it again in {delay:.0f} s ({times} of {rules.restarts})")
        return delay

    async def _wait_until_ready(self) -> None:
        began = time.monotonic()
        waiting = list(self._kept)
        told = began
        while waiting:
            ready = await asyncio.gather(*(answers(kept.part.ready_url) for kept in waiting))
            waiting = [kept for kept, well in zip(waiting, ready, strict=True) if not well]
            elapsed = time.monotonic() - began
            if waiting and elapsed > self._patience.start:
                names = ", ".join(kept.part.name for kept in waiting)
                raise SupervisorError(
                    "start_timeout",
                    f"not ready after {elapsed:.0f} s: {names}; the log is {waiting[0].log.path}",
                    waiting[0].log.tail(),
                )
            if waiting and time.monotonic() - told >= self._patience.progress_every:
                told = time.monotonic()
                self._say(f"waiting for {', '.join(kept.part.name for kept in waiting)} ({elapsed:.0f} s)")
            if waiting:
                await asyncio.sleep(0.15)

    async def _probe(self, kept: _Kept) -> None:
        missed = 0
        watched: Child | None = None
        while True:
            await asyncio.sleep(self._patience.probe_every)
            child = kept.child
            if child is None or not child.running or child is not watched:
                watched, missed = child, 0
                continue
            missed = 0 if await answers(kept.part.alive_url, self._patience.probe_timeout) else missed + 1
            if missed >= self._patience.missed_probes and child.running:
                self._say(f"{kept.part.name} does not answer any more")
                child.kill()
                missed = 0

    def _write_pids(self) -> None:
        pids = {kept.part.name: kept.child.pid for kept in self._kept if kept.child is not None and kept.child.running}
        new = self._pid_file.with_suffix(".new")
        with contextlib.suppress(OSError):
            new.write_text(json.dumps(pids), encoding="utf-8")
            new.replace(self._pid_file)

    async def _stop_all(self) -> None:
        children = [kept.child for kept in self._kept if kept.child is not None]
        await asyncio.gather(*(child.stop(self._patience.stop) for child in children))
        with contextlib.suppress(OSError):
            self._pid_file.unlink(missing_ok=True)


def _first(group: BaseExceptionGroup[SupervisorError]) -> SupervisorError:
    for failure in group.exceptions:
        return _first(failure) if isinstance(failure, BaseExceptionGroup) else failure
    raise AssertionError("an exception group is never empty")
