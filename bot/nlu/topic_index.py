"""Finds, among all topics of the knowledge, those a text asks for: words, characters and sentence vectors together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.nlu.softmax import Floats
from bot.nlu.tfidf import Document, Tfidf, TfidfConfig

LEXICON = TfidfConfig(words=(1, 1), characters=(2, 4), least=1, most=150_000, word_weight=1.0, character_weight=0.8)


class Entry(NamedTuple):
    """One text by which a topic is found."""

    topic: str
    language: str
    text: str
    words: tuple[str, ...]


class Found(NamedTuple):
    """A topic with how alike its best text is, by words and characters and by each encoder (0 to 1), and together."""

    topic: str
    likeness: float
    lexical: float
    vectors: tuple[float, ...]


@dataclass
class TopicIndex:
    """An index over entries. `factors`: what the likeness of words (`lexical`) and of each encoder counts."""

    topics: tuple[str, ...]
    owners: NDArray[np.int32]
    lexicon: Tfidf
    matrix: sparse.csr_matrix
    vectors: dict[str, Floats]
    factors: Mapping[str, float]
    _columns: sparse.csr_matrix = field(init=False)

    def __post_init__(self) -> None:
        """Turns the matrix for quick look-ups."""
        self._columns = self.matrix.T.tocsr()

    @classmethod
    def build(cls, entries: Sequence[Entry], vectors: Mapping[str, Floats], factors: Mapping[str, float]) -> TopicIndex:
        """Index entries; `vectors` holds for each encoder one row an entry."""
        topics = tuple(dict.fromkeys(entry.topic for entry in entries))
        number = {topic: at for at, topic in enumerate(topics)}
        documents = [Document(entry.text, entry.words) for entry in entries]
        lexicon = Tfidf.fit(documents, LEXICON)
        return cls(
            topics,
            np.array([number[entry.topic] for entry in entries], dtype=np.int32),
            lexicon,
            _unit_rows(lexicon.transform(documents)),
            {name: rows.astype(np.float32) for name, rows in vectors.items()},
            dict(factors),
        )

    def find(
        self, document: Document, query: Mapping[str, Floats], number: int = 5, without: int | None = None
    ) -> list[Found]:
        """The `number` topics most alike, best first. `query` holds the text's vector for each encoder there is.

        `without`: the number of an entry that is passed over (to see what is found without it).
        """
        if not self.topics:
            return []
        row = self.lexicon.transform([document])
        row.data /= max(float(np.linalg.norm(row.data)), 1e-9)
        lexical = self._lexical(row)
        parts = []
        total = self.factors.get("lexical", 1.0) * lexical
        most = self.factors.get("lexical", 1.0)
        for name, rows in self.vectors.items():
            vector = query.get(name)
            if vector is None or vector.shape != (rows.shape[1],):
                parts.append(np.zeros(len(rows), dtype=np.float32))
                continue
            alike = np.maximum(rows @ vector, 0.0)
            factor = self.factors.get(name, 0.5)
            total = total + factor * alike
            most += factor
            parts.append(alike)
        scores = total / most
        if without is not None:
            scores[without] = -1.0
        best = np.full(len(self.topics), -1.0, dtype=np.float32)
        np.maximum.at(best, self.owners, scores)
        chosen = np.argsort(-best)[:number]
        found = []
        for topic in chosen:
            own = np.flatnonzero(self.owners == topic)
            at = own[int(np.argmax(scores[own]))]
            found.append(
                Found(self.topics[topic], float(scores[at]), float(lexical[at]), tuple(float(p[at]) for p in parts))
            )
        return found

    def _lexical(self, row: sparse.csr_matrix) -> Floats:
        """Cosines of a row with every entry, summed over the row's few columns only."""
        starts, lengths = self._columns.indptr[row.indices], np.diff(self._columns.indptr)[row.indices]
        if not len(lengths) or not lengths.sum():
            return np.zeros(len(self.owners), dtype=np.float32)
        steps = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.repeat(starts, lengths) + steps
        values = self._columns.data[places] * np.repeat(row.data, lengths)
        sums = np.bincount(self._columns.indices[places], weights=values, minlength=len(self.owners))
        return sums.astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write the index into `folder` (JSON and npz)."""
        meta = {"topics": self.topics, "factors": dict(self.factors), "encoders": list(self.vectors)}
        (folder / "topics.json").write_text(json.dumps(meta), encoding="utf-8")
        self.lexicon.save(folder)
        arrays: dict[str, NDArray[np.generic]] = {
            "owners": self.owners, "data": self.matrix.data.astype(np.float16),
            "indices": self.matrix.indices, "indptr": self.matrix.indptr,
            **{f"vectors_{name}": rows.astype(np.float16) for name, rows in self.vectors.items()},
        }  # fmt: skip
        np.savez(folder / "topics.npz", **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, folder: Path) -> TopicIndex:
        """Read what `save` wrote. Raises `OSError`, `KeyError` or `ValueError` when it is not there or broken."""
        meta = json.loads((folder / "topics.json").read_text(encoding="utf-8"))
        lexicon = Tfidf.load(folder)
        with np.load(folder / "topics.npz", allow_pickle=False) as arrays:
            matrix = sparse.csr_matrix(
                (arrays["data"].astype(np.float32), arrays["indices"], arrays["indptr"]),
                shape=(len(arrays["owners"]), lexicon.dimensions),
            )
            vectors = {name: arrays[f"vectors_{name}"].astype(np.float32) for name in meta["encoders"]}
            owners = arrays["owners"]
        return cls(tuple(meta["topics"]), owners, lexicon, matrix, vectors, meta["factors"])


def evidence(found: Sequence[Found], words: int) -> Floats:
    """What the first hit's trustworthiness is judged by, shape (7,): likenesses, lead over the second, length."""
    if not found:
        return np.zeros(7, dtype=np.float32)
    first = found[0]
    second = found[1].likeness if len(found) > 1 else 0.0
    vectors = (*first.vectors, 0.0, 0.0)[:2]
    values = (first.likeness, first.lexical, *vectors, first.likeness - second, np.log1p(words), first.lexical**2)
    return np.array(values, dtype=np.float32)


def _unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1.0 / np.maximum(lengths, 1e-9)) @ matrix).astype(np.float32)
