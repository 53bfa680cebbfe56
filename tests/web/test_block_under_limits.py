"""Whoever uses up what an address may look up must keep nobody from blocking them."""

from __future__ import annotations

from tests.conftest import StackMaker
from tests.support.http import HttpClient
from tests.support.people import People


def test_somebody_who_writes_to_one_can_be_blocked_however_much_is_looked_up(own_web: StackMaker) -> None:
    """A block counted as a look-up of its address: a stranger behind the same one could use those up."""
    stack = own_web(limits=True)
    people = People(stack)
    ada, eve = people.register("ada"), people.register("eve")
    people.chat_between(eve, ada)
    stranger = HttpClient(stack.web.url)
    looks = [stranger.get("/backend/check_user_existence", {"username": f"name{n}"}).status for n in range(31)]
    assert looks[-1] == 429
    assert ada.http.post_json("/backend/e_block", {"user_id": eve.id}).status == 200
