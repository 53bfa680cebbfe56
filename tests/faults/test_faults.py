"""Acked is stored or changed, once, in order, everywhere: also while connections, processes and the database break."""

from __future__ import annotations

import asyncio
import itertools
import random
import time

import pytest

from stack import Stack
from tests.conftest import StackMaker

from . import scenarios
from .database_proxy import BREAKS, Break
from .talk import Talk

PURGING = {"WS_PURGE_SECONDS": "0.2"}
SOAK_CHANGES = 5_000  # edits, deletions and reactions, however short the soak
SCENARIOS = 8  # each comes once at least


def test_nothing_is_lost_or_doubled_when_connections_are_cut_during_a_send(own_stack: StackMaker, seed: int) -> None:
    cuts = asyncio.run(scenarios.cut_connections(own_stack(**PURGING), seed, seconds=5))
    assert cuts > 20


def test_a_send_can_be_cut_at_any_byte_of_its_frame_and_of_its_answer(stack: Stack, seed: int) -> None:
    uncut = asyncio.run(scenarios.cut_byte_by_byte(stack, seed, step=6))  # every byte: --soak
    assert uncut == 0


def test_nothing_is_lost_or_doubled_when_ws_server_is_killed_again_and_again(own_stack: StackMaker, seed: int) -> None:
    asyncio.run(scenarios.kill_ws_server(own_stack(**PURGING), seed, times=5))


def test_nothing_is_lost_or_doubled_when_the_database_is_stopped_killed_or_frozen(
    own_stack: StackMaker, seed: int
) -> None:
    asyncio.run(scenarios.break_database(own_stack(**PURGING), seed, ["kill", "stop", 1.5, "kill", 7.0]))


def test_nothing_is_lost_or_doubled_when_a_write_breaks_at_any_byte_of_it_and_of_its_answer(
    own_stack: StackMaker, seed: int
) -> None:
    broken = asyncio.run(scenarios.break_writes(own_stack(**PURGING), seed, seconds=5))
    assert {*BREAKS, Break("answer", how="silence")} <= set(broken)


def test_two_devices_of_each_person_agree_while_one_always_reconnects(own_stack: StackMaker, seed: int) -> None:
    asyncio.run(scenarios.reconnect_all_the_time(own_stack(**PURGING), seed, seconds=5))


def test_two_ws_servers_can_write_to_the_same_chats(own_stack: StackMaker, seed: int) -> None:
    asyncio.run(scenarios.write_from_two_servers(own_stack(**PURGING), seed, seconds=5))


def test_nothing_is_lost_or_undone_while_the_keys_are_exchanged(own_stack: StackMaker, seed: int) -> None:
    asyncio.run(scenarios.rotate_keys(own_stack(**PURGING), seed, times=2))


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_everything_breaks_for_as_long_as_soak_says(
    own_stack: StackMaker, soak_minutes: float, seed: int, pytestconfig: pytest.Config
) -> None:
    if not soak_minutes:
        pytest.skip("not run: give --soak MINUTES")
    if pytestconfig.getoption("--seed") is None:
        seed = time.time_ns() % 2**32
    end = time.monotonic() + 60 * soak_minutes
    before = Talk.made_in_all["changes"]
    for number in itertools.count(seed):
        is_enough = number - seed >= SCENARIOS and Talk.made_in_all["changes"] - before > SOAK_CHANGES
        if is_enough and time.monotonic() > end:
            break
        print(f"round with seed {number}")  # noqa: T201  # pytest shows it where the test fails
        stack = own_stack(**PURGING)
        asyncio.run(break_something(stack, number))
        stack.stop()


async def break_something(stack: Stack, seed: int) -> None:
    """One scenario, longer than in a usual run; the seed says which."""
    match seed % SCENARIOS:
        case 0:
            await scenarios.cut_connections(stack, seed, seconds=15)
        case 1:
            await scenarios.kill_ws_server(stack, seed, times=10)
        case 2:
            chance = random.Random(seed)
            ways = [chance.choice(("stop", "kill", chance.uniform(0.5, 12.0))) for _ in range(4)]
            await scenarios.break_database(stack, seed, ways)
        case 3:
            await scenarios.reconnect_all_the_time(stack, seed, seconds=15)
        case 4:
            await scenarios.write_from_two_servers(stack, seed, seconds=15)
        case 5:
            await scenarios.cut_byte_by_byte(stack, seed)
        case 6:
            await scenarios.break_writes(stack, seed, seconds=15)
        case 7:
            await scenarios.rotate_keys(stack, seed, times=5)
