"""How many rows does a server look at for what a request, a frame or a start asks besides messages and lists?

Not here: what only the command line runs (`list_users`, the rotation of keys), and the hourly `delete_expired`, which
goes through all logins once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chat_db import (
    blocks,
    chat_settings,
    chats,
    encrypted_columns,
    expiry,
    installation,
    keeping,
    keys,
    known_devices,
    links,
    messages,
    search,
    tokens,
    users,
)
from chat_db.encrypted_spans import EncryptedSpans
from chat_db.message_windows import list_around
from chat_db.secrets import new_token

if TYPE_CHECKING:
    from tests.support.examined import Filled

LIFETIMES = tokens.Lifetimes()
FEW = 8  # logins, blocks, … of somebody
LOOKUP = 40  # rows for what is found by its key


def fill_lookups(filled: Filled) -> None:
    """Give everybody a login, a browser, choices, and a link or two; and let everybody block somebody."""
    for sql in (
        "INSERT INTO tokens (user_id, token, expires_at)"
        " SELECT id, SHA2(CONCAT('token-', id), 256), NOW(3) + INTERVAL 100 DAY FROM users",
        "INSERT INTO known_devices (user_id, token) SELECT id, SHA2(CONCAT('browser-', id), 256) FROM users",
        "INSERT INTO user_privacy (user_id) SELECT id FROM users",
        "INSERT INTO user_last_seen (user_id, last_seen_at) SELECT id, NOW(3) FROM users",
        "INSERT INTO user_changes (user_id, changed_at) SELECT id, NOW(3) - INTERVAL 1 DAY FROM users",
        f"INSERT INTO blocks (user_id, blocked_id) SELECT id, id + 1 FROM users WHERE id < {filled.many + 2000}",
        "INSERT INTO invites (user_id, token, expires_at)"
        " SELECT id, SHA2(CONCAT('invite-', id), 256), NOW(3) + INTERVAL 1 DAY FROM users",
        "INSERT INTO password_resets (user_id, token, expires_at)"
        " SELECT id, SHA2(CONCAT('reset-', id), 256), NOW(3) + INTERVAL 1 DAY FROM users",
    ):
        filled.run(sql)


def lookups(filled: Filled) -> Iterator[tuple[str, int, int]]:
    """Yield each query with how many rows it looks at, and how many it may."""
    yield from _of_messages(filled)
    yield from _of_logins(filled)
    yield from _of_people(filled)
    yield from _of_links(filled)
    yield from _of_choices(filled)
    yield from _of_jumps(filled)


def _of_jumps(filled: Filled) -> Iterator[tuple[str, int, int]]:
    count, ring, reader, page = filled.count, filled.ring, filled.reader, 50
    middle = 50_000
    yield "a page around a message", count(list_around, ring, filled.long, reader, page, middle), 2 * page + LOOKUP
    [(sent_at,)] = filled.run(f"SELECT sent_at FROM messages WHERE chat_id = {filled.long} AND seq = {middle}")
    at_instant = count(list_around, ring, filled.long, reader, page, sent_at)
    yield "a page around an instant", at_instant, 2 * page + LOOKUP + 20
    yield "the chats to search", count(search.list_searched, reader), 12 * len(filled.chats)
    place = search.Place(search.NEWEST, search.NEWEST, 1)
    yield "the chats left to search", count(search.list_searched, reader, None, place), 12 * len(filled.chats)
    [whole] = search.list_searched(filled.connection, reader, filled.long)
    yield "a slice of a search", count(search.read_slice, reader, [whole]), 2 * search.SLICE + LOOKUP
    yield "how far a search has come", count(search.find_moment, filled.long, middle), LOOKUP
    short = search.list_searched(filled.connection, reader)[:FEW]
    yield "a slice of short chats", count(search.read_slice, reader, short), 2 * search.SLICE + LOOKUP


def _of_messages(filled: Filled) -> Iterator[tuple[str, int, int]]:
    count, ring, reader = filled.count, filled.ring, filled.reader
    known = [(reader, f"grown-{filled.long}-{seq}") for seq in range(1, 50, 2)]
    known += [(reader + 2, f"grown-{filled.long}-{seq}") for seq in range(2, 50, 2)]
    yield "messages that may be stored", count(messages.find_known, ring, known), 8 * len(known) + LOOKUP
    yield "a message that may be stored", count(messages.is_stored, reader, "grown-1-1"), LOOKUP
    receipts = [chats.Receipt(chat, reader, 1, 1, 1, 1) for chat in filled.chats]
    yield "receipts", count(chats.save_receipts, receipts), 4 * len(receipts) + LOOKUP
    yield "the keys in use", count(encrypted_columns.find_key_versions), LOOKUP
    for table in encrypted_columns.ENCRYPTED:
        sample = count(encrypted_columns.find_sample, table, 0, keys.SAMPLE)
        yield f"a sample of a key, {table.name}", sample, 8 * keys.SAMPLE + LOOKUP
        spans = count(keys.find_spans, table, EncryptedSpans(), True)
        yield f"what was encrypted when, {table.name}", spans, LOOKUP


def _of_logins(filled: Filled) -> Iterator[tuple[str, int, int]]:
    count, reader, token = filled.count, filled.reader, new_token()
    ids = [row[0] for row in filled.run(f"SELECT id FROM tokens ORDER BY id LIMIT {FEW}")]
    yield "a login", count(tokens.find_login, token, LIFETIMES), LOOKUP
    yield "live logins", count(tokens.find_live, ids, LIFETIMES), 4 * FEW + LOOKUP
    yield "logins in use", count(tokens.touch, ids), 4 * FEW + LOOKUP
    yield "stored logins", count(tokens.find_stored, [token] * FEW), 4 * FEW + LOOKUP
    yield "devices", count(tokens.list_devices, reader, token, LIFETIMES), LOOKUP
    yield "the end of a login", count(tokens.revoke_token, token), LOOKUP
    yield "the end of a device", count(tokens.revoke_device, reader, 1), LOOKUP
    yield "the end of others", count(tokens.revoke_others, reader, token), LOOKUP
    yield "the oldest logins", count(known_devices.delete_oldest, "tokens", reader, FEW), LOOKUP
    yield "a known browser", count(known_devices.is_known, reader, token), LOOKUP
    yield "a new browser", count(known_devices.remember, reader, known_devices.Browser(token, token)), LOOKUP
    yield "a new login", count(tokens.issue_token, reader, "", LIFETIMES), LOOKUP


def _of_people(filled: Filled) -> Iterator[tuple[str, int, int]]:
    count, reader, other = filled.count, filled.reader, filled.many
    yield "an account", count(users.find_account, "nobody"), LOOKUP
    yield "an account by id", count(users.find_account_by_id, reader), LOOKUP
    yield "a user", count(users.find_user, "nobody"), LOOKUP
    yield "a user by id", count(users.find_user_by_id, reader), LOOKUP
    yield "whether two have a chat", count(chats.have_chat, reader, other), LOOKUP
    yield "a chat that is there", count(chats.add_chat, reader, reader + 2), LOOKUP
    yield "choices", count(users.save_choices, reader, users.Choices()), LOOKUP
    yield "who has changed", count(users.find_changed, 5), LOOKUP
    seen = {reader + number: "2026-11-22 09:31:00" for number in range(FEW)}
    yield "when people were seen", count(users.save_last_seen, seen), 4 * FEW + LOOKUP
    yield "a block", count(blocks.add_block, reader, reader + 2), LOOKUP
    yield "whether one is blocked", count(blocks.is_blocked, reader, other), LOOKUP
    yield "who is blocked", count(blocks.list_blocked, reader), LOOKUP
    yield "the end of a block", count(blocks.remove_block, reader, reader + 2), LOOKUP
    yield "a new password", count(users.change_password, reader, "x", None), LOOKUP
    gone = int(filled.run("SELECT MAX(id) FROM users WHERE deleted_at IS NULL")[0][0])
    yield "the end of an account", count(users.delete_user, gone), 2 * LOOKUP
    filled.run("DELETE FROM purges")


def _of_links(filled: Filled) -> Iterator[tuple[str, int, int]]:
    count, reader, token = filled.count, filled.reader, new_token()
    yield "an invite", count(links.is_invite_good, token), LOOKUP
    yield "an own invite", count(links.find_own_invite, reader, token), LOOKUP
    yield "a new invite", count(links.make_own_invite, reader, FEW), LOOKUP
    yield "the use of an invite", count(links.create_invited_user, token, "somebody", "x"), LOOKUP
    yield "a link that resets", count(links.find_reset, token), LOOKUP
    yield "a new link that resets", count(links.make_reset, reader), LOOKUP
    yield "the use of a link that resets", count(links.use_reset, token, "x"), LOOKUP


def _of_choices(filled: Filled) -> Iterator[tuple[str, int, int]]:
    """What members choose of a chat, and the look for what is to go: it costs what is due, however many chats there
    are."""
    count, reader, chat, now = filled.count, filled.reader, filled.chats[0], datetime.now(UTC)
    pinned = chat_settings.ChatSettings(pinned=True)
    whole_chat = 4 * LOOKUP + 200  # with 100 unread messages
    yield "a choice of a member", count(chat_settings.set_chat, chat, reader, pinned), whole_chat
    yield "what is cleared", count(chat_settings.clear_chat, chat, reader, 1), whole_chat
    keep = keeping.Keep(chat, reader, "reader", filled.many, 3_600, "k1")
    yield "whether a choice is noted", count(keeping.is_kept, reader, "k1"), LOOKUP
    yield "for how long messages are kept", count(keeping.set_keep, filled.ring, keep), LOOKUP
    yield "what is due", count(expiry.find_due, now), 2 * LOOKUP  # two looks
    yield "a chat of which nothing is due", count(expiry.purge_piece, chat, now), expiry.PIECE + LOOKUP
    yield "changes that are old", count(expiry.delete_old_changes, now), LOOKUP
    yield "the epoch", count(installation.find_epoch), LOOKUP
    filled.run(f"UPDATE chats SET keep_seconds = NULL, keep_from = NULL WHERE id = {chat}")
    filled.run(f"DELETE FROM changes WHERE chat_id = {chat} AND client_id = 'k1'")
    filled.run(f"DELETE FROM messages WHERE chat_id = {chat} AND kind = 1")
    filled.run(f"UPDATE members SET cleared_seq = 0, pinned_at = NULL WHERE chat_id = {chat}")
