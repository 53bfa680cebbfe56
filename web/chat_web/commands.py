"""What can whoever runs the server do from the command line? `docker compose exec web flask --help` shows it."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext

from chat_db import DatabaseUnavailable
from chat_db.file_records import COMPLETE, DYING, OPEN
from chat_db.file_use import count_files
from chat_db.installation import renew_epoch
from chat_db.key_files import KeyRingError
from chat_db.links import INVITE_DAYS, RESET_HOURS, make_invite, make_reset
from chat_db.names import clean_name
from chat_db.rotation import rotate_key
from chat_db.users import Account, delete_user, find_account, list_users, set_disabled

from .config import current_config, current_database, current_store
from .housekeeping import purge


class Command(click.Command):
    """A command that reports an outage in one sentence."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DatabaseUnavailable as error:
            raise click.ClickException(f"The database cannot be reached: {error}.") from None


def init_app(app: Flask) -> None:
    for command in (users, invite, reset_password, disable, enable, delete, files, rotate, restored):
        app.cli.add_command(command)


def get_account(name: str) -> Account:
    """Return a user's account. Raises ClickException where there is none."""
    cleaned = clean_name(name)
    account = current_database().run(find_account, cleaned) if cleaned else None
    if account is None:
        raise click.ClickException(f"There is no user {name}.")
    return account


def show_link(path: str, life: str) -> None:
    """Print a link, alone on standard output, and on standard error what it is good for."""
    config = current_config()
    click.echo(config.home + path)
    click.echo(f"It works once and is valid for {life}.", err=True)
    if not config.public_url:
        click.echo("On another device, put this machine's address in place of localhost, or set PUBLIC_URL.", err=True)


@click.command("users", cls=Command)
@with_appcontext
def users() -> None:
    """List all users: id, name, when registered, when last seen."""
    for user in current_database().run(list_users):
        state = "\tdisabled" if user.is_disabled else ""
        click.echo(f"{user.id}\t{user.username}\t{user.created_at}\t{user.last_seen_at or 'never'}{state}")


@click.command("invite", cls=Command)
@with_appcontext
def invite() -> None:
    """Print a link that lets one person register."""
    show_link(f"/register?invite={current_database().run(make_invite, None)}", f"{INVITE_DAYS} days")


@click.command("reset-password", cls=Command)
@click.argument("name")
@with_appcontext
def reset_password(name: str) -> None:
    """Print a link with which user NAME sets a new password."""
    token = current_database().run(make_reset, get_account(name).id)
    show_link(f"/reset?token={token}", f"{RESET_HOURS} hours")


@click.command("disable", cls=Command)
@click.argument("name")
@with_appcontext
def disable(name: str) -> None:
    """Lock user NAME out at once; nothing of theirs is lost."""
    account = get_account(name)
    current_database().run(set_disabled, account.id, True)
    click.echo(f"{account.username} is locked out.")


@click.command("enable", cls=Command)
@click.argument("name")
@with_appcontext
def enable(name: str) -> None:
    """Let user NAME in again."""
    account = get_account(name)
    current_database().run(set_disabled, account.id, False)
    click.echo(f"{account.username} can log in again.")


@click.command("delete", cls=Command)
@click.argument("name")
@click.confirmation_option(prompt="The account cannot be brought back. Delete it?")
@with_appcontext
def delete(name: str) -> None:
    """Delete user NAME, as they could themselves."""
    account = get_account(name)
    current_database().run(delete_user, account.id)
    purge(current_database())
    click.echo(f"{account.username} is deleted.")


STATES = {COMPLETE: "complete", OPEN: "being uploaded", DYING: "to be removed"}


@click.command("files", cls=Command)
@with_appcontext
def files() -> None:
    """Show how many files there are, their bytes, and how much of the disk is free."""
    counts = {count.state: count for count in current_database().run(count_files)}
    for state, words in STATES.items():
        click.echo(f"{words}\t{counts[state].files}\t{counts[state].bytes}")
    click.echo(f"free on the disk\t\t{current_store().free_bytes()}")
    click.echo(f"left free by uploads\t\t{current_config().files_reserve_bytes}")


@click.command("rotate-key", cls=Command)
@with_appcontext
def rotate() -> None:
    """Encrypt all messages, and the keys of all files, with a new key while the services run."""
    try:
        rotate_key(current_database(), current_config().keys, click.echo)
    except KeyRingError as error:
        raise click.ClickException(str(error)) from None


@click.command("restored", cls=Command)
@with_appcontext
def restored() -> None:
    """Say that a backup was restored: every page forgets what it holds, and begins anew."""
    current_database().run(renew_epoch)
    click.echo("Every page begins anew when it connects.")
