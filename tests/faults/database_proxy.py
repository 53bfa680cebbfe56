"""Where can a write be cut? A way to the database that knows the packets of ws-server, and breaks some of them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

HEADER = 4  # bytes of a packet: length (3) and number
WRITES = (b"INSERT INTO messages", b"INSERT INTO changes", b"UPDATE members", b"COMMIT")


@dataclass(frozen=True)
class Break:
    """What happens to one write: after a share of its bytes ("request") or of its answer's ("answer") the connection
    closes, or with "silence" nothing passes any more. "drip": the answer comes whole, byte by byte."""

    where: str
    part: float = 0.0
    how: str = "close"


BREAKS = (
    Break("request", 0.0),
    Break("request", 0.5),
    Break("request", 1.0),
    Break("answer", 0.0),
    Break("answer", 0.3),
    Break("answer", 0.9),
    Break("answer", how="drip"),
)


class DatabaseProxy:
    """Listens on a socket of its own in front of the database's; about every tenth write is broken.

    Each way comes once before any comes by chance.
    """

    def __init__(self, path: Path, target: Path, chance: random.Random) -> None:
        self.path = path
        self.broken: list[Break] = []
        self.is_calm = False
        self.planned = chance.sample(BREAKS, len(BREAKS))
        self._tasks: set[asyncio.Task[None]] = set()
        self._target = target
        self._chance = chance

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[DatabaseProxy]:
        server = await asyncio.start_unix_server(self._serve, str(self.path))
        try:
            yield self
        finally:
            server.close()
            await asyncio.gather(*self._tasks)  # ws-server has stopped: its connections have ended

    def _next_break(self) -> Break | None:
        if self.is_calm or self._chance.random() > 0.1:
            return None
        return self.planned.pop() if self.planned else self._chance.choice(BREAKS)

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._join(client, back)
        finally:
            self._tasks.discard(task)

    async def _join(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, forth = await asyncio.open_unix_connection(str(self._target))
        answers = asyncio.create_task(pass_on(server, back))
        try:
            while True:
                packet = await read_packet(client)
                found = self._next_break() if packet[HEADER + 1 :].startswith(WRITES) else None
                if found is None:
                    forth.write(packet)
                    continue
                self.broken.append(found)
                answers.cancel()
                await asyncio.gather(answers, return_exceptions=True)
                await self._break(found, packet, (client, back), (server, forth))
                if found.how != "drip":
                    return
                answers = asyncio.create_task(pass_on(server, back))
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            for writer in (forth, back):
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    async def _break(
        self,
        found: Break,
        packet: bytes,
        own: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        database: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        (client, back), (server, forth) = own, database
        if found.where == "request":
            forth.write(packet[: int(len(packet) * found.part)])
            await forth.drain()
            return
        forth.write(packet)
        answer = await read_packet(server)
        if found.how == "silence":
            await client.read()  # until ws-server gives up
        elif found.how == "drip":
            for byte in answer:
                back.write(bytes([byte]))
                await asyncio.sleep(0)
        else:
            back.write(answer[: int(len(answer) * found.part)])
            await back.drain()


async def read_packet(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(HEADER)
    return head + await reader.readexactly(int.from_bytes(head[:3], "little"))


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on until cancelled; at the end of one side, close the other."""
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()
