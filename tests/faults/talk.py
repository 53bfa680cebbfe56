"""Who talks while things break? People with devices, saying things all the time, until everything is said."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import ClassVar

from database import Database
from stack import Stack
from tests.support.http import HttpClient
from tests.support.people import People

from .ageing import grow_older, until_nothing_is_due
from .client import Device
from .verify import check

SETTLE_SECONDS = 40  # until everything is said and shown, after the last fault
MAX_UNANSWERED = 40
MESSAGE_EVERY = 0.008  # seconds, of each device
MARK = 16  # characters at the beginning of each text that no other one has
CHANGES = 0.4  # of what is done
CHOICES = 0.006  # … for how long messages are kept, and as many clearings
REPLIES = 0.25  # of what is said
LATEST = 30  # messages that are changed more often
KEPT = (None, 3_600, 7_200, 86_400)  # seconds
EMOJI = ("👍", "❤️", "😂", "😮", None)

WORDS = (
    "yes",
    "no",
    "perhaps",
    "'quoted'",
    '"so"',
    "back\\slash",
    "%s",
    "100 %",
    "ääh",
    "नमस्ते",
    "👋🏽",
    "{0}",
    "--",
    ";",
    "\n",
)


def anything(chance: random.Random) -> str:
    """Return a message's text: mostly a few words, sometimes very long, with what SQL and JSON like least."""
    count = chance.choice((1, 2, 3, 5, 8)) if chance.random() < 0.98 else 900
    return f"{chance.getrandbits(4 * MARK):0{MARK}x} " + " ".join(chance.choice(WORDS) for _ in range(count)) + "."


def change_something(device: Device, chat_id: int, chance: random.Random) -> bool:
    """Have a device react to a message that it shows, or edit or delete an own one; say whether there is such a one."""
    shown = device.view(chat_id).shown
    notices = device.log.notices
    shown = [
        message
        for message in (shown[-LATEST:] if chance.random() < 0.8 else shown)
        if not message.is_deleted and (chat_id, message.seq) not in notices
    ]
    if not shown:
        return False
    message = chance.choice(shown)
    what = chance.random()
    if what < 0.6 or message.sender_id != device.user_id:
        device.change("react", chat_id, message.seq, emoji=chance.choice(EMOJI))
    elif what < 0.85:
        base = {"base": message.text_seq} if chance.random() < 0.5 else {}
        device.change("edit_message", chat_id, message.seq, message=anything(chance), **base)
    else:
        device.change("delete_message", chat_id, message.seq)
    return True


def choose_something(device: Device, chat_id: int, chance: random.Random) -> None:
    """Have a device choose for how long a chat is kept, or clear the older part of what it shows."""
    shown = device.view(chat_id).shown
    if chance.random() < 0.5:
        device.keep(chat_id, chance.choice(KEPT))
    elif shown and not device.outbox.is_clearing:
        device.clear(chat_id, shown[chance.randrange(len(shown) // 2 + 1)].seq)


class Talk:
    """Devices that say and change things in their chats while a scenario goes on around them, and time goes by.

    `purges`: a server is there that deletes what is due.
    """

    made_in_all: ClassVar[Counter[str]] = Counter()  # what was done in all talks so far

    def __init__(self, database: Database, seed: int, purges: bool) -> None:
        self.database = database
        self.purges = purges
        self.is_over = False
        self.while_database_is_there = asyncio.Lock()  # who takes the database away holds it
        self.chance = random.Random(seed)
        self.devices: list[Device] = []
        self.chats: dict[str, list[int]] = {}  # of each device

    @classmethod
    def between_three(cls, stack: Stack, seed: int, urls: Sequence[str] = (), purges: bool = True) -> Talk:
        """Ada, Bob and Eve, each with a chat with each other one, and each with a phone and a laptop.

        With two `urls`, phones use the first and laptops the second.
        """
        talk = cls(stack.database, seed, purges)
        people = People(stack)
        cast = [people.register(name) for name in ("ada", "bob", "eve")]
        pairs = [(0, 1), (1, 2), (2, 0)]
        chats = [people.chat_between(cast[one], cast[two]) for one, two in pairs]
        addresses = urls or (stack.ws_server.url,)
        for number, person in enumerate(cast):
            tokens = {"phone": person.token, "laptop": person.log_in(HttpClient(stack.web.url))[1]}
            for place, (kind, token) in enumerate(tokens.items()):
                device = Device(f"{person.name}-{kind}", person.id, token, addresses[place % len(addresses)])
                device.may_hear_late = len(addresses) > 1
                talk.devices.append(device)
                talk.chats[device.name] = [chat for chat, pair in zip(chats, pairs, strict=True) if number in pair]
        return talk

    def devices_of(self, kind: str) -> list[Device]:
        return [device for device in self.devices if device.name.endswith(kind)]

    @property
    def answered(self) -> int:
        return sum(len(device.log.attempts) + len(device.log.changes) - len(device.outbox) for device in self.devices)

    @property
    def changes_made(self) -> int:
        """How many changes have their answer."""
        return sum(change.answer is not None for device in self.devices for change in device.log.changes.values())

    @contextlib.asynccontextmanager
    async def going_on(self, is_talking: bool = True) -> AsyncIterator[None]:
        """All devices talk; at the end they stop, everything is said and synced, and all is checked."""
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(device.run(), name=device.name) for device in self.devices]
            speaking = [
                group.create_task(self._speak(device, random.Random(self.chance.random())))
                for device in self.devices
                if is_talking
            ]
            ageing = group.create_task(grow_older(self))
            yield
            for task in speaking:
                task.cancel()
            self.is_over = True
            await ageing
            await self._settle()
            for task in running:
                task.cancel()
        await asyncio.to_thread(check, self.database, self.devices)
        made = self.count()
        Talk.made_in_all += made
        print(", ".join(f"{count} {what}" for what, count in made.items()))  # noqa: T201  # pytest shows it where the test fails

    def count(self) -> Counter[str]:
        """Count what was done, of each kind."""
        logs = [device.log for device in self.devices]
        [gone] = self.database.query("SELECT SUM(purged_seq) AS count FROM chats")
        return Counter(
            messages=sum(attempt.is_settled for log in logs for attempt in log.attempts.values()),
            replies=sum(attempt.reply_to is not None for log in logs for attempt in log.attempts.values()),
            changes=self.changes_made,
            choices=sum(len(log.keeps) for log in logs),
            clearings=sum(len(log.clears) for log in logs),
            purged=int(gone["count"]),
        )

    def changes_of_cleared(self, device: Device) -> set[tuple[int, int]]:
        """Return the changes (chat, `change_seq`) of messages that are gone for a device."""
        rows = self.database.query(
            "SELECT c.chat_id, c.change_seq FROM changes c JOIN members me ON me.chat_id = c.chat_id"
            " WHERE me.user_id = %s AND c.seq <= me.cleared_seq",
            device.user_id,
        )
        return {(row["chat_id"], row["change_seq"]) for row in rows}

    async def _speak(self, device: Device, chance: random.Random) -> None:
        while True:
            if len(device.outbox) < MAX_UNANSWERED:
                chat_id = chance.choice(self.chats[device.name])
                if chance.random() < 2 * CHOICES:
                    choose_something(device, chat_id, chance)
                elif chance.random() > CHANGES or not change_something(device, chat_id, chance):
                    device.say(chat_id, anything(chance), self._answered_by(device, chat_id, chance))
            await asyncio.sleep(chance.expovariate(1 / MESSAGE_EVERY))

    def _answered_by(self, device: Device, chat_id: int, chance: random.Random) -> int | None:
        """Return what a message answers, if it does: mostly something of late, sometimes what is going just now."""
        view = device.view(chat_id)
        if chance.random() > REPLIES or view.seq < view.first:
            return None
        first = max(view.first, view.seq - LATEST) if chance.random() < 0.7 else view.first
        return chance.randint(first, view.seq)

    async def _settle(self) -> None:
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                await asyncio.gather(*(device.wait_until_said() for device in self.devices))
                if self.purges:
                    await until_nothing_is_due(self.database)
                await asyncio.gather(*(device.sync() for device in self.devices))
        except TimeoutError:
            raise AssertionError(f"after the last fault: {self._waiting()}") from None

    def _waiting(self) -> str:
        """Say what has no answer, who is not in sync, and what these have heard last."""
        lines = [f"nothing more in time; put off: {[device.log.put_off[-3:] for device in self.devices]}"]
        for device in self.devices:
            attempts = [device.attempt(client_id) for client_id in list(device.outbox)[:3]]
            if not attempts and device.is_synced.is_set():
                continue
            state = "in sync" if device.is_synced.is_set() else "not in sync"
            lines.append(f"{device.name} ({state}, {device.log.connections} connections) waits for {attempts}")
            chats = {attempt.chat_id for attempt in attempts} or set(device.log.views)
            lines += [f"in chat {chat_id} it heard last\n{device.log.heard.tell(chat_id)}" for chat_id in chats]
        return "\n".join(lines)

    async def until_answered(self, more: int, deadline: float = 30) -> None:
        """Wait until so many more messages have their answer: whatever broke works again."""
        wanted = self.answered + more
        try:
            async with asyncio.timeout(deadline):
                while self.answered < wanted:  # noqa: ASYNC110  # one look at many
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{wanted - self.answered} answers are lacking: {self._waiting()}") from None

    async def pause(self, shortest: float, longest: float) -> None:
        """Let the talk go on for a while."""
        await asyncio.sleep(self.chance.uniform(shortest, longest))

    async def lose_connections(self, kind: str, shortest: float = 0.02, longest: float = 0.2) -> None:
        """Until cancelled: devices of a kind lose their connection again and again."""
        while True:
            await self.pause(shortest, longest)
            self.chance.choice(self.devices_of(kind)).drop_connection(self.chance)


async def now(action: Callable[[], object]) -> None:
    """Do something that blocks (start, kill, …) while the talk goes on."""
    await asyncio.to_thread(action)
