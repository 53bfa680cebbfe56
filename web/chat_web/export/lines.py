"""A conversation for programs: JSON Lines, each message as `get_messages` lists it, and the files that it names."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import msgspec

from chat_db.connection import rfc3339, utc_now
from chat_db.users import as_user

from ..file_store import FileStore
from .attachments import Attachments, ids_of
from .conversation import Conversation
from .zip_stream import ZipStream


def as_lines(chat: Conversation, store: FileStore, folder: str) -> Iterator[bytes]:
    """Give the pieces of a ZIP with `chat.json`, which says whose conversation it is, `messages.jsonl`, and `files`."""
    zip_stream = ZipStream()
    about = {
        "chat_id": chat.chat_id,
        "user": as_user(chat.readers.reader_id, chat.readers.names[chat.readers.reader_id]),
        "other_user": as_user(chat.readers.other_id, chat.readers.names[chat.readers.other_id]),
        "floor": chat.numbers.floor,
        "last_seq": chat.numbers.last_seq,
        "change_seq": chat.numbers.change_seq,
        "exported_at": rfc3339(utc_now()),
    }
    yield from zip_stream.add(f"{folder}/chat.json", [msgspec.json.encode(about).decode() + "\n"])
    ids = array("I")
    lines = (msgspec.json.encode(message).decode() + "\n" for message in ids_of(chat.messages(), ids))
    yield from zip_stream.add(f"{folder}/messages.jsonl", lines, may_be_large=True)
    yield from Attachments(chat, store, folder).pieces(zip_stream, ids)
    yield zip_stream.end()
