"""The supervisor over real child processes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.supervisor.errors import SupervisorError
from tests.supervisor.conftest import PROGRAM, Bench, alive, eventually


def pids(bench: Bench) -> dict[str, int]:
    try:
        found: dict[str, int] = json.loads(bench.pid_file.read_text())
    except (OSError, ValueError):
        return {}
    return found


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_is_ready_when_all_parts_answer_and_stops_them_all(bench: Bench) -> None:
    bench.add("one")
    bench.add("two", "--after", "0.5")
    task = bench.start()
    began = time.monotonic()
    await asyncio.wait_for(bench.ready.wait(), 8)
    assert time.monotonic() - began >= 0.5
    running = pids(bench)
    assert set(running) == {"one", "two"}
    await stop(task)
    assert not any(alive(pid) for pid in running.values())
    assert not bench.pid_file.exists()


async def test_a_part_that_dies_during_the_start_ends_everything_with_one_line(bench: Bench) -> None:
    bench.add("good")
    bench.add("bad", "--after", "0.3", "--die-after", "0", "--exit", "7")
    # Never ready: the port it is asked on is not the one it listens on.
    bench.parts[1] = replace(bench.parts[1], ready_url="http://127.0.0.1:9/")
    task = bench.start()
    await eventually(lambda: "good" in pids(bench))
    good = pids(bench)["good"]
    with pytest.raises(SupervisorError) as caught:
        await task
    assert caught.value.code == "part_died"
    assert "bad ended during the start (exit code 7)" in caught.value.message
    assert "\n" not in caught.value.message
    assert "something broke" in caught.value.details
    assert not alive(good)


async def test_a_part_that_is_never_ready_is_given_up(bench: Bench) -> None:
    bench.patience = replace(bench.patience, start=0.8, progress_every=0.2)
    bench.add("slow", "--after", "30")
    with pytest.raises(SupervisorError) as caught:
        await bench.start()
    assert caught.value.code == "start_timeout"
    assert "slow" in caught.value.message
    assert any("waiting for slow" in line for line in bench.said)


async def test_a_killed_part_is_started_again_and_the_others_are_left_alone(bench: Bench) -> None:
    bench.add("one")
    bench.add("two")
    task = bench.start()
    await asyncio.wait_for(bench.ready.wait(), 8)
    before = pids(bench)
    os.kill(before["one"], signal.SIGKILL)
    await eventually(lambda: pids(bench).get("one", before["one"]) != before["one"])
    assert pids(bench)["two"] == before["two"]
    assert any("one ended (signal SIGKILL); starting it again" in line for line in bench.said)
    await stop(task)


async def test_a_part_that_keeps_dying_is_given_up_after_the_limit(bench: Bench) -> None:
    bench.add("steady")
    bench.add("fragile", "--die-after", "0.7", "--exit", "4")
    task = bench.start()
    await asyncio.wait_for(bench.ready.wait(), 8)
    with pytest.raises(SupervisorError) as caught:
        await asyncio.wait_for(task, 20)
    assert caught.value.code == "part_gave_up"
    assert "fragile ended 3 times" in caught.value.message
    assert sum("starting it again" in line for line in bench.said) == bench.patience.restarts


async def test_a_part_that_no_longer_answers_is_killed_and_started_again(bench: Bench) -> None:
    bench.add("stuck", alive_path="/stuck")
    task = bench.start()
    await asyncio.wait_for(bench.ready.wait(), 8)
    before = pids(bench)["stuck"]
    await eventually(lambda: pids(bench).get("stuck", before) != before, 8)
    assert "stuck does not answer any more" in bench.said
    await stop(task)


async def test_a_part_that_ignores_the_request_to_end_is_killed_with_its_children(bench: Bench) -> None:
    child_file = bench.folder / "grandchild"
    bench.add("deaf", "--deaf", "--child", str(child_file))
    task = bench.start()
    await asyncio.wait_for(bench.ready.wait(), 8)
    deaf, grandchild = pids(bench)["deaf"], int(child_file.read_text())
    assert alive(grandchild)
    began = time.monotonic()
    await stop(task)
    assert time.monotonic() - began < 5
    assert not alive(deaf)
    await eventually(lambda: not alive(grandchild))


async def test_output_goes_to_the_log_of_the_part(bench: Bench) -> None:
    bench.add("one")
    task = bench.start()
    await asyncio.wait_for(bench.ready.wait(), 8)
    await stop(task)
    assert (bench.folder / "log" / "one.log").read_text() == "started\n"


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = f"""
import asyncio, os, sys
from pathlib import Path
from bot.supervisor.checks import Listen
from bot.supervisor.parts import Part
from bot.supervisor.service import Supervisor
url = "http://127.0.0.1:{port}"
command = (sys.executable, {str(PROGRAM)!r}, "{port}", "--deaf")
part = Part("one", command, Listen("127.0.0.1", {port}, "PORT"), url, url)
folder = Path({str(tmp_path)!r})
supervisor = Supervisor([part], cwd=folder, env=dict(os.environ), log_dir=folder, pid_file=folder / "pids", say=print)
asyncio.run(supervisor.run(lambda: print("ready", flush=True)))
"""
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        pid = json.loads((tmp_path / "pids").read_text())["one"]
        assert alive(pid)
        process.kill()
    end = time.monotonic() + 5
    while alive(pid):
        assert time.monotonic() < end, "the child outlived the supervisor"
        time.sleep(0.05)
