"""Who is in a test? Ada and Bob share a chat, Eve is the outsider; each with a browser and devices."""

from __future__ import annotations

import contextlib
import functools
import secrets
from typing import TYPE_CHECKING, Any

from cachelib.file import FileSystemCache
from werkzeug.security import generate_password_hash

from chat_db.tokens import Lifetimes, issue_token

from .http import HttpClient
from .socket import Frame, Socket
from .stored import add_members

if TYPE_CHECKING:
    from stack import Stack

PASSWORD = "correct horse battery"


@functools.cache
def stored_password() -> str:
    """The hash of PASSWORD as the product stores it; made once, since it is slow on purpose."""
    return generate_password_hash(PASSWORD, "scrypt:32768:8:3")


class Person:
    """A registered user who is logged in. `http` carries the session, `token` (of the same login) opens WebSockets.

    The login is put where the product would put it, because a real one takes a quarter of a second, on purpose;
    `log_in` does a real one.
    """

    def __init__(self, stack: Stack, name: str, user_id: int) -> None:
        self.stack = stack
        self.name = name
        self.id = user_id
        self.password = PASSWORD
        self.sockets: list[Socket] = []
        self.http = HttpClient(stack.web.url)
        with contextlib.closing(stack.database.connect()) as connection:
            self.token = issue_token(connection, user_id, "", Lifetimes())
        self.http.cookies["session"] = self._put_session(self.token)

    def _put_session(self, token: str) -> str:
        """Write a session file as Flask-Session does; return the session's id."""
        session = secrets.token_urlsafe(32)
        files = FileSystemCache(str(self.stack.web.folder / "sessions"), threshold=0, mode=0o600)
        files.set(f"session:{session}", {"_permanent": True, "token": token}, timeout=3600)
        return session

    def __repr__(self) -> str:
        return f"<{self.name} {self.id}>"

    def log_in(self, http: HttpClient) -> tuple[int, str]:
        """Log in with another browser; return the user's id and that login's own token."""
        answer = http.post_json("/backend/e_login", {"username": self.name, "password": self.password})
        assert answer.status == 200, answer.text
        return answer.json()["user_id"], answer.json()["token"]

    def connect(self, token: str | None = None, url: str | None = None, **fields: object) -> Socket:
        """Open a WebSocket and authenticate: one more tab or device. It is closed at the end of the test.

        `fields` go into `auth`.
        """
        socket = Socket(url or self.stack.ws_server.url)
        self.sockets.append(socket)
        socket.send("auth", user_id=self.id, token=token or self.token, **fields)
        answer = socket.expect("auth")
        assert answer["status"] == "success", answer
        return socket

    def chats(self) -> list[dict[str, Any]]:
        """What get_chats answers."""
        answer = self.http.get("/backend/get_chats")
        assert answer.status == 200, answer.text
        chats: list[dict[str, Any]] = answer.json()
        return chats

    def say(self, chat_id: int, text: str, **fields: object) -> Frame:
        """Send one message over a socket of its own; return `message_sent`."""
        socket = self.connect()
        socket.send("send_message", chat_id=chat_id, message=text, **fields)
        frame = socket.expect("message_sent")
        socket.close()
        return frame

    def leave(self) -> None:
        """Close every socket."""
        for socket in self.sockets:
            socket.close()
        self.sockets.clear()


class People:
    """Makes people in one stack: rows straight in the table, since registering hashes slowly, on purpose."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._made: list[Person] = []

    def register(self, name: str) -> Person:
        """Return a new user, logged in."""
        self.stack.database.query("INSERT INTO users (username, password) VALUES (%s, %s)", name, stored_password())
        rows = self.stack.database.query("SELECT id FROM users WHERE username = %s", name)
        person = Person(self.stack, name, int(rows[0]["id"]))
        self._made.append(person)
        return person

    def chat_between(self, one: Person, other: Person) -> int:
        """Make the chat of two people; return its id."""
        self.stack.database.query("INSERT INTO chats (user1_id, user2_id) VALUES (%s, %s)", one.id, other.id)
        add_members(self.stack.database)
        pair = f"{min(one.id, other.id)}-{max(one.id, other.id)}"
        rows = self.stack.database.query("SELECT id FROM chats WHERE participant_pair = %s", pair)
        return int(rows[0]["id"])

    def leave(self) -> None:
        for person in self._made:
            person.leave()
