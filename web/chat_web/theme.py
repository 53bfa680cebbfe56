"""Which theme does a page have? The reader's choice is in a cookie, so that it holds before the first paint and without
script; where there is none, the system decides."""

from __future__ import annotations

from flask import Flask, request

THEMES = ("light", "dark")
COOKIE = "theme"


def chosen_theme() -> str:
    """Return the theme that the reader of this request has chosen, "" where it is the system's."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in THEMES else ""


def bar_media(theme: str) -> str:
    """Return when the colour of `theme` is that of the browser's bar, as a media query."""
    chosen = chosen_theme()
    if not chosen:
        return f"(prefers-color-scheme: {theme})"
    return "all" if theme == chosen else "not all"


def init_app(app: Flask) -> None:
    """Give templates the reader's theme."""
    app.jinja_env.globals.update(chosen_theme=chosen_theme, bar_media=bar_media)
