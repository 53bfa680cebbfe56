"""What must be written twice, because a browser cannot read Python, says the same in both places."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import chat_web
from chat_db.chat_lists import UNREAD_LIMIT
from chat_db.links import INVITE_DAYS
from chat_web.invite import SHOWN_FOR
from chat_ws.protocol import MAX_MESSAGE

WEB = Path(chat_web.__file__).parent
STATIC = WEB / "static"


def script(name: str) -> str:
    return (STATIC / "js" / name).read_text("utf-8")


def test_the_page_takes_messages_as_long_as_the_server_does() -> None:
    assert re.findall(r"LONGEST = ([\d_]+);", script("composer.js")) == [str(MAX_MESSAGE)]


@pytest.mark.parametrize("name", ["i18n.js", "list_row.js", "notifier.js"])
def test_the_page_counts_to_one_less_than_the_server(name: str) -> None:
    assert set(re.findall(r"> (\d\d+) \?", script(name))) == {str(UNREAD_LIMIT - 1)}


def test_the_installed_page_has_the_colours_of_the_style_sheet() -> None:
    values = (STATIC / "css" / "values.css").read_text("utf-8")
    manifest = json.loads((STATIC / "manifest.webmanifest").read_text("utf-8"))
    colours = {name: pair for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);", values)}
    assert manifest["theme_color"] == colours["accent"][0]
    assert manifest["background_color"] == colours["canvas"][1]


def test_an_invitation_says_how_long_it_lives_in_every_language() -> None:
    """A text with a number in it is translated with that number."""
    assert timedelta(minutes=10) == SHOWN_FOR  # "ten minutes", "dieci minuti"
    english = re.findall(r'_\("([^"]*\d days[^"]*)"\)', (WEB / "templates" / "invite.html").read_text("utf-8"))
    assert [re.findall(r"\d+", text) for text in english] == [[str(INVITE_DAYS)]]


@pytest.mark.parametrize(
    "catalogue", sorted(WEB.glob("translations/*/LC_MESSAGES/messages.po")), ids=lambda path: path.parts[-3]
)
def test_a_translation_has_the_numbers_of_its_text(catalogue: Path) -> None:
    with catalogue.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    texts = [(message.id, message.string) for message in messages if isinstance(message.id, str)]
    assert texts
    assert {one: other for one, other in texts if numbers(one) != numbers(str(other))} == {}


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))
