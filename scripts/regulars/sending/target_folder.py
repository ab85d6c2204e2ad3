"""One target's folder: asked what is there, given a file, read back."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from regulars import failpoints
from regulars.lists.lists_manifest import FileEntry
from regulars.private_files import sync

BLOCK = 1 << 20


class SendingFailed(RuntimeError):
    """A target did not take a file; the message names the file, never what is in it."""


class TargetFolder:
    """A folder in a file system. What a server says is not repeated: it may quote what was sent."""

    def __init__(self, system: Any, folder: str) -> None:
        self.system, self.folder = system, folder
        protocol = system.protocol if isinstance(system.protocol, tuple) else (system.protocol,)
        self.is_atomic = "s3" in protocol  # an object is there as a whole or not at all
        self.is_local = "file" in protocol

    def has(self, file: FileEntry) -> bool:
        """Whether this very file is there: size, then SHA-256 of what is read back."""
        try:
            info = self.system.info(f"{self.folder}/{file.name}")
        except FileNotFoundError:
            return False
        except Exception as error:
            raise self._failed("could not be asked for", file.name, error) from None
        return info["size"] == file.bytes and self.sha256(file.name) == file.sha256

    def sha256(self, name: str) -> str:
        """Of a file as it lies there."""
        digest = hashlib.sha256()
        try:
            with self.system.open(f"{self.folder}/{name}", "rb", block_size=BLOCK) as stream:
                for block in iter(lambda: stream.read(BLOCK), b""):
                    digest.update(block)
        except Exception as error:
            raise self._failed("could not be read back", name, error) from None
        return digest.hexdigest()

    def read_json(self, name: str) -> dict[str, Any] | None:
        """A manifest that is there; None where there is none, or it is no manifest."""
        try:
            content = json.loads(self.system.cat_file(f"{self.folder}/{name}"))
        except (FileNotFoundError, ValueError):
            return None
        except Exception as error:
            raise self._failed("could not be asked for", name, error) from None
        return content if isinstance(content, dict) else None

    def bring(self, local: Path, file: FileEntry) -> bool:
        """Make sure that a file is there, whole. Returns whether it had to be sent.

        A target that fails is asked before it counts as failed: it may have taken the file.
        """
        if self.has(file):
            return False
        error: Exception | None = None
        try:
            self._send(local, f"{self.folder}/{file.name}")
        except Exception as caught:
            error = caught
        failpoints.hit("deliver:file_sent")
        if not self.has(file):
            what = "was not taken" if error else "arrived otherwise than it was sent"
            raise self._failed(what, file.name, error) from None
        return True

    def _send(self, local: Path, path: str) -> None:
        if self.is_atomic:
            self.system.put_file(str(local), path)
            return
        folder, _, name = path.rpartition("/")
        temporary = f"{folder}/.{name}.tmp"
        self.system.makedirs(folder, exist_ok=True)
        self.system.put_file(str(local), temporary)
        if self.is_local:
            _close_and_sync(Path(temporary))
        failpoints.hit("deliver:temporary_sent")
        self.system.mv(temporary, path)
        if self.is_local:
            sync(Path(folder))

    def _failed(self, what: str, name: str, error: Exception | None) -> SendingFailed:
        kind = f" ({type(error).__name__})" if error else ""
        return SendingFailed(
            f"{name} {what}{kind}. See that the target can be reached and written to, then deliver"
            " again: what has arrived is not sent twice."
        )


def _close_and_sync(path: Path) -> None:
    path.chmod(0o640)  # personal data: for its owner, and the group that the folder gives it
    sync(path)
