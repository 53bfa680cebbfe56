"""Is this checkout as fast as another commit? Both run at the same time and are measured in turn, so that what else the
machine does falls on both.

The other commit's services run on the packages that this one has: that is what is measured, the code and not its
libraries.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from database import Database
from stack import ROOT

from . import servers
from .measure import IDLE_MESSAGES, Bench, measure_idle
from .reactions import can_change, measure_round

OWN, OTHER = "this checkout", "the other commit"
PARTS = (".", "db", "web", "ws-server", "script")
SERVE = ROOT / "tests" / "bench" / "serve.py"


class ServedServer:
    """ws-server of a checkout, as far as a measurement needs one."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._read()

    def restart(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("restart\n")
        self._process.stdin.flush()
        self._read()

    def _read(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the services did not start; their message is above")
        place = json.loads(line)
        self.url: str = place["url"]
        self.web_url: str = place["web"]
        self.pid: int = place["pid"]
        self.folder = Path(place["folder"])

    @property
    def process(self) -> ServedServer:
        return self


class ServedStack:
    """The services of a checkout that runs in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.ws_server = ServedServer(process)
        self.database = Database(self.ws_server.folder)  # not started by us: a way to its socket


def check_out(commit: str) -> Path:
    """Return a folder with the files of a commit. Raises CalledProcessError where git knows no such commit."""
    name = subprocess.run(
        ["git", "rev-parse", "--verify", f"{commit}^{{commit}}"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    folder = ROOT / ".local" / "against" / name
    if not folder.exists():
        packed = subprocess.run(["git", "archive", name], cwd=ROOT, capture_output=True, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
    return folder


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[ServedStack]:
    """Run the services of a checkout while this lasts."""
    path = os.pathsep.join(str(folder / part) for part in PARTS)
    with subprocess.Popen(
        [sys.executable, str(SERVE), json.dumps(servers.ENVIRONMENT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        yield ServedStack(process)
        assert process.stdin is not None
        process.stdin.close()


def compare(
    commit: str,
    workloads: tuple[tuple[int, int], ...],
    reactions: bool,
    idle: int,
    rounds: int,
    seconds: float,
    log: TextIO,
) -> dict[str, Any]:
    """Return for each workload both medians and the ratio of this checkout to the other (median of each round's)."""
    most = max((pairs for pairs, _ in workloads), default=1)
    rows = []
    with serving(ROOT) as own, serving(check_out(commit)) as other:
        benches = {
            OWN: Bench(own, {OWN: own.ws_server.url}, most, seconds, 0.5),
            OTHER: Bench(other, {OTHER: other.ws_server.url}, most, seconds, 0.5),
        }
        for pairs, in_flight in workloads:
            print(f"{pairs} x {in_flight} …", file=log, flush=True)
            runs = in_turn(rounds, functools.partial(measure_pairs, benches, pairs, in_flight))
            rows.append({"row": f"{pairs} x {in_flight}", **ratios(runs)})
        if reactions and not all(can_change(bench.stack.database) for bench in benches.values()):
            print("no reactions: before 1.3.0 there were none", file=log, flush=True)
        elif reactions:
            print("reactions …", file=log, flush=True)
            runs = in_turn(rounds, lambda name: measure_round(benches[name], name))
            rows.append({"row": "reactions", **ratios(runs)})
        if idle:
            print(f"{idle} idle connections …", file=log, flush=True)
            stacks = {OWN: own, OTHER: other}
            weighed = in_turn(rounds, lambda name: measure_idle(stacks[name], idle, IDLE_MESSAGES))
            rows.append({"row": f"{idle} idle", **ratios(weighed)})
    return {"against": commit, "rounds": rounds, "rows": rows}


def measure_pairs(benches: dict[str, Bench], pairs: int, in_flight: int, name: str) -> dict[str, Any]:
    return benches[name].measure(name, pairs, in_flight)


def in_turn(rounds: int, measure: Callable[[str], dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Measure both checkouts, one after the other and each first in every second round."""
    runs: dict[str, list[dict[str, Any]]] = {OWN: [], OTHER: []}
    for number in range(rounds):
        for name in (OWN, OTHER) if number % 2 else (OTHER, OWN):
            runs[name].append(measure(name))
    return runs


def ratios(runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return each figure of both, and this checkout's share of the other's (1.02: two per cent more)."""
    found: dict[str, Any] = {}
    for figure in sorted(runs[OWN][0]):
        mine, theirs = ([run[figure] for run in runs[name]] for name in (OWN, OTHER))
        found[figure] = {
            "own": round(statistics.median(mine), 3),
            "other": round(statistics.median(theirs), 3),
            "ratio": round(statistics.median(a / b for a, b in zip(mine, theirs, strict=True) if b), 3),
        }
    return found


def print_comparison(result: dict[str, Any]) -> None:
    print(f"this checkout beside {result['against']}, medians of {result['rounds']} rounds in turn\n")
    print(f"{'':<12} {'figure':<20} {'here':>12} {'there':>12} {'here/there':>11}")
    for row in result["rows"]:
        label = row["row"]
        for figure, value in row.items():
            if isinstance(value, dict):
                print(
                    f"{label:<12} {figure:<20} {value['own']:>12,.2f} {value['other']:>12,.2f} {value['ratio']:>11.3f}"
                )
                label = ""
