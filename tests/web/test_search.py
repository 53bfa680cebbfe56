"""Which messages does a search find, and what does it never find?"""

from __future__ import annotations

from typing import Any

import pytest

from chat_db.messages import NewMessage
from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import Answer
from tests.support.people import People, Person
from tests.support.rows import FORGED, forge, write
from tests.support.stored import store_messages

PATH = "/backend/search"


def ask(person: Person, q: object, **fields: object) -> Answer:
    return person.http.post_json(PATH, {"q": q, **fields})


def search(person: Person, q: str, **fields: object) -> dict[str, Any]:
    answer = ask(person, q, **fields)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["more"] == (found["searched_to"] is not None)
    assert ("searched_back_to" in found) == (found["more"] and "chat_id" in fields)
    return found


def texts(person: Person, q: str, **fields: object) -> list[str]:
    return [message["content"] for message in search(person, q, **fields)["found"]]


def search_all(person: Person, q: str, **fields: object) -> list[dict[str, Any]]:
    """Return all that is found, from as many requests as it takes."""
    answer = search(person, q, **fields)
    found = answer["found"]
    while answer["more"]:
        answer = search(person, q, **fields, before=answer["searched_to"])
        found += answer["found"]
    return list(found)


def test_what_contains_the_words_is_found_newest_first(ada: Person, bob: Person, chat: int) -> None:
    for who, text in ((ada, "the cat"), (bob, "a dog"), (bob, "Cats and dogs"), (ada, "concatenated")):
        who.say(chat, text)
    for person in (ada, bob):
        assert texts(person, "cat") == ["concatenated", "Cats and dogs", "the cat"]
        assert texts(person, "dog", chat_id=chat) == ["Cats and dogs", "a dog"]
        assert texts(person, "bird") == []


def test_a_find_looks_as_it_does_everywhere(ada: Person, bob: Person, chat: int) -> None:
    ada.say(chat, "needle", client_id="c1")
    listed = ada.http.get("/backend/get_messages", {"chat_id": chat}).json()["messages"]
    assert search(ada, "needle") == {"found": listed, "searched_to": None, "more": False}
    assert "client_id" not in search(bob, "needle")["found"][0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Perché no?", "perche"),
        ("perche no?", "PERCHÉ"),
        ("Straße", "STRASSE"),
        ("ÅNGSTRÖM", "angstrom"),
        ("e\u0301te\u0301", "ÉTÉ"),
        ("ﬁnale", "finale"),
        ("ＡＢＣ", "abc"),
        ("İstanbul", "istanbul"),
        ("ΟΔΟΣ", "οδος"),
        ("с ёлкой", "елкой"),
        ("I ❤️ you", "❤"),
        ("👍🏽 ok", "👍🏽"),
        ("हिन्दी में", "हिन्दी"),
        ("東京タワー", "タワー"),
        ("50% off", "50%"),
        ("snake_case", "e_c"),
        (r"\d+.* [a-z", ".* [a-z"),
        ('it\'s "quoted" \\ here', '\'s "quoted" \\'),
        ("<b>bold</b>", "<b>"),
        ("two  words", "two  words"),
        ("ends here", "  here "),
    ],
)
def test_case_and_accents_make_no_difference_and_marks_are_text(ada: Person, chat: int, text: str, words: str) -> None:
    ada.say(chat, text)
    ada.say(chat, "something else")
    assert texts(ada, words) == [text]


@pytest.mark.parametrize("words", ["%", "_", ".", "a.c", "[a-z]+", "' OR '1'='1", "\\", "*", "x" * 200, "\x00"])
def test_what_means_something_elsewhere_means_itself(ada: Person, chat: int, words: str) -> None:
    ada.say(chat, "abc")
    assert texts(ada, words) == []


def test_words_that_are_none_are_a_bad_request(ada: Person, chat: int) -> None:
    wrong: list[object] = [None, True, 0, 1.5, [], ["a"], {}, "", " ", "\n\t", "\u0301", "x" * 201, "x" * 2000]
    for words in wrong:
        answer = ask(ada, words)
        assert (answer.status, answer.json()["code"]) == (400, "bad_request"), words
    assert ada.http.post_json(PATH, {}).status == 400
    values: list[object] = [
        None,
        True,
        -1,
        0,
        2**32,
        1.5,
        [],
        {},
        "",
        "1",
        "1_2",
        "1_2_x",
        "1_2_3\n",
        "01_2_3",
        "²_2_3",
    ]
    for fields in ({field: value} for field in ("chat_id", "before") for value in values):
        answer = ask(ada, "a", **fields)
        assert (answer.status, answer.json()["code"]) == (400, "bad_request"), fields
    assert ask(ada, "a", before=f"{2**63}_1_1").status == 400


def test_nobody_finds_messages_of_others(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    ada.say(chat, "secret of ada")
    theirs = people.chat_between(bob, eve)
    eve.say(theirs, "secret of eve")
    assert texts(ada, "secret") == ["secret of ada"]
    assert texts(eve, "secret") == ["secret of eve"]
    assert sorted(texts(bob, "secret")) == ["secret of ada", "secret of eve"]
    for before in (None, f"{2**63 - 1}_{2**63 - 1}_4000000000", "1_1_2"):
        for chat_id in (chat, 2**32 - 1):
            answer = ask(eve, "secret", chat_id=chat_id, **({"before": before} if before else {}))
            assert (answer.status, answer.json()["code"]) == (404, "no_such_chat")
    # Of a place in a chat of others, all that is left is the place.
    [row] = stack.database.query("SELECT id, seq FROM messages WHERE chat_id = %s", chat)
    for seq in (row["seq"], row["seq"] + 1, 4_000_000_000):
        found = search(eve, "secret", before=f"{row['id']}_{row['id']}_{seq}")
        assert found == {"found": [], "searched_to": None, "more": False}
        found = search(eve, "secret", before=f"{2**63 - 1}_{2**63 - 1}_{seq}")
        assert [message["content"] for message in found["found"]] == ["secret of eve"]


def test_what_is_gone_or_deleted_or_a_notice_is_not_found(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, ada, 10)
    query = stack.database.query
    query("UPDATE messages SET kind = 1 WHERE chat_id = %s AND seq = 10", chat)
    # A tombstone has no text; were one left, it would not be found either.
    query("UPDATE messages SET deleted_at = NOW(3), change_seq = 1 WHERE chat_id = %s AND seq = 9", chat)
    query("UPDATE chats SET purged_seq = 3 WHERE id = %s", chat)
    query("UPDATE members SET cleared_seq = 6 WHERE chat_id = %s AND user_id = %s", chat, bob.id)
    for fields in ({}, {"chat_id": chat}):
        assert texts(ada, "text", **fields) == ["text 8", "text 7", "text 6", "text 5", "text 4"]
        assert texts(bob, "text", **fields) == ["text 8", "text 7"]
    query("UPDATE members SET cleared_seq = 10 WHERE chat_id = %s AND user_id = %s", chat, bob.id)
    assert texts(bob, "text") == []


def test_an_edited_message_is_found_by_its_new_text(ada: Person, chat: int) -> None:
    seq = ada.say(chat, "before")["seq"]
    socket = ada.connect()
    socket.send("edit_message", chat_id=chat, seq=seq, message="afterwards", client_id="e1")
    socket.expect("changed")
    assert texts(ada, "before") == []
    assert texts(ada, "afterwards") == ["afterwards"]


def test_a_damaged_row_takes_nothing_else_along(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    for number in range(4):
        ada.say(chat, f"text {number}", client_id=f"c{number}")
    stack.database.query("UPDATE messages SET content = 'ŝ' WHERE client_id = 'c1'")
    stack.database.query("UPDATE messages SET key_version = 77 WHERE client_id = 'c2'")
    forge(stack, chat, bob, 5)
    assert texts(ada, "text") == ["text 3", "text 0"]
    [forged] = search(ada, FORGED)["found"]
    assert forged["problem"] == "not_verified"


def test_a_long_search_goes_on_where_it_ended(stack: Stack, people: People, ada: Person, bob: Person) -> None:
    """Everything is found once, whatever is sent meanwhile, and chats come in the order of their last messages."""
    one, other = people.chat_between(ada, bob), people.chat_between(ada, people.register("cora"))
    write(stack, other, ada, 70)
    write(stack, one, bob, 2_500)
    answer = search(ada, "TEXT")
    found = answer["found"]
    assert [message["seq"] for message in found] == list(range(2500, 2450, -1))
    ada.say(other, "a new text moves no chat")
    while answer["more"]:
        answer = search(ada, "TEXT", before=answer["searched_to"])
        found += answer["found"]
    expected = [(one, seq) for seq in range(2500, 0, -1)] + [(other, seq) for seq in range(70, 0, -1)]
    assert [(message["chat_id"], message["seq"]) for message in found] == expected


def test_a_request_looks_through_20_000_messages_at_most(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    for first in range(1, 24_001, 4_000):
        write(stack, chat, bob, 4_000, first=first)
    answer = search(ada, "nothing of it")
    assert answer["found"] == []
    assert answer["more"]
    assert "searched_back_to" not in answer
    assert int(answer["searched_to"].rpartition("_")[2]) >= 4_001
    assert [message["seq"] for message in search_all(ada, "text 23999", chat_id=chat)] == [23_999]


def test_a_search_of_one_chat_says_how_far_back_it_has_come(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, bob, 60)
    stack.database.query("UPDATE messages SET sent_at = '2026-10-03 09:00:00' WHERE chat_id = %s AND seq = 11", chat)
    answer = search(ada, "text", chat_id=chat)
    assert (answer["found"][-1]["seq"], answer["searched_back_to"]) == (11, "2026-10-03T09:00:00.000Z")
    answer = search(ada, "text", chat_id=chat, before=answer["searched_to"])
    assert "searched_back_to" not in answer


def test_many_short_chats_are_searched_together(stack: Stack, people: People, ada: Person) -> None:
    chats = [people.chat_between(ada, people.register(f"p{number}")) for number in range(30)]
    for chat in chats:
        write(stack, chat, ada, 7)
    found = search_all(ada, "text 7")
    assert [message["chat_id"] for message in found] == chats[::-1]
    assert texts(ada, "text 3", chat_id=chats[4]) == ["text 3"]


def test_very_long_messages_fit_into_memory_and_into_the_answer(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    messages = [
        NewMessage(chat, ada.id, bob.id, f"c{seq}", f"{seq} " + "€" * 7_900 + " end", "2026-11-22 09:31:00.000", seq)
        for seq in range(1, 121)
    ]
    store_messages(stack.database, messages)
    answer = ask(bob, "END")
    assert len(answer.body) < 300 * 1024
    assert 5 < len(answer.json()["found"]) < 15
    assert [message["seq"] for message in search_all(bob, "END")] == list(range(120, 0, -1))
    assert [message["seq"] for message in search_all(bob, "7 €")] == [*range(117, 0, -10)]


def test_an_emptied_list_of_chats_and_a_deleted_account(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    assert search(ada, "a") == {"found": [], "searched_to": None, "more": False}
    bob.say(chat, "from bob")
    stack.database.query("UPDATE users SET username = NULL, deleted_at = NOW(3) WHERE id = %s", bob.id)
    [message] = search(ada, "BOB")["found"]
    assert (message["content"], message["username"]) == ("from bob", None)


def test_a_form_may_ask_too(ada: Person, chat: int) -> None:
    ada.say(chat, "hello")
    answer = ada.http.post_form(PATH, {"q": "HELLO", "chat_id": chat})
    assert [message["content"] for message in answer.json()["found"]] == ["hello"]


def test_searches_of_a_user_have_a_limit_of_their_own(own_web: StackMaker) -> None:
    stack = own_web(limits=True, LIMIT_SEARCHES="2/minute", LIMIT_WRITES="1/minute")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    answers = [ask(ada, "a") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert (answers[2].json()["code"], int(answers[2].headers["Retry-After"]) > 0) == ("rate_limited", True)
    assert ask(bob, "a").status == 200
    assert ada.http.post_json("/backend/e_privacy", {}).status == 200


def test_the_words_are_in_no_log(own_web: StackMaker) -> None:
    stack = own_web(LOG_LEVEL="debug")
    people = People(stack)
    ada = people.register("ada")
    people.chat_between(ada, people.register("bob"))
    assert search(ada, "unmistakable")["found"] == []
    assert "unmistakable" not in stack.web.log.read_text()
