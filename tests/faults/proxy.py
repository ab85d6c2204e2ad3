"""A line to the database that breaks when an answer is on its way: the work is done, and nobody
hears of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

COMMITTED = b"COMMIT\x00"  # the tag of PostgreSQL's answer


class Line:
    """Forwards every connection to a port on the loopback; the answer to the first COMMIT of a
    connection over which `spoken` went is lost with that connection."""

    def __init__(self, target: int, spoken: bytes) -> None:
        self._target, self._spoken = target, spoken
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.lost = 0

    def serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:  # closed
                return
            database = socket.create_connection(("127.0.0.1", self._target))
            is_spoken = threading.Event()
            for pump in (self._ask, self._answer):
                threading.Thread(
                    target=pump, args=(client, database, is_spoken), daemon=True
                ).start()

    def close(self) -> None:
        self._server.close()

    def _ask(
        self, client: socket.socket, database: socket.socket, is_spoken: threading.Event
    ) -> None:
        tail = b""
        while data := _read(client):
            if self._spoken in tail + data:
                is_spoken.set()
            tail = data[-len(self._spoken) :]
            _send(database, data)
        _hang_up(client, database)

    def _answer(
        self, client: socket.socket, database: socket.socket, is_spoken: threading.Event
    ) -> None:
        while data := _read(database):
            if is_spoken.is_set() and COMMITTED in data and not self.lost:
                self.lost += 1
                break
            _send(client, data)
        _hang_up(client, database)


@contextmanager
def line(target: int, spoken: bytes) -> Iterator[Line]:
    made = Line(target, spoken)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.close()


def _read(end: socket.socket) -> bytes:
    with suppress(OSError):
        return end.recv(65536)
    return b""


def _send(end: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # the other side has hung up; its reader sees that too
        end.sendall(data)


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
