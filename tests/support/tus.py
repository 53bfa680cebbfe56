"""How does a test upload a file? With the requests of tus 1.0, one by one, and a look at what is on the disk then."""

from __future__ import annotations

import base64
import contextlib
import itertools
import socket
from collections.abc import Iterator, Mapping
from typing import Any

from chat_db.connection import connect
from chat_db.file_chunks import CHUNK, OVERHEAD, FileCipher
from chat_db.file_records import StoredFile
from chat_db.uploads import find_upload
from stack import Stack

from .files import path_of
from .files import states as states_by_id
from .http import Answer
from .people import Person
from .room import settings_of
from .stored import ring_of

UPLOADS = "/backend/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}

_numbers = itertools.count(1)


def metadata(**fields: object) -> str:
    """Return fields as the header Upload-Metadata has them."""
    return ",".join(f"{name} {base64.b64encode(str(value).encode()).decode()}" for name, value in fields.items())


def begin(
    person: Person,
    chat: int,
    size: int,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Answer:
    """Begin an upload; `more` are further fields of its metadata, `body` a first piece."""
    fields = {"name": "notes.txt", "chat_id": chat, "client_id": f"file-{next(_numbers)}", **more}
    own = {**(TUS if body is None else PIECE), "Upload-Length": str(size), "Upload-Metadata": metadata(**fields)}
    return person.http.request("POST", UPLOADS, body, {**own, **(headers or {})})


def begun(person: Person, chat: int, size: int, body: bytes | None = None, **more: Any) -> str:
    """Begin an upload; return its path."""
    answer = begin(person, chat, size, body, **more)
    assert answer.status == 201, answer.text
    assert answer.location == f"{UPLOADS}/{answer.json()['id']}"
    return answer.location


def send_piece(person: Person, path: str, offset: int, data: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    return person.http.request("PATCH", path, data, {**PIECE, "Upload-Offset": str(offset), **(headers or {})})


@contextlib.contextmanager
def piece_begun(
    stack: Stack, person: Person | None, path: str, *lines: str, offset: int = 0, method: str = "PATCH"
) -> Iterator[socket.socket]:
    """Send the header of a piece, with further lines, on a connection of its own, and nothing of the piece."""
    with socket.create_connection(("127.0.0.1", stack.web.port), 15) as connection:
        connection.sendall(piece_header(person, path, *lines, offset=offset, method=method))
        yield connection


def piece_header(person: Person | None, path: str, *lines: str, offset: int = 0, method: str = "PATCH") -> bytes:
    cookie = [f"Cookie: session={person.http.cookies['session']}"] if person else []
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Upload-Offset: {offset}", *cookie, *lines]
    return "\r\n".join([*head, *(f"{name}: {value}" for name, value in PIECE.items()), "", ""]).encode()


def look(person: Person, path: str) -> Answer:
    return person.http.request("HEAD", path, None, TUS)


def offset_of(person: Person, path: str) -> int:
    """Where an upload goes on."""
    answer = look(person, path)
    assert answer.status == 200, answer.status
    return int(answer.headers["Upload-Offset"])


def upload(person: Person, chat: int, data: bytes, **more: Any) -> str:
    """Upload a whole file in one piece; return its path."""
    path = begun(person, chat, len(data), **more)
    if data:
        answer = send_piece(person, path, 0, data)
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(data))), answer.text
    return path


def file_of(stack: Stack, person: Person, path: str) -> StoredFile:
    """The row of an upload, with its key."""
    with contextlib.closing(connect(settings_of(stack.database))) as connection:
        found = find_upload(connection, ring_of(stack.database), person.id, int(path.rpartition("/")[2]))
    assert found is not None
    return found


def bytes_of(stack: Stack, file: StoredFile) -> bytes:
    """The bytes of a complete file, decrypted chunk by chunk."""
    stored, cipher = path_of(stack, file).read_bytes(), FileCipher(file.key, file.stored_name)
    size = CHUNK + OVERHEAD
    chunks = [stored[at : at + size] for at in range(0, len(stored), size)]
    return b"".join(cipher.open(number, chunk, number == len(chunks) - 1) for number, chunk in enumerate(chunks))


def states(stack: Stack) -> list[int]:
    """The states of all files, in the order of their ids."""
    return list(states_by_id(stack).values())
