"""Somebody waits for a session, or it ends."""

from __future__ import annotations

import os
import threading

STDIN = 0


def end_with_parent() -> None:
    """When the process that waits is killed its end of stdin closes: nobody wants the rest. The
    Java process ends by the same sign from this one."""

    def wait() -> None:
        os.read(STDIN, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
