"""However much one person asks at once, the database has connections left for everybody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from chat_db.connection import MOST_CONNECTIONS
from tests.conftest import StackMaker
from tests.support.http import HttpClient
from tests.support.people import People

AT_ONCE = 380  # connections of one address; web takes 400 of it


def test_one_session_does_not_take_every_connection_of_the_database(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    eve, ada, bob = (people.register(name) for name in ("eve", "ada", "bob"))
    chat = people.chat_between(ada, bob)
    together = threading.Barrier(AT_ONCE)

    def ask(_: int) -> int:
        client = HttpClient(stack.web.url)
        client.cookies = dict(eve.http.cookies)
        together.wait(20)
        return client.get("/backend/get_account").status

    with ThreadPoolExecutor(AT_ONCE) as threads:
        asking = [threads.submit(ask, number) for number in range(AT_ONCE)]
        assert ada.say(chat, "Are you there?")["seq"] == 1
        assert bob.http.get("/backend/get_chats").status == 200
        answers = {one.result() for one in asking}
    assert answers <= {200, 503}
    used = int(stack.database.query("SHOW STATUS LIKE 'Max_used_connections'")[0]["Value"])
    assert used <= 2 * MOST_CONNECTIONS + 5, "a worker's, ws-server's, the journal's, this test's"
