"""What does a long file cost that is sent, and what becomes of it where it goes, or its reader does, meanwhile?"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
from collections.abc import Iterator
from pathlib import Path

from stack import Stack
from tests.conftest import StackMaker
from tests.support.files import path_of
from tests.support.people import People, Person
from tests.support.shared_files import share, upload
from tests.support.waiting import wait_until

from .test_export import ask
from .test_long_exports import most_memory

MIB = 2**20


def opened(stack: Stack, path: Path) -> list[Path]:
    """Return where web's processes have a file open."""
    process = stack.web.process.pid
    workers = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    links = (link for pid in workers for link in Path(f"/proc/{pid}/fd").iterdir())
    return [link for link in links if link.is_symlink() and os.path.realpath(link) == str(path)]


@contextlib.contextmanager
def begun(person: Person, path: str) -> Iterator[http.client.HTTPResponse]:
    """Ask for a file, and read nothing of it; go away at the end."""
    connection = http.client.HTTPConnection(person.http.host, person.http.port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Cookie": f"session={person.http.cookies['session']}"})
        with connection.getresponse() as answer:
            yield answer


def test_a_long_file_takes_no_more_memory_than_a_short_one(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)

    def fetch(size: int) -> int:
        """Send and fetch so many bytes, alone and in an archive; return the most memory that web has had."""
        content = os.urandom(size)
        file = upload(stack, chat, ada, content)
        share(chat, ada, file)
        assert bob.http.get(f"/files/{file.id}").body == content
        assert len(ask(bob, chat, "jsonl").body) > size
        return most_memory(stack)

    short = fetch(MIB)
    assert fetch(48 * MIB) < short + 8 * MIB


def test_a_file_that_goes_while_it_is_sent_is_sent_to_its_end(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    content = os.urandom(8 * MIB)
    file = upload(stack, chat, ada, content)
    message = share(chat, ada, file)
    with begun(bob, f"/files/{file.id}") as answer:
        seen = hashlib.sha256(answer.read(MIB))
        stack.database.query("UPDATE messages SET deleted_at = NOW(3) WHERE id = %s", message)
        path_of(stack, file).unlink()
        assert bob.http.get(f"/files/{file.id}").status == 404
        while part := answer.read(MIB):
            seen.update(part)
    assert seen.digest() == hashlib.sha256(content).digest()


def test_who_goes_away_in_the_middle_leaves_nothing_open(stack: Stack, ada: Person, chat: int) -> None:
    file = upload(stack, chat, ada, os.urandom(8 * MIB))
    share(chat, ada, file)
    for _ in range(20):
        with begun(ada, f"/files/{file.id}") as answer:
            assert answer.read(1000)
    wait_until(lambda: not opened(stack, path_of(stack, file)))
    assert "Traceback" not in stack.web.log.read_text()
