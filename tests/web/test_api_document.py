"""Each example of docs/api.md is sent to a running server, in its order, and its answer is as it says."""

from __future__ import annotations

import contextlib
import json
import re
from email.message import Message
from email.parser import Parser

import pytest

from chat_db.links import make_reset
from chat_web.backend.endpoint import ENDPOINTS
from chat_web.refusals import REFUSALS
from stack import Stack
from tests.conftest import StackMaker
from tests.support.examples import DOCS, Secrets, blocks
from tests.support.file_samples import png
from tests.support.http import Answer, HttpClient
from tests.support.people import People
from tests.support.shared_files import upload

TEXT = (DOCS / "api.md").read_text(encoding="utf-8")


@pytest.fixture
def fresh(own_stack: StackMaker) -> Stack:
    """A server on which ids count from 1, with the people and messages that the document names."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    people.chat_between(ada, people.register("cora"))
    ada.say(chat, "Ciao Bob", client_id="ada-1")
    bob.say(chat, "Ciao Ada", client_id="bob-1")
    upload(stack, chat, ada, png(), name="sea.png")
    people.leave()
    stack.database.query("DELETE FROM tokens")
    return stack


def test_every_example_is_answered_as_it_says(fresh: Stack) -> None:
    with contextlib.closing(fresh.database.connect()) as connection:
        secrets = Secrets(Wk2sHg7e=make_reset(connection, 2))
    examples = list(blocks("api.md", "http"))
    assert len(examples) > 50
    ada = HttpClient(fresh.web.url)
    for request, expected in zip(examples[::2], examples[1::2], strict=True):
        answer = send(fresh, ada, secrets.fill_in(request))
        text = answer.body.decode(errors="replace").replace(fresh.web.url, "http://localhost")
        found = f"{request}\nanswers {answer.status}\n{text}"
        assert is_as(expected, answer, fresh, secrets), found


def send(stack: Stack, ada: HttpClient, request: str) -> Answer:
    """Send an example's request: as Ada where it has her cookie, else as nobody. Who logs in becomes Ada."""
    head, _, body = request.partition("\n\n")
    line, _, lines = head.partition("\n")
    method, path = line.split(" ")
    headers = dict(Parser().parsestr(lines))
    client = ada if headers.pop("Cookie", None) else HttpClient(stack.web.url)
    answer = client.request(method, path, body.strip() or None, headers)
    if "session" in client.cookies:
        ada.cookies |= client.cookies
    return answer


def is_as(expected: str, answer: Answer, stack: Stack, secrets: Secrets) -> bool:
    """Compare status, the headers that are named, and the whole JSON."""
    head, _, body = expected.partition("\n\n")
    line, _, lines = head.partition("\n")
    if line != f"HTTP/1.1 {answer.status}" or not has_headers(Parser().parsestr(lines), answer, secrets):
        return False
    if not body:  # or it is a file
        return True
    text = answer.text.replace(stack.web.url, "http://localhost").replace(stack.ws_server.url, "ws://localhost:8080/")
    return secrets.fits(json.loads(body), json.loads(text))


def has_headers(named: Message, answer: Answer, secrets: Secrets) -> bool:
    """Say whether each header that an example names came; of a cookie, the parts that it names."""
    for name, value in named.items():
        parts = set(value.split("; "))
        if not any(secrets.fits_parts(parts, set(real.split("; "))) for real in answer.headers.get_all(name, [])):
            return False
    return True


def test_every_endpoint_and_every_code_has_its_place() -> None:
    named = set(re.findall(r"(?:GET|POST) (\w+)", " ".join(re.findall(r"^### (.+)$", TEXT, re.MULTILINE))))
    assert named == {endpoint.path.rpartition("/")[2] for endpoint in ENDPOINTS}
    codes = TEXT.partition("## Codes")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", codes, re.MULTILINE)
    listed = {code: int(status) for status, row in rows for code in re.findall(r"`([a-z_]+)`", row)}
    assert listed == {code: status for code, (status, _) in REFUSALS.items()}
