"""What do links, cookies and tokens hold, and what does the database hold of them?"""

from __future__ import annotations

import hashlib
import secrets

TOKEN_LENGTH = 43  # 256 random bits in base64url without padding


def new_token() -> str:
    """Return 256 random bits as 43 characters."""
    return secrets.token_urlsafe(32)


def is_token_shaped(token: str) -> bool:
    return len(token) == TOKEN_LENGTH and token.isascii()


def digest(token: str) -> str:
    """Return what the table holds of a token. It has 256 random bits, so a plain SHA-256 cannot be reversed."""
    return hashlib.sha256(token.encode()).hexdigest()
