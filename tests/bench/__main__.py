"""How fast is ChatApp, beside what is possible? `script/bench` prints a table, `--json` one JSON object.

Every server is measured by the same load generator (load.py) in short runs that take turns, several rounds of them;
what is printed is the median of the rounds, a ratio is the median of each round's own. After each run the table is
asked whether it holds exactly the messages that were acknowledged.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import Any, TextIO

from stack import Stack

from . import servers
from .against import compare, print_comparison
from .measure import IDLE_MESSAGES, Bench, measure_idle, measure_insert
from .reactions import measure_reactions
from .report import judge, print_result, print_table
from .searching import measure_search

WORKLOADS: tuple[tuple[int, int], ...] = ((1, 1), (10, 16), (50, 16), (200, 32))  # pairs, messages in flight of each
IDLE_CONNECTIONS = 5_000
SEARCHED = 20_000  # messages
ROUNDS = 3
SECONDS = 3.0
WARM_UP = 0.7
INSERT_PAUSE = 0.0005  # about what lies between two commits where one message is in flight


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure ws-server on this machine.")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: shows that it runs, not how fast")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each run")
    parser.add_argument(
        "--only", metavar="PAIRSxIN_FLIGHT", help="one workload, for instance 200x32; or idle, reactions"
    )
    parser.add_argument("--against", metavar="COMMIT", help="measure this checkout beside another commit")
    parser.add_argument("--profile", metavar="FILE", help="write cProfile's figures of ws-server to FILE")
    return parser.parse_args()


def run_workload(bench: Bench, pairs: int, in_flight: int, rounds: int) -> dict[str, Any]:
    """Measure all servers in turn, in each round in another order; return medians and ratios."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in bench.servers}
    inserts: list[float] = []
    paced: list[float] = []
    for number in range(rounds):
        order = list(bench.servers)
        order = order[number % len(order) :] + order[: number % len(order)]
        for name in order:
            found[name].append(bench.measure(name, pairs, in_flight))
        if (pairs, in_flight) == (1, 1):
            inserts.append(measure_insert(bench.stack.database))
            paced.append(measure_insert(bench.stack.database, pause=INSERT_PAUSE))
    workload: dict[str, Any] = {"pairs": pairs, "in_flight": in_flight}
    for name, runs in found.items():
        workload[name] = {figure: round(statistics.median(run[figure] for run in runs), 3) for figure in runs[0]}
    for name in (servers.RELAY, servers.ONE_COMMIT):
        ratios = [
            own["acked_per_second"] / other["acked_per_second"]
            for own, other in zip(found[servers.CHATAPP], found[name], strict=True)
        ]
        workload[f"ratio_to_{name}"] = round(statistics.median(ratios), 3)
    if inserts:
        workload["insert_commit_p50_ms"] = round(statistics.median(inserts), 3)
        workload["paced_insert_commit_p50_ms"] = round(statistics.median(paced), 3)
        own_acks = [run["ack_p50_ms"] for run in found[servers.CHATAPP]]
        ratios = [ack / insert for ack, insert in zip(own_acks, inserts, strict=True)]
        workload["ratio_to_insert_commit"] = round(statistics.median(ratios), 3)
        ratios = [
            own["delivery_p50_ms"] / other["delivery_p50_ms"]
            for own, other in zip(found[servers.CHATAPP], found[servers.BLOCKING], strict=True)
        ]
        workload["delivery_ratio_to_blocking"] = round(statistics.median(ratios), 3)
    return workload


def choose_workloads(arguments: argparse.Namespace) -> tuple[tuple[tuple[int, int], ...], int]:
    """Return what is to be measured: pairs and messages in flight of each, and how many idle connections."""
    if arguments.only == "idle":
        return (), IDLE_CONNECTIONS
    if arguments.only == "reactions":
        return (), 0
    if arguments.only:
        pairs, _, in_flight = arguments.only.partition("x")
        return ((int(pairs), int(in_flight)),), 0
    if arguments.quick:
        return tuple((max(1, pairs // 10), in_flight) for pairs, in_flight in WORKLOADS), IDLE_CONNECTIONS // 10
    return WORKLOADS, IDLE_CONNECTIONS


def measure_all(arguments: argparse.Namespace, log: TextIO) -> dict[str, Any]:
    workloads, idle = choose_workloads(arguments)
    rounds, seconds, warm_up, messages = arguments.rounds, arguments.seconds, WARM_UP, IDLE_MESSAGES
    if arguments.quick:
        rounds, seconds, warm_up, messages = 1, 0.3, 0.1, IDLE_MESSAGES // 10
    found: list[dict[str, Any]] = []
    result: dict[str, Any] = {"workloads": found}
    with Stack(environment=servers.ENVIRONMENT) as stack:
        with servers.running(stack, Path(arguments.profile) if arguments.profile else None) as urls:
            bench = Bench(stack, urls, max((pairs for pairs, _ in workloads), default=1), seconds, warm_up)
            for pairs, in_flight in workloads:
                print(f"{pairs} x {in_flight} …", file=log, flush=True)
                found.append(run_workload(bench, pairs, in_flight, rounds))
            if arguments.only in (None, "reactions"):
                print("reactions …", file=log, flush=True)
                result["reactions"] = measure_reactions(bench, rounds)
        if idle:
            print(f"{idle} idle connections …", file=log, flush=True)
            result["idle"] = measure_idle(stack, idle, messages)
        if not arguments.only:
            print("search …", file=log, flush=True)
            result["search"] = measure_search(stack, SEARCHED // 10 if arguments.quick else SEARCHED)
        result = {**servers.describe_machine(stack), "rounds": rounds, "seconds": seconds, **result}
    if not arguments.only:
        result["targets"] = judge(result)
    return result


def compare_all(arguments: argparse.Namespace, log: TextIO) -> dict[str, Any]:
    workloads, idle = choose_workloads(arguments)
    rounds, seconds = (1, 0.3) if arguments.quick else (arguments.rounds, arguments.seconds)
    reactions = arguments.only in (None, "reactions")
    return compare(arguments.against, workloads, reactions, idle, rounds, seconds, log)


def main() -> int:
    arguments = parse_arguments()
    measure, show = (compare_all, print_comparison) if arguments.against else (measure_all, print_table)
    print_result(measure(arguments, sys.stderr), arguments.json, show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
