"""Log files of the parts, capped in size."""

from __future__ import annotations

from collections import deque
from pathlib import Path

TAIL_LINES = 25


class CappedLog:
    """Appends a program's output to `path`; at `max_bytes` the file becomes `<path>.1` and a new one begins.

    A full disk loses log lines and nothing else: `lost` tells so. The last lines are also kept in memory.
    """

    def __init__(self, path: Path, max_bytes: int = 5_000_000, backups: int = 2) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self.backups = backups
        self.lost = False
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._line = b""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._size = path.stat().st_size if path.exists() else 0

    def write(self, data: bytes) -> None:
        """Appends raw output."""
        self._remember(data)
        try:
            if self._size + len(data) > self.max_bytes:
                self._rotate()
            with self.path.open("ab") as file:
                file.write(data)
            self._size += len(data)
        except OSError:
            self.lost = True

    def tail(self) -> tuple[str, ...]:
        """The last lines, oldest first."""
        unfinished = self._line.decode("utf-8", "replace").rstrip()
        return (*self._tail, unfinished) if unfinished else tuple(self._tail)

    def _remember(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        self._line = self._line[-4_000:]
        self._tail.extend(line.decode("utf-8", "replace").rstrip()[:500] for line in lines if line.strip())

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _rotate(self) -> None:
        for number in range(self.backups, 0, -1):
            source = self.path if number == 1 else self._numbered(number - 1)
            if source.exists():
                source.replace(self._numbered(number))
        self._size = 0
