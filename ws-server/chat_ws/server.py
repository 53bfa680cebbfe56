"""How does the process listen, and stop?"""

from __future__ import annotations

import asyncio
import functools
import logging
import time

from websockets.asyncio.server import Server as WebSocketServer
from websockets.asyncio.server import ServerConnection, serve

from chat_db.encryption import KeyRing

from .app import App
from .client import Client
from .config import Config
from .handshake import Handshake
from .limits import ConnectionLimiter
from .protocol import MAX_FRAME
from .socket import CLOSE_RESTART, ClientSocket
from .tasks import wait_while
from .watches import Watches

log = logging.getLogger("chatapp.server")

CLOSING_SECONDS = 0.6  # for the sockets, after the journal has had its 4 s


class CannotListen(Exception):
    """The port is taken, or may not be used."""


class Server:
    """One ws-server process."""

    def __init__(self, config: Config, ring: KeyRing) -> None:
        self._config = config
        self._app = App(config, ring)
        self._handshake = Handshake(config.public_url, config.trusted_proxies, self._app.watch)
        self._limiter = ConnectionLimiter(config.max_connections, config.max_per_address, config.trusted_proxies)
        self._clients: set[Client] = set()
        self._watches = Watches(self._clients, self._app.presences, self._app.watch, config.lifetimes)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then stop within 5 s. Raises CannotListen where the port cannot be had."""
        try:
            listener = await self._listen()
        except OSError as error:
            raise CannotListen(str(error)) from error
        journal = self._app.start()
        watches = self._watches.start()
        log.info("event=start port=%d", self._config.port)
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait({stopping, *journal, *watches}, return_when=asyncio.FIRST_COMPLETED)
        log.info("event=stop connections=%d", len(self._clients))
        listener.close(close_connections=False)
        for watch in watches:
            watch.cancel()
        await self._app.stop()
        await self._close_sockets()
        for task in done - {stopping}:  # a task that must not end has ended: a bug
            task.result()

    async def _listen(self) -> WebSocketServer:
        factory = functools.partial(
            ClientSocket,
            limiter=self._limiter,
            frame_burst=self._config.frame_burst,
            frame_rate=self._config.frame_rate,
        )
        return await serve(
            self._serve_client,
            self._config.host,
            self._config.port,
            create_connection=factory,  # type: ignore[arg-type]  # a factory is all that is called
            process_request=self._handshake.process_request,
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
        client = self._app.make_client(socket)
        self._clients.add(client)
        try:
            await client.run()
        finally:
            self._clients.discard(client)
            if client.login is not None:
                log.info("event=disconnect user=%d why=%r", client.login.user_id, socket.closed_because or "client")

    async def _close_sockets(self) -> None:
        for client in list(self._clients):
            client.socket.close_now(CLOSE_RESTART, "server restart")
        deadline = time.monotonic() + CLOSING_SECONDS
        await wait_while(lambda: bool(self._clients), deadline)
        for client in list(self._clients):
            client.socket.transport.abort()
