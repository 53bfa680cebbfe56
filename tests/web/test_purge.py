"""Conversations of which both members are gone: they go too, and nobody else waits for it."""

from __future__ import annotations

import contextlib
from functools import partial

import pytest

from chat_db import Database, DatabaseSettings, NoSuchUser, Settings
from chat_db.blocks import add_block
from chat_db.chats import add_chat
from chat_db.links import make_own_invite
from chat_db.purges import delete_messages, purge_chats
from chat_db.users import Choices, delete_user, save_choices
from stack import Stack
from tests.support.people import People, Person
from tests.support.stored import add_members


@pytest.fixture
def pool(stack: Stack) -> Database:
    return Database(DatabaseSettings.read(Settings(stack.database.environment())))


def column(stack: Stack, sql: str) -> list[int]:
    return [next(iter(row.values())) for row in stack.database.query(sql)]


def settle(stack: Stack) -> None:
    stack.database.query("UPDATE purges SET deleted_at = deleted_at - INTERVAL 1 HOUR")


def test_a_chat_goes_in_pieces_and_its_members_with_it(
    stack: Stack, pool: Database, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    stays = people.chat_between(bob, eve)
    for number in range(7):
        ada.say(chat, f"one {number}")
    for person in (ada, bob):
        pool.run(delete_user, person.id)
    left: list[int] = []
    count = partial(column, stack, f"SELECT COUNT(*) FROM messages WHERE chat_id = {chat:d}")
    purge_chats(pool, lambda: left.extend(count()), piece=3)
    assert left == [4, 1, 0]
    assert column(stack, "SELECT id FROM chats") == [stays]
    assert set(column(stack, "SELECT chat_id FROM members")) == {stays}


def test_an_account_is_looked_at_until_nothing_of_it_can_be_under_way(
    stack: Stack, pool: Database, ada: Person, bob: Person
) -> None:
    """A request of an earlier release that had begun before may still make a chat."""
    for person in (ada, bob):
        pool.run(delete_user, person.id)
    purge_chats(pool, lambda: None)
    stack.database.query("INSERT INTO chats (user1_id, user2_id) VALUES (%s, %s)", ada.id, bob.id)
    add_members(stack.database)
    purge_chats(pool, lambda: None)
    assert column(stack, "SELECT id FROM chats") == []
    assert sorted(column(stack, "SELECT user_id FROM purges")) == sorted([ada.id, bob.id])
    settle(stack)
    purge_chats(pool, lambda: None)
    assert column(stack, "SELECT user_id FROM purges") == []


def test_no_chat_begins_with_a_deleted_account(stack: Stack, pool: Database, ada: Person, bob: Person) -> None:
    """It may have been there a moment ago, when the request looked for it."""
    pool.run(delete_user, bob.id)
    for pair in ((ada.id, bob.id), (bob.id, ada.id)):
        with pytest.raises(NoSuchUser):
            pool.run(add_chat, *pair)
    assert column(stack, "SELECT id FROM chats") == []


def test_what_a_request_still_wrote_of_a_deleted_account_goes_once_it_has_certainly_ended(
    stack: Stack, pool: Database, ada: Person
) -> None:
    """Such a request found its login just before, and knows nothing of the deletion."""
    pool.run(delete_user, ada.id)
    pool.run(save_choices, ada.id, Choices(show_receipts=False))
    assert pool.run(make_own_invite, ada.id, 3)
    settle(stack)
    purge_chats(pool, lambda: None)
    assert column(stack, "SELECT user_id FROM user_privacy UNION SELECT user_id FROM invites") == []


def test_nobody_blocks_a_deleted_account_or_by_one(stack: Stack, pool: Database, ada: Person, bob: Person) -> None:
    pool.run(delete_user, bob.id)
    for pair in ((ada.id, bob.id), (bob.id, ada.id)):
        with pytest.raises(NoSuchUser):
            pool.run(add_block, *pair)
    assert column(stack, "SELECT user_id FROM blocks") == []


def test_what_is_written_while_a_chat_is_purged_goes_too(
    stack: Stack, pool: Database, ada: Person, bob: Person, chat: int
) -> None:
    ada.say(chat, "before")
    for person in (ada, bob):
        pool.run(delete_user, person.id)
    late = iter(["late"])

    def write_once() -> None:
        for client_id in late:
            stack.database.query(
                "INSERT INTO messages (chat_id, sender_id, seq, client_id, content) VALUES (%s, %s, 2, %s, 'late')",
                chat,
                ada.id,
                client_id,
            )

    purge_chats(pool, write_once)
    assert column(stack, "SELECT id FROM chats") == []


def test_nobody_in_another_chat_waits_for_a_piece(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person
) -> None:
    before, dying, after = (people.chat_between(*pair) for pair in ((ada, eve), (ada, bob), (bob, eve)))
    for chat in (before, dying, after):
        bob_or_eve = eve if chat == before else bob
        bob_or_eve.say(chat, "hello")
    with contextlib.closing(stack.database.connect()) as connection:
        connection.autocommit(False)
        delete_messages(connection, dying, 1, 1_000_000)
        assert eve.say(before, "still here")["seq"] == 2
        assert eve.say(after, "and here")["seq"] == 2
        connection.rollback()
