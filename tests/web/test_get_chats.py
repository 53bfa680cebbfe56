"""What does a user find in the list of chats?"""

from __future__ import annotations

from typing import Any

from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import RFC3339, HttpClient
from tests.support.people import People, Person
from tests.support.rows import add_partners, set_receipts, write
from tests.support.waiting import wait_until


def count_queries(stack: Stack, person: Person) -> int:
    """How many statements the database server gets for one get_chats."""
    sql = "SHOW GLOBAL STATUS LIKE 'Com_select'"
    before = int(stack.database.query(sql)[0]["Value"])
    person.chats()
    return int(stack.database.query(sql)[0]["Value"]) - before


def test_a_new_user_has_an_array_without_chats(ada: Person) -> None:
    for path in ("/backend/get_chats", "/backend/get_chats.php"):
        answer = ada.http.get(path)
        assert (answer.status, answer.body) == (200, b"[]")
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_chat_without_messages_is_listed(ada: Person, bob: Person, chat: int) -> None:
    nothing = dict.fromkeys(("last_seq", "unread", "delivered_seq", "read_seq"), 0)
    nothing |= {"other_delivered_seq": 0, "other_read_seq": 0}
    other = {"id": bob.id, "username": "bob"}
    assert ada.chats() == [{"id": chat, "other_user": other, **nothing, "messages": [], "more": False}]
    assert bob.chats()[0]["other_user"] == {"id": ada.id, "username": "ada"}


def test_each_side_sees_the_chat_as_its_own(stack: Stack, ada: Person, bob: Person, eve: Person, chat: int) -> None:
    sent = ada.say(chat, "one", client_id="a1")
    bob.say(chat, "two", client_id="b1")
    bob.say(chat, "three", client_id="b2")
    set_receipts(stack, chat, ada, delivered=3, read=2)
    set_receipts(stack, chat, bob, delivered=1, read=0)
    (adas,), (bobs,) = ada.chats(), bob.chats()
    assert list(adas) == [
        *("id", "other_user", "last_seq", "unread", "delivered_seq", "read_seq"),
        *("other_delivered_seq", "other_read_seq", "messages", "more"),
    ]
    assert (adas["last_seq"], adas["unread"], adas["delivered_seq"], adas["read_seq"]) == (3, 1, 3, 2)
    assert (adas["other_delivered_seq"], adas["other_read_seq"]) == (1, 0)
    assert (bobs["last_seq"], bobs["unread"], bobs["delivered_seq"], bobs["read_seq"]) == (3, 1, 1, 0)
    assert (bobs["other_delivered_seq"], bobs["other_read_seq"]) == (3, 2)
    first = adas["messages"][0]
    assert first == {
        "id": sent["message_id"],
        "chat_id": chat,
        "seq": 1,
        "sender_id": ada.id,
        "username": "ada",
        "content": "one",
        "sent_at": sent["sent_at"],
        "client_id": "a1",
    }
    assert RFC3339.match(first["sent_at"])
    assert [message.get("client_id") for message in adas["messages"]] == ["a1", None, None]
    assert [message.get("client_id") for message in bobs["messages"]] == [None, "b1", "b2"]
    assert eve.chats() == []


def test_what_one_wrote_oneself_is_never_unread(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, ada, 5)
    write(stack, chat, bob, 3, first=6)
    write(stack, chat, ada, 2, first=9)
    assert ada.chats()[0]["unread"] == 3
    assert bob.chats()[0]["unread"] == 7
    set_receipts(stack, chat, ada, delivered=7, read=7)
    set_receipts(stack, chat, bob, delivered=10, read=10)
    assert ada.chats()[0]["unread"] == 1
    assert bob.chats()[0]["unread"] == 0


def test_no_password_and_no_token_is_in_the_list(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    ada.say(chat, "hi")
    text = ada.http.get("/backend/get_chats").text
    for secret in ("scrypt", "password", ada.token, bob.token):
        assert secret not in text


def test_the_newest_activity_comes_first(stack: Stack, people: People, ada: Person) -> None:
    chats = add_partners(stack, ada, 4)
    assert [chat["id"] for chat in ada.chats()] == chats[::-1]  # nothing said yet: the newest chat
    write(stack, chats[1], ada, 1, at="2037-01-01 00:00:00")
    write(stack, chats[0], ada, 1, at="2020-01-01 00:00:00")  # said long ago counts less than begun just now
    assert [chat["id"] for chat in ada.chats()] == [chats[1], chats[3], chats[2], chats[0]]


def test_the_20_newest_chats_come_with_30_messages_and_the_others_with_one(stack: Stack, ada: Person) -> None:
    chats = add_partners(stack, ada, 22)
    for place, chat in enumerate(chats):
        write(stack, chat, ada, 31 if place % 2 else 30, at=f"2030-01-01 00:00:{place:02d}")
    listed = ada.chats()
    assert [one["id"] for one in listed] == chats[::-1]
    for place, found in enumerate(listed):
        last = found["last_seq"]
        wanted = 30 if place < 20 else 1
        assert [message["seq"] for message in found["messages"]] == list(range(last - wanted + 1, last + 1))
        assert found["more"] is (last > wanted)


def test_the_number_of_queries_does_not_grow_with_the_chats(own_stack: StackMaker) -> None:
    stack = own_stack()
    stack.ws_server.stop()  # it asks now and then what users changed
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    write(stack, chat, bob, 1)
    ada.chats()
    wait_until(lambda: count_queries(stack, ada) <= 5)  # housekeeping asks, too, when web has just started
    few = count_queries(stack, ada)
    for other in add_partners(stack, ada, 60):
        if other != chat:
            write(stack, other, ada, 3)
    assert len(ada.chats()) == 61
    assert count_queries(stack, ada) == few <= 5


def test_the_page_is_the_same_for_everybody(ada: Person, bob: Person, chat: int) -> None:
    ada.say(chat, "a secret")
    pages: list[Any] = [person.http.get("/").body for person in (ada, bob)]
    assert pages[0] == pages[1] == ada.http.get("/index.php").body
    for private in (b"a secret", ada.token.encode(), b"ada", b"bob"):
        assert private not in pages[0]


def test_asking_for_a_user_says_no_more_than_that_he_exists(
    ada: Person, bob: Person, browser_of_nobody: HttpClient
) -> None:
    for path in ("/backend/check_user_existence", "/backend/check_user_existence.php"):
        for field in ("username", "user_name"):
            for name in ("bob", "BOB", " böb "):
                anonymous = browser_of_nobody.get(path, {field: name})
                assert (anonymous.status, anonymous.json()) == (200, {"status": "success"})
                assert ada.http.get(path, {field: name}).json() == {"status": "success", "message": bob.id}
            for name in ("nobody", "", "%", "b%", "bo_", "bob\x00", "x" * 3_000, "' OR 1=1 --", "\u200bbob"):
                for http in (browser_of_nobody, ada.http):
                    answer = http.get(path, {field: name})
                    assert answer.status == 200
                    assert (answer.json()["status"], answer.json()["code"]) == ("error", "no_such_user")
