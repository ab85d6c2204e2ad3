"""BG/NBD: Fader, Hardie, Lee (2005), Marketing Science 24(2).

Nobody can leave before the first repeat purchase: P(alive) is one for every one-time buyer, so
prefer MBG/NBD or Pareto/NBD for deciding whom to write to.
"""

from __future__ import annotations

from typing import ClassVar

from regulars.clv._bg_family import BGFamily


class BetaGeometric(BGFamily):
    """r, alpha: purchase rate ~ Gamma(r, alpha); a, b: drop-out chance ~ Beta(a, b)."""

    name: ClassVar[str] = "bg_nbd"
    tosses_at_zero: ClassVar[int] = 0
