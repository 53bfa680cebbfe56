"""Which requests are refused because of where they come from, and what may a browser do with an answer?"""

from __future__ import annotations

import re

import pytest

from stack import Stack
from tests.support.http import Answer, HttpClient
from tests.support.people import PASSWORD, Person

FOREIGN = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another subdomain": {"Sec-Fetch-Site": "same-site"},
    "an unknown kind of site": {"Sec-Fetch-Site": "whatever"},
    "an empty kind of site": {"Sec-Fetch-Site": ""},
    "another site that claims our origin": {"Sec-Fetch-Site": "cross-site", "Origin": "OWN"},
    "another host": {"Origin": "http://evil.example"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "no port": {"Origin": "http://127.0.0.1"},
    "another scheme": {"Origin": "HTTPS"},
    "null": {"Origin": "null"},
    "an empty origin": {"Origin": ""},
    "an origin that goes on": {"Origin": "OWN.evil.example"},
    "ours in capitals": {"Origin": "HTTP://LOCALHOST"},
}
OWN = {
    "our own page": {"Sec-Fetch-Site": "same-origin", "Origin": "OWN"},
    "the address bar": {"Sec-Fetch-Site": "none"},
    "our own page over http on a LAN": {"Origin": "OWN"},
    "a program": {},
    "our own page, whose origin is hidden": {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
}


NO_DEVICES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
TO_RECORD = "camera=(self), geolocation=(), microphone=(self), payment=(), usb=()"


def headers_for(stack: Stack, headers: dict[str, str]) -> dict[str, str]:
    own = stack.web.url
    return {
        name: value.replace("OWN", own).replace("HTTPS", own.replace("http", "https"))
        for name, value in headers.items()
    }


@pytest.mark.parametrize("source", FOREIGN.values(), ids=FOREIGN.keys())
def test_another_site_changes_nothing(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient, source: dict[str, str]
) -> None:
    headers = headers_for(stack, source)
    for path in ("/logout", "/logout.php", "/language"):
        answer = ada.http.post_form(path, {"language": "it"}, headers)
        assert answer.status == 403
        assert answer.headers["Content-Type"].startswith("text/html")
    for path in ("/backend/e_register", "/backend/e_register.php"):
        assert browser_of_nobody.post_form(path, {"username": "zoe", "password": PASSWORD}, headers).status == 403
        answer = browser_of_nobody.post_json(path, {"username": "zoe", "password": PASSWORD}, headers)
        assert (answer.status, answer.json()["code"]) == (403, "forbidden")
    for path in ("/backend/e_login", "/backend/e_login.php"):
        assert browser_of_nobody.post_form(path, {"username": "ada", "password": PASSWORD}, headers).status == 403
    assert browser_of_nobody.cookies == {}
    assert ada.http.get("/backend/get_session").json()["token"] == ada.token
    assert [row["username"] for row in stack.database.query("SELECT username FROM users")] == ["ada"]


@pytest.mark.parametrize("source", OWN.values(), ids=OWN.keys())
def test_our_own_pages_and_programs_may(stack: Stack, ada: Person, source: dict[str, str]) -> None:
    answer = ada.http.post_form("/logout", headers=headers_for(stack, source))
    assert (answer.status, answer.location) == (302, "/login")
    assert stack.database.query("SELECT id FROM tokens") == []


def test_a_link_from_another_site_may_show_a_page(ada: Person) -> None:
    """SameSite=Lax lets the session through, and looking changes nothing."""
    for source in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert ada.http.get("/", headers=source).status == 200
        assert ada.http.get("/logout", headers=source).status == 200
    assert ada.http.get("/backend/get_session").status == 200


def test_the_origin_is_compared_with_the_host_that_was_asked(ada: Person) -> None:
    lan = {"Host": "192.168.1.5:8000", "Origin": "http://192.168.1.5:8001"}
    assert ada.http.post_form("/logout", headers=lan).status == 403
    lan["Origin"] = "http://192.168.1.5:8000"
    assert ada.http.post_form("/logout", headers=lan).status == 302


def answers(ada: Person, nobody: HttpClient) -> dict[str, Answer]:
    """An answer of every kind."""
    page = ada.http.get("/").text
    files = re.findall(r'(?:src|href)="(/(?:assets|static|words)[^"]*)"', page)
    assert len(files) >= 3
    found = {path: ada.http.get(path) for path in files}
    assert {answer.status for answer in found.values()} == {200}
    found |= {path: nobody.get(path) for path in ("/", "/login", "/register", "/logout", "/healthz", "/sw.js")}
    found |= {f"/backend/{name}": ada.http.get(f"/backend/{name}") for name in ("get_chats", "get_session", "nothing")}
    found["page"] = ada.http.get("/")
    found["404"] = nobody.get("/nothing")
    found["404 static"] = nobody.get("/static/nothing")
    found["405"] = nobody.request("DELETE", "/login")
    found["400"] = ada.http.get("/backend/get_messages")
    found["401"] = nobody.get("/backend/get_chats")
    found["403"] = ada.http.post_form("/logout", headers={"Origin": "null"})
    found["413"] = nobody.request("POST", "/backend/e_login", "x" * 65_537, {"Content-Type": "application/json"})
    found["redirect"] = nobody.post_form("/backend/e_register", {})
    found["options"] = nobody.request("OPTIONS", "/login")
    return found


def test_a_file_that_is_not_there_is_kept_by_no_cache(browser_of_nobody: HttpClient) -> None:
    """It may be there tomorrow."""
    assert browser_of_nobody.get("/static/nothing").headers["Cache-Control"] == "no-store"
    kept = browser_of_nobody.get("/static/img/favicon.svg").headers["Cache-Control"]
    assert kept == "public, max-age=3600"


def test_every_answer_tells_the_browser_what_it_may_not_do(
    stack: Stack, ada: Person, browser_of_nobody: HttpClient
) -> None:
    for name, answer in answers(ada, browser_of_nobody).items():
        headers = answer.headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        own = {f"{kind}-src": "'self'" for kind in ("script", "style", "font", "manifest", "worker")}
        own |= {f"{kind}-src": "'self' blob:" for kind in ("img", "media")}
        assert policy == {
            "default-src": "'none'",
            **own,
            "connect-src": f"'self' ws://127.0.0.1:{stack.ws_server.port}",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }, name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert headers["Referrer-Policy"] == "same-origin", name
        assert headers["Permissions-Policy"] == (TO_RECORD if name == "page" else NO_DEVICES), name
        assert headers["Strict-Transport-Security"] is None, name
        assert headers["Access-Control-Allow-Origin"] is None, name
        assert headers["Cache-Control"], name
        assert not re.search(r"\d", headers["Server"] or ""), name


def test_what_belongs_to_a_user_is_kept_by_no_cache(ada: Person, browser_of_nobody: HttpClient) -> None:
    found = answers(ada, browser_of_nobody)
    for name in ("/backend/get_chats", "/backend/get_session", "page", "/login", "404", "401", "403", "redirect"):
        assert found[name].headers["Cache-Control"] == "no-store", name


def test_opener_policy_is_left_out_where_the_browser_would_only_complain(browser_of_nobody: HttpClient) -> None:
    answer = browser_of_nobody.get("/login", headers={"Host": "192.168.1.5"})
    assert answer.headers["Cross-Origin-Opener-Policy"] is None
    assert "ws://192.168.1.5:" in answer.headers["Content-Security-Policy"]


def test_no_page_has_script_or_style_of_its_own(ada: Person, browser_of_nobody: HttpClient) -> None:
    pages = [ada.http.get("/"), *(browser_of_nobody.get(path) for path in ("/login", "/register", "/logout", "/x"))]
    for page in pages:
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|data:", page.text)
        assert not re.search(r"<script(?![^>]*\ssrc=)", page.text)


def test_the_language_switch_leads_to_no_other_site(browser_of_nobody: HttpClient) -> None:
    for page in ("https://evil.example", "//evil.example", "/\\evil.example", "", "/nothing", "/login\r\nX: y"):
        answer = browser_of_nobody.post_form("/language", {"language": "it", "page": page})
        assert (answer.status, answer.location) == (303, "/")
    answer = browser_of_nobody.post_form("/language", {"language": "<x>", "page": "/login"})
    assert answer.headers["Set-Cookie"] is None or "<x>" not in answer.headers["Set-Cookie"]
