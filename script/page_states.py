"""What of the chat page is taken a picture of, beside the main states? What one does with messages and with chats."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.support.people import Person
from tests.support.socket import Socket

FAR = "9999-12-31T00:00:00Z"
LONG = "\n".join(
    (
        "I went through the whole list with the owner this morning.",
        "- the beds are made, the water is on",
        "- the key is in the blue box beside the door",
        "- the code is the year on the gable, *backwards*",
        "- the stove in the kitchen is slow: start it before you unpack",
        "- wood is under the stairs",
        "If the lake is high, leave the small boat on the grass and tie it to the birch, not to the jetty.",
        "Last spring the jetty went under for two days and took the rope with it.",
        "The router wants `ssh`:",
        "```",
        "ssh -N -L 8443:localhost:443 ada@nas.example.org",
        "```",
        "Everything else can wait until we are there.",
        "I have the phone with me until six.",
    )
)

Saver = Callable[[Page, str], None]


def change_messages(ada: Person, bob: Person, chat: int) -> None:
    """Both react, Bob edits, Ada deletes; the messages are those of the scene."""
    hers, his = (person.connect(features=["changes"]) for person in (ada, bob))
    change(his, "react", chat_id=chat, seq=3, emoji="🎉")
    change(hers, "react", chat_id=chat, seq=4, emoji="❤️")
    change(his, "edit_message", chat_id=chat, seq=2, message="They close at *seven*, I think")
    change(hers, "delete_message", chat_id=chat, seq=6)
    for socket in (hers, his):
        socket.close()


def change(socket: Socket, kind: str, **fields: object) -> None:
    socket.send(kind, client_id=f"{kind}-{fields['seq']}", **fields)
    socket.wait_for("changed")


def set_chats(ada: Person, chats: dict[str, int]) -> None:
    """Ada has pinned Bob, muted Zoë, and put Doctor Who into the archive."""
    socket = ada.connect(features=["changes"])
    for name, fields in (
        ("bob", {"pinned": True}),
        ("zoë", {"muted_until": FAR}),
        ("dr_who", {"archived": True}),
    ):
        socket.send("set_chat", chat_id=chats[name], **fields)
        socket.wait_for("chat_changed")
    socket.close()


def take_conversation(page: Page, kind: str, theme: str, save: Saver) -> None:
    """What one does with a message; the chat with Bob is open."""
    field, is_phone = page.locator(".composer__field"), kind == "phone"

    def take(state: str) -> None:
        save(page, f"{kind}-{state}-{theme}")

    def open_menu(words: str, entry: str = "") -> None:
        page.locator(".messages .bubble", has_text=words).first.click(button="right")
        page.wait_for_selector("#message-menu[open]")
        if entry:
            page.locator("#message-menu").get_by_role("button", name=entry, exact=True).click()

    open_menu("Lovely")
    take("menu")
    page.keyboard.press("Escape")
    open_menu("third from the left", "Reply")
    field.fill("Ours has the red door")
    take("reply")
    page.keyboard.press("Escape")
    field.fill("")
    open_menu("What time", "Select")
    page.locator(".messages .bubble", has_text="Seven sharp").click()
    take("select")
    page.keyboard.press("Escape")
    page.click("#emoji")
    page.wait_for_selector(".emoji-sheet .tabpanel button.emoji")
    take("emoji")
    page.keyboard.press("Escape")
    page.locator('[data-action="search"]').first.click()
    page.locator(".seek input[type=search]").fill("the")
    page.wait_for_function("!document.querySelector('.seek__count').textContent.startsWith('0')")
    take("search")
    page.keyboard.press("Escape")
    if not is_phone:
        field.focus()


def take_list(page: Page, kind: str, theme: str, save: Saver) -> None:
    """What one sets for a chat, and the search over all of them; the list is to be seen."""

    def take(state: str) -> None:
        save(page, f"{kind}-{state}-{theme}")

    row = page.locator("a.chat", has_text="marco")
    row.click(button="right")
    page.wait_for_selector("#chat-menu[open]")
    take("chat-menu")
    page.locator("#chat-menu").get_by_role("button", name="Disappearing messages…").click()
    page.wait_for_selector("dialog[open] input[type=radio]")
    take("disappearing")
    page.keyboard.press("Escape")
    page.fill("#filter", "perfect")
    page.wait_for_selector(".find mark")
    take("search-all")
    page.fill("#filter", "")
    page.locator(".archive").click()
    page.wait_for_selector("a.chat:has-text('dr_who')")
    take("archive")
    page.keyboard.press("Escape")
