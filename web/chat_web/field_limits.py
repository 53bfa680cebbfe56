"""How long may a name and a password be? The templates, the texts and the checks all take it from here.

A name's own limit is `chat_db.names.MAX_NAME`, since a name is also looked up there. Passwords: OWASP ASVS 5, 6.2.1 and
6.2.9, ask for 8 characters at least and for 64 to be allowed; a bound keeps a hash from taking long.
"""

from __future__ import annotations

from flask import Flask

from chat_db.names import MAX_NAME

MIN_PASSWORD = 8  # characters
MAX_PASSWORD = 1_024


def init_app(app: Flask) -> None:
    """Give the templates the limits. `maxlength` counts UTF-16 code units, of which a character takes up to two."""
    app.jinja_env.globals.update(
        max_name=MAX_NAME,
        name_units=2 * MAX_NAME,
        min_password=MIN_PASSWORD,
        max_password=MAX_PASSWORD,
    )
