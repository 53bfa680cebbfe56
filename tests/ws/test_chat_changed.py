"""Does every open page of a person hear at once that somebody blocked, unblocked or deleted their account?"""

from __future__ import annotations

from tests.support.people import PASSWORD, People, Person
from tests.support.socket import Socket

WITHIN = 4.0  # seconds; less than the 5 after which somebody who just left is shown as offline


def block(person: Person, other: Person, how: str = "e_block") -> None:
    assert person.http.post_json(f"/backend/{how}", {"user_id": other.id}).status == 200


def hear(socket: Socket) -> object:
    """Return the chat of the next `chat_changed`."""
    frame = socket.expect("chat_changed", deadline=WITHIN)
    assert set(frame) == {"type", "chat"}
    return frame["chat"]


def test_who_blocks_or_unblocks_hears_of_it_on_every_device_and_the_other_does_not(
    ada: Person, bob: Person, chat: int
) -> None:
    phone, desktop, bobs = ada.connect(), ada.connect(), bob.connect()
    head = {"id": chat, "other_user": {"id": bob.id, "username": "bob"}}
    for how, expected in (("e_block", {**head, "blocked": True}), ("e_unblock", head)):
        block(ada, bob, how)
        assert hear(phone) == hear(desktop) == expected
        assert phone.until_pong() == bobs.until_pong() == []


def test_who_blocks_back_hears_of_the_own_block_only(ada: Person, bob: Person, chat: int) -> None:
    """Nothing passes between the two already, so nothing else changes."""
    adas, bobs = ada.connect(), bob.connect()
    block(ada, bob)
    hear(adas)
    block(bob, ada)
    assert hear(bobs) == {"id": chat, "other_user": {"id": ada.id, "username": "ada"}, "blocked": True}
    assert adas.until_pong() == []
    block(ada, bob, "e_unblock")
    assert hear(adas) == {"id": chat, "other_user": {"id": bob.id, "username": "bob"}}
    assert bobs.until_pong() == []


def test_everybody_who_has_a_chat_with_a_deleted_account_hears_of_it(
    people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    with_eve, between = people.chat_between(eve, ada), people.chat_between(bob, eve)
    block(bob, ada)
    adas, bobs, eves = ada.connect(), bob.connect(), eve.connect()
    bobs.wait_for("presence", user_id=eve.id, online=True)
    assert ada.http.post_json("/backend/e_delete_account", {"password": PASSWORD}).status == 200
    gone = {"id": ada.id, "username": None, "deleted": True}
    assert hear(bobs) == {"id": chat, "other_user": gone}
    assert hear(eves) == {"id": with_eve, "other_user": gone}
    eves.send("add_chat", other_user_id=bob.id)
    assert eves.expect("chat_added")["chat"] == {"id": between, "other_user": {"id": bob.id, "username": "bob"}}
    assert adas.wait_closed() == 4401


def test_the_presence_of_a_deleted_account_ends(ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    bobs.wait_for("presence", user_id=ada.id, online=True)
    assert ada.http.post_json("/backend/e_delete_account", {"password": PASSWORD}).status == 200
    bobs.wait_for("presence", deadline=WITHIN, user_id=ada.id, online=False, last_seen=None)
    assert adas.wait_closed() == 4401
    later = bob.connect()
    assert later.receive() == {"type": "presence", "user_id": ada.id, "online": False, "last_seen": None}


def test_a_choice_that_changes_no_chat_is_no_news(ada: Person, bob: Person, chat: int) -> None:
    bobs = bob.connect()
    bobs.wait_for("presence", user_id=ada.id, online=False)
    for presence in (False, True):
        choices = {"show_receipts": True, "show_presence": presence}
        assert ada.http.post_json("/backend/e_privacy", choices).status == 200
    block(ada, bob)  # the next change that is one
    adas = ada.connect()
    block(ada, bob, "e_unblock")
    hear(adas)
    assert bobs.until_pong() == []
