"""An outsider who unblocks everybody, and people who do not exist, over 380 connections."""

from __future__ import annotations

from tests.misuse.posting import post_for_ever
from tests.misuse.storm import Order, Storm, run

STORM = Storm(
    "380 connections of an outsider that post e_unblock",
    probe="acks",
    figure="p50",
    limit_ratio=3,
    settings={"WS_MESSAGE_RATE": "0"},  # for who is measured
    people=1,
)
UNKNOWN = 4_000_000_000


async def attack(order: Order) -> None:
    own = order.people[0]["id"]
    known = [{"user_id": user} for user in range(max(1, own - 20), own)]
    await post_for_ever(order, "/backend/e_unblock", [*known, {"user_id": UNKNOWN}])


if __name__ == "__main__":
    run(attack)
