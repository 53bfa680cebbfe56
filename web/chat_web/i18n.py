"""Which language does a reader get, and where do the words come from?

One gettext catalogue (`translations/<language>/LC_MESSAGES/messages.po`) holds the texts of the templates and of the
script. It is read as it is when the process starts: there is no compiled file that could be missing or stale, and
hosting ChatApp needs no build step. English is the language of the source, so it needs no catalogue.
"""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, abort, redirect, request, url_for
from flask_babel import Babel, Domain, get_locale
from werkzeug.wrappers import Response as BaseResponse

from .assets import A_YEAR, make_asset, send

LANGUAGES = {"en": "English", "it": "Italiano"}
COOKIE = "language"
SWITCHABLE_PAGES = {"/", "/login", "/register", "/logout", "/settings#appearance", "/invite"}
"""Where the language switch may lead back to: a fixed list, so that it is no open redirect."""


def select_language() -> str:
    """Return the reader's choice, else the best of what the browser asks for, else English."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def current_language() -> str:
    """Return the language of this request as it belongs into `<html lang>`."""
    return str(get_locale() or "en")


def read_catalogue(root: Path, language: str) -> Catalog:
    """Return the catalogue of `language`; English, the language of the source, has an empty one."""
    path = root / "translations" / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def as_translations(catalogue: Catalog) -> Translations:
    """Return `catalogue` in the form gettext asks, without a compiled file on disk."""
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def as_module(catalogue: Catalog) -> str:
    """Return the script's part of `catalogue` as an ES module: msgid to text, or to a list of plural forms."""
    words: dict[str, object] = {}
    for message in catalogue:
        if not message.id or not any(path.endswith(".js") for path, _ in message.locations):
            continue
        msgid = message.id if isinstance(message.id, str) else message.id[0]
        words[msgid] = message.string if isinstance(message.string, str) else list(message.string or ())
    return "export default " + json.dumps(words, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + ";\n"


class Languages:
    """The catalogues, and the script's words of each language as a module that a browser may keep."""

    def __init__(self, root: Path) -> None:
        catalogues = {language: read_catalogue(root, language) for language in LANGUAGES}
        self.domain = Domain()
        for language, catalogue in catalogues.items():
            self.domain.cache[language, "messages"] = as_translations(catalogue)
        self._modules = {
            language: make_asset(f"{language}.js", as_module(catalogue).encode())
            for language, catalogue in catalogues.items()
        }
        self._versions = {language: sha256(it.content).hexdigest()[:12] for language, it in self._modules.items()}

    def words_url(self) -> str:
        """Where the script finds its words: named by their content, so that a browser may keep them."""
        language = current_language()
        return url_for("words", language=language, version=self._versions[language])

    def send_words(self, language: str, version: str) -> Response:
        if language not in self._modules:
            abort(404)
        return send(self._modules[language], is_current=version == self._versions[language])


def choose_language() -> BaseResponse:
    """Remember which language a reader wants, and go back to the page."""
    page = request.form.get("page", "/")
    answer = redirect(page if page in SWITCHABLE_PAGES else "/", 303)
    language = request.form.get("language", "")
    if language in LANGUAGES:
        answer.set_cookie(COOKIE, language, max_age=A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return answer


def tell_caches(answer: Response) -> Response:
    """A page in one language is no answer for a reader of the other."""
    if answer.mimetype == "text/html":
        answer.vary.update(("Accept-Language", "Cookie"))
        answer.headers["Content-Language"] = current_language()
    return answer


def init_app(app: Flask) -> None:
    """Give `app` its languages: gettext in templates, the script's words as a module, and the switch."""
    languages = Languages(Path(app.root_path))
    babel = Babel()
    babel.init_app(app, default_locale="en", locale_selector=select_language)
    babel.domain_instance = languages.domain
    app.add_url_rule("/words/<language>.<version>.js", "words", languages.send_words)
    app.add_url_rule("/language", view_func=choose_language, methods=["POST"])
    app.after_request(tell_caches)
    app.jinja_env.globals.update(current_language=current_language, languages=LANGUAGES, words_url=languages.words_url)
