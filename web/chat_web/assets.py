"""How do script and style reach the browser in few requests, kept for ever and never stale?

Every file is served below a path that names the content of all of them (`/assets/<version>/js/main.js`), so a browser
may keep it for a year; modules that import each other by relative paths stay in one version by themselves. Style and
script are written as many small files and joined here, in memory, when the process starts: no build step. (55 requests
for modules took a slow phone 1.6 times as long as one.)
"""

from __future__ import annotations

import gzip
import mimetypes
import re
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, abort, render_template

from .compression import accepts_gzip
from .modules import join_modules, link_module

A_YEAR = 365 * 24 * 60 * 60
STYLES = {
    "css/chat.css": (
        *("values", "base", "form", "avatar", "list", "talk", "header"),
        *("message", "files", "notice", "sending", "composer"),
    ),
    "css/dialogs.css": (
        *("field", "switch", "dialog", "menu", "chat_tools", "emoji", "selection", "tray", "lightbox", "media_panel"),
    ),
    "css/search.css": ("search",),
    "css/page.css": ("values", "base", "form", "field", "page"),
    "css/settings.css": ("values", "base", "form", "field", "avatar", "dialog", "switch", "settings"),
}
"""The style sheets and the components that each is made of, in order."""


PAGE = "main"
LOADED_LATER = (
    *("dialogs", "message_menu", "emoji_picker", "selection", "search", "kept"),
    *("chat_tools", "settings_sender", "chat_menu", "chat_actions", "chat_toast"),
    *("keep_dialog", "export_dialog", "swipe", "lightbox", "media_panel", "attach"),
)
"""The script of the chat page, and the modules that it loads when it needs them."""
OTHER_PAGES = ("forms", "settings")
"""The scripts of the pages around it."""
VENDOR = "vendor"
"""The folder of what others have written: served byte for byte, and only to who opens it."""

CSS_BLANKS = re.compile(r"(?: ?([{;,])|(:)|;? (?=}))[ \n]?|\n")
"""Blanks of the style that mean nothing. (One before a colon means something, as in `.a :hover`: it stays.)"""


@dataclass(frozen=True)
class Asset:
    """One file as it is sent: plain, or packed."""

    content: bytes
    mimetype: str
    etag: str | None = None

    @cached_property
    def packed(self) -> bytes:
        """The content as it is sent packed. Nothing here depends on who asks, so packing it gives nothing away.

        It is packed when somebody asks first: the emoji of two languages would take each start a third of a second.
        """
        return gzip.compress(self.content, 9, mtime=0)


def read_assets(root: Path) -> dict[str, Asset]:
    """Return every script module and all style sheets below `root`, by their path; a page's modules are one."""
    sources = {path.stem: minify(path.read_text("utf-8")) for path in sorted((root / "js").glob("*.js"))}
    joined = {name: join_modules(sources, name) for name in (PAGE, *OTHER_PAGES)}
    joined |= {name: link_module(sources, name, PAGE) for name in LOADED_LATER}
    contents = {f"js/{name}.js": source for name, source in {**sources, **joined}.items()}
    for name, components in STYLES.items():
        style = "".join(minify((root / "css" / f"{part}.css").read_text("utf-8")) for part in components)
        contents[name] = CSS_BLANKS.sub(r"\1\2", style)
    return {name: make_asset(name, content.encode()) for name, content in contents.items()} | read_vendored(root)


def read_vendored(root: Path) -> dict[str, Asset]:
    """Return the scripts and data of others below `root`. The emoji picker asks by its ETag whether its data is new."""
    found = {}
    for path in sorted((root / VENDOR).rglob("*")):
        if path.suffix not in (".js", ".json") or path.name == "package.json":
            continue
        name = path.relative_to(root).as_posix()
        asset = make_asset(name, path.read_bytes())
        found[name] = replace(asset, etag=sha256(asset.content).hexdigest()[:16])
    return found


def minify(source: str) -> str:
    """Leave out what only readers of the source need: indentation, and lines that are comments as a whole.

    It looks at lines and not at the language: script and style must not have a text of several lines (a template
    literal) whose lines begin with blanks or slashes.
    """
    lines = []
    inside = False
    for line in (line.strip() for line in source.split("\n")):
        inside = inside or line.startswith("/*")
        if line and not inside and not line.startswith("//"):
            lines.append(line + "\n")
        inside = inside and not line.endswith("*/")
    return "".join(lines)


def read_theme_colours(values: str) -> dict[str, str]:
    """Return the colour of the page's bars in each theme, for the browser's own bar, from the text of `values.css`."""
    pair = re.findall(r"--panel: light-dark\((#\w+), (#\w+)\);", values)[0]
    return dict(zip(("light", "dark"), pair, strict=True))


def make_asset(name: str, content: bytes) -> Asset:
    """Return `content` ready to be sent."""
    mimetype = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "text/plain"
    return Asset(content, mimetype)


def send(asset: Asset, *, is_current: bool) -> Response:
    """Answer with a file, which a browser may keep for ever where it asked for it by its current name.

    A page of an earlier release may still ask by the old name: it gets today's file, but must not keep it.
    """
    is_packed = accepts_gzip()
    answer = Response(asset.packed if is_packed else asset.content, mimetype=asset.mimetype)
    if is_packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    if asset.etag:
        answer.set_etag(asset.etag, weak=True)  # weak: packed and plain have the same
    answer.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if is_current else "no-cache"
    return answer


def init_app(app: Flask) -> None:
    """Serve the assets of `app` and the service worker that keeps them."""
    static = Path(app.static_folder or "")
    assets = read_assets(static)
    digest = sha256()
    for name, asset in assets.items():
        digest.update(name.encode() + b"\0" + asset.content)
    version = digest.hexdigest()[:12]
    theme_colours = read_theme_colours((static / "css" / "values.css").read_text("utf-8"))

    def asset_url(name: str) -> str:
        if name not in assets:
            raise LookupError(f"There is no asset {name}")
        return f"/assets/{version}/{name}"

    @app.get("/assets/<wanted>/<path:name>")
    def send_asset(wanted: str, name: str) -> Response:
        found = assets.get(name)
        if found is None:
            abort(404)
        return send(found, is_current=wanted == version)

    @app.get("/sw.js")
    def service_worker() -> Response:
        files = ("css/chat.css", "css/dialogs.css", "css/search.css")
        scripts = (f"js/{name}.js" for name in (PAGE, *LOADED_LATER))
        shell = [asset_url(name) for name in (*scripts, *files)]
        text = render_template("sw.js", version=version, shell=shell)
        return Response(text, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})

    app.jinja_env.globals.update(asset=asset_url, theme_colours=theme_colours)
