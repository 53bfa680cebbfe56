"""Who may see a file? Who may read the message with which it was sent; for all others there is none."""

from __future__ import annotations

import pytest

from chat_db.file_records import DYING, OPEN
from stack import Stack
from tests.support.file_samples import INLINE, png
from tests.support.people import Person
from tests.support.shared_files import share, upload

PICTURE = INLINE["image/png"]
NAME = "secret.png"

GONE = {
    "deleted": "UPDATE messages SET deleted_at = NOW(3)",
    "purged": "UPDATE chats SET purged_seq = 1",
    "purged, and its row too": "DELETE FROM messages",
    "dying": f"UPDATE files SET state = {DYING}",
    "not complete": f"UPDATE files SET state = {OPEN}",
    "of a chat that is no more": "DELETE FROM members",
    "under a key of another row": "UPDATE files SET wrapped_key = REVERSE(wrapped_key)",
}


def look(person: Person, file_id: int) -> tuple[int, bytes]:
    """Return the status of an answer with a file, and what an answer without one says."""
    answer = person.http.get(f"/files/{file_id}")
    head = person.http.request("HEAD", f"/files/{file_id}")
    assert (head.status, head.body) == (answer.status, b"")
    return answer.status, b"" if answer.status == 200 else answer.body


def test_only_members_see_what_was_sent(stack: Stack, ada: Person, bob: Person, eve: Person, chat: int) -> None:
    file = upload(stack, chat, ada, PICTURE, name=NAME)
    share(chat, ada, file)
    assert [look(person, file.id)[0] for person in (ada, bob)] == [200, 200]
    status, words = look(eve, file.id)
    assert (status, (status, words)) == (404, look(eve, 2**32 - 1))
    for unknown in (0, 2**32, 10**30):
        assert look(eve, unknown) == (404, words)
    answer = eve.http.get(f"/files/{file.id}")
    assert answer.json() == {"status": "error", "code": "no_such_file", "message": "There is no such file."}
    assert b"secret" not in answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    assert ada.http.get(f"/files/{file.id}", headers={"Cookie": ""}).status == 401


@pytest.mark.parametrize("change", GONE.values(), ids=GONE.keys())
def test_what_is_gone_is_answered_as_what_never_was(
    stack: Stack, ada: Person, bob: Person, chat: int, change: str
) -> None:
    file = upload(stack, chat, ada, PICTURE, name=NAME)
    small = upload(stack, chat, ada, png(), thumbnail_of=file.id)
    share(chat, ada, file)
    assert [look(bob, one.id)[0] for one in (file, small)] == [200, 200]
    never = look(bob, 2**32 - 1)
    stack.database.query(change)
    for person in (ada, bob):
        assert [look(person, one.id) for one in (file, small)] == [never, never]


def test_what_somebody_has_cleared_is_gone_for_them_alone(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    file = upload(stack, chat, ada, PICTURE)
    share(chat, ada, file)
    stack.database.query("UPDATE members SET cleared_seq = 1 WHERE user_id = %s", bob.id)
    assert [look(person, file.id)[0] for person in (ada, bob)] == [200, 404]


def test_before_it_is_sent_its_owner_alone_sees_it(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    file = upload(stack, chat, ada, PICTURE)
    small = upload(stack, chat, ada, png(), thumbnail_of=file.id)
    for one in (file, small):
        assert [look(person, one.id)[0] for person in (ada, bob)] == [200, 404]
    share(chat, ada, file)
    assert [look(bob, one.id)[0] for one in (file, small)] == [200, 200]


def test_who_is_blocked_reads_as_before(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    """As the messages: a block keeps new ones away."""
    file = upload(stack, chat, ada, PICTURE)
    share(chat, ada, file)
    ada.http.post_json("/backend/e_block", {"user_id": bob.id})
    listed = bob.http.get("/backend/get_messages", {"chat_id": chat}).json()["messages"]
    assert (len(listed), look(bob, file.id)[0]) == (1, 200)


def test_a_path_that_names_no_file_is_answered_as_any_other(ada: Person) -> None:
    for path in ("/files/", "/files/x", "/files/-1", "/files/1.php", "/files/1/", "/files/%2e%2e/x", "/files/1%00"):
        answer = ada.http.get(path)
        assert (answer.status, answer.json()["code"]) == (404, "not_found"), path
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert ada.http.request(method, "/files/1").status == 405
