"""Which scores does Lighthouse give the login page and the chat page, on the phone that it simulates?

Run by script/lighthouse, which says where Lighthouse is. Each page is loaded three times; of each score the median is
printed, and below it each audit that is not passed.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from typing import Any

from page_speed import Side, fill  # which also says where `tests` is
from stack import ROOT
from tests.bench.against import serving

ROUNDS = 3
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PASSED = 0.9


def audit(program: str, url: str, session: str | None) -> dict[str, Any]:
    """Return Lighthouse's report of a page, loaded by whom the session belongs to. Raises RuntimeError without one."""
    headers = ["--extra-headers", json.dumps({"Cookie": f"session={session}"})] if session else []
    command = [program, url, "--output=json", "--quiet", f"--only-categories={','.join(CATEGORIES)}", *headers]
    done = subprocess.run(
        [*command, "--chrome-flags=--headless=new --no-sandbox --disable-gpu"],
        capture_output=True,
        text=True,
        env={**os.environ, "CHROME_PATH": shutil.which("chromium") or ""},
    )
    if not done.stdout:
        raise RuntimeError(done.stderr)
    report: dict[str, Any] = json.loads(done.stdout)
    if failure := report.get("runtimeError"):
        raise RuntimeError(failure["message"])
    return report


def print_scores(name: str, reports: list[dict[str, Any]]) -> None:
    scores = {kind: statistics.median(one["categories"][kind]["score"] for one in reports) for kind in CATEGORIES}
    print(f"{name}: " + ", ".join(f"{kind} {score * 100:.0f}" for kind, score in scores.items()))
    for one in reports[-1]["audits"].values():
        counts = one["scoreDisplayMode"] in {"binary", "numeric", "metricSavings"}
        if counts and one["score"] is not None and one["score"] < PASSED:
            print(f"  not passed: {one['title']} {one.get('displayValue', '')}")


def main() -> None:
    program = sys.argv[1]
    with serving(ROOT) as stack:
        side: Side = fill(stack)
        for name, path, session in (("the login page", "/login", None), ("the chat page", "/", side.session)):
            print_scores(name, [audit(program, side.url + path, session) for _ in range(ROUNDS)])


if __name__ == "__main__":
    main()
