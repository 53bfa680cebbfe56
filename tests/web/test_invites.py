"""Invitations of somebody who is locked out, and more of them than are allowed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chat_db.users import set_disabled
from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import HttpClient
from tests.support.people import PASSWORD, People


@pytest.fixture
def inviting(own_web: StackMaker) -> Stack:
    return own_web(REGISTRATION="invite")


def register(stack: Stack, name: str, link: str) -> int:
    body = {"username": name, "password": PASSWORD, "invite": link.partition("invite=")[2]}
    return HttpClient(stack.web.url).post_json("/backend/e_register", body).status


def test_who_is_locked_out_does_not_come_back_by_an_invitation_of_their_own(inviting: Stack) -> None:
    eve = People(inviting).register("eve")
    links = [eve.http.post_json("/backend/e_invite", {}).json()["link"] for _ in range(2)]
    connection = inviting.database.connect()
    set_disabled(connection, eve.id, True)
    connection.commit()
    assert register(inviting, "eve2", links[0]) == 403
    set_disabled(connection, eve.id, False)
    connection.commit()
    assert register(inviting, "friend", links[0]) == 201


def test_requests_beside_each_other_make_no_more_invitations_than_allowed(inviting: Stack) -> None:
    eve = People(inviting).register("eve")
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: eve.http.post_json("/backend/e_invite", {}).status, range(48)))
    assert sorted(set(answers)) == [201, 409]
    assert answers.count(201) == 20
    assert inviting.database.query("SELECT COUNT(*) AS n FROM invites")[0]["n"] == 20


def test_an_invitation_lets_one_person_in_however_many_try_at_once(inviting: Stack) -> None:
    eve = People(inviting).register("eve")
    link = eve.http.post_json("/backend/e_invite", {}).json()["link"]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: register(inviting, f"guest{number}", link), range(8)))
    assert sorted(answers) == [201] + [403] * 7
