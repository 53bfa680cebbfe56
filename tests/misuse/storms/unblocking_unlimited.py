"""The storm `unblocking` where nothing is limited: what is left to protect others is the order of locks."""

from __future__ import annotations

from tests.misuse.storm import Storm, run
from tests.misuse.storms.unblocking import attack

STORM = Storm(
    "380 connections of an outsider that post e_unblock, no limits",
    probe="acks",
    figure="p50",
    limit_ratio=3,
    settings={"WS_MESSAGE_RATE": "0", "RATE_LIMITS": "off"},
    people=1,
)


if __name__ == "__main__":
    run(attack)
