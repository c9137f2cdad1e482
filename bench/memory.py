"""Resident memory of a process and everything it started, from `/proc`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bench.errors import BenchError
from bench.figures import Memory

PROC = Path("/proc")
_KB = 1024
_MB = 1_000_000


def kilobytes(text: str, key: str) -> int | None:
    """The value of `key` in a file like `/proc/<pid>/status` (`VmRSS:  123 kB`); None when it is not there."""
    found = re.search(rf"^{re.escape(key)}:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) if found else None


def family(pid: int, proc: Path = PROC) -> Iterator[int]:
    """The process and its descendants."""
    yield pid
    for path in proc.glob(f"{pid}/task/*/children"):
        try:
            children = path.read_text("ascii").split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child), proc)


def memory_of(pid: int, *, children: bool = True, proc: Path = PROC) -> Memory:
    """Memory of a running process, in MB (10⁶ bytes), with its descendants'. Raises `BenchError` when it is gone."""
    pids = list(family(pid, proc)) if children else [pid]
    resident = [_read(proc / str(each) / "status", "VmRSS") for each in pids]
    shared_fairly = [_read(proc / str(each) / "smaps_rollup", "Pss") for each in pids]
    if resident[0] is None:
        raise BenchError(f"process {pid} is gone")
    pss = None if any(size is None for size in shared_fairly) else sum(size or 0 for size in shared_fairly)
    return Memory(
        rss_mb=round(sum(size or 0 for size in resident) * _KB / _MB, 1),
        pss_mb=None if pss is None else round(pss * _KB / _MB, 1),
    )


def _read(path: Path, key: str) -> int | None:
    try:
        return kilobytes(path.read_text("ascii", errors="replace"), key)
    except OSError:
        return None
