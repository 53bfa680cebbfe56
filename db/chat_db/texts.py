"""In which form is a text stored; what does a stored message say, and can it be believed?

One damaged row takes nothing else along: it is listed without its text. A plain row where texts must be encrypted was
written by somebody else than ChatApp: it is listed with its text, as one that could not be verified.
"""

from __future__ import annotations

import logging
import re
from typing import Literal

from .encryption import PLAIN, DecryptionFailed, KeyRing, accepted_associated_data

log = logging.getLogger("chatapp.messages")

Problem = Literal["damaged", "not_verified"]
Where = tuple[int, int, int, str]  # chat, sender, receiver, client id

MOST_TROUBLED = 1_000  # messages that the log of one process names

# Characters of Unicode's White_Space property. `str.strip()` alone would also take U+001C to U+001F.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

# Unicode's category Cc (C0, DEL and C1) without tab and line feed. Nobody types them, JSON needs six bytes for each,
# and a terminal obeys them. Of a line end CR LF the line feed stays.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def clean_text(typed: str) -> str:
    """Return a text without control characters (but line feed and tab) and without white space at both ends."""
    if not typed.isprintable():  # the usual text is
        typed = CONTROLS.sub("", typed)
    return typed.strip(WHITE_SPACE)


def read_text(ring: KeyRing, identity: int, where: Where, version: int, content: str) -> tuple[str, Problem | None]:
    """Return a message's text and what is wrong with it; `where` is its row.

    A damaged one has the text "". The log names each message with a problem once.
    """
    problem: Problem
    if version == PLAIN:
        if not ring.demands("messages", identity):
            return content, None
        text, problem, why = content, "not_verified", "it is plain among encrypted ones"
    else:
        try:
            return ring.decrypt(version, content, accepted_associated_data(*where)), None
        except DecryptionFailed as error:
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
