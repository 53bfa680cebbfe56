"""Which files does a chat have? Its pictures and films, its files, its sounds, a page at a time."""

from __future__ import annotations

from itertools import chain
from typing import Any

from stack import Stack
from tests.support.file_samples import INLINE, SAVED, png
from tests.support.http import RFC3339
from tests.support.people import Person
from tests.support.shared_files import share, upload

PATH = "/backend/get_files"
NOTHING = {"files": [], "more": False}


def page(person: Person, chat: int, kind: str = "media", **more: Any) -> dict[str, Any]:
    answer = person.http.get(PATH, {"chat_id": chat, "kind": kind, **more})
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(found: dict[str, Any]) -> tuple[list[int], bool]:
    return [one["file"]["id"] for one in found["files"]], found["more"]


def test_each_kind_has_its_list_and_unsent_files_have_none(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    sent = [upload(stack, chat, ada, content) for content in (*INLINE.values(), *SAVED.values())]
    small = upload(stack, chat, ada, png(), thumbnail_of=sent[0].id)
    upload(stack, chat, ada, png())
    for at in range(0, len(sent), 10):
        share(chat, ada, *sent[at : at + 10])
    wanted = {"media": len([kind for kind in INLINE if not kind.startswith("audio")]), "file": len(SAVED), "sound": 4}
    for person in (ada, bob):
        found = {kind: ids(page(person, chat, kind))[0] for kind in wanted}
        assert {kind: len(those) for kind, those in found.items()} == wanted
        assert sorted(chain(*found.values())) == [file.id for file in sent]
    [first] = [one["file"] for one in page(ada, chat)["files"] if one["file"]["id"] == sent[0].id]
    assert first["thumbnail"] == small.id


def test_a_listed_file_says_what_it_is_and_with_which_message_it_came(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    file = upload(stack, chat, bob, png(), name="a.png", width=3, height=2, thumbhash="AAAA")
    message = share(chat, bob, file)
    [found] = page(ada, chat)["files"]
    assert RFC3339.fullmatch(found.pop("sent_at"))
    said = {"name": "a.png", "width": 3, "height": 2, "thumbhash": "AAAA"}
    listed: dict[str, object] = {"id": file.id, "type": "image/png", "size": len(png()), **said}
    assert found == {"message_id": message, "seq": 1, "sender_id": bob.id, "file": listed}


def test_pages_go_back_to_the_first_file(stack: Stack, ada: Person, chat: int) -> None:
    messages = [[upload(stack, chat, ada, png()) for _ in range(count)] for count in (1, 3, 1, 1, 2)]
    for files in messages:
        share(chat, ada, *files)
    newest_first = [file.id for files in reversed(messages) for file in files]
    for limit in (1, 2, 3, 100):
        seen: list[int] = []
        before: dict[str, Any] = {}
        more = True
        while more:
            found = page(ada, chat, limit=limit, **before)
            those, more = ids(found)
            seen += those
            before = {"before_seq": found["files"][-1]["seq"]}
        assert seen == newest_first
        assert page(ada, chat, **before) == NOTHING


def test_what_is_gone_is_not_listed(stack: Stack, ada: Person, bob: Person, eve: Person, chat: int) -> None:
    messages = [share(chat, ada, upload(stack, chat, ada, png())) for _ in range(3)]
    assert [len(page(person, chat)["files"]) for person in (ada, bob)] == [3, 3]
    stack.database.query("UPDATE members SET cleared_seq = 1 WHERE user_id = %s", bob.id)
    assert [len(page(person, chat)["files"]) for person in (ada, bob)] == [3, 2]
    stack.database.query("UPDATE messages SET deleted_at = NOW(3) WHERE id = %s", messages[1])
    assert [len(page(person, chat)["files"]) for person in (ada, bob)] == [2, 1]
    for outsider, unknown in ((eve, chat), (ada, 2**32 - 1)):
        answer = outsider.http.get(PATH, {"chat_id": unknown, "kind": "media"})
        assert (answer.status, answer.json()["code"]) == (404, "no_such_chat")


def test_a_query_that_makes_no_sense_is_a_bad_request(ada: Person, chat: int) -> None:
    good: dict[str, object] = {"chat_id": chat, "kind": "file", "before_seq": 1, "limit": 1}
    assert ada.http.get(PATH, good).json() == NOTHING
    bad: list[dict[str, object]] = [{"chat_id": value} for value in ("", "x", 0, -1, 2**32)]
    bad += [{"kind": value} for value in ("", "Media", "video", "0", "picture")]
    bad += [{"limit": value} for value in ("", 0, 101, "1.0", "1e1")]
    bad += [{"before_seq": value} for value in ("", -1, 2**32)]
    for fields in bad:
        answer = ada.http.get(PATH, {**good, **fields})
        assert (answer.status, answer.json()["code"]) == (400, "bad_request"), fields
    assert ada.http.get(PATH, {"chat_id": chat}).status == 400
    assert ada.http.get(PATH, good, {"Cookie": ""}).status == 401
