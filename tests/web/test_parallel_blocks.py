"""Two people who block and unblock each other in the same moment."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from stack import Stack
from tests.support.people import Person

AT_ONCE = 80


def test_blocks_of_two_people_by_each_other_do_not_stand_in_each_others_way(
    stack: Stack, ada: Person, bob: Person
) -> None:
    def change(number: int) -> int:
        who, whom = (ada, bob) if number % 2 else (bob, ada)
        path = "/backend/e_block" if number % 4 < 2 else "/backend/e_unblock"
        return who.http.post_json(path, {"user_id": whom.id}).status

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in range(4):
            assert Counter(threads.map(change, range(AT_ONCE))) == {200: AT_ONCE}
    for who, whom in ((ada, bob), (bob, ada)):
        assert who.http.post_json("/backend/e_unblock", {"user_id": whom.id}).status == 200
    assert stack.database.query("SELECT * FROM blocks") == []
