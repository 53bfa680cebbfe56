"""Who may open a WebSocket? The origin, the proxy's word for the address, the caps; and `GET /healthz`."""

from __future__ import annotations

import asyncio
import http
import logging
import time
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import MultipleValuesError
from websockets.http11 import Request, Response

from chat_db import DatabaseUnavailable
from chat_db.connection import ping
from chat_db.settings import Network, is_in, named_by_proxy

from .queries import Watch
from .socket import ClientSocket

log = logging.getLogger("chatapp.handshake")

HEALTH_SECONDS = 1.0  # for which an answer of /healthz stays good, so that asking costs the database nothing
HEALTH_TIMEOUT = 4.0


class Handshake:
    """Answers every HTTP request before it becomes a WebSocket, or instead."""

    def __init__(self, public_url: str | None, trusted_proxies: tuple[Network, ...], watch: Watch) -> None:
        self._public_url = public_url
        self._trusted_proxies = trusted_proxies
        self._watch = watch
        self._asked_at = float("-inf")
        self._is_healthy = False

    async def process_request(self, socket: ServerConnection, request: Request) -> Response | None:
        """Return None where the WebSocket may be opened: as `process_request` of websockets' `serve`."""
        if request.path.partition("?")[0] == "/healthz":
            return await self._answer_health(socket)
        assert isinstance(socket, ClientSocket)  # noqa: S101  # what the factory makes
        if is_in(socket.address, self._trusted_proxies):
            # The last entry is the proxy's own word; what is before it, anybody can have written.
            socket.move_to(named_by_proxy(", ".join(request.headers.get_all("X-Forwarded-For"))))
        if not self._is_own_origin(request):
            log.info("event=refused_origin address=%s", socket.address)
            return socket.respond(http.HTTPStatus.FORBIDDEN, "This page may not connect here.\n")
        if not socket.is_within_caps:
            return socket.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections.\n")
        return None

    def _is_own_origin(self, request: Request) -> bool:
        """No origin is a program; a page must come from PUBLIC_URL, or from the host it connects to, on any port."""
        try:
            origin = request.headers.get("Origin")
            host = request.headers.get("Host", "")
        except MultipleValuesError:
            return False
        if origin is None:
            return True
        if self._public_url is not None:
            return origin == self._public_url
        try:
            page = urlsplit(origin).hostname
            return page is not None and page == urlsplit(f"//{host}").hostname
        except ValueError:
            return False

    async def _answer_health(self, socket: ServerConnection) -> Response:
        if time.monotonic() - self._asked_at > HEALTH_SECONDS:
            self._is_healthy = await self._can_ask()
            self._asked_at = time.monotonic()
        if self._is_healthy:
            response = socket.respond(http.HTTPStatus.OK, '{"status":"ok"}')
        else:
            response = socket.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, '{"status":"unavailable"}')
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        return response

    async def _can_ask(self) -> bool:
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT):
                await self._watch(ping)
        except (DatabaseUnavailable, TimeoutError):
            return False
        return True
