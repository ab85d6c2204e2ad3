"""Passwords of the warehouse roles: generated once, kept for the owner of the state folder."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from regulars.private_files import make_missing, open_text
from regulars.settings import ROLES, Settings

ADMIN = "admin"


def read(settings: Settings) -> dict[str, str]:
    """Role -> password. Generates what is missing; settings.role_passwords win."""
    path = settings.server_folder / "credentials.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [role for role in (ADMIN, *ROLES) if role not in kept]
    if missing:
        kept |= {role: secrets.token_urlsafe(24) for role in missing}
        _write_private(path, json.dumps(kept, indent=2))
    return {**kept, **settings.role_passwords}


def _write_private(path: Path, text: str) -> None:
    """Write for the owner only, and whole or not at all."""
    make_missing(path.parent)
    temporary = path.with_suffix(".tmp")
    with open_text(temporary) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
