"""Checking a password is much work on purpose: how much of it may one user ask for?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.conftest import StackMaker
from tests.support.people import PASSWORD, People, Person

SAME = {"old_password": PASSWORD, "new_password": PASSWORD}
WRONG = {"old_password": "not the password", "new_password": PASSWORD}


def change(person: Person, body: dict[str, str]) -> int:
    return person.http.post_json("/backend/e_change_password", body).status


def test_right_passwords_of_one_session_have_a_limit(own_web: StackMaker) -> None:
    stack = own_web(limits=True, LIMIT_LOGINS="3/3 minutes")
    people = People(stack)
    eve, ada = people.register("eve"), people.register("ada")
    assert [change(eve, SAME) for _ in range(4)] == [200] * 3 + [429]
    assert change(ada, SAME) == 200


def test_all_sessions_of_one_user_have_a_limit_together(own_web: StackMaker) -> None:
    """Twelve sessions with five tries each, at once, made everybody else's login wait for nine seconds."""
    stack = own_web(limits=True, LIMIT_LOGINS="3/3 minutes")
    eve = People(stack).register("eve")
    sessions = [Person(stack, "eve", eve.id) for _ in range(6)]
    with ThreadPoolExecutor(len(sessions)) as threads:
        answers = list(threads.map(lambda session: change(session, WRONG), sessions))
    assert sorted(answers) == [403] * 3 + [429] * 3
