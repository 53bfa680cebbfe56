"""10 users with 50 sockets each, which ask for what they lack as often as one connection may send a frame."""

from __future__ import annotations

from tests.misuse.sockets import chat_with, flood
from tests.misuse.storm import Order, Storm, run
from tests.support.raw import text

STORM = Storm(
    "10 users x 50 sockets that send sync all the time",
    probe="syncs",
    figure="p95",
    limit_ms=100,
    people=10,
    order={"sockets": 50},
)


async def attack(order: Order) -> None:
    for one, other in zip(order.people, order.people[1:], strict=False):
        await chat_with(order, one, other)
    await flood(order, [[text("sync", chats={})]] * len(order.people), order.fields["sockets"])


if __name__ == "__main__":
    run(attack)
