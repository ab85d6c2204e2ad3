"""Servers on the loopback that keep what they are sent: one for mail, one for web requests."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def mail_server() -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """(port, mails as (subject, text)): as much of SMTP as a client without TLS speaks."""
    mails: list[tuple[str, str]] = []

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say(b"220 loopback")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    self._say(b"354 go on")
                    mails.append(_read(self._data()))
                self._say(b"221 bye" if verb == b"QUIT" else b"250 ok")
                if verb == b"QUIT":
                    return

        def _data(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            return b"".join(lines)

        def _say(self, line: bytes) -> None:
            self.wfile.write(line + b"\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server, _running(server):
        yield server.server_address[1], mails


def _read(content: bytes) -> tuple[str, str]:
    message = email.message_from_bytes(content, policy=email.policy.default)
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return str(message["Subject"]), "".join(part.get_content() for part in parts)


@contextmanager
def web_server(status: int = 200) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """(port, requests as (path, body)); answers every one with `status`."""
    requests: list[tuple[str, str]] = []

    class Request(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server looks for
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            requests.append((self.path, body))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *arguments: object) -> None:
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Request) as server, _running(server):
        yield server.server_address[1], requests


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
