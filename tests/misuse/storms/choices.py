"""Somebody who changes what they show to others, there and back, over 380 connections."""

from __future__ import annotations

from tests.misuse.posting import post_for_ever
from tests.misuse.storm import Order, Storm, run

STORM = Storm(
    "380 connections of one person that post e_privacy",
    probe="acks",
    figure="p50",
    limit_ratio=3,
    settings={"WS_MESSAGE_RATE": "0"},
    people=1,
)


async def attack(order: Order) -> None:
    bodies = [{"show_receipts": shown, "show_presence": shown} for shown in (True, False, False)]
    await post_for_ever(order, "/backend/e_privacy", bodies)


if __name__ == "__main__":
    run(attack)
