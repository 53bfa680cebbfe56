"""How many messages does a search look through in a second?"""

from __future__ import annotations

import statistics
import time
from typing import Any

from chat_db.messages import NewMessage
from stack import Stack
from tests.support.people import People
from tests.support.stored import store_messages

from .load import TEXT

TRIES = 5


def measure_search(stack: Stack, messages: int) -> dict[str, Any]:
    """Search a conversation of so many encrypted messages to its end; return the median of the tries.

    `requests` are those that it took, since each has its bounds.
    """
    people = People(stack)
    ada, bob = people.register("search-ada"), people.register("search-bob")
    chat = people.chat_between(ada, bob)
    sent_at = "2026-11-22 09:31:00.000"
    rows = [NewMessage(chat, ada.id, bob.id, f"s{seq}", TEXT, sent_at, seq) for seq in range(1, messages + 1)]
    store_messages(stack.database, rows)
    seconds: list[float] = []
    requests = 0
    for _ in range(TRIES):
        began = time.monotonic()
        before: dict[str, str] = {}
        requests, more = 0, True
        while more:
            answer = ada.http.post_json("/backend/search", {"q": "not in any of them", **before}).json()
            assert answer["found"] == []
            before, more = {"before": answer["searched_to"]}, answer["more"]
            requests += 1
        seconds.append(time.monotonic() - began)
    return {
        "messages": messages,
        "requests": requests,
        "messages_per_second": round(messages / statistics.median(seconds)),
    }
