"""Draws by key instead of by turn: the same key gives the same number, whatever else is drawn.

A stream hands out numbers in order, so who is asked first decides who gets which. What must not
depend on order (how a customer answers a letter) is hashed from its key: SplitMix64's finaliser
(Steele, Lea, Flood 2014) over the key's parts, one after the other, in whole numbers only.
"""

from __future__ import annotations

import zlib

import numpy as np

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def uniforms(seed: int, part: str, *keys: np.ndarray | int) -> np.ndarray:
    """Numbers in [0, 1), one for each row of the keys (whole numbers, of one shape)."""
    start = np.uint64((seed * 0x100000001 + zlib.crc32(part.encode())) % 2**64)
    state = _mixed(np.array([start], dtype=np.uint64))
    for key in keys:
        state = _mixed(state ^ np.atleast_1d(np.asarray(key, dtype=np.int64)).view(np.uint64))
    return (state >> np.uint64(11)).astype(np.float64) / 2.0**53


def _mixed(state: np.ndarray) -> np.ndarray:
    """Unsigned arrays wrap around, which is what is wanted here."""
    z = state + _GAMMA
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))
