"""The whole guide as a context manager: for end-to-end tests and benchmarks."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bot.settings import PROJECT_ROOT

_START_SECONDS = 900.0  # a training included


class StartError(Exception):
    """`serve` ended, or did not say that it is ready in time; the message holds what it printed."""


@dataclass
class RunningGuide:
    """A guide that serves at `url`; `process` is its supervisor."""

    url: str
    var_dir: Path
    process: subprocess.Popen[str]
    output: list[str] = field(default_factory=list)

    def pids(self) -> dict[str, int]:
        """Process id of each part that runs at present, by its name (`rasa`, `actions`, `gateway`)."""
        try:
            found = json.loads((self.var_dir / "parts.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(name): int(pid) for name, pid in found.items()}

    def stop(self, number: signal.Signals = signal.SIGTERM, patience: float = 15.0) -> int:
        """Sends the signal to the supervisor and waits; gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=patience)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on at the moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def serve_environment(var_dir: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment of a `serve` on free ports with its run-time files in `var_dir`."""
    port, rasa_port, actions_port = free_ports(3)
    return {
        **os.environ,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "RASA_PORT": str(rasa_port),
        "ACTIONS_PORT": str(actions_port),
        "VAR_DIR": str(var_dir),
        **(extra or {}),
    }


@contextlib.contextmanager
def running_guide(
    var_dir: Path, extra: Mapping[str, str] | None = None, *, start_seconds: float = _START_SECONDS
) -> Iterator[RunningGuide]:
    """Starts `python -m bot.supervisor serve` and gives it when all parts are ready; stops it at the end.

    Trains first when the model is not current. Raises `StartError`.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.supervisor", "serve"],
        cwd=PROJECT_ROOT,
        env=serve_environment(var_dir, extra),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    guide = RunningGuide("", var_dir, process)
    try:
        guide.url = _wait_for_address(process, guide.output, start_seconds)
        yield guide
    finally:
        try:
            guide.stop()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _wait_for_address(process: subprocess.Popen[str], output: list[str], seconds: float) -> str:
    assert process.stdout is not None
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, output, lines), daemon=True).start()
    end = time.monotonic() + seconds
    while True:
        try:
            line = lines.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            raise StartError(f"not ready after {seconds:.0f} s:\n{''.join(output)}") from None
        if line is None:
            raise StartError(f"ended with exit code {process.wait()}:\n{''.join(output)}")
        if line.startswith("http://"):
            return line.strip()


def _read(stream: IO[str], output: list[str], lines: queue.Queue[str | None]) -> None:
    with contextlib.suppress(ValueError):  # closed at the end
        for line in stream:
            output.append(line)
            lines.put(line)
    lines.put(None)
