"""Starting, surviving and stopping, with the three real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.settings import PROJECT_ROOT
from bot.supervisor.running import RunningGuide, running_guide, serve_environment
from tests.supervisor.conftest import alive

PARTS = {"rasa", "actions", "gateway"}


def wait_for(true: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.1)


def answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as response:
        return bool(response.status == 200)
    return False


def listeners() -> dict[int, set[str]]:
    """Port → addresses listened on (IPv4 and IPv6), of the whole machine."""
    found: dict[int, set[str]] = {}
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                address, port = fields[1].split(":")
                found.setdefault(int(port, 16), set()).add(address)
    return found


def listening_ports_of(pid: int) -> set[int]:
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = str(entry.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    ports = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                ports.add(int(fields[1].split(":")[1], 16))
    return ports


@pytest.fixture
def own_guide(tmp_path: Path) -> Iterator[RunningGuide]:
    """A guide that the test may harm."""
    with running_guide(tmp_path) as running:
        yield running


def test_is_ready_and_listens_on_loopback_only(guide: RunningGuide) -> None:
    assert answers(f"{guide.url}/readyz")
    assert set(guide.pids()) == PARTS
    everywhere = listeners()
    for name, pid in guide.pids().items():
        ports = listening_ports_of(pid)
        assert len(ports) == 1, name
        assert everywhere[ports.pop()] == {"0100007F"}, name


def test_a_killed_rasa_is_started_again_while_the_gateway_goes_on(own_guide: RunningGuide) -> None:
    before = own_guide.pids()
    os.kill(before["rasa"], signal.SIGKILL)
    wait_for(lambda: not answers(f"{own_guide.url}/readyz"), 10)
    assert answers(f"{own_guide.url}/healthz")
    wait_for(lambda: answers(f"{own_guide.url}/readyz"), 90)
    after = own_guide.pids()
    assert after["rasa"] != before["rasa"]
    assert (after["gateway"], after["actions"]) == (before["gateway"], before["actions"])
    assert any("rasa ended (signal SIGKILL); starting it again" in line for line in own_guide.output)

    began = time.monotonic()
    assert own_guide.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 10
    assert not any(alive(pid) for pid in after.values())


def test_no_part_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    with running_guide(tmp_path) as running:
        pids = running.pids()
        assert set(pids) == PARTS
        running.process.kill()
        running.process.wait()
        wait_for(lambda: not any(alive(pid) for pid in pids.values()), 5)


@pytest.mark.parametrize("setting", ["PORT", "RASA_PORT", "ACTIONS_PORT"])
def test_a_busy_port_is_one_line_and_a_failure(tmp_path: Path, setting: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "bot.supervisor", "serve"],
            cwd=PROJECT_ROOT,
            env=serve_environment(tmp_path, {setting: port}),
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert f"127.0.0.1:{port} is in use" in ended.stderr
    assert setting in ended.stderr


def test_a_wrong_setting_is_one_line_and_a_failure(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bot.supervisor", "serve"],
        cwd=PROJECT_ROOT,
        env=serve_environment(tmp_path, {"PORT": "http"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "PORT" in ended.stderr
