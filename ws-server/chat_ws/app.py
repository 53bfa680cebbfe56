"""What do the connections of one process share, and what of it is each frame's handler given?"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping
from typing import Any

from chat_db import Database
from chat_db.encryption import KeyRing
from chat_db.messages import NewMessage
from chat_db.writer import Stored

from . import protocol
from .change_journal import ChangeJournal
from .chats import Chats
from .client import Client, ClientContext, Handler, QuickHandler, answer_ping, refuse_second_auth
from .config import Config
from .handlers.changes import ChangeHandler
from .handlers.chat_settings import ChatSettingsHandler
from .handlers.chats import ChatHandler
from .handlers.keeping import KeepHandler
from .handlers.messages import MessageHandler
from .handlers.receipts import ReceiptHandler
from .handlers.sync import SyncHandler
from .handlers.typing import TypingHandler
from .hub import Hub
from .limits import Buckets
from .message_journal import MessageJournal
from .notes import Notes
from .presence import Presences
from .purges import Purges
from .queries import Queries
from .socket import ClientSocket
from .submission import Sender

QUERY_THREADS = 4
LOGIN_THREADS = 2  # whoever is logged in takes none of them
BUSY_CONNECTIONS = 2  # of one user, whose frames are read as fast as each may send them; of more, together no faster


class App:
    """The parts of one process. `watch` runs a query that serves everybody, which no user's queries delay."""

    def __init__(self, config: Config, ring: KeyRing) -> None:
        database = Database(config.database)
        logins = Queries(database, LOGIN_THREADS, "login")
        self.watch = functools.partial(logins.ask, "watch")
        self.queries = Queries(database, QUERY_THREADS, "query")
        self.hub = Hub()
        self.chats = Chats(self.queries)
        self.messages = MessageJournal(config.database, ring, self._announce)
        self.changes = ChangeJournal(config.database, ring, self.hub.publish_change)
        self.notes = Notes(database)
        self.purges = Purges(database, self.chats, self.hub, config.purge_seconds)
        self.presences = Presences(self.hub, self.queries.ask, self.watch, self.notes.note_last_seen)
        self._tasks: list[asyncio.Task[None]] = []
        self._context = ClientContext(
            logins,
            config.lifetimes,
            self.hub,
            self.presences,
            Buckets(config.frame_burst, BUSY_CONNECTIONS * config.frame_rate),
            config.max_per_user,
            *self._make_handlers(config, ring),
        )

    def make_client(self, socket: ClientSocket) -> Client:
        return Client(self._context, socket)

    def start(self) -> list[asyncio.Task[None]]:
        """Begin to write; return the tasks, none of which may end before `stop`."""
        work = (self.messages.expire(), self.changes.expire(), self.notes.run(), self.purges.run())
        self._tasks = [asyncio.create_task(each) for each in work]
        return self._tasks

    async def stop(self) -> None:
        """Write what waits and answer everybody; the caller closes the sockets."""
        self.presences.stop()
        self.purges.stop()
        await asyncio.gather(self.messages.stop(), self.changes.stop(), self.notes.stop())
        for task in self._tasks:
            task.cancel()

    def _announce(self, message: NewMessage, stored: Stored, senders: list[Sender], is_alone: bool) -> None:
        self.chats.note_seq(message.chat_id, stored.seq)
        self.hub.publish_message(message, stored, senders, is_alone)

    def _make_handlers(
        self, config: Config, ring: KeyRing
    ) -> tuple[Mapping[type[Any], Handler], Mapping[type[Any], QuickHandler]]:
        message_rates = Buckets(config.message_burst, config.message_rate)
        lookup_rates = Buckets(max(1, config.lookup_rate), config.lookup_rate / 60)
        sync_rates = Buckets(max(1, config.sync_rate / 3), config.sync_rate / 60)
        messages = MessageHandler(self.chats, self.presences, self.messages, self.queries, ring, message_rates)
        changes = ChangeHandler(self.chats, self.presences, self.changes, self.queries, message_rates)
        chats = ChatHandler(self.hub, self.presences, self.queries, lookup_rates)
        settings = ChatSettingsHandler(self.chats, self.hub, self.queries, message_rates)
        keeping = KeepHandler(self.chats, self.presences, self.hub, self.queries, ring, message_rates)
        sync = SyncHandler(self.chats, self.presences, self.queries, ring, self.notes, sync_rates)
        receipts = ReceiptHandler(self.chats, self.presences, self.hub, self.notes)
        typing = TypingHandler(self.chats, self.presences, self.hub)
        handlers: Mapping[type[Any], Handler] = {
            protocol.Auth: refuse_second_auth,
            protocol.SendMessage: messages.send,
            protocol.EditMessage: changes.make,
            protocol.DeleteMessage: changes.make,
            protocol.ReactToMessage: changes.make,
            protocol.SetChat: settings.set,
            protocol.ClearChat: settings.clear,
            protocol.SetKeep: keeping.keep,
            protocol.AddChat: chats.add,
            protocol.Sync: sync.sync,
            protocol.Delivered: receipts.delivered,
            protocol.Read: receipts.read,
            protocol.Typing: typing.typing,
            protocol.Ping: answer_ping,
        }
        quick_handlers: Mapping[type[Any], QuickHandler] = {
            protocol.SendMessage: messages.send_at_once,
            protocol.EditMessage: changes.make_at_once,
            protocol.DeleteMessage: changes.make_at_once,
            protocol.ReactToMessage: changes.make_at_once,
        }
        return handlers, quick_handlers
