"""Nobody gets a list of everybody's names by counting ids."""

from __future__ import annotations

from tests.conftest import StackMaker
from tests.support.people import People, Person


def test_blocking_one_id_after_the_other_is_a_look_up(own_web: StackMaker) -> None:
    """Whom one has blocked one sees by name: blocking 1, 2, 3, … read out the names of all."""
    stack = own_web(RATE_LIMITS="on", LIMIT_LOOKUPS="30/minute")
    people = People(stack)
    for number in range(60):
        stack.database.query("INSERT INTO users (username, password) VALUES (%s, 'x')", f"user{number}")
    eve = people.register("eve")
    ids = [int(row["id"]) for row in stack.database.query("SELECT id FROM users WHERE username <> 'eve'")]
    answers = [eve.http.post_json("/backend/e_block", {"user_id": user_id}) for user_id in ids]
    assert 429 in {answer.status for answer in answers}
    names = [user["username"] for user in eve.http.get("/backend/get_account").json()["blocked"]]
    assert 0 < len(names) <= 30
    people.leave()


def test_a_deleted_account_cannot_be_blocked(ada: Person, bob: Person) -> None:
    assert bob.http.post_json("/backend/e_delete_account", {"password": bob.password}).status == 200
    assert ada.http.post_json("/backend/e_block", {"user_id": bob.id}).status == 404
