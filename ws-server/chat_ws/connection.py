"""What may one client do? Authenticate, then send frames; each is answered, refused, or ends the connection."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import UNSET
from websockets.exceptions import ConnectionClosed

from chat_db import DatabaseUnavailable, NoSuchUser
from chat_db.blocks import is_blocked
from chat_db.chats import ChatState, add_chat
from chat_db.messages import NewMessage, is_stored
from chat_db.names import clean_name
from chat_db.secrets import is_token_shaped
from chat_db.settings import network_of
from chat_db.tokens import Login, find_login
from chat_db.users import User, find_user, find_user_by_id
from chat_db.writer import Stored

from . import protocol
from .hub import Hub
from .presence import is_visible
from .protocol import Refusal, encode, number
from .refusals import client_id_of, no_such_chat, no_such_user, not_delivered, refused, slow_down, unavailable
from .socket import CLOSE_FLOOD, CLOSE_NO_AUTH, CLOSE_TRY_LATER, CLOSE_UNAUTHENTICATED, ClientSocket
from .syncs import Syncs

log = logging.getLogger("chatapp.connection")

AUTH_SECONDS = 10.0
EARLY_REFUSALS = 50


class Client:
    """One connection, from its first frame to its last."""

    def __init__(self, hub: Hub, socket: ClientSocket) -> None:
        self.hub = hub
        self.socket = socket
        self.login: Login | None = None
        self._is_known = False  # whether a login is being looked for or was found
        self._early_refusals = 0  # before auth
        self._syncs = Syncs(hub, socket, self._answer_failure)

    async def run(self) -> None:
        """Read frames until the connection is over."""
        deadline = self.socket.loop.call_later(AUTH_SECONDS, self._check_auth)
        try:
            async for text in self.socket:
                if self.socket.is_over:  # closed by us: what the client still sends counts for nothing
                    break
                await self._handle(text)
                if self.login is not None and (wait := self.hub.frame_rates.charge(self.login.user_id)):
                    await asyncio.sleep(wait)  # unread frames wait in the client: they cost nothing here
        except ConnectionClosed:
            pass
        finally:
            deadline.cancel()
            self._syncs.cancel()
            if self.login is not None:
                self.hub.presences.leave(self.login.user_id, self.socket)

    def _check_auth(self) -> None:
        if not self._is_known:
            self.socket.shut(CLOSE_NO_AUTH, "no auth in 10 s")

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
                await self.HANDLERS[type(frame)](self, frame)
        except Refusal as refusal:
            refusal.client_id = refusal.client_id or client_id_of(frame)
            self.socket.post(encode(refusal.frame()))
            self._count_stranger()
        except Exception as error:  # noqa: BLE001  # logged in _answer_failure
            self._answer_failure(error, client_id_of(frame))
            if self.login is None or isinstance(frame, protocol.Auth):  # half a login would hear of nobody
                self.socket.shut(CLOSE_TRY_LATER, "try again later")

    def _count_stranger(self) -> None:
        """Cut a connection that has had many frames refused and is still nobody's: no user's limits are on it."""
        if self.login is None:
            self._early_refusals += 1
            if self._early_refusals > EARLY_REFUSALS:
                self.socket.shut(CLOSE_FLOOD, "flooding")

    def _answer_failure(self, error: Exception, client_id: str | None = None) -> None:
        """Say that what a frame asked for could not be done now, whatever the cause."""
        if not isinstance(error, DatabaseUnavailable):
            log.error("event=frame_failed user=%s", self.login and self.login.user_id, exc_info=error)
        self.socket.post(encode(unavailable(client_id).frame()))

    # auth

    async def _authenticate(self, frame: protocol.Incoming) -> None:
        if not isinstance(frame, protocol.Auth):
            raise Refusal("not_authenticated", "Send auth first.")
        user_id = number(frame.user_id)
        self._is_known = True  # from here on the connection is answered or closed, however long the database takes
        login = await self._find_login(user_id, frame.token)
        if login is None or login.user_id != user_id:
            log.info("event=auth_refused address=%s", self.socket.address)
            self.socket.post(encode(protocol.AuthFailed()))
            self.socket.shut(CLOSE_UNAUTHENTICATED, "not authenticated")
            return
        if not self.hub.presences.has_room_for(user_id, self.hub.config.max_per_user):
            self.socket.post(encode(slow_down().frame()))
            self.socket.shut(CLOSE_TRY_LATER, "too many connections of this user")
            return
        self.login = login
        log.info("event=connect user=%d address=%s", user_id, self.socket.address)
        self.socket.post(encode(protocol.AuthSucceeded(user_id=user_id, username=login.username)))
        await self.hub.presences.enter(user_id, self.socket)

    async def _find_login(self, user_id: int, token: str) -> Login | None:
        if not is_token_shaped(token):
            return None
        asker = (network_of(self.socket.address), user_id)  # strangers who guess wait for themselves
        return await self.hub.logins.ask(asker, find_login, token, self.hub.config.lifetimes)

    def end_login(self) -> None:
        """The login was ended elsewhere: say so and close."""
        self.socket.post(encode(protocol.AuthFailed()))
        self.socket.shut(CLOSE_UNAUTHENTICATED, "login ended")

    @property
    def user_id(self) -> int:
        assert self.login is not None  # noqa: S101  # only reached after auth
        return self.login.user_id

    async def _chat(self, chat_id: int, at_least: int = 0) -> ChatState:
        chat = await self.hub.find_chat(chat_id, self.user_id, at_least)
        if chat is None:
            raise no_such_chat(chat_id=chat_id)
        return chat

    async def _second_auth(self, frame: protocol.Auth) -> None:
        raise Refusal("bad_frame", "This connection is authenticated already.")

    # send_message

    async def _send_message(self, frame: protocol.SendMessage) -> None:
        chat = await self._chat(number(frame.chat_id))
        self._check_names(frame, chat)
        try:
            text = protocol.clean_message(frame.message)
        except Refusal as refusal:
            refusal.chat_id = chat.id
            raise
        wait = self.hub.message_rates.take(self.user_id)
        if wait:
            raise slow_down(wait, chat_id=chat.id)
        await self._check_partner(chat, frame.client_id)
        client_id = frame.client_id or str(uuid.uuid4())
        message = NewMessage(chat.id, self.user_id, chat.other(self.user_id), client_id, text)
        self.hub.journal.submit(message, self)

    def _check_names(self, frame: protocol.SendMessage, chat: ChatState) -> None:
        """The prototype's page names sender and receiver; who sends is who authenticated, whatever it says."""
        sender = number(frame.sender_id) if frame.sender_id is not None else self.user_id
        receiver = number(frame.receiver_id) if frame.receiver_id is not None else chat.other(self.user_id)
        if (sender, receiver) != (self.user_id, chat.other(self.user_id)):
            raise Refusal("forbidden", "You can only write as yourself, to the other member.")

    async def _check_partner(self, chat: ChatState, client_id: str | None) -> None:
        partner = await self.hub.presences.find_partner(self.user_id, chat.other(self.user_id))
        if partner is None or not (partner.is_deleted or partner.is_blocked):
            return
        if client_id and (
            self.hub.journal.is_pending(self.user_id, client_id)
            or await self.hub.ask(self.user_id, is_stored, self.user_id, client_id)
        ):
            return  # sent again: it was stored before, and hears so
        raise no_such_user(chat.id) if partner.is_deleted else not_delivered(chat.id)

    def answer_stored(self, message: NewMessage, stored: Stored) -> None:
        answer = protocol.MessageSent(
            client_id=message.client_id,
            chat_id=message.chat_id,
            message_id=stored.message_id,
            seq=stored.seq,
            sent_at=stored.sent_at,
            duplicate=stored.is_duplicate or UNSET,
        )
        self.socket.post(encode(answer))

    def answer_refused(self, message: NewMessage, code: str) -> None:
        self.socket.post(encode(refused(code, message.client_id, message.chat_id).frame()))

    def answer_unavailable(self, message: NewMessage, retry_after: float) -> None:
        self.socket.post(encode(unavailable(message.client_id).frame()))

    # add_chat

    async def _add_chat(self, frame: protocol.AddChat) -> None:
        if (frame.other_user_id is None) == (frame.username is None):
            raise Refusal("bad_frame", "Name the other user by other_user_id or by username.")
        wait = self.hub.lookup_rates.take(self.user_id)
        if wait:
            raise slow_down(wait)
        other = await self._find_other(frame)
        if other.id == self.user_id:
            raise Refusal("own_chat", "You cannot start a chat with yourself.")
        if await self.hub.ask(self.user_id, is_blocked, self.user_id, other.id):
            raise not_delivered()
        try:
            chat_id, is_new = await self.hub.ask(self.user_id, add_chat, self.user_id, other.id)
        except NoSuchUser:  # the user was deleted just now
            raise no_such_user() from None
        await self._announce_chat(chat_id, other, is_new)

    async def _find_other(self, frame: protocol.AddChat) -> User:
        if frame.other_user_id is not None:
            other = await self.hub.ask(self.user_id, find_user_by_id, number(frame.other_user_id))
        else:
            name = clean_name(frame.username or "")
            other = await self.hub.ask(self.user_id, find_user, name) if name else None
        if other is None:
            raise no_such_user()
        return other

    async def _announce_chat(self, chat_id: int, other: User, is_new: bool) -> None:
        assert self.login is not None  # noqa: S101  # only reached after auth
        me = User(self.login.user_id, self.login.username)
        if not is_new:
            head = protocol.ChatHead(chat_id, other)
            self.socket.post(encode(protocol.ChatAdded(me.id, "You have this chat already.", head, existing=True)))
            return
        for reader, partner in ((me, other), (other, me)):
            self.hub.publish((reader.id,), protocol.started_chat(me, chat_id, partner))
        await self.hub.presences.introduce(me.id, other.id)

    # sync, receipts, typing, ping

    async def _sync(self, frame: protocol.Sync) -> None:
        held = {number(chat_id): seq for chat_id, seq in frame.chats.items()}
        if self._syncs.is_full:
            raise slow_down(1.0)
        wait = self.hub.sync_rates.take(self.user_id)
        if wait:
            raise slow_down(wait)
        self._syncs.start(self.user_id, held)

    async def _delivered(self, frame: protocol.Delivered) -> None:
        chat = await self._chat(number(frame.chat_id), at_least=frame.seq)
        await self.hub.announce_receipt(chat, self.user_id, (min(frame.seq, chat.last_seq), 0), self.socket)

    async def _read(self, frame: protocol.Read) -> None:
        chat = await self._chat(number(frame.chat_id), at_least=frame.seq)
        seq = min(frame.seq, chat.last_seq)
        await self.hub.announce_receipt(chat, self.user_id, (seq, seq), self.socket)

    async def _typing(self, frame: protocol.Typing) -> None:
        chat = await self._chat(number(frame.chat_id))
        partner = await self.hub.presences.find_partner(self.user_id, chat.other(self.user_id))
        if partner is not None and not is_visible(partner):  # typing tells that one is there
            return
        if self.hub.typing_rates.take(self.user_id):  # too much for the other; nothing that anybody misses
            return
        event = protocol.TypingFrame(chat_id=chat.id, user_id=self.user_id, typing=frame.typing)
        self.hub.publish((chat.other(self.user_id),), event)

    async def _ping(self, frame: protocol.Ping) -> None:
        self.socket.post(protocol.PONG)

    HANDLERS: dict[type[Any], Callable[[Client, Any], Awaitable[None]]] = {  # noqa: RUF012  # never changed
        protocol.Auth: _second_auth,
        protocol.SendMessage: _send_message,
        protocol.AddChat: _add_chat,
        protocol.Sync: _sync,
        protocol.Delivered: _delivered,
        protocol.Read: _read,
        protocol.Typing: _typing,
        protocol.Ping: _ping,
    }
