"""What is finished in the lake: a word for it, written last, which names its files and their sizes.

Engines read whatever lies in a folder: a file that is gone would be fewer rows, one of somebody
else's more, and neither an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from regulars.engines.dbt_results import TransformError
from regulars.engines.lake.folders import READ, write_whole

FROM_ITS_START = "Run the night again from its start."


def say(word: Path, content: Mapping[str, Any], places: Iterable[Path]) -> None:
    """Write the word with its content, once what is in the places (files or folders) is whole."""
    left = {str(place): _files(place) for place in places}
    write_whole(word, json.dumps({"content": content, "files": left}))


def said(word: Path) -> dict[str, Any]:
    """The word's content. Raises TransformError where what it was said of is no more as it was."""
    told = json.loads(word.read_text())
    for place, left in told["files"].items():
        _expect(Path(place), left)
    return dict(told["content"])


def _files(place: Path) -> dict[str, int]:
    """Name in the place -> bytes, of every file that an engine reads there."""
    found = [place] if place.is_file() else place.rglob(READ)
    return {str(f.relative_to(place)): f.stat().st_size for f in found if f.is_file()}


def _expect(place: Path, left: Mapping[str, int]) -> None:
    found = _files(place)
    for name in sorted(left.keys() | found.keys()):
        if name not in found:
            what = "is gone"
        elif name not in left:
            what = "was put there by somebody else"
        elif found[name] != left[name]:
            what = f"has {found[name]} bytes, not the {left[name]} that were written"
        else:
            continue
        raise TransformError(
            f"The lake is not as it was left: {place / name} {what}. {FROM_ITS_START}"
        )
