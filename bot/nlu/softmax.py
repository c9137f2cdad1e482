"""Multinomial logistic regression on a sparse and a dense block of features, fitted with numpy and scipy only."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
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
    penalty: float,
    iterations: int,
    weights: Floats | None = None,
    start: Softmax | None = None,
) -> Softmax:
    """Minimise the (weighted) sum of log losses + penalty/2 · |weights|² by L-BFGS, stopped after `iterations`.

    `labels` are class numbers, shape (rows,). `start`: a model of the same shape to go on from. Deterministic.
    """
    size, depth = features.words.shape[1], features.vectors.shape[1]
    transposed = features.words.T.tocsr()
    wanted = np.zeros((features.rows, classes), dtype=np.float32)
    wanted[np.arange(features.rows), labels] = 1.0
    each = np.ones(features.rows, dtype=np.float32) if weights is None else weights.astype(np.float32)
    regular = np.ones((size + depth + 1, 1), dtype=np.float32)
    regular[-1] = 0.0

    def loss(point: Floats) -> tuple[float, Floats]:
        model = _unpack(point, size)
        logits = model.logits(features)
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        total = odds.sum(axis=1, keepdims=True)
        value = float((each * (np.log(total[:, 0]) - (logits * wanted).sum(axis=1))).sum(dtype=np.float64))
        value += 0.5 * penalty * float((point * point * regular).sum(dtype=np.float64))
        rest = (odds / total - wanted) * each[:, None]
        gradient = np.empty_like(point)
        gradient[:size] = transposed @ rest
        gradient[size:-1] = features.vectors.T @ rest
        gradient[-1] = rest.sum(axis=0)
        gradient += penalty * regular * point
        return value, gradient

    point = np.zeros((size + depth + 1, classes), dtype=np.float32)
    if start is not None:
        point = np.vstack([start.words, start.vectors, start.intercept[np.newaxis, :]])
    return _unpack(_minimise(loss, point, iterations), size)


def _unpack(point: Floats, size: int) -> Softmax:
    return Softmax(point[:size], point[size:-1], point[-1])


def _minimise(
    loss: Callable[[Floats], tuple[float, Floats]], point: Floats, iterations: int, memory: int = 6
) -> Floats:
    """L-BFGS with step halving; single precision throughout (the point holds millions of numbers)."""
    value, gradient = loss(point)
    pairs: deque[tuple[Floats, Floats, float]] = deque(maxlen=memory)
    for _ in range(iterations):
        direction = -_two_loops(gradient, pairs)
        slope = _dot(direction, gradient)
        if slope >= 0.0:
            pairs.clear()
            direction, slope = -gradient, -_dot(gradient, gradient)
        step = 1.0 if pairs else 1.0 / max(1e-9, float(np.sqrt(-slope)))
        for _ in range(12):
            trial = point + np.float32(step) * direction
            reached, slopes = loss(trial)
            if reached <= value + 1e-4 * step * slope:
                break
            step /= 2.0
        else:
            return point
        moved, changed = trial - point, slopes - gradient
        curvature = _dot(moved, changed)
        if curvature > 1e-10:
            pairs.append((moved, changed, 1.0 / curvature))
        done = value - reached < 1e-4 * abs(value)
        point, value, gradient = trial, reached, slopes
        if done:
            break
    return point


def _two_loops(gradient: Floats, pairs: deque[tuple[Floats, Floats, float]]) -> Floats:
    found = gradient.copy()
    kept: list[float] = []
    for moved, changed, inverse in reversed(pairs):
        share = inverse * _dot(moved, found)
        kept.append(share)
        found -= np.float32(share) * changed
    if pairs:
        moved, changed, inverse = pairs[-1]
        found *= np.float32(1.0 / (inverse * _dot(changed, changed)))
    for (moved, changed, inverse), share in zip(pairs, reversed(kept), strict=True):
        found += np.float32(share - inverse * _dot(changed, found)) * moved
    return found


def _dot(one: Floats, other: Floats) -> float:
    return float(np.vdot(one, other))
