"""Runs the programs that are measured: to their end, or as a server until it is no longer needed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.errors import BenchError

POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Ran:
    """How long a program took, and the largest resident memory (MB) that it or one program it waited for had."""

    seconds: float
    peak_mb: float


def run(command: Sequence[object], *, cwd: Path, env: Mapping[str, str], log: Path, limit: float) -> Ran:
    """Runs a program to its end. Raises `BenchError` when it fails or takes longer than `limit` seconds."""
    began = time.monotonic()
    with started(command, cwd=cwd, env=env, log=log) as process:
        while True:
            # `wait4` gives this program's memory; `Popen.wait` would not.
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            seconds = time.monotonic() - began
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                break
            if seconds > limit:
                raise BenchError(f"{_name(command)} took longer than {limit:.0f} s; its log is {log}")
            time.sleep(POLL_SECONDS)
    if process.returncode != 0:
        raise BenchError(f"{_name(command)} ended with {process.returncode}:\n{_tail(log)}")
    return Ran(seconds, usage.ru_maxrss * 1024 / 1_000_000)


@contextlib.contextmanager
def started(
    command: Sequence[object], *, cwd: Path, env: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own, its output in `log`; ended, with its group, when the block is left."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM, patience: float = 20.0) -> None:
    """Ends the program's process group: asks with the signal first, kills what is left."""
    if process.returncode is None:
        _signal(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=patience)
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def wait_until_ready(
    urls: Sequence[str], processes: Sequence[subprocess.Popen[bytes]], log: Path, limit: float
) -> None:
    """Waits until a GET of every address is answered with 2xx. Raises `BenchError` when a process ends before."""
    end = time.monotonic() + limit
    waiting = list(urls)
    with httpx.Client(trust_env=False, timeout=5.0) as client:
        while waiting:
            if any(process.poll() is not None for process in processes):
                raise BenchError(f"a server ended during its start:\n{_tail(log)}")
            if time.monotonic() > end:
                raise BenchError(f"not ready after {limit:.0f} s: {', '.join(waiting)}; its log is {log}")
            waiting = [url for url in waiting if not _answers(client, url)]
            if waiting:
                time.sleep(POLL_SECONDS)


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).is_success
    except httpx.HTTPError:
        return False


def _name(command: Sequence[object]) -> str:
    return " ".join(Path(str(part)).name for part in command[:4])


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-lines:])
