"""Who gets which frame?"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from typing import Any

from msgspec import UNSET

from chat_db.changes import Change, Changed, as_listed
from chat_db.chat_lists import ChatSummary
from chat_db.keeping import Keep, Notice
from chat_db.messages import NewMessage
from chat_db.writer import Stored

from .events import ChatSettled, MessageChanged, NewMessageFrame, encode
from .socket import ClientSocket
from .submission import Sender

NO_SOCKETS: frozenset[ClientSocket] = frozenset()


class Hub:
    """The authenticated sockets of one process, by user. This is the one place where events leave; several
    ws-servers would share them behind it."""

    def __init__(self) -> None:
        self._sockets: dict[int, set[ClientSocket]] = {}

    def add(self, user_id: int, socket: ClientSocket) -> None:
        self._sockets.setdefault(user_id, set()).add(socket)

    def remove(self, user_id: int, socket: ClientSocket) -> bool:
        """Say whether the socket was there."""
        sockets = self._sockets.get(user_id)
        if sockets is None or socket not in sockets:
            return False
        sockets.remove(socket)
        if not sockets:
            del self._sockets[user_id]
        return True

    def sockets_of(self, user_id: int) -> Collection[ClientSocket]:
        return self._sockets.get(user_id, NO_SOCKETS)

    def publish(self, user_ids: Iterable[int], event: Any, but: Container[object] = (), at_once: bool = False) -> None:
        """Send an event to every socket of some users, except the sockets in `but`; see `send_now` for `at_once`."""
        payload = b""
        for user_id in user_ids:
            for socket in self._sockets.get(user_id, NO_SOCKETS):
                if socket not in but:
                    payload = payload or encode(event)
                    if at_once:
                        socket.send_now(payload)
                    else:
                        socket.send_soon(payload)

    def publish_message(self, message: NewMessage, stored: Stored, senders: list[Sender], is_alone: bool) -> None:
        """Tell every socket of both members of a stored message, except those that had an answer for it.

        `is_alone`: no other message was stored with it.
        """
        event = NewMessageFrame(
            message_id=stored.message_id,
            chat_id=message.chat_id,
            seq=stored.seq,
            sender_id=message.sender_id,
            message=message.content,
            sent_at=stored.sent_at,
        )
        if stored.files:
            event.files = stored.files
        quotes = message.quotes
        if quotes:
            event.reply_to = quotes.get(message.receiver_id, UNSET)
        self.publish((message.receiver_id,), event, at_once=is_alone)
        event.client_id = message.client_id
        if quotes:
            event.reply_to = quotes.get(message.sender_id, UNSET)
        self.publish((message.sender_id,), event, but=[sender.socket for sender in senders])

    def publish_change(self, change: Change, changed: Changed, senders: list[Sender]) -> None:
        """Tell the sockets of both members that know of changes, except those that had an answer for it."""
        message = changed.message
        answered = [sender.socket for sender in senders]
        readers = {message.sender_id, message.receiver_id} if change.tells_other else {change.user_id}
        for reader in readers:
            sockets = [socket for socket in self.sockets_of(reader) if socket.knows_changes and socket not in answered]
            if sockets:
                payload = encode(MessageChanged(as_listed(message, reader)))
                for socket in sockets:
                    socket.send_soon(payload)

    def publish_notice(self, keep: Keep, notice: Notice, tells_other: bool) -> None:
        """Tell every socket of both members of a notice, also of who has caused it."""
        event = NewMessageFrame(
            message_id=notice.message_id,
            chat_id=keep.chat_id,
            seq=notice.seq,
            sender_id=keep.user_id,
            message=notice.content,
            sent_at=notice.sent_at,
            kind="notice",
            notice=notice.values,
        )
        if tells_other:
            self.publish((keep.other_id,), event)
        event.client_id = keep.client_id
        self.publish((keep.user_id,), event)

    def publish_settled(
        self,
        user_id: int,
        chat: ChatSummary,
        asking: ClientSocket | None = None,
        client_id: str | None = None,
        only_asking: bool = False,
    ) -> None:
        """Tell who asked, and the user's other sockets that know of changes, how one of their chats is now."""
        if asking is not None:
            asking.send_soon(encode(ChatSettled(chat, client_id or UNSET)))
        if not only_asking:
            self.publish_to_knowing((user_id,), ChatSettled(chat), but=(asking,))

    def publish_to_knowing(self, user_ids: Iterable[int], event: Any, but: Container[object] = ()) -> None:
        """Send an event to those sockets of some users that know of changes, except the sockets in `but`."""
        payload = encode(event)
        for user_id in user_ids:
            for socket in self.sockets_of(user_id):
                if socket.knows_changes and socket not in but:
                    socket.send_soon(payload)
