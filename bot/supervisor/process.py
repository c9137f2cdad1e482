"""One child process in a group of its own, that never outlives the supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with(parent: int) -> Callable[[], None]:
    """Run in the child before its program: the kernel kills it when the supervisor ends, however that ends."""

    def set_death_signal() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:  # the supervisor ended in between
                os._exit(1)

    return set_death_signal


class Child:
    """A running program whose output goes to `sink`."""

    def __init__(self, process: asyncio.subprocess.Process, sink: Callable[[bytes], None]) -> None:
        self._process = process
        self._pump = asyncio.create_task(self._copy(sink))

    @classmethod
    async def start(
        cls, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], sink: Callable[[bytes], None]
    ) -> Child:
        """Starts the program; raises OSError when it cannot be started."""
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=dict(env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C at the terminal reaches the supervisor only, which stops its children.
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),
        )
        return cls(process, sink)

    async def _copy(self, sink: Callable[[bytes], None]) -> None:
        stream = self._process.stdout
        assert stream is not None
        while data := await stream.read(65_536):
            sink(data)

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its group."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """True until the program has ended."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Waits for the end; gives the exit code, negative for a signal."""
        code = await self._process.wait()
        # A grandchild may hold the pipe open.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._pump), timeout=1)
        return code

    async def stop(self, patience: float = 6.0) -> None:
        """Asks the group to end; after `patience` seconds, and for what is left of the group, it is killed."""
        if self.running:
            self._signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), timeout=patience)
            except TimeoutError:
                self._signal(signal.SIGKILL)
                await self._process.wait()
        self._signal(signal.SIGKILL)
        self._pump.cancel()

    def kill(self) -> None:
        """Kills the group at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def describe_exit(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
