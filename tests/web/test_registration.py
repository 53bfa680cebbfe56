"""Who may register: everybody, who has an invitation, or nobody."""

from __future__ import annotations

import re

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import HttpClient
from tests.support.people import People, Person

PASSWORD = "a good long password"


@pytest.fixture
def by_invite(own_web: StackMaker) -> Stack:
    return own_web(REGISTRATION="invite")


def register(stack: Stack, name: str, invite: str | None = None) -> tuple[int, str]:
    body = {"username": name, "password": PASSWORD} | ({"invite": invite} if invite is not None else {})
    answer = HttpClient(stack.web.url).post_json("/backend/e_register", body)
    return answer.status, answer.json().get("code", "")


def invite_by_page(person: Person) -> str:
    """Make an invitation with the page's form; return what is in its link."""
    answer = person.http.post_form("/backend/e_invite")
    assert (answer.status, answer.location) == (302, "/invite")
    token = re.search(r"/register\?invite=([A-Za-z0-9_-]{43})", person.http.get("/invite").text)
    assert token
    return token[1]


def names(stack: Stack) -> set[str]:
    return {row["username"] for row in stack.database.query("SELECT username FROM users")}


@pytest.mark.parametrize("mode", ["open", "invite"])
def test_who_opens_a_used_invitation_is_told_before_filling_in_the_form(own_web: StackMaker, mode: str) -> None:
    stack = own_web(REGISTRATION=mode)
    link = People(stack).register("ada").http.post_json("/backend/e_invite", {}).json()["link"]
    page = "/register?invite=" + link.partition("invite=")[2]
    told = ">This invitation is no longer valid"
    assert told not in HttpClient(stack.web.url).get(page).text
    assert register(stack, "bob", page[-43:]) == (201, "")
    shown = HttpClient(stack.web.url).get(page).text
    assert told in shown
    assert page[-43:] not in shown
    assert ('action="/backend/e_register"' in shown) is (mode == "open")


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
    assert 'href="/invite"' in ada.http.get("/settings").text
    token = invite_by_page(ada)
    visitor = HttpClient(by_invite.web.url)
    assert 'action="/backend/e_register"' not in visitor.get("/register").text
    form = visitor.get("/register", {"invite": token}).text
    assert f'name="invite" value="{token}"' in form
    fields = {"username": "bob", "password": "short", "invite": token}
    back = visitor.post_form("/backend/e_register", fields).location or ""
    assert "error=bad_password" in back
    assert f"invite={token}" in back
    fields["password"] = PASSWORD
    assert (visitor.post_form("/backend/e_register", fields).location or "").startswith("/login?registered=1")


def test_an_invitation_has_an_address_of_its_own_that_does_not_hold_it(by_invite: Stack) -> None:
    people = People(by_invite)
    ada, eve = people.register("ada"), people.register("eve")
    token = invite_by_page(ada)
    assert token in ada.http.get("/invite").text  # a reload shows it again, and makes no other
    assert len(by_invite.database.query("SELECT id FROM invites")) == 1
    eve.http.cookies["invite"] = ada.http.cookies["invite"]  # the next user of the same browser
    assert token not in eve.http.get("/invite").text
    assert register(by_invite, "bob", token) == (201, "")
    assert token not in ada.http.get("/invite").text  # it is used up
    assert token not in ada.http.get("/settings").text
    assert HttpClient(by_invite.web.url).get("/invite").location == "/login?error=not_logged_in"


def test_the_cookie_of_an_invitation_is_for_its_page_only_and_ends_soon(by_invite: Stack) -> None:
    answer = People(by_invite).register("ada").http.post_form("/backend/e_invite")
    attributes = set((answer.headers["Set-Cookie"] or "").split("; "))
    assert {"HttpOnly", "Path=/invite", "SameSite=Strict", "Max-Age=600"} <= attributes


@pytest.mark.parametrize("mode", ["open", "invite"])
def test_who_was_invited_has_a_chat_with_who_invited(own_web: StackMaker, mode: str) -> None:
    stack = own_web(REGISTRATION=mode)
    ada = People(stack).register("ada")
    token = invite_by_page(ada)
    listener = ada.connect()
    assert register(stack, "ada", token) == (409, "username_taken")
    assert stack.database.query("SELECT id FROM chats") == []
    assert register(stack, "bob", token) == (201, "")
    assert [chat["other_user"]["username"] for chat in ada.chats()] == ["bob"]
    assert listener.expect("chat_added")["chat"]["other_user"]["username"] == "bob"
    bob = HttpClient(stack.web.url)
    assert bob.post_json("/backend/e_login", {"username": "bob", "password": PASSWORD}).status == 200
    assert [chat["other_user"]["username"] for chat in bob.get("/backend/get_chats").json()] == ["ada"]


def test_an_open_registration_takes_whoever_comes_with_a_link_that_is_used_up(stack: Stack) -> None:
    assert register(stack, "bob", "x" * 43) == (201, "")
    assert stack.database.query("SELECT id FROM chats") == []


def test_a_form_with_too_many_invitations_is_told_so(by_invite: Stack) -> None:
    ada = People(by_invite).register("ada")
    answers = [ada.http.post_form("/backend/e_invite").location for _ in range(21)]
    assert answers == ["/invite"] * 20 + ["/invite?error=too_many_invites"]
    assert "too many unused invitations" in ada.http.get("/invite?error=too_many_invites").text


def test_a_user_holds_a_bounded_number_of_open_invitations(by_invite: Stack) -> None:
    ada = People(by_invite).register("ada")
    answers = [ada.http.post_json("/backend/e_invite", {}).status for _ in range(21)]
    assert answers == [201] * 20 + [409]


def test_closed_means_closed_for_invitations_too(own_web: StackMaker) -> None:
    closed = own_web(REGISTRATION="closed")
    assert register(closed, "eve") == (403, "registration_closed")
    assert 'action="/backend/e_register"' not in HttpClient(closed.web.url).get("/register").text
    assert names(closed) == set()
    ada = People(closed).register("ada")
    assert ada.http.post_json("/backend/e_invite", {}).status == 403
    assert 'href="/invite"' not in ada.http.get("/settings").text
    assert "/backend/e_invite" not in ada.http.get("/invite").text
