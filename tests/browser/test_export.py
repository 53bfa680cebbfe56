"""A conversation that was taken along, opened from disk."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.people import Person
from tests.support.rows import write


@pytest.mark.parametrize("width", [320, 1920])
def test_the_pages_work_from_disk(
    stack: Stack, ada: Person, bob: Person, chat: int, window: Opener, tmp_path: Path, width: int
) -> None:
    write(stack, chat, ada, 3, at="2026-10-02 09:31:00")
    socket = bob.connect()
    socket.send("send_message", chat_id=chat, message="x" * 3_000, client_id="r1", reply_to_seq=2)
    seq = socket.wait_for("message_sent")["seq"]
    socket.send("react", chat_id=chat, seq=seq, emoji="👍", client_id="r2")
    socket.wait_for("changed")
    archive = ada.http.post_json("/backend/export", {"chat_id": chat, "format": "html"}).body
    zipfile.ZipFile(io.BytesIO(archive)).extractall(tmp_path)
    shown = window(stack, viewport={"width": width, "height": 720}, offline=True)
    shown.page.goto((tmp_path / "ChatApp-bob" / "index.html").as_uri())
    shown.check_both_themes()
    shown.page.get_by_role("link").last.click()
    shown.check_both_themes()
    assert not shown.overflows()
    shown.page.locator("blockquote a").click()
    expect(shown.page.locator("#m2:target .text")).to_have_text("text 2")
    shown.check_both_themes()
    shown.page.get_by_role("link", name="Later messages").first.click()
    expect(shown.page.locator(".text")).to_have_text("x" * 3_000)
