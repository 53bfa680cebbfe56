"""Do the logs of all clients and the table tell the same story? Nothing lost, doubled, unexpected or out of order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from database import Database
from tests.support.stored import stored_messages

from .client import Device, Shown

MAX_REPORTED = 10

Row = dict[str, Any]


def find_faults(database: Database, devices: Iterable[Device]) -> list[str]:
    """Return what is wrong, in words; [] when everything that was promised is true."""
    devices = list(devices)
    chats: dict[int, list[Row]] = {}
    for row in stored_messages(database):
        chats.setdefault(row["chat_id"], []).append(row)
    faults = [complaint for device in devices for complaint in device.log.complaints]
    faults += faults_in_table(chats, devices)
    for device in devices:
        faults += faults_in_answers(chats, device)
        faults += faults_in_view(database, chats, device)
        faults += faults_in_order(chats, device)
    return faults


def check(database: Database, devices: Iterable[Device]) -> None:
    faults = find_faults(database, devices)
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults[:MAX_REPORTED])


def faults_in_table(chats: dict[int, list[Row]], devices: list[Device]) -> list[str]:
    """Each `seq` is there once, without a hole; each message that was said is there once; nothing else is."""
    faults = []
    for chat_id, rows in chats.items():
        if [row["seq"] for row in rows] != list(range(1, len(rows) + 1)):
            faults.append(f"chat {chat_id} has holes or doubles: {[row['seq'] for row in rows]}")
    stored = [(r["sender_id"], r["client_id"], r["chat_id"], r["content"]) for rows in chats.values() for r in rows]
    said = [
        (device.user_id, client_id, attempt.chat_id, attempt.text)
        for device in devices
        for client_id, attempt in device.log.attempts.items()
    ]
    if len(set(stored)) != len(stored):
        faults.append("a message is stored twice")
    faults += [f"lost: {message}" for message in set(said) - set(stored)]
    faults += [f"unexpected: {message}" for message in set(stored) - set(said)]
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
        elif as_shown(rows[answer.seq - 1]) != answer or rows[answer.seq - 1]["client_id"] != client_id:
            faults.append(f"{client_id} was acknowledged as {answer}, but the table has {rows[answer.seq - 1]}")
    return faults


def faults_in_view(database: Database, chats: dict[int, list[Row]], device: Device) -> list[str]:
    """The device shows the table: every message of its chats, once, in the table's order, and no other chat."""
    faults = []
    mine = database.query("SELECT id FROM chats WHERE %s IN (user1_id, user2_id)", device.user_id)
    members = {row["id"] for row in mine}
    faults += [f"{device.name} shows chat {chat_id} of others" for chat_id in device.log.shown.keys() - members]
    for chat_id in members:
        rows = chats.get(chat_id, [])
        shown = device.log.shown.get(chat_id, [])
        if shown != [as_shown(row) for row in rows]:
            faults.append(f"{device.name} shows {len(shown)} messages of chat {chat_id} and the table has {len(rows)}")
    for client_id, (chat_id, seq) in device.log.own.items():
        row = chats.get(chat_id, [])[seq - 1]
        if (row["sender_id"], row["client_id"]) != (device.user_id, client_id):
            faults.append(f"{device.name} was told that {client_id} is {seq} of chat {chat_id}; the table has {row}")
    return faults


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


def as_shown(row: Row) -> Shown:
    at: datetime = row["sent_at"]
    sent_at = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return Shown(row["id"], row["seq"], row["sender_id"], row["content"], sent_at)
