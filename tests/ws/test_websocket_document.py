"""Each example of docs/websocket.md is sent to a running server, in its order, and what comes is as it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from chat_ws import events, protocol
from chat_ws.refusals import CHANGE_REFUSALS
from stack import Stack
from tests.conftest import StackMaker
from tests.support.examples import DOCS, Secrets, as_text, blocks
from tests.support.files import upload
from tests.support.people import People, Person
from tests.support.socket import Socket

TEXT = (DOCS / "websocket.md").read_text(encoding="utf-8")
LINE = re.compile(r"\A(\w+) (>|<|closed|POST|uploads) (.+)\Z")


class Clients:
    """The clients of the document: each has one connection, which opens with the first frame that it sends."""

    def __init__(self, stack: Stack, people: dict[str, Person], secrets: Secrets) -> None:
        self._stack, self._url = stack, stack.ws_server.url
        self._people = people
        self._secrets = secrets
        self._sockets: dict[str, Socket] = {}

    def follow(self, name: str, sign: str, text: str) -> None:
        """Do what a line says, or see that it is so."""
        if sign == ">":
            if name not in self._sockets:
                self._sockets[name] = Socket(self._url)
            self._sockets[name].send_raw(self._secrets.fill_in(text))
        elif sign == "<":
            expected = json.loads(text)
            real = self._sockets[name].expect(expected["type"])
            assert self._secrets.fits(expected, real), f"{text}\n{as_text(real)}"
        elif sign == "POST":
            path, _, body = text.partition(" ")
            assert self._people[name].http.post_json(path, json.loads(body)).status == 200
        elif sign == "uploads":
            file = json.loads(text)
            said = {each: file[each] for each in ("width", "height")}
            whole = upload(self._stack, self._people[name], 1, file["name"], size=file["size"], **said)
            assert whole == file["id"]
        else:
            with pytest.raises(ConnectionClosed) as closed:
                self._sockets[name].receive()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == int(text)

    def nothing_more_came(self) -> None:
        """See that the document names every frame that came, but presence that nobody asked for."""
        for name in self._people:
            assert self._sockets[name].until_pong() == []

    def close(self) -> None:
        for socket in self._sockets.values():
            socket.close()


@pytest.fixture
def clients(own_stack: StackMaker) -> Iterator[Clients]:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    clients = Clients(stack, {"ada": ada, "bob": bob}, Secrets(hN4tYc8r=ada.token, pT5vRz1b=bob.token))
    yield clients
    clients.close()


def test_every_example_is_answered_as_it_says(clients: Clients) -> None:
    lines = [line for block in blocks("websocket.md", "frames") for line in block.splitlines()]
    assert len(lines) > 30
    for line in lines:
        found = LINE.match(line)
        assert found, line
        clients.follow(*found.groups())
    clients.nothing_more_came()


def test_every_frame_has_its_place() -> None:
    headings = " ".join(re.findall(r"^## (.+)$", TEXT, re.MULTILINE))
    assert {name for name in protocol.FRAME_TYPES if name not in headings} == set()
    frames = [
        value for module in (events, protocol) for value in vars(module).values() if hasattr(value, "__struct_config__")
    ]
    tags = {frame.__struct_config__.tag for frame in frames} - {None}
    assert tags >= protocol.FRAME_TYPES
    assert {tag for tag in tags if f'"type": "{tag}"' not in TEXT} == set()


def test_every_code_has_its_place() -> None:
    table = TEXT.partition("| code | meaning |")[2].partition("\n\n")[0]
    listed = {
        code
        for row in table.splitlines()
        for code in re.findall(r"`([a-z_]+)`", row.split("|")[1] if "|" in row else "")
    }
    sources = "".join(path.read_text(encoding="utf-8") for path in (DOCS.parent / "ws-server/chat_ws").rglob("*.py"))
    used = set(re.findall(r'(?:Refusal|Refused)\(\s*"([a-z_]+)"', sources)) | set(CHANGE_REFUSALS)
    assert listed == used
