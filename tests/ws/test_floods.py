"""What one client may send to another without being asked."""

from __future__ import annotations

from tests.conftest import StackMaker
from tests.support.people import People


def test_typing_does_not_flood_the_other(own_stack: StackMaker) -> None:
    """Typing had no limit of its own: 50 connections of one user made 2,500 frames a second for the other."""
    stack = own_stack(limits=True, LIMIT_LOOKUPS="1000/minute")
    people = People(stack)
    eve, bob = people.register("eve"), people.register("bob")
    chat = people.chat_between(eve, bob)
    victim = bob.connect()
    attackers = [eve.connect() for _ in range(8)]
    for place in range(150):
        for attacker in attackers:
            attacker.send("typing", chat_id=chat, typing=place % 2 == 0)
    for attacker in attackers:
        attacker.until_pong(deadline=30)  # so many frames of one user are read one after another
    assert 0 < len([frame for frame in victim.until_pong() if frame["type"] == "typing"]) <= 100
    people.leave()
