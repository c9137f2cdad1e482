"""Multinomial logistic regression on a sparse and a dense block of features, fitted with numpy and scipy only.

scikit-learn's would need the dense block in sparse form or the sparse one in dense form, and takes minutes for either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """`rows` texts as a sparse block (rows, s) and a dense block (rows, d); either may have no columns."""

    words: sparse.csr_matrix
    vectors: Floats

    @property
    def rows(self) -> int:
        """Number of texts."""
        return int(self.words.shape[0])

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Features:
        """Only the chosen rows."""
        return Features(self.words[chosen], self.vectors[chosen])


@dataclass
class Softmax:
    """Weights of the two blocks and the intercept: (s, k), (d, k), (k,) for k classes."""

    words: Floats
    vectors: Floats
    intercept: Floats

    def logits(self, features: Features) -> Floats:
        """Unnormalised log probabilities, shape (rows, k)."""
        found = np.asarray(features.words @ self.words, dtype=np.float32) + features.vectors @ self.vectors
        return (found + self.intercept).astype(np.float32)


def probabilities(logits: Floats, temperature: float | Floats = 1.0) -> Floats:
    """Softmax along the last axis of `logits / temperature`."""
    scaled = logits / temperature
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    odds = np.exp(scaled)
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True), dtype=np.float32)


def fit(
    features: Features,
    labels: NDArray[np.intp],
    classes: int,
    *,
    penalty: float = 0.03,
    epochs: int = 5,
    rate: float = 0.4,
    batch: int = 2048,
    seed: int = 1,
) -> Softmax:
    """Minimise the sum of log losses + penalty/2 · |weights|² by AdaGrad (Duchi, Hazan, Singer 2011) on small batches.

    `labels` are class numbers, shape (rows,). Texts have few of many words: a step touches only the weights of the
    words in its batch, so a few passes (`epochs`, with a `rate` that falls to nothing) come closer to the minimum than
    many full passes. The dense block is centred, which the intercept makes good. Deterministic.
    """
    centre = features.vectors.mean(axis=0, keepdims=True, dtype=np.float64).astype(np.float32)
    dense = np.hstack([features.vectors - centre, np.ones((features.rows, 1), dtype=np.float32)])
    words = _Block(features.words.shape[1], classes, penalty / features.rows)
    vectors = _Block(dense.shape[1], classes, penalty / features.rows)
    shuffle = np.random.default_rng(seed)
    starts = range(0, features.rows, batch)
    for epoch in range(epochs):
        order = shuffle.permutation(features.rows)
        for number, start in enumerate(starts):
            chosen = order[start : start + batch]
            part, columns = _narrow(features.words[chosen])
            rest = part @ words.weights[columns] + dense[chosen] @ vectors.weights
            rest = probabilities(rest)
            rest[np.arange(len(chosen)), labels[chosen]] -= 1.0
            rest /= len(chosen)
            now = rate * (1.0 - (epoch * len(starts) + number) / (epochs * len(starts)))
            words.step(part.T @ rest, now, columns)
            vectors.step(dense[chosen].T @ rest, now)
    inner = vectors.weights[:-1]
    return Softmax(words.weights, inner, vectors.weights[-1] - (centre @ inner)[0])


class _Block:
    """Weights (columns, classes) with the sum of their squared gradients, by which AdaGrad shortens their steps."""

    def __init__(self, columns: int, classes: int, penalty: float) -> None:
        self.weights = np.zeros((columns, classes), dtype=np.float32)
        self._squares = np.zeros((columns, classes), dtype=np.float32)
        self._penalty = np.float32(penalty)

    def step(self, gradient: Floats, rate: float, columns: NDArray[np.intp] | slice = slice(None)) -> None:
        """Move the weights of `columns` against their `gradient`."""
        weights = self.weights[columns]
        gradient = gradient + self._penalty * weights
        squares = self._squares[columns] + gradient * gradient
        self._squares[columns] = squares
        self.weights[columns] = weights - np.float32(rate) * gradient / (np.sqrt(squares) + np.float32(1e-8))


def _narrow(rows: sparse.csr_matrix) -> tuple[sparse.csr_matrix, NDArray[np.intp]]:
    """The rows with only the columns that hold something, and which those are."""
    columns, places = np.unique(rows.indices, return_inverse=True)
    narrow = sparse.csr_matrix((rows.data, places.astype(np.int32), rows.indptr), shape=(rows.shape[0], len(columns)))
    return narrow, columns
