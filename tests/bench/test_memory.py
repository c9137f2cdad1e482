"""Memory of processes, from the kernel's own files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.memory import family, kilobytes, memory_of


def test_kilobytes_reads_only_the_line_of_its_key() -> None:
    text = "Name:\tx\nVmHWM:\t  900 kB\nVmRSS:\t   512 kB\nRssAnon:\t  7 kB\n"
    assert kilobytes(text, "VmRSS") == 512
    assert kilobytes(text, "Pss") is None


def fake(proc: Path, pid: int, rss: int, pss: int | None, children: str = "") -> None:
    (proc / str(pid) / "task" / str(pid)).mkdir(parents=True)
    (proc / str(pid) / "task" / str(pid) / "children").write_text(children)
    (proc / str(pid) / "status").write_text(f"VmRSS:\t{rss} kB\n")
    if pss is not None:
        (proc / str(pid) / "smaps_rollup").write_text(f"Rss: {rss} kB\nPss: {pss} kB\nPss_Dirty: 1 kB\n")


def test_memory_is_that_of_the_process_and_its_descendants_in_mb(tmp_path: Path) -> None:
    fake(tmp_path, 10, 100_000, 80_000, "11 12")
    fake(tmp_path, 11, 20_000, 10_000, "13")
    fake(tmp_path, 12, 3_000, 2_000)
    fake(tmp_path, 13, 1_000, 1_000)
    assert list(family(10, tmp_path)) == [10, 11, 13, 12]
    found = memory_of(10, proc=tmp_path)
    assert found.rss_mb == pytest.approx(124_000 * 1024 / 1e6, abs=0.1)
    assert found.pss_mb == pytest.approx(93_000 * 1024 / 1e6, abs=0.1)
    assert memory_of(10, children=False, proc=tmp_path).rss_mb == pytest.approx(102.4, abs=0.1)


def test_no_proportional_share_where_the_kernel_gives_none(tmp_path: Path) -> None:
    fake(tmp_path, 10, 1_000, None)
    assert memory_of(10, proc=tmp_path).pss_mb is None


def test_a_process_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="gone"):
        memory_of(10, proc=tmp_path)


def test_memory_of_a_real_program_grows_with_what_it_holds() -> None:
    hold = "import sys; data = bytes(range(256)) * 400_000; print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "held\n"
        found = memory_of(program.pid)
        assert program.pid in family(os.getpid())
        program.communicate()
    assert 100 < found.rss_mb < 200
