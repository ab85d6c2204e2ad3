"""Every kind of dirt by name, and which of them a world wants."""

from __future__ import annotations

from regulars.sample_company.dirt.mishaps import MISHAPS
from regulars.sample_company.dirt.odd_files import ODD_FILES
from regulars.sample_company.parts import Dirt

# Made by the company itself rather than planted in a row or a file.
LATE_PARENT, FOREIGN_CURRENCY = "late_parent", "foreign_currency"
KINDS = frozenset(
    {
        *(mishap.kind for mishap in MISHAPS),
        *(odd.kind for odd in ODD_FILES),
        LATE_PARENT,
        FOREIGN_CURRENCY,
    }
)
_EXTRAORDINARY = frozenset(odd.kind for odd in ODD_FILES if not odd.is_ordinary)


def wants(dirt: Dirt, kind: str) -> bool:
    """Whether a world plants this kind."""
    chosen = KINDS - _EXTRAORDINARY if dirt.kinds is None else dirt.kinds
    return dirt.per_mille > 0 and kind in chosen


def only(names: str) -> frozenset[str]:
    """Kinds from "all", "none" or names between commas. Raises ValueError for an unknown name."""
    if names in ("all", "none"):
        return KINDS if names == "all" else frozenset()
    kinds = frozenset(name.strip() for name in names.split(","))
    if not kinds <= KINDS:
        unknown, known = (", ".join(sorted(some)) for some in (kinds - KINDS, KINDS))
        raise ValueError(f"There is no dirt of the kind {unknown}. Known: {known}.")
    return kinds
