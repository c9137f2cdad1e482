"""Work on many texts in all cores: for training. A server answers one message at a time and needs none of it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

LEAST = 2000
"""Fewer items are worked on in this process."""
_PARTS_A_CORE = 4

_work: Callable[[Any], Any] | None = None


def spread(work: Callable[[Sequence[T]], Sequence[R]], items: Sequence[T], least: int = LEAST) -> list[R]:
    """`work` on parts of `items`, a process a core; what it gives for each part, one after the other.

    The processes are forked, so that `work` and what it refers to need not be pickled; items and results must. Raises
    what `work` raises.
    """
    global _work
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if cores < 2 or len(items) < least:
        return list(work(items))
    size = -(-len(items) // (cores * _PARTS_A_CORE))
    parts = [items[start : start + size] for start in range(0, len(items), size)]
    _work = work
    try:
        with multiprocessing.get_context("fork").Pool(cores) as pool:
            return [result for part in pool.map(_call, parts, chunksize=1) for result in part]
    finally:
        _work = None


def _call(part: Sequence[Any]) -> Any:
    assert _work is not None
    return _work(part)
