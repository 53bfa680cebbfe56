"""May this message be answered, and what do its two readers see of it then?"""

from __future__ import annotations

from .change_rows import find_members, read_present
from .connection import Connection, fetch_one
from .encryption import KeyRing
from .messages import ChatNumbers, quote
from .quotes import Quote


def find_quotes(connection: Connection, ring: KeyRing, chat_id: int, user_id: int, seq: int) -> dict[int, Quote] | None:
    """Return a message as each member of its chat sees it quoted, by user; None where it is not there for `user_id`."""
    row = fetch_one(connection, "SELECT change_seq, purged_seq FROM chats WHERE id = %s", chat_id)
    if row is None:
        return None
    members = find_members(connection, {chat_id: ChatNumbers(*row)})
    floors = {user: member.floor for (_, user), member in members.items()}
    message = read_present(connection, ring, [(chat_id, seq)]).get((chat_id, seq))
    if message is None or seq <= floors.get(user_id, seq):
        return None
    gone = Quote(seq, gone=True)
    return {member: quote(message) if seq > floor else gone for member, floor in floors.items()}
