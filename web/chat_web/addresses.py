"""From which address does a request come, and is that address one person?"""

from __future__ import annotations

import functools
import ipaddress
import struct
from pathlib import Path

from flask import request

from chat_db.settings import named_by_proxy

from .config import current_config

ROUTES = Path("/proc/net/route")


def client_address() -> str:
    """Return the address that asks; behind a configured proxy, the one that the proxy names."""
    peer = request.remote_addr or ""
    if current_config().is_trusted_proxy(peer):
        return named_by_proxy(request.headers.get("X-Forwarded-For", "")) or peer
    return peer


def is_shared(address: str) -> bool:
    """Say whether many people may arrive under this address: Docker's bridge hides those of the host itself."""
    return address == _gateway()


@functools.cache
def _gateway() -> str | None:
    """Return the default gateway (proc(5), /proc/net/route: little-endian hexadecimal), None where there is none."""
    try:
        lines = ROUTES.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    for line in lines:
        fields = line.split()
        if len(fields) > 2 and fields[1] == "00000000":
            return str(ipaddress.IPv4Address(struct.pack("<I", int(fields[2], 16))))
    return None
