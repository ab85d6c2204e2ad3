"""The server: one process on the loopback. It logs no request, so nobody is named in a log."""

from __future__ import annotations

import uvicorn

from regulars.settings import Settings
from regulars.web import downloads
from regulars.web.app import make_app

HOST = "127.0.0.1"


def serve(settings: Settings, port: int) -> None:
    """Answer until it is stopped."""
    downloads.forget(settings)
    uvicorn.run(
        make_app(settings),
        host=HOST,
        port=port,
        access_log=False,
        log_level="error",
        server_header=False,
        proxy_headers=False,
    )
