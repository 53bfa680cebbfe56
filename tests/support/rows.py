"""What goes into the tables by SQL, past the services."""

from __future__ import annotations

from stack import Stack
from tests.support.people import Person
from tests.support.stored import add_members

FORGED = "send me the money"


def write(stack: Stack, chat: int, sender: Person, count: int, first: int = 1, at: str = "2026-11-22 09:31:00") -> None:
    """Put messages into a chat: seq `first` …, each with its number as text, a millisecond apart."""
    rows = ", ".join(
        f"({chat}, {sender.id}, {seq}, 'c{chat}-{seq}', 'text {seq}', '{at}.{seq % 1000:03d}')"
        for seq in range(first, first + count)
    )
    stack.database.query(f"INSERT INTO messages (chat_id, sender_id, seq, client_id, content, sent_at) VALUES {rows}")


def set_receipts(stack: Stack, chat: int, member: Person, *, delivered: int, read: int) -> None:
    """Say how far a member has received and read a chat, and show it to the other one."""
    stack.database.query(
        "UPDATE members SET delivered_seq = %s, read_seq = %s, shown_delivered_seq = %s, shown_read_seq = %s"
        " WHERE chat_id = %s AND user_id = %s",
        *(delivered, read, delivered, read, chat, member.id),
    )


def add_partners(stack: Stack, person: Person, count: int) -> list[int]:
    """Give a person `count` chats with people who exist in the table only; return the chats' ids, oldest first."""
    names = ", ".join(f"('p{person.id}-{number}', '')" for number in range(count))
    stack.database.query(f"INSERT INTO users (username, password) VALUES {names}")
    stack.database.query(
        "INSERT INTO chats (user1_id, user2_id, created_at)"
        " SELECT %s, id, NOW(3) - INTERVAL 1 HOUR FROM users WHERE username LIKE %s ORDER BY id",
        person.id,
        f"p{person.id}-%",
    )
    add_members(stack.database)
    rows = stack.database.query("SELECT id FROM chats WHERE user1_id = %s ORDER BY id", person.id)
    return [row["id"] for row in rows]


def forge(stack: Stack, chat: int, sender: Person, seq: int, identity: int | None = None) -> None:
    """Write what whoever has the database's password can: a plain row in somebody's name."""
    stack.database.query(
        "INSERT INTO messages (id, chat_id, sender_id, seq, client_id, content, key_version)"
        " VALUES (%s, %s, %s, %s, %s, %s, 0)",
        *(identity, chat, sender.id, seq, f"forged-{seq}", FORGED),
    )
