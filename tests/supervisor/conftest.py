"""A supervisor over small real programs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.supervisor.checks import Listen
from bot.supervisor.parts import Part
from bot.supervisor.running import free_ports
from bot.supervisor.service import Patience, Supervisor

PROGRAM = Path(__file__).with_name("part_program.py")
QUICK = Patience(
    start=8.0, stop=1.0, first_delay=0.1, longest_delay=0.2, restarts=2, window=60.0, probe_every=0.3, probe_timeout=0.3
)


def alive(pid: int) -> bool:
    """True while the process exists and is not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


async def eventually(true: Callable[[], object], seconds: float = 5.0) -> None:
    """Waits until the condition holds; fails when it does not within `seconds`."""
    end = asyncio.get_running_loop().time() + seconds
    while not true():
        assert asyncio.get_running_loop().time() < end, "did not happen in time"
        await asyncio.sleep(0.03)


class Bench:
    """A supervisor in a temporary folder, with what it said."""

    def __init__(self, folder: Path, patience: Patience) -> None:
        self.folder = folder
        self.patience = patience
        self.said: list[str] = []
        self.ready = asyncio.Event()
        self.parts: list[Part] = []

    def add(self, name: str, *arguments: str, alive_path: str = "/") -> int:
        """Adds a part; gives its port."""
        port = free_ports(1)[0]
        url = f"http://127.0.0.1:{port}"
        command = (sys.executable, str(PROGRAM), str(port), *arguments)
        self.parts.append(Part(name, command, Listen("127.0.0.1", port, "PORT"), url, url + alive_path))
        return port

    @property
    def pid_file(self) -> Path:
        return self.folder / "parts.json"

    def start(self) -> asyncio.Task[None]:
        supervisor = Supervisor(
            self.parts,
            cwd=self.folder,
            env=dict(os.environ),
            log_dir=self.folder / "log",
            pid_file=self.pid_file,
            say=self.said.append,
            patience=self.patience,
        )
        return asyncio.create_task(supervisor.run(self.ready.set))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, QUICK)
