"""Do the logs of all clients and the tables tell the same story? Nothing lost, doubled, undone or out of order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from chat_db.message_state import read_reaction
from chat_db.notices import NoticeValues, read_sentence, sentence
from chat_db.quotes import QUOTED_CHARACTERS
from database import Database
from tests.support.stored import ring_of, stored_messages

from .client import Device
from .replay import Made, Story, tell
from .view import Claim, Frame, Shown, View, time_of

MAX_REPORTED = 10

Row = dict[str, Any]


class Tables:
    """Every message's row by chat and `seq`, its texts and reactions opened, and every change's row."""

    def __init__(self, database: Database) -> None:
        ring = ring_of(database)
        self.chats: dict[int, list[Row]] = {row["id"]: [] for row in database.query("SELECT id FROM chats")}
        for row in stored_messages(database):
            where = row["chat_id"], row["sender_id"], row["receiver_id"], row["client_id"]
            for name, user in (("sender", "sender_id"), ("other", "receiver_id")):
                stored = row[f"{name}_reaction"]
                emoji = read_reaction(ring, where, row["key_version"], stored, by_sender=name == "sender")
                row[f"{name}_reaction"] = None if stored is None else (row[user], emoji)
            self.chats[row["chat_id"]].append(row)
        self.changes = database.query("SELECT * FROM changes ORDER BY chat_id, change_seq")
        chats = database.query("SELECT id, change_seq, purged_seq, keep_seconds FROM chats")
        self.last = {row["id"]: row["change_seq"] for row in chats}
        self.purged = {row["id"]: row["purged_seq"] for row in chats}
        self.keep = {row["id"]: row["keep_seconds"] for row in chats}
        members = database.query("SELECT chat_id, user_id, cleared_seq FROM members")
        self.cleared = {(row["chat_id"], row["user_id"]): row["cleared_seq"] for row in members}
        self.members = set(self.cleared)

    def floor(self, chat_id: int, user_id: int) -> int:
        """Return up to where the messages of a chat are gone for a member."""
        return max(int(self.purged[chat_id]), int(self.cleared[chat_id, user_id]))


def find_faults(database: Database, devices: Iterable[Device]) -> list[str]:
    """Return what is wrong, in words; [] when everything that was promised is true."""
    devices = list(devices)
    tables = Tables(database)
    faults = [complaint for device in devices for complaint in device.log.complaints]
    faults += faults_in_messages(tables, devices)
    faults += faults_in_changes(tables, devices)
    if faults:  # the stories would be about something else
        return faults
    said = find_said(tables, devices)
    stories = tell_stories(tables, devices, said)
    for chat_id, story in stories.items():
        faults += [f"chat {chat_id}: {fault}" for fault in story.faults]
        faults += faults_in_table(tables.chats[chat_id], story)
    faults += faults_in_choices(tables, devices)
    for device in devices:
        faults += faults_in_late(device)
        faults += faults_in_answers(said, device)
        faults += faults_in_own(tables, device)
        faults += faults_in_refusals(tables, stories, device)
        faults += faults_in_views(tables, stories, device)
        faults += faults_in_quotes(tables, stories, devices, device)
        faults += faults_in_order(tables.chats, device)
    return faults


def check(database: Database, devices: Iterable[Device]) -> None:
    devices = list(devices)
    faults = find_faults(database, devices)
    assert not faults, "\n".join([f"{len(faults)} faults:", *faults[:MAX_REPORTED], *find_heard(faults, devices)])


def find_heard(faults: list[str], devices: list[Device]) -> list[str]:
    """Return what the devices heard last of the chats of the first faults."""
    return [
        f"{where(device, chat_id)} heard last\n{device.log.heard.tell(chat_id)}"
        for device in devices
        for chat_id in device.log.views
        if any(fault.startswith(where(device, chat_id)) for fault in faults[:MAX_REPORTED])
    ]


def where(device: Device, chat_id: int) -> str:
    """Return how a fault of what a device holds of a chat begins."""
    return f"{device.name} in chat {chat_id}:"


def faults_in_messages(tables: Tables, devices: list[Device]) -> list[str]:
    """Each `seq` is there once, without a hole, above what is purged; each message that was said is there once, or was
    acknowledged and is purged; nothing else is there but notices of choices."""
    faults = []
    for chat_id, rows in tables.chats.items():
        first = tables.purged[chat_id] + 1
        if [row["seq"] for row in rows] != list(range(first, first + len(rows))):
            faults.append(f"chat {chat_id} has holes or doubles: {[row['seq'] for row in rows]}")
    stored = [(r["sender_id"], r["client_id"], r["chat_id"]) for rows in tables.chats.values() for r in rows]
    said, purged, chosen = set(), set(), set()
    for device in devices:
        for client_id, attempt in device.log.attempts.items():
            said.add((device.user_id, client_id, attempt.chat_id))
            if attempt.answer is not None and attempt.answer.seq <= tables.purged[attempt.chat_id]:
                purged.add((device.user_id, client_id, attempt.chat_id))
        chosen |= {(device.user_id, client_id, keep.chat_id) for client_id, keep in device.log.keeps.items()}
    if len(set(stored)) != len(stored):
        faults.append("a message is stored twice")
    faults += [f"lost: {message}" for message in said - set(stored) - purged]
    faults += [f"still there: {message}" for message in purged & set(stored)]
    faults += [f"unexpected: {message}" for message in set(stored) - said - chosen]
    return faults


def faults_in_choices(tables: Tables, devices: list[Device]) -> list[str]:
    """The last choice that was announced counts, each announced one was another one than before; who has cleared a
    chat has cleared it as far as they said, and nobody further than anybody said."""
    faults = []
    announced: dict[int, dict[int, int | None]] = {chat_id: {} for chat_id in tables.chats}
    for device in devices:
        for client_id, keep in device.log.keeps.items():
            for seen_by in devices:
                if client_id in seen_by.log.own:
                    announced[keep.chat_id][seen_by.log.own[client_id][1]] = keep.seconds
    for chat_id, notices in announced.items():
        choices = [None, *(seconds for _, seconds in sorted(notices.items()))]
        if choices[-1] != tables.keep[chat_id] or any(a == b for a, b in itertools.pairwise(choices)):
            faults.append(f"chat {chat_id} is kept for {tables.keep[chat_id]}; the choices were {choices}")
    for (chat_id, user_id), cleared in tables.cleared.items():
        clears = [c for d in devices if d.user_id == user_id for c in d.log.clears.values() if c.chat_id == chat_id]
        wanted = max((clear.up_to for clear in clears), default=0)
        if not cleared <= wanted <= tables.floor(chat_id, user_id):
            faults.append(f"{user_id} has cleared chat {chat_id} up to {wanted}; the table has {cleared}")
    return faults


def faults_in_changes(tables: Tables, devices: list[Device]) -> list[str]:
    """Each change that was acknowledged is noted, under a number that its answer has or passed, and each choice; no
    other is."""
    noted = {(row["user_id"], row["client_id"]): row for row in tables.changes}
    faults = []
    for device in devices:
        for client_id in device.log.keeps:
            if noted.pop((device.user_id, client_id), None) is None:
                faults.append(f"lost: {client_id}")
        for client_id, attempt in device.log.changes.items():
            row = noted.pop((device.user_id, client_id), None)
            if row is None:
                is_right = attempt.refusal is not None
            elif attempt.refusal == "no_such_message":  # when it was sent again, since its answer was lost
                is_right = row["seq"] <= tables.floor(row["chat_id"], device.user_id)
            else:
                is_right = (
                    attempt.answer is not None
                    and (row["chat_id"], row["seq"]) == (attempt.chat_id, attempt.seq)
                    and row["change_seq"] <= attempt.answer.change_seq
                )
            if not is_right:
                faults.append(f"{client_id} is noted as {row}: {attempt}")
    return faults + [f"unexpected: {row}" for row in noted.values()]


def find_said(tables: Tables, devices: list[Device]) -> dict[int, dict[int, Shown]]:
    """Return every message as it was said, by chat and `seq`: what is purged, too, as its sender had it."""
    texts = {key: attempt.text for device in devices for key, attempt in device.log.attempts.items()}
    choices: dict[str, tuple[str, int | None]] = {}
    said: dict[int, dict[int, Shown]] = {chat_id: {} for chat_id in tables.chats}
    for device in devices:
        choices |= {key: (device.name.split("-")[0], keep.seconds) for key, keep in device.log.keeps.items()}
        for attempt in device.log.attempts.values():
            if attempt.answer is not None:
                said[attempt.chat_id][attempt.answer.seq] = attempt.answer
        for chat_id, view in device.log.views.items():
            unchanged = {seq: message for (seq, change_seq), message in view.seen.items() if not change_seq}
            said[chat_id] |= {seq: message for seq, message in unchanged.items() if seq <= tables.purged[chat_id]}
    for chat_id, rows in tables.chats.items():
        for row in rows:
            name = row["client_id"]
            text = notice_of(row, *choices[name]) if name in choices else texts[name]
            said[chat_id][row["seq"]] = as_said(row, text)
    return said


def notice_of(row: Row, name: str, seconds: int | None) -> str:
    """Return what the notice of a choice says. What was so before is known to nobody but the server."""
    values = read_sentence(row["content"])
    return sentence(name, NoticeValues(seconds, values.before if values else None))


def tell_stories(tables: Tables, devices: list[Device], said: dict[int, dict[int, Shown]]) -> dict[int, Story]:
    """Return what must have become of each chat."""
    attempts = {key: attempt for device in devices for key, attempt in device.log.changes.items()}
    made: dict[int, list[Made]] = {chat_id: [] for chat_id in tables.chats}
    for row in tables.changes:
        attempt = attempts.get(row["client_id"])  # none: it is a choice
        if attempt and row["change_seq"]:  # else it changed nothing
            made[row["chat_id"]].append(Made(row["change_seq"], row["user_id"], row["client_id"], attempt))
    return {chat_id: tell(messages.values(), made[chat_id], tables.last[chat_id]) for chat_id, messages in said.items()}


def faults_in_table(rows: list[Row], story: Story) -> list[str]:
    """Each row is how its last change left it, and nothing is left of what was deleted."""
    faults = []
    for row in rows:
        if as_stored(row) != story.now(row["seq"]):
            faults.append(f"the table has {as_stored(row)} instead of {story.now(row['seq'])}")
        if row["deleted_at"] is not None and (row["content"], row["key_version"]) != ("", 0):
            faults.append(f"something is left of what was deleted: {row}")
    return faults


def faults_in_answers(said: dict[int, dict[int, Shown]], device: Device) -> list[str]:
    """Every message has its answer, and the answer says what the table says, or said."""
    faults = []
    for client_id, attempt in device.log.attempts.items():
        answer = attempt.answer
        if answer is None:
            faults.append(f"{client_id} was never acknowledged")
        elif said[attempt.chat_id].get(answer.seq) != answer or answer.text != attempt.text:
            there = said[attempt.chat_id].get(answer.seq)
            faults.append(f"{client_id} was acknowledged as {answer}, but the table has {there}")
    return faults


def faults_in_late(device: Device) -> list[str]:
    """A text does not come anew after it was changed."""
    return [f"{where(device, chat_id)} it got the text of {seq} after its change" for chat_id, seq in device.log.late]


def faults_in_own(tables: Tables, device: Device) -> list[str]:
    """What a device was told of its user's own messages is in the table, unless it is purged."""
    faults = []
    for client_id, (chat_id, seq) in device.log.own.items():
        rows, purged = tables.chats[chat_id], tables.purged[chat_id]
        row = rows[seq - purged - 1] if purged < seq <= purged + len(rows) else None
        if seq > purged and (row is None or (row["sender_id"], row["client_id"]) != (device.user_id, client_id)):
            faults.append(f"{where(device, chat_id)} it was told that {client_id} is {seq}; the table has {row}")
    return faults


def faults_in_refusals(tables: Tables, stories: dict[int, Story], device: Device) -> list[str]:
    """A change was refused because of another one, which deleted the message or changed its text, or since the message
    is gone for who wanted it. The same holds for what a message answers."""
    faults = []
    for client_id, attempt in device.log.changes.items():
        message = stories[attempt.chat_id].now(attempt.seq)
        is_gone = attempt.seq <= tables.floor(attempt.chat_id, device.user_id)
        if attempt.refusal == "edit_conflict":
            is_right = message.text_seq > attempt.fields.get("base", message.text_seq)
        elif attempt.refusal == "no_such_message":
            is_right = is_gone or (message.is_deleted and attempt.kind == "edit_message")
        else:
            is_right = attempt.refusal is None or message.is_deleted
        if not is_right:
            faults.append(f"{client_id} was refused ({attempt.refusal}): {attempt}; it is {message}")
    for client_id, said in device.log.attempts.items():
        if said.was_gone and (said.reply_to or 0) > tables.floor(said.chat_id, device.user_id):
            faults.append(f"{client_id} could not answer {said.reply_to}, which is there")
    return faults


def faults_in_quotes(tables: Tables, stories: dict[int, Story], devices: list[Device], device: Device) -> list[str]:
    """What was shown above an answer is the message that it answers, as it was at some time."""
    replies: dict[tuple[int, int], int | None] = {
        (attempt.chat_id, attempt.answer.seq): attempt.reply_to
        for each in devices
        for attempt in each.log.attempts.values()
        if attempt.answer is not None
    }
    faults = []
    for (chat_id, seq), quotes in device.log.quotes.items():
        floor = tables.floor(chat_id, device.user_id)
        for quote in quotes:
            is_right = quote["seq"] <= floor if quote.get("gone") else is_quote(quote, stories[chat_id])
            if quote["seq"] != replies.get((chat_id, seq)) or not is_right:
                faults.append(f"{where(device, chat_id)} it was shown {quote} above message {seq}")
    for chat_id, rows in tables.chats.items():
        faults += [
            f"message {row['seq']} of chat {chat_id} answers {row['reply_to_seq']}"
            for row in rows
            if row["reply_to_seq"] is not None and row["reply_to_seq"] != replies.get((chat_id, row["seq"]))
        ]
    return faults


def is_quote(quote: Frame, story: Story) -> bool:
    states = story.states[quote["seq"]].values()
    return any(
        (quote.get("deleted", False), quote.get("content", ""), quote["sender_id"])
        == (state.is_deleted, state.text[:QUOTED_CHARACTERS], state.sender_id)
        for state in states
        if "sender_id" in quote
    )


def faults_in_views(tables: Tables, stories: dict[int, Story], device: Device) -> list[str]:
    """The device shows the tables: every message of its chats as it is now, in order, and no other chat. Whatever it
    was told was so at some time, and whenever it said that it is in step, it was."""
    mine = {chat_id for chat_id, user_id in tables.members if user_id == device.user_id}
    faults = [f"{device.name} shows chat {chat_id} of others" for chat_id in device.log.views.keys() - mine]
    for chat_id in mine:
        story, view = stories[chat_id], device.view(chat_id)
        floor = tables.floor(chat_id, device.user_id)
        if view.floor != floor or view.first <= floor:
            fault = f"it shows what lies above {view.floor}, from {view.first} on; the floor is {floor}"
            faults.append(f"{where(device, chat_id)} {fault}")
        if view.change_seq != tables.last[chat_id]:
            fault = f"it holds {view.change_seq} changes; there are {tables.last[chat_id]}"
            faults.append(f"{where(device, chat_id)} {fault}")
        last = tables.purged[chat_id] + len(tables.chats[chat_id])
        found = [*faults_in_shown(view, story, last), *faults_in_claims(view, story, device, chat_id)]
        faults += [f"{where(device, chat_id)} {fault}" for fault in found]
    faults += [
        f"{where(device, chat_id)} it was sent messages after {seq}, which is there"
        for chat_id, seq in device.log.jumps
        if seq > tables.floor(chat_id, device.user_id)
    ]
    return faults


def faults_in_shown(view: View, story: Story, last: int) -> Iterator[str]:
    if view.seq != last:
        yield f"it shows messages up to {view.seq}; the table has them up to {last}"
    for message in view.shown:
        if message.seq <= last and message != story.now(message.seq):
            yield f"it shows {message}; the table has {story.now(message.seq)}"
    for (seq, change_seq), message in view.seen.items():
        if story.states[seq].get(change_seq) != message:
            yield f"it was told of {message}; it was {story.states[seq].get(change_seq)}"


def faults_in_claims(view: View, story: Story, device: Device, chat_id: int) -> Iterator[str]:
    wrong = [(claim, old) for claim in view.claims if (old := find_old(claim, story))]
    if wrong:
        claim, old = wrong[0]
        held = f"{claim.first} to {claim.seq} with the changes up to {claim.change_seq}"
        heard = device.log.heard.tell(chat_id, claim.heard)
        yield (
            f"it said {len(wrong)} times what was not so, first that it holds {held};"
            f" (seq, shown, should be): {old[:MAX_REPORTED]}; before that it heard\n{heard}"
        )


def find_old(claim: Claim, story: Story) -> list[tuple[int, int, int]]:
    """Return of which messages a device did not show the last change up to the one that it said to hold: `seq`, the
    change that it showed, and that one."""
    held = (
        (seq, shown, story.last_change(seq, claim.change_seq)) for seq, shown in enumerate(claim.changes, claim.first)
    )
    return [(seq, shown, last) for seq, shown, last in held if shown < last]


def faults_in_order(chats: dict[int, list[Row]], device: Device) -> list[str]:
    """What one device said stands in the order in which it was said; a refused message may come later, and so may an
    answer to what was gone, which was said again."""
    if device.was_refused:
        return []
    faults = []
    for chat_id, rows in chats.items():
        attempts = device.log.attempts.items()
        said = [name for name, attempt in attempts if attempt.chat_id == chat_id and not attempt.was_gone]
        mine = set(said)
        stored = [row["client_id"] for row in rows if row["client_id"] in mine]
        left = set(stored)
        if stored != [client_id for client_id in said if client_id in left]:
            faults.append(f"{device.name}'s messages in chat {chat_id} are not in the order of saying")
    return faults


def as_said(row: Row, text: str) -> Shown:
    """Return the message of a row as it was before it changed."""
    at: datetime = row["sent_at"]
    sent_at = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return Shown(row["id"], row["seq"], row["sender_id"], text, time_of(sent_at))


def as_stored(row: Row) -> Shown:
    said = as_said(row, row["content"])
    return Shown(
        said.message_id,
        said.seq,
        said.sender_id,
        said.text,
        said.sent_at,
        row["edited_at"] is not None,
        row["deleted_at"] is not None,
        frozenset(filter(None, (row["sender_reaction"], row["other_reaction"]))),
        row["change_seq"],
        row["text_seq"],
    )
