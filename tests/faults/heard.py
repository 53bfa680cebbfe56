"""What did a device say and hear of a chat? For whoever looks for the cause of a fault."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .view import Frame

MOST = 20  # frames that are told
NUMBERS = ("seq", "client_id", "code", "change_seq", "text_seq", "last_seq", "floor", "up_to", "reset", "more")


@dataclass
class Heard:
    """The frames of each chat, both ways, in their order."""

    _frames: dict[int, list[tuple[float, str, Frame]]] = field(default_factory=dict)

    def note(self, way: str, frame: Frame) -> None:
        """Keep a frame that came (`<`) or went (`>`)."""
        for chat_id, part in parts_of(frame):
            self._frames.setdefault(chat_id, []).append((time.time(), way, part))

    def count(self, chat_id: int) -> int:
        return len(self._frames.get(chat_id, ()))

    def tell(self, chat_id: int, until: int | None = None) -> str:
        """Return the last frames of a chat, or the last of the first `until`: a line for each, with its numbers."""
        frames = self._frames.get(chat_id, [])[:until][-MOST:]
        lines = (f"  {datetime.fromtimestamp(at, UTC):%H:%M:%S.%f} {way} {brief(part)}" for at, way, part in frames)
        return "\n".join(lines)


def parts_of(frame: Frame) -> Iterator[tuple[int, Frame]]:
    """Yield what a frame is to each chat that it is about."""
    kind = {"type": frame["type"]}
    if frame["type"] == "sync":
        for chat_id, (seq, change_seq) in frame["chats"].items():
            yield int(chat_id), {**kind, "seq": seq, "change_seq": change_seq}
    elif frame["type"] == "sync_done":
        for chat in frame["chats"]:
            yield chat["id"], {**kind, **chat}
    elif "chat" in frame:
        yield frame["chat"]["id"], {**frame["chat"], **frame}
    elif isinstance(frame.get("message"), dict):
        yield frame["message"]["chat_id"], {**frame["message"], **frame}
    elif "chat_id" in frame:
        yield frame["chat_id"], frame


def brief(part: Frame) -> str:
    words = [part["type"], *(f"{name}={part[name]}" for name in NUMBERS if part.get(name))]
    if part.get("messages"):
        words.append(f"messages={part['messages'][0]['seq']}…{part['messages'][-1]['seq']}")
    if part.get("changes"):
        words.append(f"changes={[(message['seq'], message['change_seq']) for message in part['changes']]}")
    return " ".join(words)
