"""How is one figure measured? People in the table, a run of the load generator, and a look whether it is true."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pymysql

from chat_db import DatabaseSettings, connect
from database import Database
from stack import ROOT, Stack
from tests.support.stored import add_members

from .load import TEXT
from .servers import RELAY, STRANGERS

if TYPE_CHECKING:
    from .against import ServedStack

IDLE_MESSAGES = 2_000
INSERTS = 400
RUN_DEADLINE = 150  # seconds

_runs = itertools.count(1)


def next_run() -> str:
    """Return a name that no other run has; each message's client_id begins with it."""
    return f"run{next(_runs)}"


class Bench:
    """People and chats for so many pairs, and runs of the load generator on them."""

    def __init__(
        self, stack: Stack | ServedStack, urls: dict[str, str], pairs: int, seconds: float, warm_up: float
    ) -> None:
        self.stack = stack
        self.servers = urls
        self.seconds = seconds
        self.warm_up = warm_up
        # Pairs of its own for each server: two servers in the same chats would get in each other's way.
        self.pairs = {name: make_pairs(stack.database, pairs) for name in urls}

    def measure(self, name: str, pairs: int, in_flight: int) -> dict[str, Any]:
        """Run one workload on one server; `cpu_us` is what one message costs ws-server.

        Raises AssertionError where the table holds something else.
        """
        before = count_messages(self.stack.database)
        server = self.stack.ws_server
        pid = server.process.pid if server.url == self.servers[name] else None
        used = cpu_seconds(pid) if pid else 0
        figures = generate_load(
            {
                "kind": "pairs",
                "url": self.servers[name],
                "run": next_run(),
                "pairs": [without_tokens(pair) if name in STRANGERS else pair for pair in self.pairs[name][:pairs]],
                "in_flight": in_flight,
                # One commit after another, the first answers take as long as all that is in flight.
                "warm_up": self.warm_up,
                "seconds": self.seconds,
            }
        )
        sent = figures.pop("sent")
        stored = count_messages(self.stack.database) - before
        if stored != (0 if name == RELAY else sent):
            raise AssertionError(f"{name}: {sent} messages were acknowledged, {stored} are in the table")
        if pid:
            figures["cpu_us"] = round(1e6 * (cpu_seconds(pid) - used) / sent, 1)
        return figures


def generate_load(order: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        input=json.dumps(order) + "\n",
        text=True,
        capture_output=True,
        cwd=ROOT,
        timeout=RUN_DEADLINE,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the load generator failed:\n{done.stderr[-3000:]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def make_pairs(database: Database, count: int) -> list[dict[str, Any]]:
    """Put pairs of users, their chats and a login for each straight into the table."""
    with contextlib.closing(database.connect()) as connection, connection.cursor() as cursor:
        names = [(f"bench-{secrets.token_hex(8)}", "no password") for _ in range(2 * count)]
        cursor.executemany("INSERT INTO users (username, password) VALUES (%s, %s)", names)
        cursor.execute("SELECT id FROM users ORDER BY id DESC LIMIT %s", (2 * count,))
        people = [{"id": row["id"], "token": secrets.token_urlsafe(32)} for row in cursor.fetchall()]
        cursor.executemany(
            "INSERT INTO tokens (user_id, token, expires_at) VALUES (%s, %s, NOW(3) + INTERVAL 1 DAY)",
            [(one["id"], hashlib.sha256(one["token"].encode()).hexdigest()) for one in people],
        )
        both = list(zip(people[::2], people[1::2], strict=True))
        cursor.executemany(
            "INSERT INTO chats (user1_id, user2_id) VALUES (%s, %s)", [(one["id"], two["id"]) for one, two in both]
        )
        cursor.execute("SELECT id, user1_id FROM chats ORDER BY id DESC LIMIT %s", (count,))
        chats = {row["user1_id"]: row["id"] for row in cursor.fetchall()}
    if database.query("SHOW TABLES LIKE 'members'"):  # before 1.2.0 there was none: script/bench --against
        add_members(database)
    return [{"chat_id": chats[one["id"]], "sender": one, "receiver": two} for one, two in both]


def without_tokens(pair: dict[str, Any]) -> dict[str, Any]:
    """Servers that know nobody."""
    return {"chat_id": pair["chat_id"], "sender": {}, "receiver": {}}


def count_messages(database: Database) -> int:
    [row] = database.query("SELECT COUNT(*) AS count FROM messages")
    return int(row["count"])


def measure_insert(database: Database, pause: float = 0) -> float:
    """Return the median milliseconds of one INSERT with its commit, on one connection with nothing around it.

    With a `pause` after each, processor and disk fall asleep in between, as they do between a person's messages.
    """
    [pair] = make_pairs(database, 1)
    settings = DatabaseSettings(
        socket=str(database.socket), name=database.name, user=database.user, password=database.password
    )
    taken = []
    with contextlib.closing(connect(settings)) as connection, connection.cursor() as cursor:
        for seq in range(1, INSERTS + 1):
            began = time.perf_counter()
            insert_one(cursor, pair, seq)
            taken.append(time.perf_counter() - began)
            if pause:
                time.sleep(pause)
    return 1000 * statistics.median(taken)


def insert_one(cursor: pymysql.cursors.Cursor, pair: dict[str, Any], seq: int) -> None:
    cursor.execute(
        "INSERT INTO messages (chat_id, sender_id, seq, client_id, content, sent_at) VALUES (%s, %s, %s, %s, %s, %s)",
        (pair["chat_id"], pair["sender"]["id"], seq, f"insert-{seq}", TEXT, "2026-01-01 00:00:00.000"),
    )


def measure_idle(stack: Stack | ServedStack, connections: int, messages: int) -> dict[str, Any]:
    """Restart ws-server, connect everybody, weigh it, then send messages through random pairs."""
    pairs = make_pairs(stack.database, connections // 2)
    stack.ws_server.restart()
    generate_load(  # what a process needs once is no connection's weight
        {
            "kind": "pairs",
            "url": stack.ws_server.url,
            "run": next_run(),
            "pairs": make_pairs(stack.database, 10),
            "in_flight": 4,
            "warm_up": 0.1,
            "seconds": 0.3,
        }
    )
    pid = stack.ws_server.process.pid
    before = resident_kib(pid)
    figures, after = through_idle_connections(
        {
            "kind": "idle",
            "url": stack.ws_server.url,
            "run": next_run(),
            "pairs": pairs,
            "in_flight": 0,
            "messages": messages,
        },
        lambda: resident_kib(pid),
    )
    return {"connections": 2 * len(pairs), "rss_kib_each": round((after - before) / (2 * len(pairs)), 1), **figures}


def through_idle_connections(order: dict[str, Any], weigh: Callable[[], int]) -> tuple[dict[str, Any], int]:
    """Return the load generator's figures, and what was weighed while its connections were open and silent."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as load:
        assert load.stdin is not None
        assert load.stdout is not None
        load.stdin.write(json.dumps(order) + "\n")
        load.stdin.flush()
        if load.stdout.readline() != "open\n":
            raise RuntimeError("the load generator failed; its message is above")
        time.sleep(1)
        weight = weigh()
        load.stdin.write("\n")
        load.stdin.flush()
        return json.loads(load.stdout.readline()), weight


def resident_kib(pid: int) -> int:
    """Return the resident memory of a process in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} shows no resident memory")


def cpu_seconds(pid: int) -> float:
    """Return how long all threads of a process have run on a processor, in seconds (proc(5): schedstat)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
