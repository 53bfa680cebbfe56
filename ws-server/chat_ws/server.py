"""How does the process listen, watch over its connections, and stop?"""

from __future__ import annotations

import asyncio
import functools
import http
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from websockets.asyncio.server import Server as WebSocketServer
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import MultipleValuesError
from websockets.http11 import Request, Response

from chat_db import DatabaseUnavailable
from chat_db.connection import ping
from chat_db.seal import KeyRing
from chat_db.settings import is_in
from chat_db.tokens import find_live

from .config import Config
from .connection import Client
from .hub import Hub
from .limits import Gate
from .protocol import MAX_FRAME
from .socket import CLOSE_RESTART, ClientSocket

log = logging.getLogger("chatapp.server")

RECHECK_SECONDS = 5.0  # between two looks whether the logins of live connections still live
CHANGES_EVERY = 0.25
SOCKETS_EVERY = 1.0
HEALTH_SECONDS = 1.0  # for which an answer of /healthz stays good, so that asking costs the database nothing
HEALTH_TIMEOUT = 4.0
CLOSING_SECONDS = 0.6  # for the sockets, after the journal has had its 4 s


class CannotListen(Exception):
    """The port is taken, or may not be used."""


class Server:
    """One ws-server process."""

    def __init__(self, config: Config, ring: KeyRing) -> None:
        self.config = config
        self.hub = Hub(config, ring)
        self._gate = Gate(config.max_connections, config.max_per_address, config.trusted_proxies)
        self._clients: set[Client] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._health: tuple[float, bool] = (float("-inf"), False)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then stop within 5 s. Raises CannotListen where the port cannot be had."""
        try:
            listener = await self._listen()
        except OSError as error:
            raise CannotListen(str(error)) from error
        journal = self.hub.start()
        watches = (
            (self._check_sockets, SOCKETS_EVERY),
            (self._check_all_logins, RECHECK_SECONDS),
            (self._look_for_changes, CHANGES_EVERY),
        )
        self._tasks = [asyncio.create_task(repeat(watch, every)) for watch, every in watches]
        log.info("event=start port=%d", self.config.port)
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait({stopping, *journal, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        await self._stop(listener)
        for task in done - {stopping}:  # a task that must not end has ended: a bug
            task.result()

    async def _listen(self) -> WebSocketServer:
        factory = functools.partial(
            ClientSocket,
            gate=self._gate,
            frame_burst=self.config.frame_burst,
            frame_rate=self.config.frame_rate,
        )
        return await serve(
            self._serve_client,
            self.config.host,
            self.config.port,
            create_connection=factory,  # type: ignore[arg-type]  # a factory is all that is called
            process_request=self._process_request,
            compression=None,  # 19 instead of 52 KiB for each idle connection, and no decompression bombs
            server_header=None,
            open_timeout=5,
            close_timeout=3,
            max_size=MAX_FRAME,
            max_queue=8,
            backlog=1024,
        )

    async def _serve_client(self, socket: ServerConnection) -> None:
        assert isinstance(socket, ClientSocket)  # noqa: S101  # what the factory makes
        client = Client(self.hub, socket)
        self._clients.add(client)
        try:
            await client.run()
        finally:
            self._clients.discard(client)
            if client.login is not None:
                log.info("event=disconnect user=%d why=%r", client.login.user_id, socket.closed_because or "client")

    # The handshake

    async def _process_request(self, socket: ServerConnection, request: Request) -> Response | None:
        if request.path.partition("?")[0] == "/healthz":
            return await self._answer_health(socket)
        assert isinstance(socket, ClientSocket)  # noqa: S101  # what the factory makes
        if is_in(socket.address, self.config.trusted_proxies):
            # The last entry is the proxy's own word; what is before it, anybody can have written.
            socket.move_to(", ".join(request.headers.get_all("X-Forwarded-For")).rpartition(",")[2].strip())
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
        if self.config.public_url is not None:
            return origin == self.config.public_url
        try:
            page = urlsplit(origin).hostname
            return page is not None and page == urlsplit(f"//{host}").hostname
        except ValueError:
            return False

    async def _answer_health(self, socket: ServerConnection) -> Response:
        asked, healthy = self._health
        if time.monotonic() - asked > HEALTH_SECONDS:
            try:
                async with asyncio.timeout(HEALTH_TIMEOUT):
                    await self.hub.logins.ask("health", ping)
                healthy = True
            except (DatabaseUnavailable, TimeoutError):
                healthy = False
            self._health = (time.monotonic(), healthy)
        if healthy:
            response = socket.respond(http.HTTPStatus.OK, '{"status":"ok"}')
        else:
            response = socket.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, '{"status":"unavailable"}')
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        return response

    # What is watched

    async def _check_sockets(self) -> None:
        now = asyncio.get_running_loop().time()
        for client in self._clients:
            client.socket.check_stall(now)

    async def _check_all_logins(self) -> None:
        """Close the connections whose login has ended. A recheck that fails closes nobody."""
        await self._check_logins(self._clients)

    async def _check_logins(self, clients: Iterable[Client]) -> None:
        checked = [(client, client.login.token_id) for client in clients if client.login is not None]
        live = await self.hub.watch(find_live, {token_id for _, token_id in checked}, self.config.lifetimes)
        for client, token_id in checked:
            if token_id not in live:
                client.end_login()

    async def _look_for_changes(self) -> None:
        """Act upon what users changed through the pages: blocks, choices, passwords, deletion."""
        changed = await self.hub.presences.look_for_changes()
        if changed:
            await self._check_logins([c for c in self._clients if c.login and c.login.user_id in changed])

    # The end

    async def _stop(self, listener: WebSocketServer) -> None:
        log.info("event=stop connections=%d", len(self._clients))
        listener.close(close_connections=False)
        for task in self._tasks:
            task.cancel()
        await self.hub.stop()
        for client in list(self._clients):
            client.socket.shut(CLOSE_RESTART, "server restart")
        deadline = time.monotonic() + CLOSING_SECONDS
        while self._clients and time.monotonic() < deadline:  # noqa: ASYNC110  # each of many may be the last
            await asyncio.sleep(0.01)
        for client in list(self._clients):
            client.socket.transport.abort()


async def repeat(watch: Callable[[], Awaitable[None]], every: float) -> None:
    """Do something every so many seconds, for ever: what fails is logged once in a row, and tried again."""
    is_failing = False
    while True:
        await asyncio.sleep(every)
        try:
            await watch()
            is_failing = False
        except DatabaseUnavailable:
            continue  # an outage is nothing to say: whoever asks is told so, and /healthz
        except Exception as error:  # logged; a fault in one look must not end every connection
            if not is_failing:
                log.error("event=watch_failed watch=%s", watch.__name__, exc_info=error)
            is_failing = True
