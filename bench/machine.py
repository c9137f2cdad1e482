"""What the benchmark runs on, and how quiet it is."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Machine
from bot.settings import PROJECT_ROOT

_VERSIONS = """\
import importlib.metadata as m, json, platform, sys
found = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = m.version(name)
    except m.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def describe() -> Machine:
    """Processor, cores, memory, system."""
    return Machine(
        processor=_first(Path("/proc/cpuinfo"), r"^model name\s*:\s*(.+)$") or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_mb=int(_first(Path("/proc/meminfo"), r"^MemTotal:\s+(\d+) kB$") or 0) * 1024 // 1_000_000,
        system=_first(Path("/etc/os-release"), r'^PRETTY_NAME="?([^"\n]+)"?$') or platform.system(),
        kernel=platform.release(),
    )


def _first(path: Path, pattern: str) -> str | None:
    try:
        found = re.search(pattern, path.read_text("utf-8", errors="replace"), re.MULTILINE)
    except OSError:
        return None
    return found[1].strip() if found else None


def versions(python: Path, names: Sequence[str]) -> dict[str, str]:
    """Versions of Python and of the named distributions in an environment; those that are absent are left out."""
    answer = subprocess.run(
        [str(python), "-I", "-c", _VERSIONS, *names], capture_output=True, text=True, check=True, timeout=60
    )
    found: dict[str, str] = json.loads(answer.stdout)
    return found


def commit() -> str:
    """The repository's commit, with `+` when files differ from it; empty outside a repository."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(PROJECT_ROOT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout.strip()

    head = git("rev-parse", "--short=10", "HEAD")
    return head + "+" if head and git("status", "--porcelain", "--untracked-files=no") else head


def ticks(stat: str) -> tuple[int, int]:
    """(busy, all) clock ticks of all processors since the start, from the first line of `/proc/stat`."""
    values = [int(value) for value in stat.split("\n", 1)[0].split()[1:9]]
    idle = values[3] + values[4]
    return sum(values) - idle, sum(values)


def busy_share(seconds: float = 2.0) -> float:
    """Share of the processors' time that other programs use, watched for some seconds; 0..1."""
    path = Path("/proc/stat")
    before = ticks(path.read_text("ascii"))
    time.sleep(seconds)
    after = ticks(path.read_text("ascii"))
    return round((after[0] - before[0]) / max(1, after[1] - before[1]), 3)
