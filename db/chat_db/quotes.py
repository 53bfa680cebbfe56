"""What of a message is shown above one that answers it?"""

from __future__ import annotations

import msgspec

QUOTED_CHARACTERS = 200


class Quote(msgspec.Struct, omit_defaults=True):
    """The message that another one answers, as it is now: the beginning of its text; `gone`: not there any more for the
    reader. A deleted one has no text, nor has one that nobody can vouch for."""

    seq: int
    sender_id: int | None = None
    content: str = ""
    deleted: bool = False
    gone: bool = False
