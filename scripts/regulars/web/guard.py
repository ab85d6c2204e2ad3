"""What every request must be, and what every answer tells the browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

Next = Callable[[Request], Awaitable[Response]]

NAMES = ("127.0.0.1", "localhost", "[::1]")  # another host name may lead here: a page's own
MOST_BYTES = 64 * 1024
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = (
    "default-src 'none'; style-src {style}; img-src 'self' data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
OURS = POLICY.format(style="'self'")
GENERATION = POLICY.format(style="'unsafe-inline'")  # its pages carry their own style
# dbt's page is a script: it may draw itself, in an origin of its own, and ask nobody.
DICTIONARY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    " img-src data:; font-src data:; base-uri 'none'; frame-ancestors 'none';"
    " sandbox allow-scripts"
)


async def guard(request: Request, call_next: Next) -> Response:
    """Refuse what another page sent or could have sent; close every answer."""
    fault = _fault(request)
    response = PlainTextResponse(fault[1], fault[0]) if fault else await call_next(request)
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers["Content-Security-Policy"] = _policy(request.url.path)
    return response


def _policy(path: str) -> str:
    if path == "/report/dbt_docs.html":
        return DICTIONARY
    return GENERATION if path.startswith("/report/") else OURS


def _fault(request: Request) -> tuple[int, str] | None:
    host = request.headers.get("host", "")
    if host.rpartition(":")[0] not in NAMES and host not in NAMES:
        return 400, "This service answers on the loopback only."
    if request.method in ("GET", "HEAD"):
        return None
    if not _is_from_here(request, host):
        return 403, "Sent from another page."
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return 413, "Too long."
    return None


def _is_from_here(request: Request, host: str) -> bool:
    """As the browser says: of a page without referrers it tells the site, and no origin."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site == "same-origin" and (
            origin in (None, "null") or urlsplit(origin).netloc == host
        )
    return origin is None or urlsplit(origin).netloc == host
