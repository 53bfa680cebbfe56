"""Who may register: everybody, who has an invitation, or nobody."""

from __future__ import annotations

import re

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import HttpClient
from tests.support.people import People

PASSWORD = "a good long password"


@pytest.fixture
def by_invite(own_stack: StackMaker) -> Stack:
    return own_stack(REGISTRATION="invite")


def register(stack: Stack, name: str, invite: str | None = None) -> tuple[int, str]:
    body = {"username": name, "password": PASSWORD} | ({"invite": invite} if invite is not None else {})
    answer = HttpClient(stack.web.url).post_json("/backend/e_register", body)
    return answer.status, answer.json().get("code", "")


def names(stack: Stack) -> set[str]:
    return {row["username"] for row in stack.database.query("SELECT username FROM users")}


def test_an_invitation_works_once_for_seven_days_and_only_success_uses_it_up(by_invite: Stack) -> None:
    ada = People(by_invite).register("ada")
    answer = ada.http.post_json("/backend/e_invite", {})
    assert answer.status == 201
    link = answer.json()["link"]
    token = link.partition("invite=")[2]
    assert link.startswith(by_invite.web.url.rstrip("/") + "/register?invite=")
    assert token.encode() not in str(by_invite.database.query("SELECT * FROM invites")).encode()
    assert register(by_invite, "bob") == (403, "bad_invite")
    assert register(by_invite, "bob", "x" * 43) == (403, "bad_invite")
    assert register(by_invite, "ada", token) == (409, "username_taken")
    assert register(by_invite, "bob", token) == (201, "")
    assert register(by_invite, "eve", token) == (403, "bad_invite")
    assert names(by_invite) == {"ada", "bob"}

    late = ada.http.post_json("/backend/e_invite", {}).json()["link"].partition("invite=")[2]
    hours = by_invite.database.query("SELECT TIMESTAMPDIFF(HOUR, created_at, expires_at) AS h FROM invites")
    assert hours[0]["h"] == 7 * 24
    by_invite.database.query("UPDATE invites SET expires_at = NOW(3) - INTERVAL 1 SECOND")
    assert register(by_invite, "eve", late) == (403, "bad_invite")
    assert names(by_invite) == {"ada", "bob"}


def test_the_pages_lead_through_an_invitation(by_invite: Stack) -> None:
    ada = People(by_invite).register("ada")
    page = ada.http.post_form("/backend/e_invite").text
    token = re.search(r"/register\?invite=([A-Za-z0-9_-]{43})", page)
    assert token
    visitor = HttpClient(by_invite.web.url)
    assert 'action="/backend/e_register"' not in visitor.get("/register").text
    form = visitor.get("/register", {"invite": token[1]}).text
    assert f'name="invite" value="{token[1]}"' in form
    fields = {"username": "bob", "password": "short", "invite": token[1]}
    back = visitor.post_form("/backend/e_register", fields).location or ""
    assert "error=bad_password" in back
    assert f"invite={token[1]}" in back
    fields["password"] = PASSWORD
    assert (visitor.post_form("/backend/e_register", fields).location or "").startswith("/login?registered=1")


def test_a_user_holds_a_bounded_number_of_open_invitations(by_invite: Stack) -> None:
    ada = People(by_invite).register("ada")
    answers = [ada.http.post_json("/backend/e_invite", {}).status for _ in range(21)]
    assert answers == [201] * 20 + [409]


def test_closed_means_closed_and_open_makes_no_invitations(own_stack: StackMaker, stack: Stack) -> None:
    closed = own_stack(REGISTRATION="closed")
    assert register(closed, "eve") == (403, "registration_closed")
    assert 'action="/backend/e_register"' not in HttpClient(closed.web.url).get("/register").text
    assert names(closed) == set()
    ada = People(stack).register("ada")
    assert ada.http.post_json("/backend/e_invite", {}).status == 403
