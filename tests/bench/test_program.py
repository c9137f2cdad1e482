"""Running the programs that are measured."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.program import run, started, wait_until_ready
from bot.supervisor.running import free_ports


def test_time_and_memory_of_a_program(tmp_path: Path) -> None:
    code = "import time; held = bytes(range(256)) * 400_000; time.sleep(0.5); print('done')"
    ran = run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ, log=tmp_path / "log" / "x.log", limit=30)
    assert 0.5 <= ran.seconds < 20
    assert ran.peak_mb > 100
    assert (tmp_path / "log" / "x.log").read_text() == "done\n"


def test_a_program_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    code = "import sys; print('no such thing'); sys.exit(3)"
    with pytest.raises(BenchError, match=r"ended with 3:\nno such thing"):
        run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ, log=tmp_path / "x.log", limit=30)


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    child = "import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with pytest.raises(BenchError, match="longer than 1 s"):
        run([sys.executable, "-c", parent], cwd=tmp_path, env=os.environ, log=tmp_path / "x.log", limit=1)
    end = time.monotonic() + 10
    status = Path(f"/proc/{(tmp_path / 'pid').read_text()}/stat")
    while status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z":
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_server_is_waited_for_and_stopped(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    log = tmp_path / "x.log"
    command = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"]
    with started(command, cwd=tmp_path, env=os.environ, log=log) as process:
        wait_until_ready([f"http://127.0.0.1:{port}/"], [process], log, 20)
        assert process.poll() is None
    assert process.returncode is not None


def test_a_server_that_ends_is_not_waited_for(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    log = tmp_path / "x.log"
    with (
        started([sys.executable, "-c", "print('no port')"], cwd=tmp_path, env=os.environ, log=log) as process,
        pytest.raises(BenchError, match=r"during its start:\nno port"),
    ):
        wait_until_ready([f"http://127.0.0.1:{port}/"], [process], log, 20)
