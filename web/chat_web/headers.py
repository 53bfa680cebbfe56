"""Which headers does every answer carry? One list, for the application's answers and for those of gunicorn itself."""

from __future__ import annotations

import re

from .config import Config

TRUSTWORTHY = re.compile(r"\A(localhost|.*\.localhost|127\.[0-9.]+|\[::1\])\Z")
A_YEAR = 365 * 24 * 60 * 60
NO_DEVICES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
RECORDING = NO_DEVICES.replace("camera=()", "camera=(self)").replace("microphone=()", "microphone=(self)")


def common_headers(config: Config, hostname: str, content_policy: str) -> dict[str, str]:
    """Return what an answer for `hostname` carries beside its own headers (OWASP ASVS 5, 3.4)."""
    headers = {
        "Content-Security-Policy": content_policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",  # `no-referrer` would make Chromium send `Origin: null` on our forms
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": NO_DEVICES,
    }
    if config.is_https or TRUSTWORTHY.match(hostname):  # elsewhere Chromium logs an error and ignores it
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if config.is_https:
        headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    return headers
