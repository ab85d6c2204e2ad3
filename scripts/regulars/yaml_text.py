"""YAML as Python has it; the same text is parsed once a process, and by libyaml.

Every step reads the declarations of a project, and PyYAML's own parser takes ten times as long.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml


@lru_cache(maxsize=64)
def parsed(text: str) -> Any:
    """Whoever asks shares what is given, and changes nothing of it. Raises yaml.YAMLError."""
    return yaml.load(text, yaml.CSafeLoader)
