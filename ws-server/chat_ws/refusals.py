"""What is a client told when something is not done? One exception, its codes and its texts."""

from __future__ import annotations

from typing import Literal

from chat_db.changes import Code as ChangeCode
from chat_db.chats import Partner

RETRY_AFTER = 2.0  # seconds; what clients are told while the database is away

Code = Literal[
    "bad_frame",
    "unknown_type",
    "not_authenticated",
    "forbidden",
    "no_such_chat",
    "no_such_user",
    "own_chat",
    "empty_message",
    "message_too_long",
    "client_id_reused",
    "not_delivered",
    "not_stored",
    "no_such_file",
    "no_such_message",
    "not_yours",
    "bad_reaction",
    "edit_conflict",
    "rate_limited",
    "unavailable",
]


class Refusal(Exception):
    """What a client asked for cannot be done. `code` is the contract's; the text is shown to people."""

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        client_id: str | None = None,
        chat_id: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.client_id = client_id
        self.chat_id = chat_id
        self.retry_after = retry_after


def unavailable(client_id: str | None = None, chat_id: int | None = None) -> Refusal:
    """Nobody knows whether it was done; of a message: send it again with the same client_id."""
    text = "The server cannot reach its database. Please try again in a moment."
    return Refusal("unavailable", text, client_id=client_id, chat_id=chat_id, retry_after=RETRY_AFTER)


def slow_down(wait: float = RETRY_AFTER) -> Refusal:
    text = "Too many requests in a short time. Please wait a moment."
    return Refusal("rate_limited", text, retry_after=wait)


def no_such_chat(client_id: str | None = None, chat_id: int | None = None) -> Refusal:
    return Refusal("no_such_chat", "There is no such chat.", client_id=client_id, chat_id=chat_id)


def no_such_user() -> Refusal:
    return Refusal("no_such_user", "There is no such user.")


def not_delivered() -> Refusal:
    """One of the two has blocked the other; which one, nobody is told."""
    return Refusal("not_delivered", "You and this user cannot write to each other.")


def no_such_file(client_id: str, chat_id: int) -> Refusal:
    """One of them was given up, is still open, or has been sent: only who uploads it again can send it."""
    text = "A file of this message is not there any more. Please add it again."
    return Refusal("no_such_file", text, client_id=client_id, chat_id=chat_id)


def no_way_to(partner: Partner) -> Refusal:
    """Return why nothing passes between a user and a partner who is apart from them."""
    return no_such_user() if partner.is_deleted else not_delivered()


EMPTY = "A message needs a text."
CHANGE_REFUSALS: dict[ChangeCode, str] = {
    "no_such_message": "There is no such message.",
    "empty_message": EMPTY,
    "not_yours": "You can only change what you have written yourself.",
    "bad_reaction": "This is no reaction to this message.",
    "edit_conflict": "This message was edited elsewhere meanwhile.",
    "client_id_reused": "This client_id belongs to another change.",
    "not_stored": "This change cannot be stored.",
}


def not_changed(code: ChangeCode, client_id: str, chat_id: int) -> Refusal:
    """Return what the writer's refusal of a change is to who asked for it."""
    return Refusal(code, CHANGE_REFUSALS[code], client_id=client_id, chat_id=chat_id)


def not_kept(chat_id: int) -> Refusal:
    return Refusal("client_id_reused", "This client_id belongs to something else.", chat_id=chat_id)


def not_stored(code: str, client_id: str, chat_id: int) -> Refusal:
    """Return what the writer's refusal of a message is to its sender."""
    if code == "client_id_reused":
        return Refusal(
            "client_id_reused", "This client_id belongs to another message.", client_id=client_id, chat_id=chat_id
        )
    if code == "not_stored":
        return Refusal("not_stored", "This message cannot be stored.", client_id=client_id, chat_id=chat_id)
    if code == "no_such_file":
        return no_such_file(client_id, chat_id)
    return no_such_chat(client_id, chat_id)
