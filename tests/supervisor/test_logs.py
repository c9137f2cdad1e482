"""Log files with a cap."""

from __future__ import annotations

from pathlib import Path

from bot.supervisor.logs import TAIL_LINES, CappedLog


def test_rotates_at_the_cap_and_keeps_two_old_files(tmp_path: Path) -> None:
    log = CappedLog(tmp_path / "part.log", max_bytes=100, backups=2)
    for number in range(40):
        log.write(f"line {number:04d}\n".encode())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part.log", "part.log.1", "part.log.2"]
    assert all(path.stat().st_size <= 100 for path in tmp_path.iterdir())
    assert (tmp_path / "part.log").read_text().endswith("line 0039\n")
    kept = "".join((tmp_path / name).read_text() for name in ("part.log.2", "part.log.1", "part.log"))
    assert [int(line[5:]) for line in kept.splitlines()] == list(range(40 - kept.count("\n"), 40))


def test_goes_on_in_an_existing_file(tmp_path: Path) -> None:
    CappedLog(tmp_path / "part.log").write(b"first\n")
    CappedLog(tmp_path / "part.log").write(b"second\n")
    assert (tmp_path / "part.log").read_text() == "first\nsecond\n"


def test_tail_holds_the_last_lines_across_chunks_and_the_unfinished_one(tmp_path: Path) -> None:
    log = CappedLog(tmp_path / "part.log")
    log.write(b"\n".join(b"%d" % number for number in range(100)) + b"\nha")
    log.write("lf 日".encode()[:-1])
    assert log.tail()[:TAIL_LINES] == tuple(str(number) for number in range(100 - TAIL_LINES, 100))
    assert log.tail()[-1].startswith("half ")


def test_a_disk_that_takes_nothing_loses_lines_and_nothing_else(tmp_path: Path) -> None:
    log = CappedLog(Path("/dev/full"))
    log.write(b"lost\n")
    assert log.lost
    assert log.tail() == ("lost",)
