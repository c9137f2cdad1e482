"""What can go wrong while measuring."""

from __future__ import annotations


class BenchError(Exception):
    """A measurement is impossible; the message is one line for the person at the terminal."""
