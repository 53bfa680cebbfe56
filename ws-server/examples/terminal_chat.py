#!/usr/bin/env python3
"""Chat in a terminal, and see how a ChatApp client is written.

    pip install websockets
    python terminal_chat.py http://localhost ada

asks for the password (or reads it from the first line of a standard input that is no terminal), then:

    /chats          the chats, the newest first, with what is unread
    /open NAME      chat with NAME; starts the chat where there is none
    /reply TEXT     answers the other's last message
    /react EMOJI    to the other's last message; without one, takes the reaction back
    /edit TEXT      of your last message
    /delete         your last message
    /send PATH      sends a file
    /save           saves the files that came last to where the program was started
    /quit
    anything else   is sent to the open chat

A client keeps five rules, all of them here:

1. A message or change gets its `client_id` once and keeps it. What has no answer yet is sent again after each
   reconnect, with the same `client_id`: the server stores it once. One waits for the other, so that none overtakes.
2. For each chat it remembers the last `seq` up to which it has everything. A message with the next number is shown,
   a lower one is dropped, and after a jump it asks with `sync`.
3. After each `auth` it asks with `sync`, until nothing is missing.
4. It reconnects by itself, soon at first, then more slowly, and a little at random.
5. Changes of messages have numbers of their own, `change_seq`, for which rules 2 and 3 hold, too. A frame that brings
   messages says how far it goes; a message is only replaced by one with a higher number.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import getpass
import http.cookiejar
import json
import random
import sys
import threading
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

LONGEST_PAUSE = 15.0  # seconds between two tries to connect
PIECE = 1024 * 1024  # bytes of a file in one request

Frame = dict[str, Any]


class LoginFailed(Exception):
    """The server does not know this name with this password, or the login has ended."""


class Refused(OSError):
    """The server has answered, and says why it does not do what it was asked for."""


class Web:
    """What goes over HTTP, in one session: the login, and files."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[Mapping[str, str], bytes]:
        """Return the headers and the body of an answer. Raises Refused, or another OSError."""
        url = f"{self._address}{path}"
        request = urllib.request.Request(url, body, dict(headers or {}), method=method)  # noqa: S310  # a person typed it
        try:
            with self._browser.open(request, timeout=20) as response:
                return response.headers, response.read()
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(json.load(error)["message"]) from None

    def log_in(self, username: str, password: str) -> Frame:
        """Return `{user_id, username, token, ws_url}`. Raises LoginFailed or OSError."""
        body = json.dumps({"username": username, "password": password}).encode()
        try:
            self.ask("POST", "/backend/e_login", body, {"Content-Type": "application/json"})
        except Refused as error:
            raise LoginFailed(str(error)) from None
        session: Frame = json.loads(self.ask("GET", "/backend/get_session")[1])
        return session

    def upload(self, chat_id: int, path: Path) -> int:
        """Upload a file for a chat, in pieces; return its id. Raises OSError.

        This is tus 1.0, of which any library knows more: how to go on with an upload that broke off, for one.
        """
        said = {"name": path.name, "chat_id": str(chat_id), "client_id": str(uuid.uuid4())}
        metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())
        begin = {"Tus-Resumable": "1.0.0", "Upload-Length": str(path.stat().st_size), "Upload-Metadata": metadata}
        headers, _ = self.ask("POST", "/backend/uploads", b"", begin)
        place, offset = urllib.parse.urlsplit(headers["Location"]).path, 0
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                step = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
                self.ask("PATCH", place, piece, {**step, "Content-Type": "application/offset+octet-stream"})
                offset += len(piece)
        return int(place.rpartition("/")[2])

    def save(self, file: Frame) -> Path:
        """Save a file of a message, beside what is there already; return where. Raises OSError.

        Its name is the other's choice: of it only what is harmless stays.
        """
        name = "".join(c if c.isalnum() or c in "-_." else "_" for c in file["name"])
        path = Path(f"{file['id']}-{name}")
        with path.open("xb") as saved:
            saved.write(self.ask("GET", f"/files/{file['id']}")[1])
        return path


class Chat:
    """One chat: with whom, and up to which `seq` and which `change_seq` everything is here."""

    def __init__(self, chat_id: int, name: str) -> None:
        self.id = chat_id
        self.name = name
        self.held = self.asked = 0  # what is here, and what was when `sync` was sent
        self.change_seq = 0
        self.changes: dict[int, int] = {}  # by `seq`, the `change_seq` of what is shown
        self.last: dict[bool, int] = {}  # the `seq` of the last message of one's own (True), and of the other's
        self.unread = 0
        self.files: list[Frame] = []  # of the last message that had any


class TerminalChat:
    """The client: `run` keeps a connection, `handle_line` does what a person types."""

    def __init__(self, session: Frame, web: Web) -> None:
        self.web = web
        self.user_id: int = session["user_id"]
        self.token: str = session["token"]
        self.url: str = session["ws_url"]
        self.chats: dict[int, Chat] = {}
        self.open_chat: Chat | None = None
        self.wanted = ""  # the name of a chat that is being started
        self.unsent: dict[str, Frame] = {}  # by client_id, in the order of typing, until the answer
        self.is_synced = self.is_asking = self.is_sync_due = False
        self.connection: ClientConnection | None = None

    # The connection

    async def run(self) -> None:
        """Be connected until cancelled. Raises LoginFailed when the login has ended."""
        failures = 0
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                async with connect(self.url, compression=None) as connection:
                    await self.receive_frames(connection)
            failures = 0 if self.is_synced else failures + 1
            if self.connection is not None:
                show("(connection lost; trying again)")
            self.connection, self.is_synced, self.is_asking = None, False, False
            # At random, so that everybody does not come back in the same moment after a restart.
            await asyncio.sleep(min(LONGEST_PAUSE, 0.2 * 2**failures) * random.uniform(0.5, 1))  # noqa: S311

    async def receive_frames(self, connection: ClientConnection) -> None:
        auth = {"type": "auth", "user_id": self.user_id, "token": self.token, "features": ["changes"]}
        await connection.send(json.dumps(auth))
        async for text in connection:
            frame: Frame = json.loads(text)
            if frame["type"] == "auth":
                if frame["status"] != "success":
                    raise LoginFailed(frame["message"])
                self.connection = connection
                await self.sync()
            else:
                await self.receive(frame)

    async def send(self, frame: Frame) -> None:
        """Send a frame if there is a connection. What must not be lost is in `unsent`, or asked for by `sync`."""
        if self.connection is not None:
            with contextlib.suppress(WebSocketException):
                await self.connection.send(json.dumps(frame))

    async def sync(self) -> None:
        """Say what is here; the server answers with what is missing, then with `sync_done`. Once at a time: else nobody
        could say which of them an answer is about."""
        self.is_sync_due = self.is_asking
        if self.is_asking:
            return
        self.is_asking = True
        for chat in self.chats.values():
            chat.asked = chat.held
        held = {str(chat.id): [chat.held, chat.change_seq] for chat in self.chats.values()}
        await self.send({"type": "sync", "chats": held})

    async def send_next(self) -> None:
        """Send the first of what has no answer; the next one goes when it has."""
        if self.is_synced and self.unsent:
            await self.send(next(iter(self.unsent.values())))

    # What comes in. Frames of an unknown type are ignored: a later server may send new ones.

    async def receive(self, frame: Frame) -> None:
        match frame["type"]:
            case "message":
                self.note_files(frame)
                text = answered(frame) + attached(frame) + frame["message"]
                await self.show_message(frame["chat_id"], frame["seq"], frame["from"], text)
            case "message_sent":
                sent = self.unsent.pop(frame["client_id"], None)
                if sent is not None:
                    text = attached(frame) + sent["message"]
                    await self.show_message(frame["chat_id"], frame["seq"], self.user_id, text)
                await self.send_next()
            case "changed" | "message_changed":
                await self.take_change(frame["message"], frame.get("client_id"))
            case "sync_chat":
                await self.take_page(frame)
            case "sync_done":
                await self.finish_sync(frame["chats"])
            case "chat_added":
                self.add_chat(frame["chat"])
            case "chat_changed":
                self.update_chat(frame["chat"])
            case "error":
                await self.take_error(frame)

    async def take_page(self, frame: Frame) -> None:
        """Show what was missing in one chat; `finish_sync` asks again where there is more."""
        chat = self.update_chat(frame["chat"])
        messages = frame["messages"]
        if frame.get("reset"):  # too much has changed, or a backup was restored: begin anew with the latest messages
            chat.held = chat.asked = messages[0]["seq"] - 1 if messages else frame["chat"]["last_seq"]
            chat.change_seq = 0
            chat.changes.clear()
        for message in frame.get("changes", ()):
            self.show_change(chat, message)
        for message in messages:
            self.unsent.pop(message.get("client_id", ""), None)  # stored, though its answer was lost
            self.note_files(message)
            chat.changes[message["seq"]] = max(message.get("change_seq", 0), chat.changes.get(message["seq"], 0))
            await self.show_message(chat.id, message["seq"], message["sender_id"], describe(message))
        chat.asked += len(messages)
        if chat.held <= chat.asked:  # else others came live meanwhile; `finish_sync` asks whether they have changed
            chat.change_seq = max(chat.change_seq, frame["change_seq"])

    async def finish_sync(self, summaries: list[Frame]) -> None:
        for summary in reversed(summaries):  # the newest first, as in get_chats
            self.update_chat(summary).unread = summary["unread"]
        self.chats = {summary["id"]: self.chats[summary["id"]] for summary in summaries}
        self.is_asking = False
        if self.is_sync_due or any(self.lacks(summary) for summary in summaries):
            await self.sync()
            return
        if not self.is_synced:
            self.is_synced = True
            show("(connected)")
            await self.send_next()

    def lacks(self, summary: Frame) -> bool:
        """Say whether there is more in a chat than is here."""
        chat = self.chats[summary["id"]]
        return bool(chat.held < summary["last_seq"] or chat.change_seq < summary.get("change_seq", 0))

    async def take_change(self, message: Frame, client_id: str | None) -> None:
        """Show a changed message; where an earlier change is not here, ask for both. `client_id`: it is an answer."""
        chat, number = self.chats.get(message["chat_id"]), message.get("change_seq", 0)
        if chat is None or number > chat.change_seq + 1:
            await self.sync()
        else:
            chat.change_seq = max(chat.change_seq, number)
            self.show_change(chat, message)
        if client_id is not None:
            self.unsent.pop(client_id, None)
            await self.send_next()

    def show_change(self, chat: Chat, message: Frame) -> None:
        number = message.get("change_seq", 0)
        if message["seq"] <= chat.held and number > chat.changes.get(message["seq"], 0):
            chat.changes[message["seq"]] = number
            self.show_line(chat, message["sender_id"], describe(message))

    def show_line(self, chat: Chat, sender_id: int, text: str) -> None:
        sender = "you" if sender_id == self.user_id else chat.name
        line = f"{sender}: {text.rstrip()}"
        show(line if chat is self.open_chat else f"[{chat.name}] {line}")

    async def show_message(self, chat_id: int, seq: int, sender_id: int, text: str) -> None:
        chat = self.chats.get(chat_id)
        if chat is None or seq > chat.held + 1:
            await self.sync()
            return
        if seq <= chat.held:
            return
        chat.held = chat.last[sender_id == self.user_id] = seq
        self.show_line(chat, sender_id, text)
        await self.send({"type": "read" if chat is self.open_chat else "delivered", "chat_id": chat_id, "seq": seq})
        if sender_id != self.user_id and chat is not self.open_chat:
            chat.unread += 1

    async def take_error(self, frame: Frame) -> None:
        """`unavailable` and `rate_limited` mean: the same again, later. Anything else is final."""
        message = self.unsent.get(frame.get("client_id", ""))
        if frame["code"] in ("unavailable", "rate_limited"):
            await asyncio.sleep(frame.get("retry_after", 1))
            if message is not None:
                await self.send(message)
            else:
                self.is_asking = False
                await self.sync()
            return
        self.unsent.pop(frame.get("client_id", ""), None)
        show(f"({frame['message']})")
        await self.send_next()

    def note_files(self, message: Frame) -> None:
        if message.get("files") and message["chat_id"] in self.chats:
            self.chats[message["chat_id"]].files = message["files"]

    def update_chat(self, summary: Frame) -> Chat:
        """Return the chat of a summary, `{id, other_user: {id, username}, …}`; a deleted account has no name."""
        chat = self.chats.setdefault(summary["id"], Chat(summary["id"], ""))
        chat.name = summary["other_user"]["username"] or "(deleted account)"
        return chat

    def add_chat(self, head: Frame) -> None:
        chat = self.update_chat(head)
        if self.wanted.casefold() == chat.name.casefold():
            self.wanted = ""
            self.open(chat)
        else:
            show(f"({chat.name} started a chat with you)")

    # What a person types

    async def handle_line(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        if not line.startswith("/"):
            await self.say(line)
        elif command not in COMMANDS:
            show("(/chats, /open NAME, /reply TEXT, /react EMOJI, /edit TEXT, /delete, /send PATH, /save, /quit)")
        else:
            await COMMANDS[command](self, rest.strip())

    async def list_chats(self) -> None:
        for chat in self.chats.values():
            show(f"{chat.name}: {chat.held} messages, {chat.unread} unread")

    async def find_chat(self, name: str) -> None:
        for chat in self.chats.values():
            if chat.name.casefold() == name.casefold():
                self.open(chat)
                await self.send({"type": "read", "chat_id": chat.id, "seq": chat.held})
                return
        self.wanted = name
        await self.send({"type": "add_chat", "username": name})

    def open(self, chat: Chat) -> None:
        self.open_chat = chat
        chat.unread = 0
        show(f"(you are chatting with {chat.name})")

    def last_seq(self, own: bool) -> int:
        """Return the last message of the open chat that oneself or the other wrote, 0 where there is none."""
        return self.open_chat.last.get(own, 0) if self.open_chat else 0

    async def say(self, line: str, **fields: object) -> None:
        # The server stores no control characters but line feed and tab; what is shown here is what is stored.
        text = "".join(c for c in line if c == "\t" or unicodedata.category(c) != "Cc").strip()
        if text:
            await self.submit("send_message", message=text, **fields)

    async def send_file(self, path: Path) -> None:
        """Upload a file for the open chat, then send it. What is typed meanwhile waits."""
        if self.open_chat is None:
            show("(open a chat first: /open NAME)")
            return
        try:
            file_id = await asyncio.to_thread(self.web.upload, self.open_chat.id, path)
        except OSError as error:
            show(f"({error})")
        else:
            await self.submit("send_message", message="", files=[file_id])

    async def save_files(self) -> None:
        for file in self.open_chat.files if self.open_chat else ():
            try:
                show(f"(saved as {await asyncio.to_thread(self.web.save, file)})")
            except OSError as error:
                show(f"({error})")

    async def submit(self, kind: str, **fields: object) -> None:
        """Send a message or a change when it is its turn."""
        if self.open_chat is None:
            show("(open a chat first: /open NAME)")
            return
        client_id = str(uuid.uuid4())
        self.unsent[client_id] = {"type": kind, "chat_id": self.open_chat.id, "client_id": client_id, **fields}
        if len(self.unsent) == 1:
            await self.send_next()


# By the first word of a line. Each is given what follows it.
COMMANDS: dict[str, Callable[[TerminalChat, str], Coroutine[Any, Any, None]]] = {
    "/chats": lambda chat, _: chat.list_chats(),
    "/open": lambda chat, name: chat.find_chat(name),
    "/reply": lambda chat, text: chat.say(text, reply_to_seq=chat.last_seq(own=False)),
    "/react": lambda chat, emoji: chat.submit("react", seq=chat.last_seq(own=False), emoji=emoji or None),
    "/edit": lambda chat, text: chat.submit("edit_message", seq=chat.last_seq(own=True), message=text),
    "/delete": lambda chat, _: chat.submit("delete_message", seq=chat.last_seq(own=True)),
    "/send": lambda chat, path: chat.send_file(Path(path)),
    "/save": lambda chat, _: chat.save_files(),
}


def show(line: str) -> None:
    """Print one remark or message. What others wrote can do nothing to the terminal, nor look like another line.

    A terminal obeys control characters (a title, the clipboard), and bidirectional ones turn a line around: every
    character of Unicode's category C is shown as Python writes it, `\\x1b`. Further lines of a message are indented.
    """
    print("\n    ".join("".join(map(visible, part)) for part in line.split("\n")), flush=True)


def visible(character: str) -> str:
    if character == "\t":
        return "    "
    hidden = unicodedata.category(character)[0] == "C" or character in "\u2028\u2029"  # line and paragraph separator
    return ascii(character)[1:-1] if hidden else character


def describe(message: Frame) -> str:
    """Return what is shown of a stored message: its text and what became of it, or what is wrong with it."""
    if "deleted_at" in message:
        return "(this message was deleted)"
    match message.get("problem"):
        case "damaged":
            return "(this message is damaged)"
        case "not_verified":
            return f"(not verified, somebody else may have written this) {message['content']}"
    marks = ["edited"] * ("edited_at" in message) + [reaction["emoji"] for reaction in message.get("reactions", ())]
    return answered(message) + attached(message) + str(message["content"]) + "".join(f" [{mark}]" for mark in marks)


def answered(message: Frame) -> str:
    """Return what is shown before a message that answers another one."""
    reply = message.get("reply_to")
    return f'[to "{reply.get("content", "")[:40]}"] ' if reply else ""


def attached(message: Frame) -> str:
    """Return what is shown of a message's files, before its text."""
    return "".join(f"[file: {file['name']}, {file['size']} bytes] " for file in message.get("files", ()))


def read_lines(lines: asyncio.Queue[str], loop: asyncio.AbstractEventLoop) -> None:
    """Hand over what is typed. A thread of its own: no system can wait for a terminal and a socket alike."""
    with contextlib.suppress(RuntimeError):  # the program has ended meanwhile
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line.rstrip("\n"))
        loop.call_soon_threadsafe(lines.put_nowait, "/quit")


async def chat_until_quit(session: Frame, web: Web) -> None:
    client = TerminalChat(session, web)
    lines: asyncio.Queue[str] = asyncio.Queue()
    threading.Thread(target=read_lines, args=(lines, asyncio.get_running_loop()), daemon=True).start()

    async def handle_lines() -> None:
        while (line := await lines.get()) != "/quit":
            await client.handle_line(line)

    tasks = [asyncio.create_task(client.run()), asyncio.create_task(handle_lines())]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for task in done:
        task.result()


def main() -> int:
    parser = argparse.ArgumentParser(description="Chat in a terminal.")
    parser.add_argument("address", help="of the pages, for instance http://localhost")
    parser.add_argument("username")
    arguments = parser.parse_args()
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    web = Web(arguments.address.rstrip("/"))
    try:
        session = web.log_in(arguments.username, password)
        asyncio.run(chat_until_quit(session, web))
    except LoginFailed as failure:
        show(f"({failure})")
        return 1
    except OSError as error:
        show(f"(cannot reach {arguments.address}: {error})")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
