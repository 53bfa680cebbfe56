"""Every endpoint that changes something with a session has a limit for its user."""

from __future__ import annotations

import pytest

import chat_web  # noqa: F401  # whose modules add themselves to ENDPOINTS
from chat_web import rates
from chat_web.backend.endpoint import ENDPOINTS
from stack import Stack
from tests.conftest import StackMaker
from tests.support.people import PASSWORD, People

CHANGES = [
    ("e_privacy", {"show_receipts": True, "show_presence": True}),
    ("e_block", {"user_id": 4_000_000_000}),
    ("e_unblock", {"user_id": 4_000_000_000}),
    ("e_end_device", {"others": True}),
    ("e_invite", {}),
    ("e_change_password", {"old_password": "wrong", "new_password": PASSWORD}),
    ("e_delete_account", {"password": "wrong"}),
]


def test_every_endpoint_that_writes_is_here() -> None:
    posts = {one.path.rpartition("/")[2]: one.count for one in ENDPOINTS if one.is_change and one.needs_login}
    listed = {endpoint for endpoint, _ in CHANGES}
    assert {name for name, count in posts.items() if count is rates.count_write} == listed
    # These only read, and have limits of their own, with tests of their own.
    assert posts.keys() - listed == {"search", "export"}


@pytest.fixture
def limited(own_web: StackMaker) -> Stack:
    return own_web(limits=True, LIMIT_WRITES="2/minute", REGISTRATION="invite")


def test_every_endpoint_that_writes_counts_for_its_user(limited: Stack) -> None:
    people = People(limited)
    for number, (endpoint, body) in enumerate(CHANGES):
        person = people.register(f"ada{number}")
        answers = [person.http.post_json(f"/backend/{endpoint}", body) for _ in range(3)]
        assert [answer.status == 429 for answer in answers] == [False, False, True], endpoint
        assert answers[-1].json()["code"] == "rate_limited"
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61


def test_all_changes_of_a_user_are_one_count_and_others_have_their_own(limited: Stack) -> None:
    people = People(limited)
    ada, bob = people.register("ada"), people.register("bob")
    answers = [ada.http.post_json(f"/backend/{name}", body).status for name, body in CHANGES]
    assert answers[2:] == [429] * (len(CHANGES) - 2)
    assert bob.http.post_json("/backend/e_privacy", {}).status == 200
    assert ada.http.get("/backend/get_chats").status == 200
