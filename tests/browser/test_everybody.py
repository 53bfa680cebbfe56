"""ChatApp on phones, by keyboard, in both languages, in both themes, and on plain http in a LAN."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from babel.messages.extract import extract_from_dir
from playwright.sync_api import Browser, Playwright, expect

from chat_web.i18n import LANGUAGES, read_catalogue
from chromium import find_program, launch
from stack import ROOT, Stack
from tests.browser.conftest import Opener
from tests.support.people import People, Person
from tests.support.window import say_as

PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def test_a_phone_shows_one_pane_and_goes_back(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    say_as(bob, chat, "hello phone")
    shown = window(stack, ada, **PHONE)
    page = shown.page
    expect(page.locator(".talk")).to_be_hidden()
    shown.row("bob").tap()
    shown.expect_texts("hello phone")
    expect(page.locator(".chats")).to_be_hidden()
    assert not shown.overflows()
    page.locator(".composer__field").tap()
    shown.field.fill("hello desk")
    page.locator(".send").tap()
    shown.expect_tick("hello desk", "sent")
    shown.check_both_themes()
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, input, textarea, a.chat")]
          .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.matches(".skip"))
          .map((node) => [node.id || node.className, node.getBoundingClientRect(), getComputedStyle(node).fontSize])
          .filter(([, box, size]) => box.height < 43.5 || box.width < 43.5)
          .map(([name, box]) => [name, box.width, box.height])"""
    )
    assert small == []
    assert page.evaluate("getComputedStyle(document.querySelector('.composer__field')).fontSize") == "16px"
    page.locator("#back").tap()
    expect(page.locator(".talk")).to_be_hidden()
    shown.row("bob").tap()
    expect(page.locator(".talk")).to_be_visible()
    page.go_back()
    expect(page.locator(".talk")).to_be_hidden()
    expect(page.locator(".chats")).to_be_visible()
    shown.check_both_themes()
    page.locator("#account").tap()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    shown.check_both_themes()
    page.locator("#back").tap()
    expect(shown.row("bob")).to_be_visible()


def test_everything_is_done_by_keyboard(
    stack: Stack, window: Opener, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    other = people.chat_between(ada, eve)
    say_as(eve, other, "first in the list")
    shown = window(stack, ada)
    page = shown.page
    focused = page.locator(":focus")
    expect(shown.row("eve")).to_be_visible()
    page.keyboard.press("Tab")
    expect(focused).to_have_id("skip")
    page.keyboard.press("Enter")
    expect(focused).to_have_id("talk")
    page.keyboard.press("Control+k")
    expect(focused).to_have_id("filter")
    page.keyboard.type("BO")
    expect(page.locator("a.chat")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("a.chat")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(shown.row("eve")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(shown.row("bob")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    expect(shown.row("bob")).to_be_focused()
    page.keyboard.press("Enter")
    expect(shown.field).to_be_focused()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    shown.expect_tick("by keyboard", "sent")
    expect(shown.field).to_be_focused()
    page.keyboard.press("Escape")
    expect(shown.row("bob")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("eve")
    page.keyboard.press("Enter")
    expect(page.locator(".talk__name")).to_have_text("eve")
    expect(shown.field).to_be_focused()
    page.locator("#new-chat").focus()
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))"
        )
        assert inside, page.evaluate("document.activeElement.outerHTML")
    page.keyboard.press("Escape")
    expect(page.locator("#new-chat")).to_be_focused()


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_text_is_in_every_language(language: str) -> None:
    keywords = {"t": None, "tn": (1, 2), "_": None, "gettext": None, "ngettext": (1, 2)}
    methods = [
        ("web/chat_web/templates/**.html", "jinja2"),
        ("web/chat_web/static/js/**.js", "javascript"),
    ]
    texts = {message for _, _, message, _, _ in extract_from_dir(str(ROOT), methods, keywords=keywords)}
    assert len(texts) > 100
    catalogue = read_catalogue(ROOT / "web/chat_web", language)
    translated = {
        one.id
        for one in catalogue
        if one.id and all([one.string] if isinstance(one.string, str) else one.string or [""])
    }
    assert {text if isinstance(text, str) else tuple(text) for text in texts} == translated
    for message in catalogue:
        assert not message.fuzzy
        assert list(message.check(catalogue)) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible_and_in_the_readers_language(
    stack: Stack, window: Opener, ada: Person, theme: str
) -> None:
    italian = window(stack, locale="it-IT", color_scheme=theme)
    english = window(stack, color_scheme=theme)
    for path, english_title, italian_title in (
        ("/login", "Log in", "Accedi"),
        ("/login?error=wrong_login&username=ada", "Log in", "Accedi"),
        ("/register?error=username_taken&username=ada", "Create account", "Crea account"),
        ("/logout", "Log out?", "Vuoi disconnetterti?"),
        ("/reset?token=unknown", "New password", "Nuova password"),
    ):
        for shown, title, language in ((english, english_title, "en"), (italian, italian_title, "it")):
            shown.go(path)
            expect(shown.page.locator(".card h1")).to_have_text(title)
            expect(shown.page.locator("html")).to_have_attribute("lang", language)
            assert shown.axe() == []
            assert not shown.overflows()
    for locale in ("en-GB", "it-IT"):
        hers = window(stack, ada, locale=locale, color_scheme=theme)
        for path in ("/settings", "/settings?error=wrong_password&form=delete&done=choices", "/invite"):
            hers.go(path)
            assert hers.axe() == []
            assert not hers.overflows()


def test_the_language_is_switched_and_stays(stack: Stack, window: Opener, ada: Person, bob: Person, chat: int) -> None:
    shown = window(stack, ada)
    expect(shown.row("bob")).to_be_visible()
    shown.page.click("#account")
    shown.page.get_by_text("Language", exact=True).click()
    shown.page.get_by_role("button", name="Italiano").click()
    expect(shown.page.get_by_role("heading", name="Impostazioni")).to_be_visible()
    shown.page.get_by_role("link", name="Torna alle chat").click()
    expect(shown.page.locator("#filter")).to_have_attribute("placeholder", "Cerca chat e messaggi")
    expect(shown.row("bob").locator(".chat__last")).to_have_text("Ancora nessun messaggio")
    shown.open("bob")
    shown.say("Ciao")
    expect(shown.page.locator(".day")).to_have_text("Oggi")
    shown.expect_tick("Ciao", "inviato")
    shown.check_both_themes()
    shown.page.reload()
    expect(shown.page.locator(".day")).to_have_text("Oggi")
    visitor = window(stack)
    visitor.go("/login")
    visitor.page.get_by_role("button", name="Italiano").click()
    expect(visitor.page.locator(".card h1")).to_have_text("Accedi")


def test_the_theme_is_there_before_the_first_paint(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int
) -> None:
    shown = window(stack, ada, color_scheme="light")
    page = shown.page
    background = "getComputedStyle(document.body).backgroundColor"
    expect(shown.row("bob")).to_be_visible()
    assert page.evaluate(background) == "rgb(245, 244, 248)"
    page.click("#account")
    page.get_by_role("radio", name="Dark").check(force=True)
    shown.until(f"{background} === 'rgb(18, 17, 20)'")
    page.add_init_script(
        "new MutationObserver(() => { if (document.body) window.early ??= document.documentElement.dataset.theme; })"
        ".observe(document, { childList: true, subtree: true })"
    )
    page.reload()
    assert page.evaluate("window.early") == "dark"
    shown.go("/")
    assert page.evaluate("window.early") == "dark"
    shown.go("/logout")
    assert page.evaluate(background) == "rgb(18, 17, 20)"
    shown.go("/")
    expect(shown.row("bob")).to_be_visible()
    page.click("#account")
    page.get_by_role("radio", name="System").check(force=True)
    page.emulate_media(color_scheme="dark")
    shown.until(f"{background} === 'rgb(18, 17, 20)'")
    page.emulate_media(color_scheme="light")
    shown.until(f"{background} === 'rgb(245, 244, 248)'")


def test_the_forms_work_without_javascript(stack: Stack, window: Opener) -> None:
    shown = window(stack, java_script_enabled=False)
    page = shown.page
    shown.go("/register")
    page.fill("#username", "no script")
    page.fill("#password", "long enough")
    page.click(".card .button")
    expect(page.locator("#username-error")).to_contain_text("A username has 1 to 50 characters")
    expect(page.locator("#username")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".reveal")).to_be_hidden()
    page.fill("#username", "noscript")
    page.fill("#password", "long enough")
    page.click(".card .button")
    expect(page.get_by_text("Your account is ready")).to_be_visible()
    page.fill("#password", "not this one")
    page.click(".card .button")
    expect(page.locator("#password-error")).to_contain_text("The username or the password is wrong")
    expect(page.locator("#username")).to_have_value("noscript")
    page.fill("#password", "long enough")
    page.click(".card .button")
    expect(page).to_have_url(shown.url + "/")
    assert "ChatApp needs JavaScript" in page.content()


def test_the_password_is_shown_on_request_and_its_strength_said(stack: Stack, window: Opener) -> None:
    shown = window(stack)
    page = shown.page
    shown.go("/register")
    field, hint = page.locator("#password"), page.locator("#password-hint")
    for password, words in (
        ("short", "Too short"),
        ("aaaaaaaaaaaa", "Weak"),
        ("12345678", "Weak"),
        ("correct horse battery", "Strong"),
    ):
        field.fill(password)
        expect(hint).to_contain_text(words)
    page.get_by_role("button", name="Show the password").click()
    expect(field).to_have_attribute("type", "text")
    expect(field).to_be_focused()
    page.get_by_role("button", name="Hide the password").click()
    expect(field).to_have_attribute("type", "password")
    assert field.get_attribute("autocomplete") == "new-password"
    shown.check_both_themes()


@pytest.fixture
def lan_browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser for which a name of no machine leads here: plain http, and no secure context."""
    browser = launch(playwright, "--host-resolver-rules=MAP chat.lan 127.0.0.1", program=find_program())
    yield browser
    browser.close()


def test_plain_http_in_a_lan_is_a_normal_way_to_use_it(
    stack: Stack, window: Opener, ada: Person, bob: Person, chat: int, lan_browser: Browser
) -> None:
    shown = window(stack, ada, browser=lan_browser, host="chat.lan")
    shown.allow_network_errors()
    second = window(stack, ada, of=shown, host="chat.lan")
    second.allow_network_errors()
    page = shown.page
    assert page.evaluate("[isSecureContext, 'locks' in navigator, 'randomUUID' in crypto]") == [False, False, False]
    shown.open("bob")
    second.open("bob")
    shown.say("over http")
    shown.expect_tick("over http", "sent")
    second.say("from the second tab")
    shown.expect_texts("over http", "from the second tab")
    page.context.set_offline(True)
    shown.say("kept")
    second.say("kept too")
    expect(shown.banner).to_contain_text("You are offline")
    page.context.set_offline(False)
    for tab in (shown, second):
        tab.expect_texts("over http", "from the second tab", "kept", "kept too")
        tab.expect_tick("kept too", "sent")
    assert [message["content"] for message in bob.chats()[0]["messages"]] == shown.texts()
    page.click("#account")
    for name in ("notify", "preview"):
        expect(page.locator(f"[role=switch][name={name}]")).to_be_disabled()
    expect(page.get_by_text("Browsers allow this only with https.").first).to_be_visible()
    expect(page.locator("#install-hint")).to_contain_text("Without https")
    shown.check_both_themes()
