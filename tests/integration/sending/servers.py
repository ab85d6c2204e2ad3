"""Servers on the loopback, each a process of its own, that end with the test that asks for them."""

from __future__ import annotations

import getpass
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST = "127.0.0.1"
START_SECONDS = 60
BUCKET = "drop"
ERROR, NONSENSE, HANGS_UP = "error", "nonsense", "hangs up"
SHORT, LONGER, OTHER = "short", "longer", "other"
NOT_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(arguments: list[str], port: int, log: Path) -> Iterator[None]:
    """A server that listens on the port before the body runs."""
    with log.open("w") as output:
        running = subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_for(port, running, log)
            yield
        finally:
            running.terminate()
            running.wait(timeout=30)


def _wait_for(port: int, running: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert running.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on {port}: {log.read_text()}")


# ---------- S3: moto's server behind a proxy that counts and lies


@dataclass
class Storage:
    """An S3-compatible server.

    lies: path -> how the next request is answered, though carried out, that makes an object there
    (one PUT, or the POST which puts parts together): ERROR, NONSENSE (a page of HTML), or HANGS_UP
    (not at all).
    denied_after: how many objects are put before the next is denied (403); null: all are put
    falsified: path -> how what lies there is told from then on: SHORT (cut in the middle), LONGER
    (its size is more than it has), OTHER (as many other bytes).
    """

    port: int
    puts: Counter[str] = field(default_factory=Counter)
    lies: dict[str, str] = field(default_factory=dict)
    denied_after: int | None = None
    falsified: dict[str, str] = field(default_factory=dict)

    def denies(self, command: str) -> bool:
        """Whether this request is one too many."""
        return (
            command == "PUT"
            and self.denied_after is not None
            and self.puts.total() >= self.denied_after
        )

    @property
    def connection(self) -> str:
        """As Airflow reads it from the environment."""
        extra = {"endpoint_url": f"http://{HOST}:{self.port}", "region_name": "eu-west-1"}
        return json.dumps(
            {"conn_type": "aws", "login": "key-id", "password": "a-secret", "extra": extra}
        )


@contextmanager
def storage(folder: Path) -> Iterator[Storage]:
    behind = free_port()
    moto = [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(behind)]
    with process(moto, behind, folder / "moto.log"):
        _ask(behind, "PUT", f"/{BUCKET}", b"", {})
        state = Storage(port=0)
        server = ThreadingHTTPServer((HOST, 0), _proxy(state, behind))
        state.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _ask(
    port: int, method: str, path: str, body: bytes, headers: dict[str, str]
) -> tuple[int, list[tuple[str, str]], bytes]:
    link = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        link.request(method, path, body=body or None, headers=headers)
        answer = link.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        link.close()


def _proxy(state: Storage, behind: int) -> type[BaseHTTPRequestHandler]:
    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if state.denies(self.command):
                self.send_response(403)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            headers = {k: v for k, v in self.headers.items() if k.lower() != "expect"}
            status, answered, content = _ask(behind, self.command, self.path, body, headers)
            path, _, asked = self.path.partition("?")
            if self.command == "PUT":
                state.puts[path] += 1
            is_part = self.command == "PUT" and "uploadId=" in asked
            makes_object = "uploadId=" in asked if self.command == "POST" else not is_part
            if self.command in ("PUT", "POST") and makes_object:
                lie = state.lies.pop(path, None)
                if lie == HANGS_UP:
                    self.close_connection = True
                    return
                if lie == ERROR:
                    status, content = 500, b""
                if lie == NONSENSE:
                    answered, content = [("Content-Type", "text/html")], b"<html>Welcome"
            falsified = state.falsified.get(path) if status < 300 else None
            if falsified and self.command == "GET":
                content = {
                    SHORT: content[: len(content) // 2],
                    LONGER: content,
                    OTHER: content[::-1],
                }[falsified]
            self.send_response(status)
            for name, value in answered:
                if name.lower() not in NOT_HOP_BY_HOP:
                    self.send_header(name, value)
            length = str(len(content))
            if self.command == "HEAD":
                length = {k.lower(): v for k, v in answered}.get("content-length", "0")
                length = str(int(length) + 10) if falsified == LONGER else length
            self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_any

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Proxy


# ---------- SFTP: OpenSSH


@dataclass(frozen=True)
class Sftp:
    """An OpenSSH server that lets in whoever has the key; files lie where they are named."""

    port: int
    user: str
    key_file: Path
    host_key: str

    def connection(self, host_key: str | None = None) -> str:
        extra = {"key_file": str(self.key_file), "host_key": host_key or self.host_key}
        return json.dumps(
            {
                "conn_type": "sftp",
                "host": HOST,
                "port": self.port,
                "login": self.user,
                "extra": extra,
            }
        )


def sshd() -> str | None:
    """Where OpenSSH's server is, if it is installed."""
    return shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


@contextmanager
def sftp(folder: Path, program: str) -> Iterator[Sftp]:
    for name in ("host", "client"):
        _key(folder / name)
    port = free_port()
    (folder / "authorized").write_text((folder / "client.pub").read_text())
    (folder / "authorized").chmod(0o600)
    config = folder / "sshd_config"
    config.write_text(
        f"ListenAddress {HOST}\nPort {port}\nHostKey {folder / 'host'}\n"
        f"AuthorizedKeysFile {folder / 'authorized'}\nPidFile {folder / 'pid'}\n"
        "StrictModes no\nPasswordAuthentication no\nUsePAM no\nPermitRootLogin yes\n"
        "Subsystem sftp internal-sftp\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with process([program, "-D", "-e", "-f", str(config)], port, folder / "sshd.log"):
        host_key = " ".join((folder / "host.pub").read_text().split()[:2])
        yield Sftp(port, getpass.getuser(), folder / "client", host_key)


def _key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    path.chmod(0o600)
