"""How does a service read its settings? Once, from the environment, naming the variable that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network

LOG_FORMAT = "%(asctime)s level=%(levelname)s logger=%(name)s %(message)s"
EVERY_ADDRESS = ("0.0.0.0", "::", "")  # compared with, not listened at


class SettingError(Exception):
    """A setting that cannot be used. Its text names the variable and is safe to print."""


class Settings:
    """Typed reading of an environment. An empty variable counts as one that is not set (Compose passes `""`)."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str = "") -> str:
        return self._environ.get(name) or default

    def secret(self, name: str, default: str) -> str:
        """Return NAME, or the content of the file that NAME_FILE names (a Docker secret) without its line end.

        Raises SettingError where both are set or the file cannot be read.
        """
        path = self.text(f"{name}_FILE")
        if not path:
            return self.text(name, default)
        if self.text(name):
            raise SettingError(f"{name} and {name}_FILE are both set; use one of them")
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(f"{name}_FILE: {path} cannot be read: {error}") from error

    def number(self, name: str, default: float, low: float = 0, high: float = 1e9) -> float:
        text = self.text(name)
        try:
            value = float(text) if text else default
        except ValueError:
            raise SettingError(f"{name} must be a number, not {text!r}") from None
        if not low <= value <= high:
            raise SettingError(f"{name} must be between {low:g} and {high:g}, not {text}")
        return value

    def whole(self, name: str, default: int, low: int = 0, high: int = 10**9) -> int:
        text = self.text(name)
        try:
            value = int(text) if text else default
        except ValueError:
            raise SettingError(f"{name} must be a whole number, not {text!r}") from None
        if not low <= value <= high:
            raise SettingError(f"{name} must be between {low} and {high}, not {value}")
        return value

    def port(self, name: str, default: int) -> int:
        return self.whole(name, default, 1, 65535)

    def switch(self, name: str, default: bool) -> bool:
        text = self.text(name).lower()
        if text in ("on", "off"):
            return text == "on"
        if text:
            raise SettingError(f"{name} must be on or off, not {text!r}")
        return default

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        text = self.text(name, default).lower()
        if text not in allowed:
            raise SettingError(f"{name} must be one of {', '.join(allowed)}, not {text!r}")
        return text

    def networks(self, name: str) -> tuple[Network, ...]:
        """Return addresses and networks of a list (`10.0.0.5, 172.16.0.0/12`)."""
        try:
            return tuple(ip_network(part.strip()) for part in self.text(name).split(",") if part.strip())
        except ValueError as error:
            raise SettingError(f"{name} must be a list of addresses or networks: {error}") from None

    def origin(self, name: str, schemes: tuple[str, ...]) -> str | None:
        """Return an address as browsers write it in Origin: lower case, no path, no port that goes without saying.

        None where the variable is not set.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            parts = urlsplit(text)
            whole = bool(parts.hostname) and parts.port != 0
        except ValueError:
            whole = False
        if not whole or parts.scheme not in schemes or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise SettingError(f"{name} must look like {schemes[0]}://chat.example, not {text!r}")
        default_port = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
        return f"{parts.scheme}://{parts.netloc.lower().removesuffix(default_port)}"


def address_to_open(public_url: str | None, host: str, port: int) -> str:
    """Return where a browser on this machine finds what listens at `host` and is published as `port`."""
    if public_url:
        return public_url
    name = "localhost" if host in EVERY_ADDRESS else f"[{host}]" if ":" in host else host
    return f"http://{name}" if port == 80 else f"http://{name}:{port}"


def named_by_proxy(forwarded_for: str) -> str:
    """Return the last entry of X-Forwarded-For: the proxy's own word. What is before it, anybody can have written."""
    return forwarded_for.rpartition(",")[2].strip()


def network_of(address: str, bits: int = 64) -> str:
    """Return under what an address is counted: an IPv6 one by its /64, which is the least that anybody is given."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> (128 - bits) << (128 - bits)))


def is_in(address: str, networks: Iterable[Network]) -> bool:
    """Say whether a text is an address in one of the networks."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
