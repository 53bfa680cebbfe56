"""Does script/bench still run, and does it measure everything? How fast it is, is never asserted here."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from stack import ROOT

FIGURES = {"acked_per_second", "ack_p50_ms", "ack_p99_ms", "delivery_p50_ms", "delivery_p99_ms"}


def bench(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([ROOT / "script/bench", *arguments, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    return bench("--quick")


def test_every_workload_is_measured_on_every_server(result: dict[str, Any]) -> None:
    assert len(result["workloads"]) == 4
    for workload in result["workloads"]:
        for server in ("chatapp", "relay", "one_commit", "blocking"):
            assert workload[server].keys() >= FIGURES
            assert all(value > 0 for value in workload[server].values())
        assert workload["ratio_to_relay"] > 0
        assert workload["ratio_to_one_commit"] > 0
    assert result["workloads"][0]["insert_commit_p50_ms"] > 0
    assert result["workloads"][0]["delivery_ratio_to_blocking"] > 0


def test_reactions_are_measured(result: dict[str, Any]) -> None:
    assert result["reactions"].keys() >= FIGURES
    assert all(value > 0 for value in result["reactions"].values())


def test_idle_connections_are_weighed_and_used(result: dict[str, Any]) -> None:
    idle = result["idle"]
    assert idle["connections"] == 500
    assert idle["rss_kib_each"] > 0
    assert idle.keys() >= FIGURES - {"acked_per_second"}


def test_a_search_goes_through_a_whole_conversation(result: dict[str, Any]) -> None:
    search = result["search"]
    assert (search["messages"], search["requests"] >= 1, search["messages_per_second"] > 0) == (2_000, True, True)


def test_every_target_is_judged(result: dict[str, Any]) -> None:
    assert len(result["targets"]) == 8
    assert all(isinstance(target["reached"], bool) for target in result["targets"])


@pytest.mark.parametrize(("only", "label"), [("2x4", "2 x 4"), ("reactions", "reactions")])
def test_a_commit_is_measured_beside_this_checkout(only: str, label: str) -> None:
    [row] = bench("--quick", "--against", "HEAD", "--only", only)["rows"]
    assert row["row"] == label
    for figure in FIGURES:
        assert row[figure]["own"] > 0
        assert row[figure]["other"] > 0
        assert row[figure]["ratio"] > 0


def test_a_storm_is_measured_beside_a_quiet_server() -> None:
    [row] = bench("--misuse", "--only", "choices", "--seconds", "0.5")["storms"]
    assert row["storm"] == "choices"
    assert row["quiet_ms"] > 0
    assert row["beside_ms"] > 0
