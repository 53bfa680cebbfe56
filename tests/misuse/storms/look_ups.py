"""10 users with 50 sockets each, whose every frame makes the server ask the database: receipts beyond the last message,
chats that are none, people who are none."""

from __future__ import annotations

from tests.misuse.sockets import chat_with, flood
from tests.misuse.storm import Order, Storm, run
from tests.support.raw import text

STORM = Storm(
    "10 users x 50 sockets whose every frame asks the database",
    probe="syncs",
    figure="p95",
    limit_ms=100,
    people=10,
    order={"sockets": 50},
)


async def attack(order: Order) -> None:
    frames = []
    for number, person in enumerate(order.people):
        other = order.people[(number + 1) % len(order.people)]
        chat = await chat_with(order, person, other)
        frames.append(
            [
                text("read", chat_id=chat, seq=2**53 - 1),
                text("typing", chat_id=4_000_000_000 - number, typing=True),
                text("delivered", chat_id=chat, seq=2**53 - 1),
                text("send_message", chat_id=4_100_000_000 - number, message="x"),
                text("add_chat", username=f"nobody-{number}"),
            ]
        )
    await flood(order, frames, order.fields["sockets"])


if __name__ == "__main__":
    run(attack)
