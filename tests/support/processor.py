"""How much has a service worked? Processor time, which other programs do not lengthen as they lengthen waits."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(leader: int) -> float:
    """Return how long all processes of the group that `leader` leads have run on a processor (proc(5): stat)."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
        except OSError:  # gone in the meantime
            continue
        if int(fields[2]) == leader:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS
