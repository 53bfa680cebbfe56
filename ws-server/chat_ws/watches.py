"""What is looked at again and again while the process runs? Sockets, logins, and what users changed elsewhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Set

from chat_db import DatabaseUnavailable
from chat_db.tokens import Lifetimes, find_live

from .client import Client
from .presence import Presences
from .queries import Watch

log = logging.getLogger("chatapp.watches")

LOGINS_EVERY = 5.0
CHANGES_EVERY = 0.25
SOCKETS_EVERY = 1.0


class Watches:
    """The looks at all clients of a process."""

    def __init__(self, clients: Set[Client], presences: Presences, watch: Watch, lifetimes: Lifetimes) -> None:
        self._clients = clients
        self._presences = presences
        self._watch = watch
        self._lifetimes = lifetimes

    def start(self) -> list[asyncio.Task[None]]:
        """Return the tasks, which never end by themselves."""
        watches = (
            (self._check_sockets, SOCKETS_EVERY),
            (self._check_all_logins, LOGINS_EVERY),
            (self._look_for_changes, CHANGES_EVERY),
        )
        return [asyncio.create_task(repeat(watch, every)) for watch, every in watches]

    async def _check_sockets(self) -> None:
        now = asyncio.get_running_loop().time()
        for client in self._clients:
            client.socket.check_stall(now)

    async def _check_all_logins(self) -> None:
        """Close the connections whose login has ended. A recheck that fails closes nobody."""
        await self._check_logins(self._clients)

    async def _check_logins(self, clients: Iterable[Client]) -> None:
        checked = [(client, client.login.token_id) for client in clients if client.login is not None]
        live = await self._watch(find_live, {token_id for _, token_id in checked}, self._lifetimes)
        for client, token_id in checked:
            if token_id not in live:
                client.end_login()

    async def _look_for_changes(self) -> None:
        """Act upon what users changed through the pages: blocks, choices, passwords, deletion."""
        changed = await self._presences.look_for_changes()
        if changed:
            await self._check_logins([c for c in self._clients if c.login and c.login.user_id in changed])


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
