#!/usr/bin/env python3
"""Talk in a terminal, and see how a ChatApp client is written.

    pip install websockets
    python terminal_chat.py http://localhost ada

asks for the password (or reads it from the first line of a standard input that is no terminal), then:

    /chats          the chats, the newest first, with what is unread
    /open NAME      talk with NAME; starts the chat where there is none
    /quit
    anything else   is said in the open chat

A client keeps four rules, all of them here:

1. A message gets its `client_id` once and keeps it. What has no `message_sent` yet is sent again after each
   reconnect, in the same order, with the same `client_id`: the server stores it once.
2. For each chat it remembers the last `seq` up to which it has everything. A message with the next number is shown,
   a lower one is dropped, and after a jump it asks with `sync`.
3. After each `auth` it asks with `sync`, until nothing is missing.
4. It reconnects by itself, soon at first, then more slowly, and a little at random.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import getpass
import http.cookiejar
import json
import random
import sys
import threading
import urllib.error
import urllib.request
import uuid
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

LONGEST_PAUSE = 15.0  # seconds between two tries to connect

Frame = dict[str, Any]


class LoginFailed(Exception):
    """The server does not know this name with this password, or the login has ended."""


def log_in(address: str, username: str, password: str) -> Frame:
    """Log in over HTTP; return `{user_id, username, token, ws_url}`. Raises LoginFailed or OSError."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    body = json.dumps({"username": username, "password": password}).encode()
    request = urllib.request.Request(  # noqa: S310  # a person typed the address
        f"{address}/backend/e_login", body, {"Content-Type": "application/json"}, method="POST"
    )
    try:
        browser.open(request, timeout=20).close()
        with browser.open(f"{address}/backend/get_session", timeout=20) as response:
            session: Frame = json.load(response)
            return session
    except urllib.error.HTTPError as error:
        with error:
            raise LoginFailed(json.load(error)["message"]) from None


class Chat:
    """One chat: with whom, and up to which `seq` everything is here."""

    def __init__(self, chat_id: int, name: str) -> None:
        self.id = chat_id
        self.name = name
        self.held = 0
        self.unread = 0


class TerminalChat:
    """The client: `run` keeps a connection, `obey` does what a person types."""

    def __init__(self, session: Frame) -> None:
        self.user_id: int = session["user_id"]
        self.token: str = session["token"]
        self.url: str = session["ws_url"]
        self.chats: dict[int, Chat] = {}
        self.open_chat: Chat | None = None
        self.wanted = ""  # the name of a chat that is being started
        self.unsent: dict[str, Frame] = {}  # by client_id, in the order of typing, until `message_sent`
        self.is_synced = False
        self.connection: ClientConnection | None = None

    # The connection

    async def run(self) -> None:
        """Be connected until cancelled. Raises LoginFailed when the login has ended."""
        failures = 0
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                async with connect(self.url, compression=None) as connection:
                    await self.talk(connection)
            failures = 0 if self.is_synced else failures + 1
            if self.connection is not None:
                show("(connection lost; trying again)")
            self.connection, self.is_synced = None, False
            # At random, so that everybody does not come back in the same moment after a restart.
            await asyncio.sleep(min(LONGEST_PAUSE, 0.2 * 2**failures) * random.uniform(0.5, 1))  # noqa: S311

    async def talk(self, connection: ClientConnection) -> None:
        await connection.send(json.dumps({"type": "auth", "user_id": self.user_id, "token": self.token}))
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
        """Say what is here; the server answers with what is missing, then with `sync_done`."""
        await self.send({"type": "sync", "chats": {str(chat.id): chat.held for chat in self.chats.values()}})

    # What comes in. Frames of a type that is not known here are passed over: the server may learn new ones.

    async def receive(self, frame: Frame) -> None:
        match frame["type"]:
            case "message":
                await self.show_message(frame["chat_id"], frame["seq"], frame["from"], frame["message"])
            case "message_sent":
                sent = self.unsent.pop(frame["client_id"], None)
                if sent is not None:
                    await self.show_message(frame["chat_id"], frame["seq"], self.user_id, sent["message"])
            case "sync_chat":
                await self.take_page(frame)
            case "sync_done":
                await self.finish_sync(frame["chats"])
            case "chat_added":
                self.add_chat(frame["chat"])
            case "error":
                await self.take_error(frame)

    async def take_page(self, frame: Frame) -> None:
        """Show what was missing in one chat; `finish_sync` asks again where there is more."""
        chat = self.know(frame["chat"])
        if frame.get("reset"):  # the server was restored from a backup and has less than this client
            chat.held = 0
        for message in frame["messages"]:
            self.unsent.pop(message.get("client_id", ""), None)  # stored, though its answer was lost
            await self.show_message(chat.id, message["seq"], message["sender_id"], message["content"])

    async def finish_sync(self, summaries: list[Frame]) -> None:
        for summary in reversed(summaries):  # the newest first, as in get_chats
            self.know(summary).unread = summary["unread"]
        self.chats = {summary["id"]: self.chats[summary["id"]] for summary in summaries}
        if any(self.chats[summary["id"]].held < summary["last_seq"] for summary in summaries):
            await self.sync()
            return
        if not self.is_synced:
            self.is_synced = True
            show("(connected)")
            for frame in list(self.unsent.values()):
                await self.send(frame)

    async def show_message(self, chat_id: int, seq: int, sender_id: int, text: str) -> None:
        chat = self.chats.get(chat_id)
        if chat is None or seq > chat.held + 1:
            await self.sync()
            return
        if seq <= chat.held:
            return
        chat.held = seq
        sender = "you" if sender_id == self.user_id else chat.name
        show(f"{sender}: {text}" if chat is self.open_chat else f"[{chat.name}] {sender}: {text}")
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
                await self.sync()
            return
        self.unsent.pop(frame.get("client_id", ""), None)
        show(f"({frame['message']})")

    def know(self, summary: Frame) -> Chat:
        """Return the chat of a summary, `{id, other_user: {id, username}, …}`."""
        return self.chats.setdefault(summary["id"], Chat(summary["id"], summary["other_user"]["username"]))

    def add_chat(self, head: Frame) -> None:
        chat = self.know(head)
        if self.wanted.casefold() == chat.name.casefold():
            self.wanted = ""
            self.open(chat)
        else:
            show(f"({chat.name} started a chat with you)")

    # What a person types

    async def obey(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        if command == "/chats":
            for chat in self.chats.values():
                show(f"{chat.name}: {chat.held} messages, {chat.unread} unread")
        elif command == "/open":
            await self.find_chat(rest.strip())
        elif line.startswith("/"):
            show("(/chats, /open NAME, /quit)")
        elif line.strip():
            await self.say(line.strip())

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
        show(f"(you talk with {chat.name})")

    async def say(self, text: str) -> None:
        if self.open_chat is None:
            show("(with whom? /open NAME)")
            return
        client_id = str(uuid.uuid4())
        frame = {"type": "send_message", "chat_id": self.open_chat.id, "client_id": client_id, "message": text}
        self.unsent[client_id] = frame
        if self.is_synced:  # else it goes out when it is
            await self.send(frame)


def show(line: str) -> None:
    print(line, flush=True)


def read_lines(lines: asyncio.Queue[str], loop: asyncio.AbstractEventLoop) -> None:
    """Hand over what is typed. A thread of its own: no system can wait for a terminal and a socket alike."""
    with contextlib.suppress(RuntimeError):  # the program has ended meanwhile
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line.rstrip("\n"))
        loop.call_soon_threadsafe(lines.put_nowait, "/quit")


async def chat_until_quit(session: Frame) -> None:
    client = TerminalChat(session)
    lines: asyncio.Queue[str] = asyncio.Queue()
    threading.Thread(target=read_lines, args=(lines, asyncio.get_running_loop()), daemon=True).start()

    async def obey_lines() -> None:
        while (line := await lines.get()) != "/quit":
            await client.obey(line)

    tasks = [asyncio.create_task(client.run()), asyncio.create_task(obey_lines())]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for task in done:
        task.result()


def main() -> int:
    parser = argparse.ArgumentParser(description="Talk in a terminal.")
    parser.add_argument("address", help="of the pages, for instance http://localhost")
    parser.add_argument("username")
    arguments = parser.parse_args()
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        session = log_in(arguments.address.rstrip("/"), arguments.username, password)
        asyncio.run(chat_until_quit(session))
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
