"""Named places where a test can kill the process, to prove that nothing is lost there."""

from __future__ import annotations

import os
import signal

OF_NIGHTS: tuple[str, ...] = (
    "load:before_commit",
    "load:after_commit",
    "contacts:before_commit",
    "contacts:after_commit",
    "score:model_fitted",
    "score:parameters_logged",
    "score:before_commit",
    "score:after_commit",
    "transform:before_scores_built",
    "transform:deliveries_marked",
    "transform:after_scores_built",
    "transform:lists_built",
    "export:file_written",
    "export:folder_renamed",
    "publish:before_commit",
    "publish:after_commit",
    "publish:current_linked",
)
# Reached only by a night that another engine builds, in each of its layers.
OF_LAKES: tuple[str, ...] = (
    "engine:mirrored",
    "engine:ordered",
    "engine:built",
    "engine:carried",
)

# Reached only by a night that erases somebody.
OF_ERASURES: tuple[str, ...] = (
    "erase:opened",
    "erase:landing_rewritten",
    "erase:files_rewritten",
    "erase:before_commit",
    "erase:removed",
    "erase:rewritten",
)

# Reached only by a delivery of what is published.
OF_DELIVERIES: tuple[str, ...] = (
    "deliver:withdrawn_noted",
    "deliver:reduced",
    "deliver:temporary_sent",
    "deliver:file_sent",
    "deliver:file_arrived",
    "deliver:manifest_arrived",
    "deliver:before_commit",
    "deliver:after_commit",
)


NAMES = frozenset((*OF_NIGHTS, *OF_LAKES, *OF_ERASURES, *OF_DELIVERIES))


def hit(name: str) -> None:
    """Kill this process (SIGKILL) if $REGULARS_FAILPOINT names this place."""
    if name not in NAMES:
        raise ValueError(f"unknown failpoint '{name}': add it to regulars.failpoints")
    if os.environ.get("REGULARS_FAILPOINT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
