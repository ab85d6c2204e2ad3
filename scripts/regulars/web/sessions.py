"""Who is logged in: in this process's memory alone, so that the end of the service ends all."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

IDLE_SECONDS = 4 * 3600
MOST = 200  # the longest unused make way


@dataclass
class Session:
    """One browser. role is None until it is logged in; name is who gives their word under it."""

    token: str
    csrf: str
    role: str | None = None
    name: str = ""
    password: str = field(default="", repr=False)
    used_at: float = 0.0


class Sessions:
    """Sessions by the token in their cookie. Safe between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._by_token: dict[str, Session] = {}
        self._clock, self._lock = clock, Lock()

    def find(self, token: str | None) -> Session | None:
        """The session of a cookie, unless it has been idle for too long."""
        with self._lock:
            session = self._by_token.get(token or "")
            if session is None:
                return None
            if self._clock() - session.used_at > IDLE_SECONDS:
                del self._by_token[session.token]
                return None
            session.used_at = self._clock()
            return session

    def begin(self, role: str | None = None, name: str = "", password: str = "") -> Session:
        """A new session under a token of its own: nobody could know it before a log-in."""
        session = Session(
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(32),
            role,
            name,
            password,
            self._clock(),
        )
        with self._lock:
            while len(self._by_token) >= MOST:
                del self._by_token[min(self._by_token.values(), key=lambda s: s.used_at).token]
            self._by_token[session.token] = session
        return session

    def end(self, session: Session) -> None:
        with self._lock:
            self._by_token.pop(session.token, None)
