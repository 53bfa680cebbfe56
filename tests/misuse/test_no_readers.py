"""Answers that nobody reads take little memory, and nobody else waits for them."""

from __future__ import annotations

from pathlib import Path

from stack import Stack
from tests.conftest import StackMaker
from tests.misuse.bystanders import Bystanders
from tests.misuse.storm import raging

SECONDS = 4.0
MORE_MIB = 150  # what web may need beside its usual memory; without bounds it is 3 MiB for each connection


def worker_mib(stack: Stack) -> float:
    """The largest resident set of gunicorn's processes, in MiB (proc(5))."""
    master = stack.web.process.pid
    found = [0.0]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:  # gone in the meantime
            continue
        if int(fields["PPid"]) == master and "VmRSS" in fields:
            found.append(int(fields["VmRSS"].split()[0]) / 1024)
    return max(found)


def test_answers_that_nobody_reads_cost_nobody_else(own_stack: StackMaker) -> None:
    stack = own_stack()
    bystanders = Bystanders(stack)
    quiet = bystanders.pages(SECONDS)
    usual = worker_mib(stack)
    with raging("no_readers", stack, people=2, connections=150):
        beside = bystanders.pages(SECONDS)
        needed = worker_mib(stack)
    assert beside.failures == 0
    assert beside.p99 <= 10 * quiet.p99 + 1000
    assert needed - usual < MORE_MIB, f"{usual:.0f} MiB became {needed:.0f}"
