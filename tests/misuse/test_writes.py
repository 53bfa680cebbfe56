"""Who changes something again and again makes nobody wait who talks."""

from __future__ import annotations

import contextlib

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.misuse.bystanders import Bystanders
from tests.misuse.storm import raging
from tests.support.people import People
from tests.support.waiting import wait_until

SECONDS = 3.0


@pytest.mark.parametrize(("storm", "connections"), [("unblocking", 40), ("choices", 40), ("reconnects", 0)])
def test_others_are_answered_as_soon_as_ever(own_stack: StackMaker, storm: str, connections: int) -> None:
    bystanders = Bystanders(own_stack())
    quiet = bystanders.acks(SECONDS)
    with raging(storm, bystanders.stack, 1, connections=connections):
        beside = bystanders.acks(SECONDS)
        assert bystanders.one.http.get("/backend/get_chats").status == 200
    assert not beside.failures
    assert beside.p50 <= 10 * quiet.p50 + 10


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/backend/e_unblock", {"user_id": 4_000_000_000}),
        ("/backend/e_unblock", {"user_id": "other"}),
        ("/backend/e_block", {"user_id": "other"}),
        ("/backend/e_privacy", {"show_receipts": False, "show_presence": False}),
        ("/backend/e_invite", {}),
    ],
)
def test_what_one_may_repeat_waits_for_no_row_of_users(
    own_stack: StackMaker, path: str, body: dict[str, object]
) -> None:
    """Were it changing a row there, it would wait for the lock of this test; sharing one is what the journal does."""
    stack = own_stack(REGISTRATION="invite")
    people = People(stack)
    eve, bob = people.register("eve"), people.register("bob")
    wanted = {name: bob.id if value == "other" else value for name, value in body.items()}
    with contextlib.closing(stack.database.connect()) as holder, holder.cursor() as cursor:
        holder.begin()
        cursor.execute("SELECT * FROM users LOCK IN SHARE MODE")
        assert eve.http.post_json(path, wanted).status in (200, 201)
        holder.rollback()


def test_a_last_seen_time_waits_for_no_row_of_users(stack: Stack, people: People) -> None:
    """It is written by the journal's thread: whoever holds the row of somebody who left would stop every message."""
    ada, bob, eve = (people.register(name) for name in ("ada", "bob", "eve"))
    chat = people.chat_between(ada, bob)
    last_seen = "SELECT 1 FROM user_last_seen WHERE user_id = %s"
    with contextlib.closing(stack.database.connect()) as holder, holder.cursor() as cursor:
        holder.begin()
        cursor.execute("SELECT id FROM users WHERE id = %s FOR UPDATE", (eve.id,))
        eve.connect().close()
        wait_until(lambda: stack.database.query(last_seen, eve.id))
        assert ada.say(chat, "Are you there?")["seq"] == 1
        holder.rollback()


def test_only_a_real_change_of_who_acts_is_marked(stack: Stack, people: People) -> None:
    eve, bob = people.register("eve"), people.register("bob")

    def marked() -> list[int]:
        rows = stack.database.query("SELECT user_id FROM user_changes ORDER BY user_id")
        stack.database.query("DELETE FROM user_changes")
        return [row["user_id"] for row in rows]

    shown = {"show_receipts": True, "show_presence": True}
    hidden = {"show_receipts": False, "show_presence": False}
    for path, body, expected in (
        ("e_unblock", {"user_id": bob.id}, []),
        ("e_unblock", {"user_id": 4_000_000_000}, []),
        ("e_block", {"user_id": bob.id}, [eve.id]),
        ("e_block", {"user_id": bob.id}, []),
        ("e_unblock", {"user_id": bob.id}, [eve.id]),
        ("e_privacy", shown, []),
        ("e_privacy", hidden, [eve.id]),
        ("e_privacy", hidden, []),
    ):
        assert eve.http.post_json(f"/backend/{path}", body).status == 200
        assert marked() == expected, path
