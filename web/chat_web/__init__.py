"""ChatApp's pages and backend endpoints."""

from __future__ import annotations

import os

from flask import Flask

from chat_db import Database

from . import (
    assets,
    commands,
    compression,
    errors,
    field_limits,
    files,
    healthz,
    i18n,
    index,
    invite,
    login,
    logout,
    rates,
    register,
    reset,
    security,
    sessions,
    settings,
    theme,
    uploads,
)
from .backend import (
    check_user_existence,
    e_block,
    e_change_password,
    e_delete_account,
    e_end_device,
    e_invite,
    e_login,
    e_privacy,
    e_register,
    e_reset_password,
    export,
    get_account,
    get_chats,
    get_files,
    get_messages,
    get_session,
    search,
)
from .bodies import MAX_BODY
from .config import Config

PAGES = (index, login, register, logout, settings, invite, reset, files, healthz)
ENDPOINTS = (
    e_register,
    e_login,
    check_user_existence,
    get_session,
    get_chats,
    get_messages,
    get_files,
    search,
    export,
    get_account,
    e_change_password,
    e_privacy,
    e_block,
    e_end_device,
    e_invite,
    e_reset_password,
    e_delete_account,
    uploads,
)


def create_app(config: Config | None = None) -> Flask:
    """Assemble the application. Raises SettingError where `config` is left out and the environment is wrong."""
    config = config or Config.from_environ(os.environ)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY
    app.extensions["chatapp"] = config
    app.extensions["database"] = Database(config.database, config.connections)
    errors.init_app(app)
    field_limits.init_app(app)
    security.init_app(app)
    sessions.init_app(app, config)
    sessions.make_private(config.files_dir)
    rates.init_app(app)
    commands.init_app(app)
    i18n.init_app(app)
    theme.init_app(app)
    assets.init_app(app)
    compression.init_app(app)
    for module in (*PAGES, *ENDPOINTS):
        app.register_blueprint(module.blueprint)
    return app
