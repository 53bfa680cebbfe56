"""Changing the password, deleting the account, choosing what others see."""

from __future__ import annotations

import re

import pytest

from stack import Stack
from tests.support.http import HttpClient
from tests.support.people import PASSWORD, People, Person
from tests.support.waiting import wait_until

NEW = "an entirely new password"


def test_a_new_password_asks_for_the_old_one_and_ends_every_other_login(stack: Stack, ada: Person) -> None:
    other = HttpClient(stack.web.url)
    _, token = ada.log_in(other)
    socket = ada.connect(token=token)
    own = ada.connect()
    body = {"old_password": PASSWORD, "new_password": NEW}
    assert ada.http.post_json("/backend/e_change_password", body).status == 200
    assert socket.wait_closed(deadline=2) == 4401  # told at once, not at the next recheck
    assert own.until_pong() == []
    assert other.get("/backend/get_session").status == 401
    assert ada.http.get("/backend/get_session").status == 200
    login = HttpClient(stack.web.url)
    assert login.post_json("/backend/e_login", {"username": "ada", "password": PASSWORD}).status == 401
    assert login.post_json("/backend/e_login", {"username": "ada", "password": NEW}).status == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"old_password": "wrong password", "new_password": NEW}, 403, "wrong_password"),
        ({"old_password": PASSWORD, "new_password": "short"}, 400, "bad_password"),
        ({"old_password": PASSWORD}, 400, "bad_request"),
        ({"old_password": 1, "new_password": NEW}, 400, "bad_request"),
        ([], 400, "bad_request"),
    ],
)
def test_a_refused_change_changes_nothing(stack: Stack, ada: Person, body: object, status: int, code: str) -> None:
    answer = ada.http.post_json("/backend/e_change_password", body)
    assert (answer.status, answer.json()["code"]) == (status, code)
    login = HttpClient(stack.web.url)
    assert login.post_json("/backend/e_login", {"username": "ada", "password": PASSWORD}).status == 200


def test_everything_about_an_account_needs_a_login(browser_of_nobody: HttpClient) -> None:
    for name in ("e_change_password", "e_delete_account", "e_privacy", "e_end_device", "e_block", "e_invite"):
        assert browser_of_nobody.post_json(f"/backend/{name}", {}).status == 401, name
    assert browser_of_nobody.get("/settings").location == "/login?error=not_logged_in"
    assert browser_of_nobody.get("/backend/get_account").status == 401


def test_old_links_lead_to_the_settings(ada: Person) -> None:
    assert ada.http.get("/account").location == "/settings#account"
    assert ada.http.get("/devices.php").location == "/settings#devices"


@pytest.mark.parametrize(
    ("endpoint", "form", "id_"),
    [("e_change_password", "password", "old-password"), ("e_delete_account", "delete", "delete-password")],
)
def test_a_wrong_password_is_said_beside_its_field(ada: Person, endpoint: str, form: str, id_: str) -> None:
    fields = {"password": "not this one", "old_password": "not this one", "new_password": NEW}
    back = ada.http.post_form(f"/backend/{endpoint}", fields).location
    assert back == f"/settings?error=wrong_password&form={form}"
    page = ada.http.get(back).text
    assert f'<details class="more" id="{form}" open>' in page
    assert f'<p class="field__error" id="{id_}-error" role="alert">That is not your password.</p>' in page
    assert page.count("That is not your password.</p>") == 1
    focused = [tag for tag in re.findall(r"<input[^>]*>", page) if " autofocus" in tag]
    assert [f'id="{id_}"' in tag for tag in focused] == [True]
    page = ada.http.get(f"/settings?error=rate_limited&form={form}").text
    assert page.count('role="alert">Too many attempts in a short time.') == 1
    assert f'<details class="more" id="{form}" open>' in page


class TestDeleting:
    def test_it_needs_the_password(self, ada: Person) -> None:
        answer = ada.http.post_json("/backend/e_delete_account", {"password": "not this one"})
        assert (answer.status, answer.json()["code"]) == (403, "wrong_password")
        assert ada.http.get("/backend/get_session").status == 200

    def test_the_name_is_free_and_the_other_person_keeps_the_conversation(
        self, stack: Stack, people: People, ada: Person, bob: Person, chat: int
    ) -> None:
        ada.say(chat, "remember me")
        device, listener = ada.connect(), bob.connect()
        assert ada.http.post_json("/backend/e_delete_account", {"password": PASSWORD}).status == 200
        assert device.wait_closed(deadline=2) == 4401
        assert ada.http.get("/backend/get_session").status == 401
        listed = bob.chats()[0]
        assert listed["other_user"] == {"id": ada.id, "username": None, "deleted": True}
        assert [(m["content"], m["username"]) for m in listed["messages"]] == [("remember me", None)]
        listener.wait_for("presence", user_id=ada.id, online=False, last_seen=None)
        listener.send("send_message", chat_id=chat, message="are you there?", client_id="late")
        refused = listener.expect("error")
        assert (refused["code"], refused["client_id"]) == ("no_such_user", "late")
        listener.send("add_chat", other_user_id=ada.id)
        assert listener.expect("error")["code"] == "no_such_user"
        rows = stack.database.query("SELECT username, password, deleted_at FROM users WHERE id = %s", ada.id)
        assert rows[0]["username"] is None
        assert rows[0]["password"] is None
        assert rows[0]["deleted_at"] is not None
        assert people.register("ada").id != ada.id

    def test_when_both_are_gone_chat_and_messages_go(
        self, stack: Stack, ada: Person, bob: Person, eve: Person, chat: int, people: People
    ) -> None:
        stays = people.chat_between(bob, eve)
        for number in range(3):
            ada.say(chat, f"one {number}")
        bob.say(stays, "eve keeps this")
        for person in (ada, bob):
            assert person.http.post_form("/backend/e_delete_account", {"password": PASSWORD}).status == 302
        wait_until(lambda: [row["id"] for row in stack.database.query("SELECT id FROM chats")] == [stays])
        assert [row["chat_id"] for row in stack.database.query("SELECT chat_id FROM messages")] == [stays]
        assert eve.chats()[0]["messages"][0]["content"] == "eve keeps this"


class TestReceipts:
    def choose(self, person: Person, *, receipts: bool = True, presence: bool = True) -> None:
        body = {"show_receipts": receipts, "show_presence": presence}
        assert person.http.post_json("/backend/e_privacy", body).status == 200

    def test_who_hides_reading_sees_none_and_shows_none(self, ada: Person, bob: Person, chat: int) -> None:
        ada.say(chat, "one")
        self.choose(bob, receipts=False)
        watching, reading, second = ada.connect(), bob.connect(), bob.connect()
        reading.send("read", chat_id=chat, seq=1)
        assert second.expect("receipt") == {
            "type": "receipt", "chat_id": chat, "user_id": bob.id, "delivered_seq": 1, "read_seq": 1,
        }  # fmt: skip
        assert watching.expect("receipt")["read_seq"] is None
        assert reading.until_pong() == []
        watching.send("sync", chats={str(chat): 1})
        seen = watching.expect("sync_done")["chats"][0]
        assert (seen["other_delivered_seq"], seen["other_read_seq"]) == (1, None)
        second.send("sync", chats={str(chat): 1})
        own = second.expect("sync_done")["chats"][0]
        assert (own["read_seq"], own["other_read_seq"]) == (1, None)

    def test_turning_it_on_shows_only_what_is_read_from_then_on(self, ada: Person, bob: Person, chat: int) -> None:
        ada.say(chat, "one")
        self.choose(bob, receipts=False)
        reading = bob.connect()
        reading.send("read", chat_id=chat, seq=1)
        reading.until_pong()
        self.choose(bob, receipts=True)
        watching = ada.connect()
        watching.send("sync", chats={str(chat): 1})
        assert watching.expect("sync_done")["chats"][0]["other_read_seq"] == 0
        watching.send("send_message", chat_id=chat, message="two")
        watching.expect("message_sent")
        reading.wait_for("message")
        fresh = bob.connect()  # its choices are read anew
        fresh.send("read", chat_id=chat, seq=2)
        assert watching.expect("receipt")["read_seq"] == 2

    def test_who_hides_presence_looks_offline_and_sees_everybody_so(self, ada: Person, bob: Person, chat: int) -> None:
        watching, hiding = ada.connect(), bob.connect()
        watching.wait_for("presence", user_id=bob.id, online=True)
        hiding.wait_for("presence", user_id=ada.id, online=True)
        self.choose(bob, presence=False)
        watching.wait_for("presence", user_id=bob.id, online=False, last_seen=None)
        hiding.wait_for("presence", user_id=ada.id, online=False, last_seen=None)
        hiding.send("typing", chat_id=chat, typing=True)
        hiding.until_pong()
        assert watching.until_pong() == []
        self.choose(bob, presence=True)
        watching.wait_for("presence", user_id=bob.id, online=True)

    def test_a_wrong_choice_changes_nothing(self, ada: Person) -> None:
        bodies: list[object] = [{"show_receipts": "maybe"}, {"show_presence": 3}, [], {"show_receipts": None}]
        for body in bodies:
            assert ada.http.post_json("/backend/e_privacy", body).status == 400, body
        account = ada.http.get("/backend/get_account").json()
        assert (account["show_receipts"], account["show_presence"]) == (True, True)
