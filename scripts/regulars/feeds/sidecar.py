"""The sidecar <file>.manifest.json: what the sender says of a delivery."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from regulars.feeds.refusal import FileRefused

MANIFEST = ".manifest.json"
MAX_BYTES = 2**16
MAX_REVISION = 999_999
KNOWN = ("rows", "delivered_on", "revision")


@dataclass(frozen=True)
class Manifest:
    """What it says; None where it is silent."""

    rows: int | None = None
    delivered_on: date | None = None
    revision: int | None = None


NO_MANIFEST = Manifest()


def manifest_of(file: Path) -> Path:
    """Where the manifest of a delivery lies, if it has one."""
    return file.with_name(file.name + MANIFEST)


def read_manifest(file: Path) -> Manifest:
    """The manifest of a delivery. Raises FileRefused; the message quotes nothing of it."""
    content = _read(manifest_of(file))
    return Manifest(
        rows=_whole_number(content, "rows"),
        delivered_on=_date(content),
        revision=_whole_number(content, "revision", MAX_REVISION),
    )


def _read(sidecar: Path) -> dict[str, Any]:
    try:
        if not stat.S_ISREG(sidecar.lstat().st_mode):
            raise FileRefused("its manifest is a link or no regular file")
        with sidecar.open("rb") as stream:
            text = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileRefused(f"its manifest cannot be read ({error.strerror})") from None
    if len(text) > MAX_BYTES:
        raise FileRefused(f"its manifest has more than {MAX_BYTES} bytes")
    try:
        document = json.loads(text, object_pairs_hook=_named_once)
    except (ValueError, RecursionError):
        raise FileRefused("its manifest is no JSON object") from None
    if not isinstance(document, dict):
        raise FileRefused("its manifest is no JSON object")
    if not document.keys() & {*KNOWN}:
        raise FileRefused(f"its manifest names none of {', '.join(KNOWN)}")
    return document


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise FileRefused("its manifest names something twice")
    return document


def _whole_number(content: dict[str, Any], name: str, maximum: int = 2**62) -> int | None:
    value = content.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= maximum:
        raise FileRefused(f"its manifest gives no whole number of {name}")
    return value


def _date(content: dict[str, Any]) -> date | None:
    value = content.get("delivered_on")
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise FileRefused("its manifest gives no date as delivered_on") from None
