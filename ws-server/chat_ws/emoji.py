"""What is an emoji? One of those that Unicode recommends for general interchange (RGI, UTS #51), fully qualified."""

from __future__ import annotations

from emoji import EMOJI_DATA, STATUS

RGI = frozenset(text for text, data in EMOJI_DATA.items() if data["status"] == STATUS["fully_qualified"])


def is_emoji(text: str) -> bool:
    """Say whether a text is one emoji, and nothing else. The longest has 35 bytes."""
    return text in RGI
