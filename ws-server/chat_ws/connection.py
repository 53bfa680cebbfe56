"""What may one client do? Authenticate, then send frames; each is answered, refused, or ends the connection."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pymysql
from msgspec import UNSET
from websockets.exceptions import ConnectionClosed

from chat_db import DatabaseUnavailable
from chat_db.blocks import is_blocked
from chat_db.chats import ChatState, ChatSummary, add_chat, list_chats
from chat_db.messages import Members, NewMessage, is_stored, list_messages
from chat_db.names import clean_name
from chat_db.tokens import Login, find_login
from chat_db.users import User, find_user, find_user_by_id

from . import protocol
from .hub import Hub
from .presence import is_visible
from .protocol import Refusal, encode, number
from .socket import (
    CLOSE_NO_AUTH,
    CLOSE_TRY_LATER,
    CLOSE_UNAUTHENTICATED,
    ClientSocket,
)
from .writer import Stored

log = logging.getLogger("chatapp.connection")

AUTH_SECONDS = 10.0
SYNC_MESSAGES = 100  # in one sync_chat
MAX_SYNCS = 4  # that may wait for one another on one connection
UNAVAILABLE = "The server cannot reach its database. Please try again in a moment."
RETRY_AFTER = 2.0

ANSWERS = {
    "client_id_reused": "This client_id belongs to another message.",
    "no_such_chat": "There is no such chat.",
}


class Client:
    """One connection, from its first frame to its last."""

    def __init__(self, hub: Hub, socket: ClientSocket) -> None:
        self.hub = hub
        self.socket = socket
        self.login: Login | None = None
        self._syncs: set[asyncio.Task[None]] = set()
        self._sync_turn = asyncio.Lock()

    async def run(self) -> None:
        """Read frames until the connection is over."""
        deadline = self.socket.loop.call_later(AUTH_SECONDS, self._check_auth)
        try:
            async for text in self.socket:
                if self.socket.is_over:  # closed by us: what the client still sends counts for nothing
                    break
                await self._handle(text)
        except ConnectionClosed:
            pass
        finally:
            deadline.cancel()
            for task in self._syncs:
                task.cancel()
            if self.login is not None:
                self.hub.presences.leave(self.login.user_id, self.socket)

    def _check_auth(self) -> None:
        if self.login is None:
            self.socket.shut(CLOSE_NO_AUTH, "no auth in 10 s")

    async def _handle(self, text: str | bytes) -> None:
        """Answer one frame; this is where whatever went wrong becomes an answer."""
        try:
            frame = protocol.parse(text)
            if self.login is None:
                await self._authenticate(frame)
            elif self.socket.overdraft:
                raise slow_down(self.socket.overdraft, client_id=client_id_of(frame))
            else:
                await self.HANDLERS[type(frame)](self, frame)
        except Refusal as refusal:
            self.socket.post(encode(refusal.frame()))
        except DatabaseUnavailable:
            self._post_unavailable(client_id_of(frame))
            if self.login is None or isinstance(frame, protocol.Auth):  # half a login would hear of nobody
                self.socket.shut(CLOSE_TRY_LATER, "try again later")

    def _post_unavailable(self, client_id: str | None) -> None:
        refusal = Refusal("unavailable", UNAVAILABLE, client_id=client_id, retry_after=RETRY_AFTER)
        self.socket.post(encode(refusal.frame()))

    # auth

    async def _authenticate(self, frame: protocol.Incoming) -> None:
        if not isinstance(frame, protocol.Auth):
            raise Refusal("not_authenticated", "Send auth first.", client_id=client_id_of(frame))
        user_id = number(frame.user_id)
        login = await self.hub.ask(find_login, frame.token, self.hub.config.lifetimes)
        if login is None or login.user_id != user_id:
            log.info("event=auth_refused address=%s", self.socket.address)
            self.socket.post(encode(protocol.AuthFailed()))
            self.socket.shut(CLOSE_UNAUTHENTICATED, "not authenticated")
            return
        if not self.hub.presences.has_room_for(user_id, self.hub.config.max_per_user):
            self.socket.post(encode(slow_down(RETRY_AFTER).frame()))
            self.socket.shut(CLOSE_TRY_LATER, "too many connections of this user")
            return
        self.login = login
        log.info("event=connect user=%d address=%s", user_id, self.socket.address)
        self.socket.post(encode(protocol.AuthSucceeded(user_id=user_id, username=login.username)))
        await self.hub.presences.enter(user_id, self.socket)

    def end_login(self) -> None:
        """The login was ended elsewhere: say so and close."""
        self.socket.post(encode(protocol.AuthFailed()))
        self.socket.shut(CLOSE_UNAUTHENTICATED, "login ended")

    @property
    def user_id(self) -> int:
        assert self.login is not None  # noqa: S101  # only reached after auth
        return self.login.user_id

    async def _chat(self, chat_id: int, at_least: int = 0, client_id: str | None = None) -> ChatState:
        chat = await self.hub.find_chat(chat_id, self.user_id, at_least)
        if chat is None:
            raise Refusal("no_such_chat", ANSWERS["no_such_chat"], chat_id=chat_id, client_id=client_id)
        return chat

    async def _second_auth(self, frame: protocol.Auth) -> None:
        raise Refusal("bad_frame", "This connection is authenticated already.")

    # send_message

    async def _send_message(self, frame: protocol.SendMessage) -> None:
        chat = await self._chat(number(frame.chat_id), client_id=frame.client_id)
        self._check_names(frame, chat)
        await self._check_partner(chat, frame.client_id)
        try:
            text = protocol.clean_message(frame.message)
        except Refusal as refusal:
            refusal.client_id, refusal.chat_id = frame.client_id, chat.id
            raise
        wait = self.hub.message_rates.take(self.user_id)
        if wait:
            raise slow_down(wait, client_id=frame.client_id, chat_id=chat.id)
        client_id = frame.client_id or str(uuid.uuid4())
        message = NewMessage(chat.id, self.user_id, chat.other(self.user_id), client_id, text)
        self.hub.journal.submit(message, self)

    def _check_names(self, frame: protocol.SendMessage, chat: ChatState) -> None:
        """The prototype's page names sender and receiver; who sends is who authenticated, whatever it says."""
        sender = number(frame.sender_id) if frame.sender_id is not None else self.user_id
        receiver = number(frame.receiver_id) if frame.receiver_id is not None else chat.other(self.user_id)
        if (sender, receiver) != (self.user_id, chat.other(self.user_id)):
            raise Refusal(
                "forbidden", "You can only write as yourself, to the other member.", client_id=frame.client_id
            )

    async def _check_partner(self, chat: ChatState, client_id: str | None) -> None:
        partner = await self.hub.presences.find_partner(self.user_id, chat.other(self.user_id))
        if partner is None or not (partner.is_deleted or partner.is_blocked):
            return
        if client_id and (
            self.hub.journal.is_pending(self.user_id, client_id)
            or await self.hub.ask(is_stored, self.user_id, client_id)
        ):
            return  # sent again: it was stored before, and hears so
        raise no_such_user(client_id, chat.id) if partner.is_deleted else not_delivered(client_id, chat.id)

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
        refusal = Refusal(code, ANSWERS[code], client_id=message.client_id, chat_id=message.chat_id)
        self.socket.post(encode(refusal.frame()))

    def answer_unavailable(self, message: NewMessage, retry_after: float) -> None:
        self._post_unavailable(message.client_id)

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
        if await self.hub.ask(is_blocked, self.user_id, other.id):
            raise not_delivered()
        try:
            chat_id, is_new = await self.hub.ask(add_chat, self.user_id, other.id)
        except pymysql.err.IntegrityError:  # the user was deleted just now
            raise no_such_user() from None
        await self._announce_chat(chat_id, other, is_new)

    async def _find_other(self, frame: protocol.AddChat) -> User:
        if frame.other_user_id is not None:
            other = await self.hub.ask(find_user_by_id, number(frame.other_user_id))
        else:
            name = clean_name(frame.username or "")
            other = await self.hub.ask(find_user, name) if name else None
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
        text = f"{me.username} started a chat."
        for reader, partner in ((me, other), (other, me)):
            added = protocol.ChatAdded(me.id, text, protocol.ChatHead(chat_id, partner))
            self.hub.publish((reader.id,), added)
        await self.hub.presences.introduce(me.id, other.id)

    # sync, receipts, typing, ping

    async def _sync(self, frame: protocol.Sync) -> None:
        """Answer in a task of its own: a large answer to a slow reader does not stop its other frames."""
        held = {number(chat_id): seq for chat_id, seq in frame.chats.items()}
        if len(self._syncs) >= MAX_SYNCS:
            raise slow_down(1.0)
        task = asyncio.create_task(self._answer_sync(held))
        self._syncs.add(task)
        task.add_done_callback(self._syncs.discard)

    async def _answer_sync(self, held: dict[int, int]) -> None:
        async with self._sync_turn:
            try:
                await self.hub.journal.notes_tried()
                for chat in await self.hub.ask(list_chats, self.user_id):
                    await self._sync_chat(chat, held.get(chat.id, 0))
                # Asked again: what was stored meanwhile belongs into the answer that says "you hold everything".
                self.socket.post(encode(protocol.SyncDone(await self.hub.ask(list_chats, self.user_id))))
            except DatabaseUnavailable:
                self._post_unavailable(None)

    async def _sync_chat(self, chat: ChatSummary, held: int) -> None:
        reset = held > chat.last_seq
        after = 0 if reset else held
        if after == chat.last_seq and not reset:
            return
        messages, more = await self.hub.ask(
            list_messages,
            self.hub.ring,
            chat.id,
            Members(self.user_id, chat.other_user.id),
            SYNC_MESSAGES,
            after_seq=after,
        )
        self.socket.post(encode(protocol.SyncChat(chat, messages, more, reset=reset or UNSET)))
        await self.socket.drained()

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


def client_id_of(frame: protocol.Incoming) -> str | None:
    """Return which of a client's messages a frame is, so that an error can say so."""
    return frame.client_id if isinstance(frame, protocol.SendMessage) else None


def slow_down(wait: float, client_id: str | None = None, chat_id: int | None = None) -> Refusal:
    text = "That was a lot at once. Please wait a moment."
    return Refusal("rate_limited", text, client_id=client_id, chat_id=chat_id, retry_after=wait)


def no_such_user(client_id: str | None = None, chat_id: int | None = None) -> Refusal:
    return Refusal("no_such_user", "There is no such user.", client_id=client_id, chat_id=chat_id)


def not_delivered(client_id: str | None = None, chat_id: int | None = None) -> Refusal:
    """One of the two has blocked the other; which one, nobody is told."""
    text = "Nothing can be delivered between you and this user."
    return Refusal("not_delivered", text, client_id=client_id, chat_id=chat_id)
