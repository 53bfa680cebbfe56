"""What does a stored message say, and can it be believed?

One damaged row takes nothing else along: it is listed without its text. A plain row where texts must be sealed was
written by somebody else than ChatApp: it is listed with its text, as one that could not be verified.
"""

from __future__ import annotations

import logging
from typing import Literal

from .seal import PLAIN, KeyRing, SealBroken, bindings_of

log = logging.getLogger("chatapp.messages")

Problem = Literal["damaged", "not_verified"]
Where = tuple[int, int, int, str]  # chat, sender, receiver, client id

MOST_TROUBLED = 1_000  # messages that the log of one process names


def read_text(ring: KeyRing, identity: int, where: Where, version: int, content: str) -> tuple[str, Problem | None]:
    """Return a message's text and what is wrong with it; `where` is its row.

    A damaged one has the text "". The log names each message with a problem once.
    """
    problem: Problem
    if version == PLAIN:
        if not ring.sealing.demands(identity):
            return content, None
        text, problem, why = content, "not_verified", "it is plain among sealed ones"
    else:
        try:
            return ring.open(version, content, bindings_of(*where)), None
        except SealBroken as error:
            text, problem, why = "", "damaged", str(error)
    _report(ring, identity, where[0], problem, why)
    return text, problem


def _report(ring: KeyRing, identity: int, chat_id: int, problem: Problem, why: str) -> None:
    if identity in ring.troubled or len(ring.troubled) > MOST_TROUBLED:
        return
    ring.troubled.add(identity)
    if len(ring.troubled) > MOST_TROUBLED:
        log.error("event=more_messages_with_problems named=%d", MOST_TROUBLED)
        return
    log.error("event=message_%s id=%d chat=%d why=%r", problem, identity, chat_id, why)
