"""What may one client do? Authenticate, then send frames; each is answered, refused, or ends the connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET
from websockets.exceptions import ConnectionClosed
from websockets.typing import BytesLike

from chat_db import DatabaseUnavailable
from chat_db.changes import Change, Changed, Unchanged, as_listed
from chat_db.ids import MAX_ID
from chat_db.installation import find_epoch
from chat_db.messages import NewMessage
from chat_db.secrets import is_token_shaped
from chat_db.settings import network_of
from chat_db.tokens import Lifetimes, Login, find_login
from chat_db.writer import Stored

from . import events, protocol
from .events import encode, refusal_frame
from .hub import Hub
from .limits import Buckets
from .presence import Presences
from .protocol import parse_id
from .queries import Queries
from .refusals import Refusal, not_changed, not_stored, slow_down, unavailable
from .socket import CLOSE_FLOOD, CLOSE_NO_AUTH, CLOSE_TRY_LATER, CLOSE_UNAUTHENTICATED, ClientSocket
from .tasks import TaskQueue

log = logging.getLogger("chatapp.client")

AUTH_SECONDS = 10.0
EARLY_REFUSALS = 50  # of a connection that is still nobody's

Handler = Callable[["Client", Any], Awaitable[None]]
QuickHandler = Callable[["Client", Any], bool]  # says whether it did it all; if not, it has done nothing


@dataclass(frozen=True)
class ClientContext:
    """What every client of a process uses."""

    login_queries: Queries
    lifetimes: Lifetimes
    hub: Hub
    presences: Presences
    frame_rates: Buckets
    max_per_user: int
    handlers: Mapping[type[Any], Handler]
    quick_handlers: Mapping[type[Any], QuickHandler]  # for frames that seldom need anything but memory


class Client:
    """One connection, from its first frame to its last."""

    def __init__(self, context: ClientContext, socket: ClientSocket) -> None:
        self.socket = socket
        self.login: Login | None = None
        self.tasks = TaskQueue(self._answer_failure)
        self._context = context
        self._is_known = False  # whether a login is being looked for or was found
        self._early_refusals = 0
        self._rests_until = 0.0  # on the loop's clock: unread frames wait in the client, and cost nothing here
        socket.take = self._take

    @property
    def user_id(self) -> int:
        assert self.login is not None  # noqa: S101  # only reached after auth
        return self.login.user_id

    @property
    def username(self) -> str:
        assert self.login is not None  # noqa: S101  # only reached after auth
        return self.login.username

    async def run(self) -> None:
        """Read frames until the connection is over."""
        deadline = self.socket.loop.call_later(AUTH_SECONDS, self._check_auth)
        try:
            async for text in self.socket.messages():
                if (wait := self._rests_until - self.socket.loop.time()) > 0:
                    await asyncio.sleep(wait)
                if self.socket.is_closing:  # by us: what the client still sends counts for nothing
                    break
                await self._handle(text)
                self._charge()
        except ConnectionClosed:
            pass
        finally:
            deadline.cancel()
            self.tasks.cancel()
            if self.login is not None:
                self._context.presences.leave(self.login.user_id, self.socket)

    def end_login(self) -> None:
        """The login was ended elsewhere: say so and close."""
        self.socket.send_soon(encode(events.AuthFailed()))
        self.socket.close_now(CLOSE_UNAUTHENTICATED, "login ended")

    # Every frame, and whatever goes wrong with it

    def _take(self, data: BytesLike) -> bool:
        """Handle a text frame on the spot, if it is of the usual kind; else do nothing, and leave it to `run`."""
        if self.login is None or self._rests_until > self.socket.loop.time():
            return False
        frame: protocol.Incoming | None = None
        try:
            frame = protocol.parse(str(data, "utf-8"))
            handle = self._context.quick_handlers.get(type(frame))
            if handle is None or not handle(self, frame):
                return False
        except (Refusal, UnicodeDecodeError):
            return False
        except Exception as error:  # noqa: BLE001  # logged in _answer_failure
            self._answer_failure(error, frame)
        self._charge()
        return True

    def _charge(self) -> None:
        """A frame was handled: let the user rest where they have sent more than they may."""
        if self.login is not None and (wait := self._context.frame_rates.charge(self.login.user_id)):
            self._rests_until = self.socket.loop.time() + wait

    async def _handle(self, text: str | bytes) -> None:
        """Answer one frame; this is where whatever went wrong becomes an answer."""
        frame: protocol.Incoming | None = None
        try:
            frame = protocol.parse(text)
            if self.login is None:
                await self._authenticate(frame)
            elif self.socket.overdraft:
                raise slow_down(self.socket.overdraft)
            else:
                await self._context.handlers[type(frame)](self, frame)
        except Refusal as refusal:
            self._refuse(refusal, frame)
            self._count_stranger()
        except Exception as error:  # noqa: BLE001  # logged in _answer_failure
            self._answer_failure(error, frame)
            if self.login is None or isinstance(frame, protocol.Auth):  # half a login would hear of nobody
                self.socket.close_now(CLOSE_TRY_LATER, "try again later")

    def _refuse(self, refusal: Refusal, frame: protocol.Incoming | None = None) -> None:
        """Say that something was not done; with `frame`, of what."""
        refusal.client_id = refusal.client_id or client_id_of(frame)
        refusal.chat_id = refusal.chat_id or chat_id_of(frame)
        self.socket.send_soon(encode(refusal_frame(refusal)))

    def _count_stranger(self) -> None:
        """Cut a connection that has had many frames refused and is still nobody's: no user's limits are on it."""
        if self.login is None:
            self._early_refusals += 1
            if self._early_refusals > EARLY_REFUSALS:
                self.socket.close_now(CLOSE_FLOOD, "flooding")

    def _answer_failure(self, error: Exception, frame: protocol.Incoming | None = None) -> None:
        """Say that what a frame asked for could not be done now, whatever the cause."""
        if not isinstance(error, DatabaseUnavailable):
            log.error("event=frame_failed user=%s", self.login and self.login.user_id, exc_info=error)
        self._refuse(unavailable(), frame)

    # auth

    def _check_auth(self) -> None:
        if not self._is_known:
            self.socket.close_now(CLOSE_NO_AUTH, "no auth in 10 s")

    async def _authenticate(self, frame: protocol.Incoming) -> None:
        if not isinstance(frame, protocol.Auth):
            raise Refusal("not_authenticated", "Send auth first.")
        user_id = parse_id(frame.user_id)
        self._is_known = True  # from here on the connection is answered or closed, however long the database takes
        login = await self._find_login(user_id, frame.token)
        if login is None or login.user_id != user_id:
            log.info("event=auth_refused address=%s", self.socket.address)
            self.socket.send_soon(encode(events.AuthFailed()))
            self.socket.close_now(CLOSE_UNAUTHENTICATED, "not authenticated")
            return
        knows_changes = protocol.CHANGES in frame.features
        epoch = await self._context.login_queries.ask(user_id, find_epoch) if knows_changes else None
        if len(self._context.hub.sockets_of(user_id)) >= self._context.max_per_user:
            self._refuse(slow_down())
            self.socket.close_now(CLOSE_TRY_LATER, "too many connections of this user")
            return
        self.login = login
        self.socket.knows_changes = knows_changes
        log.info("event=connect user=%d address=%s", user_id, self.socket.address)
        self.socket.send_soon(encode(events.AuthSucceeded(user_id, login.username, epoch=epoch or UNSET)))
        await self._context.presences.enter(user_id, self.socket, as_list=protocol.PRESENCE_LIST in frame.features)

    async def _find_login(self, user_id: int, token: str) -> Login | None:
        if not is_token_shaped(token):
            return None
        asker = (network_of(self.socket.address), user_id)  # strangers who guess wait for themselves
        context = self._context
        return await context.login_queries.ask(asker, find_login, token, context.lifetimes)

    # What became of a message or a change: the journals' answers

    def answer_stored(self, message: NewMessage, stored: Stored) -> None:
        answer = events.MessageSent(
            client_id=message.client_id,
            chat_id=message.chat_id,
            message_id=stored.message_id,
            seq=stored.seq,
            sent_at=stored.sent_at,
            duplicate=stored.is_duplicate or UNSET,
            files=stored.files or UNSET,
        )
        self.socket.send_soon(encode(answer))

    def answer_changed(self, change: Change, changed: Changed) -> None:
        message = as_listed(changed.message, self.user_id)
        self.socket.send_soon(encode(events.ChangeMade(change.client_id, message, changed.is_duplicate or UNSET)))

    def answer_unchanged(self, change: Change, unchanged: Unchanged) -> None:
        refusal = refusal_frame(not_changed(unchanged.code, change.client_id, change.chat_id))
        if unchanged.current is not None:
            refusal.current = events.CurrentMessage(as_listed(unchanged.current, self.user_id))
        self.socket.send_soon(encode(refusal))

    def answer_refused(self, item: NewMessage | Change, code: str) -> None:
        self._refuse(not_stored(code, item.client_id, item.chat_id))

    def answer_unavailable(self, item: NewMessage | Change) -> None:
        self._refuse(unavailable(item.client_id, item.chat_id))


def client_id_of(frame: protocol.Incoming | None) -> str | None:
    """Return which of a client's messages or changes a frame is, so that an error can say so."""
    named = protocol.SendMessage | protocol.AnyChange | protocol.SetKeep
    return frame.client_id if isinstance(frame, named) else None


def chat_id_of(frame: protocol.Incoming | None) -> int | None:
    """Return the chat that a frame is about, so that an error can say so; None where it can be none."""
    chat_id = int(frame.chat_id) if isinstance(frame, protocol.InChat) else 0
    return chat_id if 0 < chat_id <= MAX_ID else None


async def refuse_second_auth(client: Client, frame: protocol.Auth) -> None:
    raise Refusal("bad_frame", "This connection is authenticated already.")


async def answer_ping(client: Client, frame: protocol.Ping) -> None:
    client.socket.send_soon(events.PONG)
