"""What of a message is shown above one that answers it?"""

from __future__ import annotations

import msgspec

QUOTED_CHARACTERS = 200


class Quote(msgspec.Struct, omit_defaults=True):
    """The message that another one answers, as it is now: the beginning of its text, and the type of each of its files;
    `gone`: not there any more for the reader. A deleted one has neither, nor has one that nobody can vouch for."""

    seq: int
    sender_id: int | None = None
    content: str = ""
    files: list[str] = []
    deleted: bool = False
    gone: bool = False
