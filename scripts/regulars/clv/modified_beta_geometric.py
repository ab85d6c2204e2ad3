"""MBG/NBD: the champion until another model earns it.

Batislam, Denizel, Filiztekin (2007), IJRM 24(3); Hoppe, Wagner (2007), Marketing ZFP 3. A
customer may leave right after the first purchase, so a one-time buyer's P(alive) is below one.
"""

from __future__ import annotations

from typing import ClassVar

from regulars.clv._bg_family import BGFamily


class ModifiedBetaGeometric(BGFamily):
    """r, alpha: purchase rate ~ Gamma(r, alpha); a, b: drop-out chance ~ Beta(a, b)."""

    name: ClassVar[str] = "mbg_nbd"
    tosses_at_zero: ClassVar[int] = 1
