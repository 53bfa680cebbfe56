"""Does a batch fit into one packet of the database, whatever its messages are made of?"""

from __future__ import annotations

import contextlib

from tests.conftest import StackMaker
from tests.support.people import People

SMALL_PACKET = 1024 * 1024
COUNT = 70  # a batch's worth, and some


def test_many_long_messages_of_rare_characters_at_once_are_stored(own_stack: StackMaker) -> None:
    """Four bytes of UTF-8 are 5.3 of base64. Counted as 4, a full batch was refused, however often it was sent."""
    stack = own_stack()
    stack.database.query(f"SET GLOBAL max_allowed_packet = {SMALL_PACKET}")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    adas = ada.connect()
    with contextlib.closing(stack.database.connect()) as connection, connection.cursor() as cursor:
        connection.begin()
        cursor.execute("SELECT id FROM chats WHERE id = %s FOR UPDATE", (chat,))  # the first message waits for it
        for number in range(COUNT):
            adas.send("send_message", chat_id=chat, message="\N{GRINNING FACE}" * 4000, client_id=f"c{number}")
        adas.send("ping")
        adas.expect("pong")  # all have been read, and gather behind the first
        connection.rollback()
    assert [adas.expect("message_sent")["seq"] for _ in range(COUNT)] == list(range(1, COUNT + 1))
    people.leave()
