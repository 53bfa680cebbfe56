"""Do the logs of all clients and the tables tell the same story? Nothing lost, doubled, undone or out of order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chat_db.message_state import read_reaction
from database import Database
from tests.support.stored import ring_of, stored_messages

from .client import Device
from .replay import Made, Story, tell
from .view import Claim, Shown

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
        self.last = {row["id"]: row["change_seq"] for row in database.query("SELECT id, change_seq FROM chats")}
        members = database.query("SELECT chat_id, user_id FROM members")
        self.members = {(row["chat_id"], row["user_id"]) for row in members}


def find_faults(database: Database, devices: Iterable[Device]) -> list[str]:
    """Return what is wrong, in words; [] when everything that was promised is true."""
    devices = list(devices)
    tables = Tables(database)
    faults = [complaint for device in devices for complaint in device.log.complaints]
    faults += faults_in_messages(tables.chats, devices)
    faults += faults_in_changes(tables, devices)
    if faults:  # the stories would be about something else
        return faults
    stories = tell_stories(tables, devices)
    for chat_id, story in stories.items():
        faults += [f"chat {chat_id}: {fault}" for fault in story.faults]
        faults += faults_in_table(tables.chats[chat_id], story)
    for device in devices:
        faults += faults_in_answers(tables.chats, device)
        faults += faults_in_own(tables.chats, device)
        faults += faults_in_refusals(stories, device)
        faults += faults_in_views(tables, stories, device)
        faults += faults_in_order(tables.chats, device)
    return faults


def check(database: Database, devices: Iterable[Device]) -> None:
    faults = find_faults(database, devices)
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults[:MAX_REPORTED])


def faults_in_messages(chats: dict[int, list[Row]], devices: list[Device]) -> list[str]:
    """Each `seq` is there once, without a hole; each message that was said is there once; nothing else is."""
    faults = []
    for chat_id, rows in chats.items():
        if [row["seq"] for row in rows] != list(range(1, len(rows) + 1)):
            faults.append(f"chat {chat_id} has holes or doubles: {[row['seq'] for row in rows]}")
    stored = [(r["sender_id"], r["client_id"], r["chat_id"]) for rows in chats.values() for r in rows]
    said = [
        (device.user_id, client_id, attempt.chat_id)
        for device in devices
        for client_id, attempt in device.log.attempts.items()
    ]
    if len(set(stored)) != len(stored):
        faults.append("a message is stored twice")
    faults += [f"lost: {message}" for message in set(said) - set(stored)]
    faults += [f"unexpected: {message}" for message in set(stored) - set(said)]
    return faults


def faults_in_changes(tables: Tables, devices: list[Device]) -> list[str]:
    """Each change that was acknowledged is noted, under a number that its answer has or passed; and no other is."""
    noted = {(row["user_id"], row["client_id"]): row for row in tables.changes}
    faults = []
    for device in devices:
        for client_id, attempt in device.log.changes.items():
            row = noted.pop((device.user_id, client_id), None)
            if row is None:
                if attempt.refusal is None:
                    faults.append(f"lost: {client_id}, {attempt}")
            elif attempt.answer is None:
                faults.append(f"{client_id} was made and never acknowledged: {attempt}")
            elif (row["chat_id"], row["seq"]) != (attempt.chat_id, attempt.seq):
                faults.append(f"{client_id} was made to another message: {row} for {attempt}")
            elif row["change_seq"] > attempt.answer.change_seq:
                faults.append(f"{client_id} was acknowledged before it was made: {row} for {attempt}")
    return faults + [f"unexpected: {row}" for row in noted.values()]


def tell_stories(tables: Tables, devices: list[Device]) -> dict[int, Story]:
    """Return what must have become of each chat."""
    texts = {key: attempt.text for device in devices for key, attempt in device.log.attempts.items()}
    attempts = {key: attempt for device in devices for key, attempt in device.log.changes.items()}
    made: dict[int, list[Made]] = {chat_id: [] for chat_id in tables.chats}
    for row in tables.changes:
        client_id = row["client_id"]
        made[row["chat_id"]].append(Made(row["change_seq"], row["user_id"], client_id, attempts[client_id]))
    return {
        chat_id: tell((as_said(row, texts[row["client_id"]]) for row in rows), made[chat_id], tables.last[chat_id])
        for chat_id, rows in tables.chats.items()
    }


def faults_in_table(rows: list[Row], story: Story) -> list[str]:
    """Each row is how its last change left it, and nothing is left of what was deleted."""
    faults = []
    for row in rows:
        if as_stored(row) != story.now(row["seq"]):
            faults.append(f"the table has {as_stored(row)} instead of {story.now(row['seq'])}")
        if row["deleted_at"] is not None and (row["content"], row["key_version"]) != ("", 0):
            faults.append(f"something is left of what was deleted: {row}")
    return faults


def faults_in_answers(chats: dict[int, list[Row]], device: Device) -> list[str]:
    """Every message has its answer, and the answer says what the table says."""
    faults = []
    for client_id, attempt in device.log.attempts.items():
        rows = chats.get(attempt.chat_id, [])
        answer = attempt.answer
        if answer is None:
            faults.append(f"{client_id} was never acknowledged")
        elif not 1 <= answer.seq <= len(rows):
            faults.append(f"{client_id} was acknowledged as {answer} and is not in the table")
        else:
            row = rows[answer.seq - 1]
            if as_said(row, attempt.text) != answer or row["client_id"] != client_id:
                faults.append(f"{client_id} was acknowledged as {answer}, but the table has {row}")
    return faults


def faults_in_own(chats: dict[int, list[Row]], device: Device) -> list[str]:
    """What a device was told of its user's own messages is in the table."""
    faults = []
    for client_id, (chat_id, seq) in device.log.own.items():
        row = chats.get(chat_id, [])[seq - 1]
        if (row["sender_id"], row["client_id"]) != (device.user_id, client_id):
            faults.append(f"{device.name} was told that {client_id} is {seq} of chat {chat_id}; the table has {row}")
    return faults


def faults_in_refusals(stories: dict[int, Story], device: Device) -> list[str]:
    """A change was refused because of another one: the message was deleted, or its text was changed elsewhere."""
    faults = []
    for client_id, attempt in device.log.changes.items():
        message = stories[attempt.chat_id].now(attempt.seq)
        if attempt.refusal == "edit_conflict":
            is_right = message.text_seq > attempt.fields.get("base", message.text_seq)
        else:
            is_right = attempt.refusal is None or message.is_deleted
        if not is_right:
            faults.append(f"{client_id} was refused ({attempt.refusal}): {attempt}; it is {message}")
    return faults


def faults_in_views(tables: Tables, stories: dict[int, Story], device: Device) -> list[str]:
    """The device shows the tables: every message of its chats as it is now, in order, and no other chat. Whatever it
    was told was so at some time, and whenever it said that it is in step, it was."""
    faults = []
    mine = {chat_id for chat_id, user_id in tables.members if user_id == device.user_id}
    faults += [f"{device.name} shows chat {chat_id} of others" for chat_id in device.log.views.keys() - mine]
    for chat_id in mine:
        story, view = stories[chat_id], device.view(chat_id)
        where = f"{device.name} in chat {chat_id}"
        last = len(tables.chats[chat_id])
        if view.shown != [story.now(seq) for seq in range(view.first, last + 1)]:
            faults.append(f"{where} shows {len(view.shown)} messages; the table has {last}, or others")
        if view.change_seq != tables.last[chat_id]:
            faults.append(f"{where} holds {view.change_seq} changes; there are {tables.last[chat_id]}")
        for (seq, change_seq), message in view.seen.items():
            if story.states[seq].get(change_seq) != message:
                faults.append(f"{where} was told of {message}; it was {story.states[seq].get(change_seq)}")
        faults += [f"{where} said that it holds {claim}" for claim in view.claims if not is_true(claim, story)]
    return faults


def is_true(claim: Claim, story: Story) -> bool:
    return all(
        shown >= story.last_change(seq, claim.change_seq) for seq, shown in enumerate(claim.changes, claim.first)
    )


def faults_in_order(chats: dict[int, list[Row]], device: Device) -> list[str]:
    """What one device said stands in the order in which it was said; a refused message may come later."""
    if device.was_refused:
        return []
    faults = []
    for chat_id, rows in chats.items():
        said = [client_id for client_id, attempt in device.log.attempts.items() if attempt.chat_id == chat_id]
        mine = set(said)
        if [row["client_id"] for row in rows if row["client_id"] in mine] != said:
            faults.append(f"{device.name}'s messages in chat {chat_id} are not in the order of saying")
    return faults


def as_said(row: Row, text: str) -> Shown:
    """Return the message of a row as it was before it changed."""
    at: datetime = row["sent_at"]
    sent_at = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return Shown(row["id"], row["seq"], row["sender_id"], text, sent_at)


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
