"""TF-IDF of words and characters as one sparse row a text; learnt and applied with numpy and scipy only."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.nlu.normalization import fold, normalise

_PUNCTUATION = re.compile(r"[¿¡?!？！。．.…,，、;；:：\"“”„«»()（）「」『』।]+")


@dataclass(frozen=True)
class TfidfConfig:
    """Lengths of word and character n-grams, how often a gram must be seen, how many are kept, either part's weight."""

    words: tuple[int, int] = (1, 2)
    characters: tuple[int, int] = (1, 4)
    least: int = 2
    most: int = 150_000
    word_weight: float = 0.7
    character_weight: float = 1.0

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> TfidfConfig:
        """The fields among `values`; lists become tuples."""
        known = {name: value for name, value in values.items() if name in cls.__dataclass_fields__}
        for name in ("words", "characters"):
            if name in known:
                shortest, longest = known[name]
                known[name] = (int(shortest), int(longest))
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its words as the tokenizer of its language cut them."""

    text: str
    words: tuple[str, ...]


def word_grams(words: Sequence[str], sizes: tuple[int, int]) -> Iterator[str]:
    """`w` and the words of each n-gram, joined by spaces."""
    for size in range(sizes[0], sizes[1] + 1):
        for start in range(len(words) - size + 1):
            yield "w" + " ".join(words[start : start + size])


def character_grams(text: str, sizes: tuple[int, int]) -> Iterator[str]:
    """`c` and each n-gram inside a run of non-spaces; a space marks the run's ends.

    Punctuation counts as space: people type without it, what is asked formally has it, and it must tell neither apart.
    """
    for run in _PUNCTUATION.sub(" ", normalise(text)).split():
        padded = f" {run} "
        for size in range(sizes[0], sizes[1] + 1):
            for start in range(len(padded) - size + 1):
                yield "c" + padded[start : start + size]


@dataclass
class Tfidf:
    """A learnt vocabulary: grams in column order, their inverse document frequency."""

    config: TfidfConfig
    index: dict[str, int]
    idf: NDArray[np.float32]

    @classmethod
    def fit(cls, documents: Iterable[Document], config: TfidfConfig | None = None) -> Tfidf:
        """Learn from documents. The most frequent grams are kept."""
        tuning = config or TfidfConfig()
        seen: Counter[str] = Counter()
        number = 0
        for document in documents:
            number += 1
            seen.update(set(_grams(document, tuning)))
        kept = [gram for gram, times in seen.most_common(tuning.most) if times >= tuning.least]
        kept.sort()
        idf = np.array([np.log((1 + number) / (1 + seen[gram])) + 1.0 for gram in kept], dtype=np.float32)
        return cls(tuning, {gram: column for column, gram in enumerate(kept)}, idf)

    @property
    def dimensions(self) -> int:
        """Columns of a row."""
        return len(self.index)

    def transform(self, documents: Sequence[Document]) -> sparse.csr_matrix:
        """Shape (len(documents), dimensions): sublinear term frequency times idf; either part of fixed length."""
        indices: list[int] = []
        values: list[NDArray[np.float32]] = []
        ends = [0]
        for document in documents:
            for grams, weight in (
                (_word_forms(document, self.config), self.config.word_weight),
                (_character_forms(document, self.config), self.config.character_weight),
            ):
                counts = Counter(column for gram in grams if (column := self.index.get(gram)) is not None)
                if not counts:
                    continue
                columns = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
                amount = 1.0 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
                part = amount * self.idf[columns]
                indices.extend(columns.tolist())
                values.append((weight * part / np.linalg.norm(part)).astype(np.float32))
            ends.append(len(indices))
        data = np.concatenate(values) if values else np.zeros(0, dtype=np.float32)
        return sparse.csr_matrix(
            (data, np.array(indices, dtype=np.int32), np.array(ends, dtype=np.int32)),
            shape=(len(documents), self.dimensions),
        )

    def save(self, folder: Path) -> None:
        """Write `tfidf.json` and `tfidf.npz` into `folder`."""
        meta = {"config": asdict(self.config), "grams": list(self.index)}
        (folder / "tfidf.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / "tfidf.npz", idf=self.idf)

    @classmethod
    def load(cls, folder: Path) -> Tfidf:
        """Read what `save` wrote. Raises `OSError`, `KeyError` or `ValueError` when it is not there or broken."""
        meta = json.loads((folder / "tfidf.json").read_text(encoding="utf-8"))
        with np.load(folder / "tfidf.npz", allow_pickle=False) as arrays:
            idf = arrays["idf"].astype(np.float32)
        index = {gram: column for column, gram in enumerate(meta["grams"])}
        if len(index) != len(idf):
            raise ValueError(f"TF-IDF model in {folder} is inconsistent")
        return cls(TfidfConfig.from_mapping(meta["config"]), index, idf)


def _word_forms(document: Document, config: TfidfConfig) -> Iterator[str]:
    """Word n-grams, and the same without diacritics where there are any: many people type without them."""
    yield from word_grams(document.words, config.words)
    bare = tuple(map(fold, document.words))
    if bare != document.words:
        yield from word_grams(bare, config.words)


def _character_forms(document: Document, config: TfidfConfig) -> Iterator[str]:
    """Character n-grams, and the same without diacritics where there are any."""
    yield from character_grams(document.text, config.characters)
    bare = fold(document.text)
    if bare != normalise(document.text):
        yield from character_grams(bare, config.characters)


def _grams(document: Document, config: TfidfConfig) -> Iterator[str]:
    yield from _word_forms(document, config)
    yield from _character_forms(document, config)
