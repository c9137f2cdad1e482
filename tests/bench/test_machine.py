"""What the benchmark says about the machine."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

from bench.machine import busy_share, describe, ticks, versions


def test_ticks_of_the_kernels_first_line() -> None:
    text = "cpu  100 5 20 800 50 3 2 1 7 9\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
    assert ticks(text) == (131, 981)


def test_busy_is_a_share() -> None:
    assert 0 <= busy_share(0.2) <= 1


def test_this_machine_is_described() -> None:
    found = describe()
    assert found.cores >= 1
    assert found.memory_mb > 100
    assert found.processor
    assert found.system
    assert found.kernel


def test_versions_leave_out_what_is_absent() -> None:
    found = versions(Path(sys.executable), ["httpx", "no-such-distribution"])
    assert found["httpx"] == importlib.metadata.version("httpx")
    assert found["python"].startswith("3.11")
    assert "no-such-distribution" not in found
