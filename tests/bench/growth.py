"""`script/bench --growth`: is ChatApp as fast with ten million messages as with ten?

One stack is measured twice in one run: with a person who has 20 short chats and nothing else beside, and again when one
of those chats has 3 million messages, and other people's chats the rest. Each figure is printed beside the first one.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TextIO

from stack import Stack
from tests.support.people import People, Person
from tests.support.socket import Socket

from . import servers
from .fill import Filler
from .measure import count_messages

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

    def measure(self) -> dict[str, float]:
        """Return medians in ms."""
        long = self.chats[0]
        middle = self.last[long] // 2
        figures = {
            "get_messages newest": self._page(chat_id=long),
            "get_messages middle": self._page(chat_id=long, before_seq=middle),
            "get_messages oldest": self._page(chat_id=long, before_seq=min(middle, 51)),
            "get_chats": self._median(lambda: answered(self.person, "/backend/get_chats")),
        }
        with contextlib.closing(self.person.connect()) as socket:
            held = {str(chat): seq for chat, seq in self.last.items()}
            figures["sync, nothing new"] = self._median(lambda: synced(socket, held))
            figures["ack"] = self._median(lambda: self._send(socket))
        return figures

    def _page(self, **query: int) -> float:
        return self._median(lambda: answered(self.person, "/backend/get_messages", **query))

    def _median(self, run: Callable[[], object]) -> float:
        return median(run, self._tries.requests)

    def _send(self, socket: Socket) -> None:
        socket.send("send_message", chat_id=self.chats[0], message="Are you there?")
        self.last[self.chats[0]] = socket.wait_for("message_sent", deadline=PATIENCE)["seq"]

    def measure_many(self) -> tuple[float, int]:
        """Return the median ms until the person with very many chats knows the last of each, and the frames."""
        with contextlib.closing(self.many.connect()) as socket:
            frames = [0]

            def sync() -> None:
                frames[0] = synced(socket, {}, only=True)

            return median(sync, self._tries.syncs), frames[0]


def median(run: Callable[[], object], tries: int) -> float:
    """Return the median milliseconds of a call."""
    taken = []
    for _ in range(tries):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return round(1000 * statistics.median(taken), 2)


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


def restart_seconds(stack: Stack, tries: int) -> float:
    """Return the median time in which both services stop and start: one alone differs by seconds on a busy machine."""

    def restart() -> None:
        stack.web.restart()
        stack.ws_server.restart()

    return median(restart, tries) / 1000


def measure_growth(
    messages: int, users: int, many_chats: int = MANY_CHATS, tries: Tries = DEFAULT_TRIES, log: TextIO = sys.stderr
) -> dict[str, Any]:
    """Measure before and after; return a row for each figure. `users` is at least `many_chats`."""
    with Stack(environment=servers.ENVIRONMENT) as stack, Filler(stack.database.connect()) as filler:
        grown = Grown(stack, filler, tries)
        grown.measure()  # what a process needs once
        started, before = restart_seconds(stack, tries.restarts), grown.measure()
        began = time.monotonic()
        print(f"filling in {messages:,} messages …", file=log, flush=True)
        grown.grow(filler, messages, users, many_chats)
        filled = time.monotonic() - began
        print(f"filled in {filled:.0f} s", file=log, flush=True)
        restarted, after = restart_seconds(stack, tries.restarts), grown.measure()
        many_ms, many_frames = grown.measure_many()
        machine = servers.describe_machine(stack)
        stored = count_messages(stack.database)
    rows = [
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
    rows.append(
        {
            "figure": "restart of both, s",
            "empty": round(started, 2),
            "filled": round(restarted, 2),
            "ratio": round(restarted / started, 2),
            "limit": f"+ {START_SECONDS:g} s",
            "kept": restarted <= started + START_SECONDS,
        }
    )
    rows.append(
        {
            "figure": f"sync of {many_chats:,} chats, {many_frames} frames",
            "empty": None,
            "filled": many_ms,
            "ratio": None,
            "limit": f"{MANY_MS} ms, {MANY_FRAMES} frames",
            "kept": many_ms <= MANY_MS and many_frames <= MANY_FRAMES,
        }
    )
    return {
        **machine,
        "messages": messages,
        "messages_in_table": stored,
        "users": users,
        "fill_seconds": round(filled),
        "rows": rows,
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
    result = measure_growth(arguments.messages, arguments.users)
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        print_growth(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
