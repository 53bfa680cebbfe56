"""How many changes of messages a second? Reactions, which are the most frequent ones and leave a text as it is."""

from __future__ import annotations

import statistics
from typing import Any

from chat_db.messages import NewMessage
from database import Database
from tests.support.stored import store_messages

from .load import REACTED, TEXT
from .measure import Bench, cpu_seconds, generate_load, make_pairs, next_run
from .servers import CHATAPP

PAIRS, IN_FLIGHT = 10, 16


def measure_reactions(bench: Bench, rounds: int) -> dict[str, Any]:
    """Return the medians of some rounds. Raises AssertionError where the table holds something else."""
    found = [measure_round(bench, CHATAPP) for _ in range(rounds)]
    medians = {figure: round(statistics.median(run[figure] for run in found), 3) for figure in found[0]}
    return {"pairs": PAIRS, "in_flight": IN_FLIGHT, **medians}


def measure_round(bench: Bench, name: str) -> dict[str, Any]:
    """Run it once on one of the bench's servers; `cpu_us` is what one change costs ws-server."""
    pairs = make_pairs(bench.stack.database, PAIRS)  # new ones: a reaction that is there already is no change
    for pair in pairs:
        pair["receiver"]["features"] = ["changes"]
        store_messages(bench.stack.database, [new_message(pair, seq) for seq in range(1, REACTED + 1)])
    before = count_changes(bench.stack.database)
    server = bench.stack.ws_server
    pid = server.process.pid if server.url == bench.servers[name] else None
    used = cpu_seconds(pid) if pid else 0
    order = {"kind": "reactions", "url": bench.servers[name], "run": next_run(), "pairs": pairs}
    figures = generate_load({**order, "in_flight": IN_FLIGHT, "warm_up": bench.warm_up, "seconds": bench.seconds})
    sent, made = figures.pop("sent"), count_changes(bench.stack.database) - before
    if made != sent:
        raise AssertionError(f"{sent} changes were acknowledged, {made} are in the table")
    if pid:
        figures["cpu_us"] = round(1e6 * (cpu_seconds(pid) - used) / sent, 1)
    return figures


def new_message(pair: dict[str, Any], seq: int) -> NewMessage:
    sender, receiver = pair["sender"]["id"], pair["receiver"]["id"]
    sent_at = "2026-01-01 00:00:00.000"
    return NewMessage(pair["chat_id"], sender, receiver, f"reacted-{seq}", TEXT, sent_at=sent_at, seq=seq)


def can_change(database: Database) -> bool:
    """Say whether the release that made a database knows changes of messages."""
    return bool(database.query("SHOW TABLES LIKE 'changes'"))


def count_changes(database: Database) -> int:
    [row] = database.query("SELECT COUNT(*) AS count FROM changes WHERE change_seq > 0")
    return int(row["count"])
