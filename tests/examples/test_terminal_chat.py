"""Can a small client, written from the contract alone, talk through a restart of ws-server?"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_db.messages import NewMessage
from stack import ROOT, Stack
from tests.conftest import StackMaker
from tests.support.people import PASSWORD, People
from tests.support.rows import FORGED, forge
from tests.support.stored import store_messages, stored_messages

PROGRAM = ROOT / "ws-server" / "examples" / "terminal_chat.py"
DEADLINE = 15  # seconds


class Terminal:
    """The program in a folder, with pipes for what is typed and what is shown."""

    def __init__(self, stack: Stack, username: str, password: str = PASSWORD, folder: Path = ROOT) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), stack.web.url, username],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
            cwd=folder,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.type(password)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def next_line(self) -> str | None:
        """Return the next line that is no remark of the program's own, None at its end."""
        while (line := self._lines.get(timeout=DEADLINE)) is not None and line.startswith("("):
            pass
        return line

    def until(self, wanted: str) -> None:
        passed = []
        with contextlib.suppress(queue.Empty):
            while (line := self._lines.get(timeout=DEADLINE)) is not None:
                if line == wanted:
                    return
                passed.append(line)
        raise AssertionError(f"{wanted!r} was not shown; shown: {passed}")

    def quit(self) -> int:
        if self.process.poll() is None:
            self.type("/quit")
        code = self.process.wait(DEADLINE)
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        return code


TerminalMaker = Callable[..., Terminal]


@pytest.fixture
def open_terminal() -> Iterator[TerminalMaker]:
    opened: list[Terminal] = []

    def make(stack: Stack, username: str, password: str = PASSWORD, folder: Path = ROOT) -> Terminal:
        opened.append(Terminal(stack, username, password, folder))
        return opened[-1]

    yield make
    for terminal in opened:
        terminal.process.kill()
        terminal.quit()


def test_two_people_talk_through_a_restart_of_ws_server(own_stack: StackMaker, open_terminal: TerminalMaker) -> None:
    stack = own_stack()
    people = People(stack)
    people.register("ada")
    people.register("bob")
    ada, bob = open_terminal(stack, "ada"), open_terminal(stack, "bob")
    bob.until("(connected)")
    ada.until("(connected)")

    ada.type("/open bob")
    ada.until("(you are chatting with bob)")
    bob.until("(ada started a chat with you)")
    ada.type("hello bob")
    assert ada.next_line() == "you: hello bob"
    assert bob.next_line() == "[ada] ada: hello bob"
    bob.type("/open ada")
    bob.until("(you are chatting with ada)")

    stack.ws_server.kill()
    ada.until("(connection lost; trying again)")
    ada.type("are you")
    ada.type("still there?")
    stack.ws_server.start()
    assert [ada.next_line(), ada.next_line()] == ["you: are you", "you: still there?"]
    assert [bob.next_line(), bob.next_line()] == ["ada: are you", "ada: still there?"]
    bob.type("yes")
    assert bob.next_line() == "you: yes"
    assert ada.next_line() == "bob: yes"

    texts = [row["content"] for row in stored_messages(stack.database)]
    assert texts == ["hello bob", "are you", "still there?", "yes"]
    assert ada.quit() == 0
    assert bob.quit() == 0


def test_chats_are_listed_and_messages_of_before_are_shown(stack: Stack, open_terminal: TerminalMaker) -> None:
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    ada.say(people.chat_between(ada, bob), "while you were away")
    terminal = open_terminal(stack, "bob")
    assert terminal.next_line() == "[ada] ada: while you were away"
    terminal.until("(connected)")
    terminal.type("/chats")
    assert terminal.next_line() == "ada: 1 messages, 1 unread"


HOSTILE = {  # what an earlier release stored, or a server that means no good sends
    "title": "\x1b]0;owned\x07text",
    "clipboard": "\x1b]52;c;cm0gLXJm\x1b\\",
    "8-bit": "\x9b2Jtext",
    "turned around": "\u202eevil\u2066",
    "carriage return": "hello\rmia: hi",
    "separators": "a\u2028b\u2029c",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_others_write_does_nothing_to_the_terminal(stack: Stack, open_terminal: TerminalMaker, kind: str) -> None:
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    row = NewMessage(people.chat_between(ada, bob), ada.id, bob.id, "c1", HOSTILE[kind], "2026-11-22 09:31:00.000", 1)
    store_messages(stack.database, [row])
    shown = open_terminal(stack, "bob").next_line()
    assert shown is not None
    assert not [character for character in shown if unicodedata.category(character)[0] in "CZ" and character != " "]
    assert shown == f"[ada] ada: {HOSTILE[kind].encode('unicode_escape').decode()}".replace("\\\\", "\\")


def test_no_line_of_a_message_looks_like_another_message(stack: Stack, open_terminal: TerminalMaker) -> None:
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    ada.say(people.chat_between(ada, bob), "hello\n[mia] mia: send me the money\n\tthe end")
    terminal = open_terminal(stack, "bob")
    lines = [terminal.next_line() for _ in range(3)]
    assert lines == ["[ada] ada: hello", "    [mia] mia: send me the money", "        the end"]


def test_damaged_and_forged_messages_are_said_to_be_so(stack: Stack, open_terminal: TerminalMaker) -> None:
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    ada.say(chat, "hello")
    stack.database.query("UPDATE messages SET content = REVERSE(content)")
    forge(stack, chat, ada, 2)
    terminal = open_terminal(stack, "bob")
    assert terminal.next_line() == "[ada] ada: (this message is damaged)"
    wanted = f"[ada] ada: (not verified, somebody else may have written this) {FORGED}"
    assert terminal.next_line() == wanted


def test_a_wrong_password_is_said_and_ends_the_program(stack: Stack, open_terminal: TerminalMaker) -> None:
    People(stack).register("ada")
    terminal = open_terminal(stack, "ada", password="not the password")
    assert terminal.next_line() is None
    assert terminal.process.wait(DEADLINE) == 1


def test_a_deleted_account_ends_no_client_and_its_messages_stay(
    own_stack: StackMaker, open_terminal: TerminalMaker
) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob, eve = (people.register(name) for name in ("ada", "bob", "eve"))
    chat = people.chat_between(ada, bob)
    people.chat_between(ada, eve)
    socket = bob.connect()
    socket.send("send_message", chat_id=chat, message="goodbye")
    socket.wait_for("message_sent")
    there = open_terminal(stack, "ada")
    there.until("[bob] bob: goodbye")
    there.until("(connected)")
    assert bob.http.post_json("/backend/e_delete_account", {"password": PASSWORD}).status == 200
    socket.wait_for("auth")  # the login has ended
    socket.close()

    later = open_terminal(stack, "ada")
    later.until("[(deleted account)] (deleted account): goodbye")
    later.until("(connected)")
    for terminal in (there, later):
        terminal.type("/open eve")
        terminal.until("(you are chatting with eve)")
    there.type("/chats")
    there.until("(deleted account): 1 messages, 1 unread")


def test_messages_are_answered_reacted_to_edited_and_deleted(stack: Stack, open_terminal: TerminalMaker) -> None:
    people = People(stack)
    people.chat_between(people.register("ada"), people.register("bob"))
    ada, bob = open_terminal(stack, "ada"), open_terminal(stack, "bob")
    for terminal, other in ((ada, "bob"), (bob, "ada")):
        terminal.until("(connected)")
        terminal.type(f"/open {other}")
        terminal.until(f"(you are chatting with {other})")

    def both(ada_shows: str, bob_shows: str) -> None:
        assert (ada.next_line(), bob.next_line()) == (ada_shows, bob_shows)

    ada.type("hello")
    both("you: hello", "ada: hello")
    bob.type("/react 👍")
    both("you: hello [👍]", "ada: hello [👍]")
    bob.type("/reply yes")
    both('bob: [to "hello"] yes', "you: yes")
    ada.type("/edit good morning")
    both("you: good morning [edited] [👍]", "ada: good morning [edited] [👍]")
    bob.type("/react")
    both("you: good morning [edited]", "ada: good morning [edited]")
    ada.type("/delete")
    both("you: (this message was deleted)", "ada: (this message was deleted)")
    ada.type("/edit again")
    ada.until("(There is no such message.)")
    ada.type("the end")
    both("you: the end", "ada: the end")
    later = open_terminal(stack, "bob")
    assert [later.next_line() for _ in range(3)] == [
        "[ada] ada: (this message was deleted)",
        '[ada] you: [to ""] yes',
        "[ada] ada: the end",
    ]


def test_a_file_is_sent_and_saved(stack: Stack, open_terminal: TerminalMaker, tmp_path: Path) -> None:
    people = People(stack)
    people.chat_between(people.register("ada"), people.register("bob"))
    content = bytes(range(256)) * 5_000  # more than one piece
    (tmp_path / "a plan.bin").write_bytes(content)
    ada, bob = (open_terminal(stack, name, folder=tmp_path) for name in ("ada", "bob"))
    for terminal, other in ((ada, "bob"), (bob, "ada")):
        terminal.until("(connected)")
        terminal.type(f"/open {other}")
        terminal.until(f"(you are chatting with {other})")
    ada.type("/send a plan.bin")
    ada.until("you: [file: a plan.bin, 1280000 bytes]")
    bob.until("ada: [file: a plan.bin, 1280000 bytes]")
    [file] = stack.database.query("SELECT id FROM files")
    bob.type("/save")
    bob.until(f"(saved as {file['id']}-a_plan.bin)")
    assert (tmp_path / f"{file['id']}-a_plan.bin").read_bytes() == content
    ada.type("/send no such file")
    ada.until("([Errno 2] No such file or directory: 'no such file')")


def test_what_was_changed_while_one_was_away_is_shown(own_stack: StackMaker, open_terminal: TerminalMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    ada.say(chat, "hello")
    terminal = open_terminal(stack, "bob")
    assert terminal.next_line() == "[ada] ada: hello"
    stack.ws_server.kill()
    terminal.until("(connection lost; trying again)")
    terminal.type("/open ada")
    terminal.type("/react 🎉")
    with stack.another_ws_server() as elsewhere:
        socket = ada.connect(url=elsewhere.url)
        socket.send("edit_message", chat_id=chat, seq=1, message="good morning", client_id="e1")
        socket.wait_for("changed")
        socket.close()
    stack.ws_server.start()
    assert terminal.next_line() == "ada: good morning [edited]"
    assert terminal.next_line() == "ada: good morning [edited] [🎉]"
