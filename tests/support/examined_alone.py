"""How many rows does a server look at where two people are alone, and their one chat holds every message?

A table of one row looks cheap to begin with: a server then joins `chats` first, and sorts the whole chat.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chat_db import keys, reencryption
from chat_db.chat_lists import list_chats, list_chats_page
from chat_db.chats import Receipt, find_chat_state, list_partners, save_receipts
from chat_db.encrypted_columns import MESSAGES as ENCRYPTED_MESSAGES
from chat_db.encrypted_columns import find_key_versions, find_sample
from chat_db.encrypted_spans import EncryptedSpans
from chat_db.encryption import PLAIN
from chat_db.key_files import new_key, write_keys
from chat_db.message_pages import Span, list_latest, list_messages
from chat_db.messages import ChatNumbers, find_known, is_stored, lock_chats, lock_last_seqs
from tests.support.examined import AROUND, Counting
from tests.support.examined_changes import examined_changes, fill_changes

MESSAGES = 20_000
PAGE = 50


class Alone(Counting):
    """A server with two users and one long chat."""

    def __init__(self, keys_path: Path, **server: Any) -> None:
        super().__init__(keys_path, **server)
        write_keys(keys_path, {1: new_key()}, is_new=True)
        with self.filler() as filler:
            self.ada, self.bob = filler.users(2)
            [self.chat] = filler.chats([(self.ada, self.bob)])
            filler.long_chat(self.chat, 1, MESSAGES)
        fill_changes(self, self.chat, self.ada)


def examined_alone(alone: Alone) -> Iterator[tuple[str, int, int]]:
    """Yield each query with how many rows it looks at, and how many it may."""
    count, chat, ada = alone.count, alone.chat, alone.ada
    yield from examined_changes(alone, [chat], ada, MESSAGES)
    yield "a page", count(list_messages, alone.ring, chat, ada, PAGE), 2 * PAGE + AROUND
    yield "the list", count(list_chats, ada), 300
    yield "a page of the list", count(list_chats_page, ada, PAGE), 300
    yield "the latest", count(list_latest, alone.ring, ada, {chat: Span(alone.bob, "bob", 100, 129, 0)}), 100
    yield "the partners", count(list_partners, [ada]), AROUND
    yield "a chat", count(find_chat_state, chat, ada), AROUND
    yield "receipts", count(save_receipts, [Receipt(chat, ada, 1, 1, 1, 1)]), AROUND
    yield "the last seq", count(lock_last_seqs, {chat: ChatNumbers(0, 0)}), AROUND
    yield "the lock of a chat", count(lock_chats, [chat]), AROUND
    yield "a message that may be stored", count(is_stored, ada, f"grown-{chat}-2"), AROUND
    yield "the same, with its text", count(find_known, alone.ring, [(ada, f"grown-{chat}-2")]), AROUND
    yield "the keys in use", count(find_key_versions), AROUND
    yield "a sample of a key", count(find_sample, ENCRYPTED_MESSAGES, PLAIN, keys.SAMPLE), 8 * keys.SAMPLE + AROUND
    spans = count(keys.find_spans, ENCRYPTED_MESSAGES, EncryptedSpans(), True)
    yield "what was encrypted when", spans, AROUND
    batch = count(reencryption.reencrypt_batch, alone.ring, ENCRYPTED_MESSAGES, PLAIN, 1, MESSAGES // 2)
    yield "a part of a rotation", batch, 4 * reencryption.REENCRYPT_BATCH + AROUND
