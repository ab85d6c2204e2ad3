"""What a declared value may be, and the sentence that refuses another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True)
class Bounds:
    """Numbers from low to high, both included, maybe whole; or one of some texts; or any text."""

    low: Decimal | None = None
    high: Decimal | None = None
    is_whole: bool = False
    allowed: tuple[str, ...] = ()
    is_required: bool = True

    @classmethod
    def of(cls, meta: Mapping[str, object]) -> Bounds:
        """From dbt's `meta`: min and max, whole, allowed, and `required: false`."""
        allowed = meta.get("allowed")
        return cls(
            low=_decimal(meta["min"]) if "min" in meta else None,
            high=_decimal(meta["max"]) if "max" in meta else None,
            is_whole=bool(meta.get("whole")),
            allowed=tuple(map(str, allowed)) if isinstance(allowed, list) else (),
            is_required=bool(meta.get("required", True)),
        )

    def fault(self, name: str, value: object) -> str | None:
        """What is wrong with the value and what is allowed, or None."""
        if value is None or value == "":
            return f"{name} is empty." if self.is_required else None
        if self.allowed and value not in self.allowed:
            return f"{name} is '{value}'; use one of {', '.join(self.allowed)}."
        if self.low is not None:
            return self._fault_of_number(name, value)
        if not isinstance(value, str):
            return f"{name} is {value}; it must be a text."
        return None

    def _fault_of_number(self, name: str, value: object) -> str | None:
        number = _decimal(value)
        if number is None:
            return f"{name} is '{value}', which is no number."
        if not (number.is_finite() and (self.low or 0) <= number <= (self.high or 0)):
            return f"{name} is {value}; it must lie between {self.low} and {self.high}."
        if self.is_whole and number != int(number):
            return f"{name} is {value}; it must be a whole number."
        return None


def number(low: float, high: float) -> Bounds:
    return Bounds(_decimal(low), _decimal(high))


def whole(low: int, high: int, *, is_required: bool = True) -> Bounds:
    return Bounds(_decimal(low), _decimal(high), is_whole=True, is_required=is_required)


def one_of(*allowed: str) -> Bounds:
    return Bounds(allowed=allowed)


TEXT = Bounds()


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
