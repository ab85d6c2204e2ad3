"""HTTP to object storage in which each request is sent once."""

from __future__ import annotations

from typing import Any

from aiobotocore.httpsession import AIOHTTPSession


class SentOnce(AIOHTTPSession):
    """aiohttp repeats a PUT when the line breaks before the answer, which a target may have taken;
    it has no public switch for that."""

    async def _get_session(self, proxy_url: str | None) -> Any:
        session = await super()._get_session(proxy_url)
        session._retry_connection = False
        return session
