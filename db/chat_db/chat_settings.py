"""What does a member choose for themselves in a chat? Muted, pinned, archived, cleared; nobody else hears of it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from msgspec import UNSET, UnsetType

from .chat_lists import ChatSummary, list_chats
from .connection import Connection, as_stored, execute, utc_now


class ChatSettings(msgspec.Struct, frozen=True):
    """What of a chat is to be set; the rest stays as it is."""

    muted_until: datetime | UnsetType | None = UNSET  # in UTC
    pinned: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


def set_chat(connection: Connection, chat_id: int, user_id: int, settings: ChatSettings) -> ChatSummary | None:
    """Set something of a member's chat; return the chat as it is then, None to an outsider.

    A chat that is pinned already keeps its place. One that is archived again is so as of now.
    """
    now = utc_now()  # as in `sent_at`, with which it is compared
    columns: dict[str, str | None] = {}
    if settings.muted_until is not UNSET:
        columns["muted_until = %s"] = _future(settings.muted_until)
    if settings.pinned is not UNSET:
        columns["pinned_at = COALESCE(pinned_at, %s)" if settings.pinned else "pinned_at = %s"] = (
            now if settings.pinned else None
        )
    if settings.archived is not UNSET:
        columns["archived_at = %s"] = now if settings.archived else None
    if columns:
        sql = f"UPDATE members SET {', '.join(columns)} WHERE chat_id = %s AND user_id = %s"
        execute(connection, sql, *columns.values(), chat_id, user_id)
    return find_summary(connection, chat_id, user_id)


def _future(moment: datetime | None) -> str | None:
    """Return a moment as it is stored, None where it has passed."""
    if moment is None or moment <= datetime.now(UTC):
        return None
    return as_stored(moment)


def clear_chat(connection: Connection, chat_id: int, user_id: int, seq: int) -> ChatSummary | None:
    """Take the messages up to `seq`, which has been given out, from a member; return as set_chat. What is read stays so
    for the other one: no receipt moves."""
    sql = "UPDATE members SET cleared_seq = GREATEST(cleared_seq, %s) WHERE chat_id = %s AND user_id = %s"
    execute(connection, sql, seq, chat_id, user_id)
    return find_summary(connection, chat_id, user_id)


def find_summary(connection: Connection, chat_id: int, user_id: int) -> ChatSummary | None:
    """Return one chat of a member as `get_chats` names it."""
    return next(iter(list_chats(connection, user_id, [chat_id])), None)
