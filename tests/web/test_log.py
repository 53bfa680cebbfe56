"""What does web's log say first, and how?"""

from __future__ import annotations

import re

from tests.conftest import StackMaker
from tests.support.http import HttpClient

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} level=(\w+) logger=([\w.]+) (.*)")


def test_the_first_line_is_the_address_to_open(own_web: StackMaker) -> None:
    stack = own_web(WEB_HOST="0.0.0.0", WEB_PUBLISHED_PORT="8123")
    first = stack.web.log.read_text().splitlines()[0]
    assert first.endswith(" level=INFO logger=chatapp.web event=start open http://localhost:8123")


def test_the_public_address_is_the_one_to_open_where_there_is_one(own_web: StackMaker) -> None:
    first = own_web(PUBLIC_URL="https://chat.example").web.log.read_text().splitlines()[0]
    assert first.endswith(" event=start open https://chat.example")


def test_every_line_has_its_time_its_level_and_its_logger(own_stack: StackMaker) -> None:
    stack = own_stack()
    stack.database.kill()
    browser = HttpClient(stack.web.url)
    assert browser.get("/healthz").status == 503  # a warning of the application
    browser.request("GET", "/", headers={"Host": "two", "X" * 9000: "x"})  # and one of gunicorn
    stack.web.stop()
    lines = [LINE.fullmatch(line) for line in stack.web.log.read_text().splitlines()]
    found = {(match[1], match[2]) for match in lines if match}
    assert None not in lines
    assert {("INFO", "chatapp.web"), ("WARNING", "chatapp.web"), ("WARNING", "gunicorn.error")} <= found
