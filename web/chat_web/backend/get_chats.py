"""GET get_chats: a user's chats, newest activity first, with their latest messages."""

from __future__ import annotations

from itertools import chain, repeat

import msgspec
from flask import Blueprint

from chat_db.chat_lists import ChatSummary, list_chats
from chat_db.connection import Connection
from chat_db.message_pages import Span, list_latest
from chat_db.messages import Message
from chat_db.seal import KeyRing
from chat_db.tokens import Login

from ..answers import Answer, ListedChat
from ..config import current_database, current_ring
from ..turns import wait_for_turn
from .endpoint import endpoint

blueprint = Blueprint("get_chats", __name__)

FULL_CHATS = 20  # this many get their latest messages, the others the last one
LATEST = 30


@endpoint(blueprint, "GET", "get_chats", "rate_limited")
def show(login: Login) -> Answer[list[ListedChat]]:
    """Return one's chats with their latest messages, newest activity first."""
    wait_for_turn(login.user_id)
    return Answer(current_database().run(list_with_messages, current_ring(), login.user_id))


def list_with_messages(connection: Connection, ring: KeyRing, user_id: int) -> list[ListedChat]:
    """Two queries, however many chats there are and however long they are; a third where there are long texts."""
    chats = list_chats(connection, user_id)
    spans = {
        chat.id: Span(chat.other_user.id, chat.other_user.username, max(1, chat.last_seq - length + 1), chat.last_seq)
        for chat, length in zip(chats, chain(repeat(LATEST, FULL_CHATS), repeat(1)), strict=False)
        if chat.last_seq
    }
    latest = list_latest(connection, ring, user_id, spans)
    return [_list_chat(chat, latest.get(chat.id, [])) for chat in chats]


def _list_chat(chat: ChatSummary, messages: list[Message]) -> ListedChat:
    first = messages[0].seq if messages else chat.last_seq + 1
    return ListedChat(**msgspec.structs.asdict(chat), messages=messages, more=first > 1)
