"""`script/bench --misuse`: what do storms cost people who have nothing to do with them? A row for each storm, beside
the quiet figure of the same run."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from typing import Any

from stack import Stack

from . import storms
from .bystanders import Bystanders, Waits
from .storm import Storm, raging

SECONDS = 6.0


def all_storms() -> dict[str, Storm]:
    """Return every storm by the name of its module."""
    names = sorted(module.name for module in pkgutil.iter_modules(storms.__path__))
    return {name: importlib.import_module(f"{storms.__name__}.{name}").STORM for name in names}


def measure_storm(name: str, storm: Storm, seconds: float) -> dict[str, Any]:
    """Return the chosen figure without and beside the storm, in ms, and whether the limit was kept."""
    with Stack(environment=storm.settings) as stack:
        bystanders = Bystanders(stack)
        probe = getattr(bystanders, storm.probe)
        quiet: Waits = probe(seconds)
        with raging(name, stack, storm.people, **storm.order):
            beside: Waits = probe(seconds)
    before, during = getattr(quiet, storm.figure), getattr(beside, storm.figure)
    kept = (storm.limit_ms is None or during <= storm.limit_ms) and (
        storm.limit_ratio is None or during <= storm.limit_ratio * before
    )
    return {
        "storm": name,
        "title": storm.title,
        "figure": f"{storm.probe} {storm.figure}",
        "quiet_ms": round(before, 2),
        "beside_ms": round(during, 2),
        "failures": beside.failures,
        "limit": f"{storm.limit_ms:g} ms" if storm.limit_ms is not None else f"{storm.limit_ratio:g} x quiet",
        "kept": kept and not beside.failures,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench --misuse", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each measurement")
    parser.add_argument("--only", metavar="STORM", help="one storm, by the name of its module")
    arguments = parser.parse_args()
    found = []
    for name, storm in all_storms().items():
        if arguments.only in (None, name):
            print(f"{name} …", file=sys.stderr, flush=True)
            found.append(measure_storm(name, storm, arguments.seconds))
    if arguments.json:
        print(json.dumps({"storms": found}, indent=2))
        return 0
    print(f"{'':<7} {'storm':<62} {'measured':<14} {'quiet ms':>9} {'beside ms':>10} {'failed':>7}  limit")
    for row in found:
        print(
            f"{'kept' if row['kept'] else 'MISSED':<7} {row['title']:<62} {row['figure']:<14} {row['quiet_ms']:>9,.1f}"
            f" {row['beside_ms']:>10,.1f} {row['failures']:>7}  {row['limit']}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
