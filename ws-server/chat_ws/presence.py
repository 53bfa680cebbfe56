"""Who is online, on which sockets, and what may pass between a user and each of the people they have a chat with?"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import msgspec

from chat_db import DatabaseUnavailable
from chat_db.chats import Partner, list_partners
from chat_db.connection import rfc3339, utc_now
from chat_db.users import as_user, find_changed

from .events import ChangedChat, ChatAdded, ChatChanged, Presence, PresenceFrame, PresenceList, encode, started_chat
from .hub import Hub
from .queries import Ask, Watch
from .socket import ClientSocket

TOLD_AT_ONCE = 500  # presence frames, before a new socket has to have taken them
ASKED_AT_ONCE = 200  # users whose partners one query finds
LISTED_AT_ONCE = 3_000  # people in one presence_list: 240 KB
OFFLINE_GRACE = 5.0  # seconds without a socket before a user is shown as offline: a reload does not flicker

NoteLastSeen = Callable[[int, str], None]


class OnlineUser:
    """A user with at least one socket in the hub, or without one for less than the grace."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.new_sockets: set[ClientSocket] = set()  # those of the user's that have not been told of the partners yet
        self.partners: dict[int, Partner] = {}
        self.look = 0  # the number of the look at the database that found the partners
        self.is_announced = False
        self.left_at = ""
        self.leaving: asyncio.TimerHandle | None = None


class Presences:
    """The users of this process. Nothing passes between two people of whom one has blocked the other, and who hides
    their presence does not see that of others."""

    def __init__(self, hub: Hub, ask: Ask, watch: Watch, note_last_seen: NoteLastSeen) -> None:
        self._hub = hub
        self._ask = ask
        self._watch = watch
        self._note_last_seen = note_last_seen
        self._online: dict[int, OnlineUser] = {}
        self._looks = 0
        self._changes_seen: set[tuple[int, str]] = set()
        self._changes_seen_at = time.monotonic()
        self._is_stopping = False

    def known_partner(self, user_id: int, other_id: int) -> Partner | None:
        """Return the same as `find_partner` as far as it is known without asking the database."""
        online = self._online.get(user_id)
        return online.partners.get(other_id) if online is not None else None

    async def find_partner(self, user_id: int, other_id: int) -> Partner | None:
        """Return what may pass between a user who is online and somebody they have a chat with."""
        online = self._online.get(user_id)
        if online is None:
            return None
        if other_id not in online.partners:  # a chat that was made elsewhere
            await self._look(online)
        return online.partners.get(other_id)

    def chats_of(self, user_id: int) -> dict[int, ChangedChat]:
        """Return the chats of a user who is online, by id, as they were told of them."""
        online = self._online.get(user_id)
        return {partner.chat_id: chat_of(partner) for partner in online.partners.values()} if online else {}

    # Coming and going

    async def enter(self, user_id: int, socket: ClientSocket, as_list: bool = False) -> None:
        """Add an authenticated socket, tell it who is online (`as_list`: as `presence_list`), and the others that its
        user is."""
        online = self._online.setdefault(user_id, OnlineUser(user_id))
        self._hub.add(user_id, socket)
        if online.leaving is not None:
            online.leaving.cancel()
            online.leaving = None
        online.new_sockets.add(socket)
        try:
            await self._look(online)
        finally:
            online.new_sockets.discard(socket)
        if not online.is_announced and self._hub.sockets_of(user_id):
            online.is_announced = True
            self._tell_partners(online)
        if as_list:
            await self._send_list(online, socket)
        else:
            await self._send_each(online, socket)

    async def _send_list(self, online: OnlineUser, socket: ClientSocket) -> None:
        partner_ids = list(online.partners)
        for first in range(0, len(partner_ids) or 1, LISTED_AT_ONCE):
            await socket.drain()
            listed = map(online.partners.get, partner_ids[first : first + LISTED_AT_ONCE])
            people = [self._presence_of(partner) for partner in listed if partner is not None]
            socket.send_soon(encode(PresenceList(people)))

    async def _send_each(self, online: OnlineUser, socket: ClientSocket) -> None:
        for index, partner_id in enumerate(list(online.partners), 1):
            partner = online.partners.get(partner_id)
            if partner is not None:
                socket.send_soon(encode(as_frame(self._presence_of(partner))))
            if not index % TOLD_AT_ONCE:
                await socket.drain()

    def leave(self, user_id: int, socket: ClientSocket) -> None:
        """Remove a socket. After the grace, a user without any is offline as of now."""
        online = self._online.get(user_id)
        if online is None or not self._hub.remove(user_id, socket) or self._hub.sockets_of(user_id):
            return
        online.left_at = utc_now()
        self._note_last_seen(user_id, online.left_at)
        if not self._is_stopping:
            online.leaving = asyncio.get_running_loop().call_later(OFFLINE_GRACE, self._go_offline, online)

    def _go_offline(self, online: OnlineUser) -> None:
        if self._hub.sockets_of(online.user_id) or self._online.get(online.user_id) is not online:
            return
        del self._online[online.user_id]
        last_seen = rfc3339(online.left_at)
        for partner_id in online.partners:
            other = self._online.get(partner_id)
            if other is not None and online.user_id in other.partners:
                known = other.partners[online.user_id]
                other.partners[online.user_id] = msgspec.structs.replace(known, last_seen_at=last_seen)
        if online.is_announced:
            self._tell_partners(online)

    def stop(self) -> None:
        """Note that everybody is seen now for the last time."""
        self._is_stopping = True
        for user_id in self._online:
            if self._hub.sockets_of(user_id):
                self._note_last_seen(user_id, utc_now())

    # What one sees of the other

    async def introduce(self, user_id: int, other_id: int) -> None:
        """Two users have a new chat: tell each whether the other is online."""
        for one, two in ((user_id, other_id), (other_id, user_id)):
            online = self._online.get(one)
            if online is not None:
                with contextlib.suppress(DatabaseUnavailable):  # the chat is there and announced all the same
                    await self._look(online, always=two)

    async def look_for_changes(self) -> set[int]:
        """Learn of what users changed elsewhere: blocks, choices, deletion, a chat with who invited them.

        Return who changed something.

        Raises DatabaseUnavailable: the next look then goes back to the last one that succeeded. The same change is
        reported for some seconds and acted upon once.
        """
        now = time.monotonic()
        found: set[tuple[int, str]] = await self._watch(find_changed, now - self._changes_seen_at)
        changed = {user_id for user_id, _ in found - self._changes_seen}
        concerned = set(changed)
        async for _, partners in self._ask_for_partners(changed):
            concerned.update(partner.id for partners_of_one in partners.values() for partner in partners_of_one)
        async for look, partners in self._ask_for_partners(concerned & self._online.keys()):
            for user_id, partners_now in partners.items():
                online = self._online.get(user_id)
                if online is not None:  # else they left meanwhile
                    self._take(online, look, partners_now, tells_new_chats=True)
        self._changes_seen, self._changes_seen_at = found, now
        return changed

    async def _ask_for_partners(self, user_ids: set[int]) -> AsyncIterator[tuple[int, dict[int, list[Partner]]]]:
        """Yield the partners of some users, of many at a time, with the number of the look that found them."""
        ordered = sorted(user_ids)
        for first in range(0, len(ordered), ASKED_AT_ONCE):
            look = self._next_look()
            yield look, await self._watch(list_partners, ordered[first : first + ASKED_AT_ONCE])

    async def _look(self, online: OnlineUser, always: int | None = None) -> None:
        look = self._next_look()
        partners = await self._ask(online.user_id, list_partners, [online.user_id])
        self._take(online, look, partners[online.user_id], always)

    def _next_look(self) -> int:
        self._looks += 1
        return self._looks

    def _take(
        self,
        online: OnlineUser,
        look: int,
        found: list[Partner],
        always: int | None = None,
        *,
        tells_new_chats: bool = False,
    ) -> None:
        """Take what a look found that may pass between a user and their partners; tell what they see differently.

        Looks run beside each other, and the older one may answer last: then it counts for nothing.
        """
        if look < online.look:
            return
        tells_new_chats = tells_new_chats and online.look > 0  # at the first look every chat is new
        online.look = look
        before = online.partners
        online.partners = {partner.id: partner for partner in found}
        for partner in found:
            known = before.get(partner.id)
            if known is None and tells_new_chats:
                other = as_user(partner.id, partner.username)
                self._tell(online, started_chat(other, partner.chat_id, other))
            if known is not None and chat_of(known) != chat_of(partner):
                self._tell(online, ChatChanged(chat_of(partner)))
            seen = self._presence_of(partner)
            if partner.id == always or known is None or self._presence_of(known) != seen:
                self._tell(online, as_frame(seen))

    def _tell_partners(self, user: OnlineUser) -> None:
        """Tell everybody who may see it that a user came or went."""
        for partner_id in user.partners:
            other = self._online.get(partner_id)
            partner = other.partners.get(user.user_id) if other is not None else None
            if other is not None and partner is not None and is_visible(partner):
                self._tell(other, as_frame(self._presence_of(partner)))

    def _tell(self, online: OnlineUser, frame: PresenceFrame | ChatAdded | ChatChanged) -> None:
        self._hub.publish((online.user_id,), frame, but=online.new_sockets)

    def _presence_of(self, partner: Partner) -> Presence:
        if not is_visible(partner):
            return Presence(user_id=partner.id, online=False, last_seen=None)
        online = self._online.get(partner.id)
        if online is not None and online.is_announced:
            return Presence(user_id=partner.id, online=True, last_seen=None)
        return Presence(user_id=partner.id, online=False, last_seen=partner.last_seen_at)


def as_frame(presence: Presence) -> PresenceFrame:
    return PresenceFrame(*msgspec.structs.astuple(presence))


def is_visible(partner: Partner) -> bool:
    return partner.shares_presence and not partner.is_apart


def chat_of(partner: Partner) -> ChangedChat:
    """Return the chat with a partner as the user of whom they are a partner sees it."""
    return ChangedChat(partner.chat_id, as_user(partner.id, partner.username), partner.has_been_blocked)
