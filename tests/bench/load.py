"""How fast does a server answer? The benchmark's clients: a process of their own that costs as little as it can.

    echo '{"kind": "pairs", …}' | python -m tests.bench.load

Answers to one client come in the order of its messages, which is one of the server's promises, so the oldest unanswered
message is the one that is answered.
"""

from __future__ import annotations

import array
import asyncio
import json
import random
import resource
import sys
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import uvloop

from .load_client import ANSWERS, Client, frame

TEXT = "It takes about as long to say as a message usually is, which is not very long."
EMOJI = ("👍", "🎉")
REACTED = 16  # messages of a chat
DRAIN_SECONDS = 60
OPEN_SECONDS = 60
CONNECTING_AT_ONCE = 40


class Pair:
    """A sender that keeps so many messages in flight, and the receiver of all of them."""

    def __init__(self, run: str, chat_id: int, in_flight: int) -> None:
        message = {"type": "send_message", "chat_id": chat_id, "client_id": f"{run}-########", "message": TEXT}
        self.before, self.after = frame(json.dumps(message, separators=(",", ":")).encode()).split(b"########")
        self.in_flight = in_flight
        self.sent = 0
        self.delivered = 0
        self.is_over = False
        self.unanswered: deque[float] = deque()
        self.undelivered: deque[float] = deque()
        self.sender: Sender
        self.receiver: Receiver

    def send(self, count: int) -> None:
        now = time.perf_counter()
        first = self.sent
        self.sent = first + count
        self.sender.transport.write(b"".join(self.frames(range(first, first + count))))
        self.unanswered.extend([now] * count)
        self.undelivered.extend([now] * count)

    def frames(self, numbers: range) -> list[bytes]:
        return [b"%b%08d%b" % (self.before, number, self.after) for number in numbers]

    @property
    def is_answered(self) -> bool:
        return not self.unanswered and not self.undelivered


class ReactingPair(Pair):
    """A pair in which the sender reacts to the chat's first messages in turn, each time with the other emoji."""

    def __init__(self, run: str, chat_id: int, in_flight: int) -> None:
        super().__init__(run, chat_id, in_flight)
        self.variants: list[tuple[bytes, bytes]] = []
        for emoji in EMOJI:
            for seq in range(1, REACTED + 1):
                change = {"type": "react", "chat_id": chat_id, "seq": seq, "emoji": emoji}
                payload = json.dumps({**change, "client_id": f"{run}-########"}, separators=(",", ":"))
                before, after = frame(payload.encode()).split(b"########")
                self.variants.append((before, after))

    def frames(self, numbers: range) -> list[bytes]:
        variants = self.variants
        parts = [(number, variants[number % len(variants)]) for number in numbers]
        return [b"%b%08d%b" % (before, number, after) for number, (before, after) in parts]


class Sender(Client):
    def __init__(self, path: str, pair: Pair, times: Times) -> None:
        super().__init__(path, (b"c",) if isinstance(pair, ReactingPair) else ANSWERS)  # changed
        self.pair = pair
        self.times = times
        pair.sender = self

    def answered(self, count: int) -> None:
        now = time.perf_counter()
        unanswered, acks = self.pair.unanswered, self.times.acks
        if count > len(unanswered):
            self.failed("more answers than messages")
            return
        self.times.acked += count
        for _ in range(count):
            acks.append(now - unanswered.popleft())
        if not self.pair.is_over:
            self.pair.send(count)


class Receiver(Client):
    def __init__(self, path: str, pair: Pair, times: Times) -> None:
        super().__init__(path)
        self.pair = pair
        self.times = times
        pair.receiver = self

    def answered(self, count: int) -> None:
        now = time.perf_counter()
        undelivered, deliveries = self.pair.undelivered, self.times.deliveries
        if count > len(undelivered):
            self.failed("more messages delivered than sent")
            return
        self.pair.delivered += count
        for _ in range(count):
            deliveries.append(now - undelivered.popleft())


class Times:
    """What was measured, in seconds."""

    def __init__(self) -> None:
        self.acked = 0
        self.acks = array.array("d")
        self.deliveries = array.array("d")

    def forget(self) -> None:
        """Begin to measure: what was before was warming up."""
        del self.acks[:], self.deliveries[:]


def percentiles(name: str, seconds: array.array[float]) -> dict[str, float]:
    """Return p50 and p99 in milliseconds."""
    ordered = sorted(seconds)
    if not ordered:
        raise ValueError(f"no {name} was measured")
    return {
        f"{name}_p{part}_ms": round(1000 * ordered[min(len(ordered) - 1, len(ordered) * part // 100)], 3)
        for part in (50, 99)
    }


async def open_client(url: str, client: Client, person: dict[str, Any]) -> None:
    """Connect and authenticate; a relay asks for nothing."""
    parts = urlsplit(url)
    await asyncio.get_running_loop().create_connection(lambda: client, parts.hostname or "", parts.port or 80)
    await client.opened
    if person.get("token"):
        auth = {"type": "auth", "user_id": person["id"], "token": person["token"]}
        if person.get("features"):
            auth["features"] = person["features"]
        client.transport.write(frame(json.dumps(auth).encode()))
        await client.authenticated


async def open_all(url: str, clients: list[tuple[Client, dict[str, Any]]]) -> None:
    turn = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def open_in_turn(client: Client, person: dict[str, Any]) -> None:
        async with turn:
            await open_client(url, client, person)

    async with asyncio.timeout(OPEN_SECONDS):
        await asyncio.gather(*(open_in_turn(client, person) for client, person in clients))


def make_pairs(order: dict[str, Any], times: Times) -> list[tuple[Client, dict[str, Any]]]:
    clients: list[tuple[Client, dict[str, Any]]] = []
    kind = ReactingPair if order["kind"] == "reactions" else Pair
    for number, people in enumerate(order["pairs"]):
        pair = kind(f"{order['run']}-{number:04d}", people["chat_id"], order["in_flight"])
        clients.append((Sender(f"/{number}/sender", pair, times), people["sender"]))
        clients.append((Receiver(f"/{number}/receiver", pair, times), people["receiver"]))
    return clients


async def close_all(clients: list[tuple[Client, dict[str, Any]]]) -> None:
    """Close in an orderly way: the server is not left with what the next run would have to pay for."""
    for client, _ in clients:
        client.close()
    await asyncio.wait([client.ended for client, _ in clients], timeout=10)


async def run_pairs(order: dict[str, Any]) -> dict[str, Any]:
    """Every pair keeps its messages in flight for some seconds; every message must be answered and delivered."""
    times = Times()
    clients = make_pairs(order, times)
    pairs = [client.pair for client, _ in clients if isinstance(client, Sender)]
    await open_all(order["url"], clients)
    for pair in pairs:
        pair.send(order["in_flight"])
    await asyncio.sleep(order["warm_up"])
    times.forget()
    acked, began, used = times.acked, time.perf_counter(), time.process_time()
    await asyncio.sleep(order["seconds"])
    for _ in range(DRAIN_SECONDS * 100):
        if times.acks and times.deliveries:
            break
        await asyncio.sleep(0.01)  # a busy machine may answer nothing in the third of a second of a quick run
    acked, took, used = times.acked - acked, time.perf_counter() - began, time.process_time() - used
    acks, deliveries = times.acks[:], times.deliveries[:]
    for pair in pairs:
        pair.is_over = True
    deadline = time.perf_counter() + DRAIN_SECONDS
    while not all(pair.is_answered for pair in pairs):
        if time.perf_counter() > deadline or any(client.ended.done() for client, _ in clients):
            raise ConnectionError("not every message was answered and delivered")
        await asyncio.sleep(0.01)
    await close_all(clients)
    return {
        "acked_per_second": round(acked / took, 1),
        **percentiles("ack", acks),
        **percentiles("delivery", deliveries),
        "sent": sum(pair.sent for pair in pairs),
        "load_cpu": round(used / took, 2),
    }


async def run_idle(order: dict[str, Any]) -> dict[str, Any]:
    """Open many connections, tell standard output, wait for a line, then send messages through a few at random."""
    times = Times()
    clients = make_pairs(order, times)
    pairs = [client.pair for client, _ in clients if isinstance(client, Sender)]
    await open_all(order["url"], clients)
    print("open", flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.readline)
    chance = random.Random(order["run"])  # which pair is next is no secret
    for _ in range(order["messages"]):
        pair = chance.choice(pairs)
        pair.is_over = True  # one message, not a stream
        pair.send(1)
        deadline = loop.time() + 10
        while not pair.is_answered:
            if loop.time() > deadline:
                raise ConnectionError("a message through idle connections was not answered")
            await asyncio.sleep(0.001)
    await close_all(clients)
    return {**percentiles("ack", times.acks), **percentiles("delivery", times.deliveries)}


def main() -> None:
    order = json.loads(sys.stdin.readline())
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    run = {"pairs": run_pairs, "reactions": run_pairs, "idle": run_idle}[order["kind"]]
    print(json.dumps(uvloop.run(run(order))), flush=True)


if __name__ == "__main__":
    main()
