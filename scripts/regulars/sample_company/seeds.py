"""One random stream per part, so that a change in one part leaves the others' draws alone."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, part: str) -> np.random.Generator:
    """Generator for the named part. The same (seed, part) gives the same draws everywhere."""
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=(zlib.crc32(part.encode()),))
    return np.random.Generator(np.random.PCG64(sequence))


def pick(rng: np.random.Generator, size: int, shares: tuple[float, ...] | np.ndarray) -> np.ndarray:
    """Codes 0..len(shares)-1, drawn with the given shares (which need not add up to one)."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right").astype(np.int64)


def pick_by_row(rng: np.random.Generator, shares: np.ndarray) -> np.ndarray:
    """Codes drawn with a different row of shares each; shares has shape (rows, codes)."""
    edges = np.cumsum(shares, axis=1)
    draws = rng.random(len(shares))[:, None] * edges[:, -1:]
    return (draws >= edges).sum(axis=1).astype(np.int64)
