"""`script/bench --growth`: is ChatApp as fast with ten million messages as with ten?

Two stacks are measured in turn, so that a busy machine slows both: in one a person has 20 short chats and nothing is
beside; in the other one of those chats has 3 million messages, and other people's chats the rest.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TextIO

from stack import Stack
from tests.support.people import People, Person
from tests.support.socket import Socket

from . import servers
from .fill import Filler
from .measure import count_messages
from .report import print_result

CHATS = 20  # of the person who is measured
SHORT = 60  # messages in each of them before anything is filled in
MANY_CHATS = 3_000  # of another person
PATIENCE = 60.0  # seconds

LIMITS = {  # ratio to the empty database
    "get_messages newest": 1.5,
    "get_messages middle": 1.5,
    "get_messages oldest": 1.5,
    "get_chats": 2,
    "sync, nothing new": 2,
    "ack": 1.2,
}
START_SECONDS = 2.0  # more, for both services
MANY_MS, MANY_FRAMES = 150, 5  # until somebody with 3,000 chats is up to date

Calls = dict[str, Callable[[], None]]


class Tries(NamedTuple):
    """How often each thing is measured, of which the median counts."""

    requests: int = 40
    syncs: int = 10  # of somebody with very many chats
    restarts: int = 5


DEFAULT_TRIES = Tries()


class Grown:
    """A person with 20 chats, of which the first becomes long, and a person with very many."""

    def __init__(self, stack: Stack, filler: Filler, tries: Tries) -> None:
        self.stack = stack
        self._tries = tries
        people = People(stack)
        self.person, self.many = people.register("grown-ada"), people.register("grown-eve")
        others = filler.users(CHATS)
        self.chats = filler.chats([(self.person.id, other) for other in others])
        filler.many_chats(self.chats, SHORT)
        self.last = dict.fromkeys(self.chats, SHORT)

    def grow(self, filler: Filler, messages: int, users: int, many_chats: int) -> None:
        """Fill in: 3 of every 10 messages go to the long chat, the others to other people's chats."""
        long = messages * 3 // 10
        filler.long_chat(self.chats[0], self.last[self.chats[0]] + 1, long)
        self.last[self.chats[0]] += long
        crowd = filler.users(users)
        wide = crowd[:many_chats]
        filler.many_chats(filler.chats([(self.many.id, one) for one in wide]), 1)
        pairs = filler.chats(list(zip(crowd[::2], crowd[1::2], strict=False)))
        filler.many_chats(pairs, max(1, (messages - long) // len(pairs)))

    def calls(self, socket: Socket) -> Calls:
        """Return what is measured, by figure; `socket` is the person's."""
        long = self.chats[0]
        middle = self.last[long] // 2
        return {
            "get_messages newest": lambda: self._read(chat_id=long),
            "get_messages middle": lambda: self._read(chat_id=long, before_seq=middle),
            "get_messages oldest": lambda: self._read(chat_id=long, before_seq=min(middle, 51)),
            "get_chats": lambda: answered(self.person, "/backend/get_chats"),
            "sync, nothing new": lambda: self._sync(socket),
            "ack": lambda: self._send(socket),
        }

    def restart(self) -> None:
        self.stack.web.restart()
        self.stack.ws_server.restart()

    def _read(self, **query: int) -> None:
        answered(self.person, "/backend/get_messages", **query)

    def _sync(self, socket: Socket) -> None:
        synced(socket, {str(chat): seq for chat, seq in self.last.items()})

    def _send(self, socket: Socket) -> None:
        socket.send("send_message", chat_id=self.chats[0], message="Are you there?")
        self.last[self.chats[0]] = socket.wait_for("message_sent", deadline=PATIENCE)["seq"]

    def measure_many(self) -> tuple[float, int]:
        """Return the median ms until the person with very many chats knows the last of each, and the frames."""
        with contextlib.closing(self.many.connect()) as socket:
            frames = [0]

            def sync() -> None:
                frames[0] = synced(socket, {}, only=True)

            return medians([sync], self._tries.syncs)[0], frames[0]


def measure_in_turn(sides: Sequence[Grown], tries: int) -> list[dict[str, float]]:
    """Return the medians (ms) of every figure for each side."""
    with contextlib.ExitStack() as sockets:
        calls = [side.calls(sockets.enter_context(contextlib.closing(side.person.connect()))) for side in sides]
        by_figure = {name: medians([each[name] for each in calls], tries) for name in calls[0]}
    return [{name: taken[index] for name, taken in by_figure.items()} for index in range(len(sides))]


def medians(runs: Sequence[Callable[[], object]], tries: int) -> list[float]:
    """Return the median milliseconds of each of some calls, which are made in turn."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(tries):
        for run, times in zip(runs, taken, strict=True):
            began = time.perf_counter()
            run()
            times.append(time.perf_counter() - began)
    return [round(1000 * statistics.median(times), 2) for times in taken]


def answered(person: Person, path: str, **query: int) -> None:
    answer = person.http.get(path, query)
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {answer.text[:200]}")


def synced(socket: Socket, held: dict[str, int], only: bool = False) -> int:
    """Send `sync`; return how many frames answered it."""
    socket.send("sync", chats=held, only=only)
    return len(collect(socket))


def collect(socket: Socket) -> list[dict[str, Any]]:
    """Return the frames up to the last `sync_done`."""
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1]["type"] != "sync_done" or frames[-1].get("more"):
        frame = socket.receive(PATIENCE)
        if frame["type"] not in ("presence", "presence_list"):
            frames.append(frame)
    return frames


def _start(running: contextlib.ExitStack, tries: Tries) -> Grown:
    stack = running.enter_context(Stack(environment=servers.ENVIRONMENT))
    with Filler(stack.database.connect()) as filler:
        return Grown(stack, filler, tries)


def rows_of(before: dict[str, float], after: dict[str, float]) -> list[dict[str, Any]]:
    """Return a row for each figure, medians in ms, beside what it was in the empty database."""
    return [
        {
            "figure": name,
            "empty": before[name],
            "filled": after[name],
            "ratio": round(after[name] / before[name], 2),
            "limit": f"{limit:g} x",
            "kept": after[name] <= limit * before[name],
        }
        for name, limit in LIMITS.items()
    ]


def restart_row(before: float, after: float) -> dict[str, Any]:
    return {
        "figure": "restart of both, s",
        "empty": round(before, 2),
        "filled": round(after, 2),
        "ratio": round(after / before, 2),
        "limit": f"+ {START_SECONDS:g} s",
        "kept": after <= before + START_SECONDS,
    }


def many_row(chats: int, ms: float, frames: int) -> dict[str, Any]:
    return {
        "figure": f"sync of {chats:,} chats, {frames} frames",
        "empty": None,
        "filled": ms,
        "ratio": None,
        "limit": f"{MANY_MS} ms, {MANY_FRAMES} frames",
        "kept": ms <= MANY_MS and frames <= MANY_FRAMES,
    }


def measure_growth(
    messages: int, users: int, many_chats: int = MANY_CHATS, tries: Tries = DEFAULT_TRIES, log: TextIO = sys.stderr
) -> dict[str, Any]:
    """Measure before and after; return a row for each figure. `users` is at least `many_chats`."""
    with contextlib.ExitStack() as running:
        empty, grown = (_start(running, tries) for _ in range(2))
        began = time.monotonic()
        print(f"filling in {messages:,} messages …", file=log, flush=True)
        with Filler(grown.stack.database.connect()) as filler:
            grown.grow(filler, messages, users, many_chats)
        filled = time.monotonic() - began
        print(f"filled in {filled:.0f} s", file=log, flush=True)
        sides = (empty, grown)
        started, restarted = (ms / 1000 for ms in medians([side.restart for side in sides], tries.restarts))
        measure_in_turn(sides, 2)  # what a process needs once
        before, after = measure_in_turn(sides, tries.requests)
        many_ms, many_frames = grown.measure_many()
        machine = servers.describe_machine(grown.stack)
        stored = count_messages(grown.stack.database)
    return {
        **machine,
        "messages": messages,
        "messages_in_table": stored,
        "users": users,
        "fill_seconds": round(filled),
        "rows": [*rows_of(before, after), restart_row(started, restarted), many_row(many_chats, many_ms, many_frames)],
    }


def print_growth(result: dict[str, Any]) -> None:
    print(f"{result['messages']:,} messages, {result['users']:,} users, filled in {result['fill_seconds']} s\n")
    print(f"{'':<7} {'figure':<36} {'empty':>9} {'filled':>9} {'ratio':>7}  limit")
    for row in result["rows"]:
        empty, ratio = (row[name] if row[name] is not None else "" for name in ("empty", "ratio"))
        print(
            f"{'kept' if row['kept'] else 'MISSED':<7} {row['figure']:<36} {empty:>9} {row['filled']:>9} {ratio:>7}"
            f"  {row['limit']}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench --growth", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    parser.add_argument("--messages", type=int, default=10_000_000)
    parser.add_argument("--users", type=int, default=50_000, help="more than 3,000, with whom one person has chats")
    arguments = parser.parse_args()
    print_result(measure_growth(arguments.messages, arguments.users), arguments.json, print_growth)
    return 0


if __name__ == "__main__":
    sys.exit(main())
