"""Were the targets reached, and how does the table look?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .servers import BLOCKING, CHATAPP, ONE_COMMIT, RELAY

NAMES = {
    CHATAPP: "ChatApp",
    RELAY: "bare relay, no database",
    ONE_COMMIT: "one commit a message",
    BLOCKING: "INSERT, then pass on",
}


def print_result(result: dict[str, Any], as_json: bool, print_table: Callable[[dict[str, Any]], None]) -> None:
    """Print what was measured, as one JSON object or as its table."""
    if as_json:
        print(json.dumps(result, indent=2))
    else:
        print_table(result)


def judge(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each target with what was measured."""
    smallest, middle, _, largest = result["workloads"]
    own = middle[CHATAPP]
    figures: list[tuple[str, float, str, float]] = [
        ("200 x 32: ratio to one commit a message", largest["ratio_to_one_commit"], ">=", 12),
        ("200 x 32: ratio to the bare relay", largest["ratio_to_relay"], ">=", 0.5),
        ("1 x 1: ack p50 / bare INSERT with commit", smallest["ratio_to_insert_commit"], "<=", 1.6),
        ("1 x 1: delivery p50 / INSERT, then pass on", smallest["delivery_ratio_to_blocking"], "<=", 1),
        ("10 x 16: ack p99 / p50", round(own["ack_p99_ms"] / own["ack_p50_ms"], 2), "<=", 5),
        ("10 x 16: delivery p99 / p50", round(own["delivery_p99_ms"] / own["delivery_p50_ms"], 2), "<=", 5),
        ("10 x 16: changes a second (reactions)", result["reactions"]["acked_per_second"], ">=", 5000),
        ("KiB of RSS for each idle connection", result["idle"]["rss_kib_each"], "<=", 30),
    ]
    return [
        {
            "name": name,
            "value": value,
            "limit": f"{sign} {limit:g}",
            "reached": value >= limit if sign == ">=" else value <= limit,
        }
        for name, value, sign, limit in figures
    ]


def print_workload(workload: dict[str, Any]) -> None:
    label = f"{workload['pairs']} x {workload['in_flight']}"
    for name, text in NAMES.items():
        figures = workload[name]
        print(
            f"{label:<18} {text:<24} {figures['acked_per_second']:>9,.0f} {figures['ack_p50_ms']:>9.2f}"
            f" {figures['ack_p99_ms']:>9.2f} {figures['delivery_p50_ms']:>11.2f} {figures['delivery_p99_ms']:>9.2f}"
        )
        label = ""
    print(
        f"{'':<18} {workload['ratio_to_one_commit']:.2f} x one commit a message,"
        f" {workload['ratio_to_relay']:.2f} x the relay"
    )
    if "insert_commit_p50_ms" in workload:
        print(
            f"{'':<18} a bare INSERT with commit: {workload['insert_commit_p50_ms']:.2f} ms,"
            f" {workload['paced_insert_commit_p50_ms']:.2f} ms with pauses;"
            f" ack p50 is {workload['ratio_to_insert_commit']:.2f} of it,"
            f" delivery p50 {workload['delivery_ratio_to_blocking']:.2f} of that of INSERT, then pass on"
        )


def print_table(result: dict[str, Any]) -> None:
    machine = ", ".join(f"{name} {value}" for name, value in result["machine"].items())
    print(f"{result['date']}; {machine}\n")
    print(
        f"{'pairs x in flight':<18} {'':<24} {'acked/s':>9} {'ack p50':>9} {'p99 ms':>9} {'deliv. p50':>11}"
        f" {'p99 ms':>9}"
    )
    for workload in result["workloads"]:
        print_workload(workload)
    if "reactions" in result:
        figures = result["reactions"]
        print(
            f"\n{figures['pairs']} x {figures['in_flight']} reactions: {figures['acked_per_second']:,.0f} a second;"
            f" ack p50 {figures['ack_p50_ms']:.2f} ms, p99 {figures['ack_p99_ms']:.2f} ms,"
            f" delivery p50 {figures['delivery_p50_ms']:.2f} ms, p99 {figures['delivery_p99_ms']:.2f} ms"
        )
    if "idle" in result:
        idle = result["idle"]
        print(
            f"\n{idle['connections']:,} idle connections: {idle['rss_kib_each']} KiB of RSS each;"
            f" a message through them: ack p50 {idle['ack_p50_ms']:.2f} ms, p99 {idle['ack_p99_ms']:.2f} ms,"
            f" delivery p50 {idle['delivery_p50_ms']:.2f} ms, p99 {idle['delivery_p99_ms']:.2f} ms\n"
        )
    if "search" in result:
        search = result["search"]
        print(
            f"search: {search['messages_per_second']:,} messages/s, through {search['messages']:,} encrypted ones"
            f" in {search['requests']} requests\n"
        )
    for target in result.get("targets", []):
        print(
            f"{'reached' if target['reached'] else 'MISSED':<8} {target['name']}: {target['value']} ({target['limit']})"
        )
