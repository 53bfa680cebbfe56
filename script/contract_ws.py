"""Which frames pass between a client and ws-server, as AsyncAPI 3.0? Written from the types that parse and answer.

`script/contract` puts the result into docs/asyncapi.json; a test fails where that file is stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import msgspec

from chat_ws import events, protocol, socket
from contract_file import ROOT, Json, as_text, in_ecma, newest_version

Frame = type[msgspec.Struct]

FILE = ROOT / "docs" / "asyncapi.json"

INCOMING: tuple[Frame, ...] = get_args(protocol.Incoming)
OUTGOING: tuple[Frame, ...] = get_args(events.Outgoing)

# What a client may get for what it sends, besides `error`; the other frames come by themselves.
REPLIES: dict[Frame, tuple[Frame, ...]] = {
    protocol.Auth: (events.AuthSucceeded, events.AuthFailed, events.PresenceFrame, events.PresenceList),
    protocol.SendMessage: (events.MessageSent,),
    **dict.fromkeys((protocol.EditMessage, protocol.DeleteMessage, protocol.ReactToMessage), (events.ChangeMade,)),
    **dict.fromkeys((protocol.SetChat, protocol.ClearChat, protocol.SetKeep), (events.ChatSettled,)),
    protocol.AddChat: (events.ChatAdded,),
    protocol.Sync: (events.SyncChat, events.SyncDone),
    protocol.Ping: (events.Pong,),
}
UNASKED: tuple[Frame, ...] = (
    events.NewMessageFrame,
    events.MessageChanged,
    events.ChatAdded,
    events.ChatChanged,
    events.ChatSettled,
    events.PurgedFrame,
    events.ReceiptFrame,
    events.TypingFrame,
    events.PresenceFrame,
    events.AuthFailed,
)
CLOSE_CODES = {
    socket.CLOSE_UNAUTHENTICATED: "the login has ended: log in again",
    socket.CLOSE_NO_AUTH: "no auth in 10 s",
    socket.CLOSE_TOO_SLOW: "the client reads too slowly",
    socket.CLOSE_FLOOD: "flooding",
    socket.CLOSE_RESTART: "the server restarts: connect again at once, with jitter",
    socket.CLOSE_TRY_LATER: "try again later",
    1009: f"a frame is larger than {protocol.MAX_FRAME} bytes",
}
ABOUT = """\
Everything that happens while one is there: sending, receiving, receipts, presence. Accounts, lists and pages of
messages are in openapi.json, and `ws_url` of its `get_session` is the address to connect to.

A frame is a JSON object in a text message; unknown fields are ignored. `auth` comes first. `send` below is what the
server says, `receive` what a client says. An error never closes the connection. Close codes: """
CHANNEL = {"$ref": "#/channels/frames"}


def describe() -> Json:
    """Return the whole document."""
    frames = [*INCOMING, *OUTGOING]
    codes = "; ".join(f"{code}: {meaning}" for code, meaning in sorted(CLOSE_CODES.items()))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "ChatApp",
            "version": newest_version(),
            "description": f"{ABOUT}{codes}.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "frames": {
                "address": "/",
                "description": "One WebSocket, on any path but `/healthz`.",
                "messages": {frame.__name__: {"$ref": f"#/components/messages/{frame.__name__}"} for frame in frames},
                "bindings": {"ws": {"method": "GET"}},
            }
        },
        "operations": {
            **{f"receive_{tag_of(frame)}": _received(frame) for frame in INCOMING},
            **{
                f"send_{tag}": _sent([frame for frame in UNASKED if tag_of(frame) == tag])
                for tag in map(tag_of, UNASKED)
            },
        },
        "components": {"messages": {frame.__name__: _message(frame) for frame in frames}, "schemas": _schemas(frames)},
    }


def tag_of(frame: Frame) -> str:
    """Return a frame's `type`."""
    return str(frame.__struct_config__.tag)


def _received(frame: Frame) -> Json:
    answers: tuple[Frame, ...] = (*REPLIES.get(frame, ()), events.ErrorFrame)
    reply = {"channel": CHANNEL, "messages": _refer(answers)}
    return {
        "action": "receive",
        "channel": CHANNEL,
        "summary": _summary(frame),
        "messages": _refer([frame]),
        "reply": reply,
    }


def _sent(frames: list[Frame]) -> Json:
    """Describe what comes by itself under one `type`, in one form or another."""
    summary = " Or: ".join(map(_summary, frames))
    return {"action": "send", "channel": CHANNEL, "summary": summary, "messages": _refer(frames)}


def _refer(frames: Iterable[Frame]) -> list[Json]:
    return [{"$ref": f"#/channels/frames/messages/{frame.__name__}"} for frame in frames]


def _message(frame: Frame) -> Json:
    return {
        "name": tag_of(frame),
        "summary": _summary(frame),
        "payload": {"$ref": f"#/components/schemas/{frame.__name__}"},
    }


def _summary(frame: Frame) -> str:
    return _unwrapped(frame.__doc__ or "").partition("\n\n")[0]


def _schemas(frames: list[Frame]) -> Json:
    schemas = msgspec.json.schema_components(frames, ref_template="#/components/schemas/{name}")[1]
    for frame in OUTGOING:
        _require_what_is_always_there(schemas[frame.__name__], frame)
    for schema in schemas.values():
        schema["description"] = _unwrapped(schema.get("description", ""))
    return {name: in_ecma(schema) for name, schema in sorted(schemas.items())}


def _require_what_is_always_there(schema: Json, frame: Frame) -> None:
    """A default is for who makes a frame; who reads it finds every field but those that may be unset."""
    always = {field.encode_name for field in msgspec.structs.fields(frame) if field.default is not msgspec.UNSET}
    schema["required"] = [name for name in schema["properties"] if name in always or name == "type"]


def _unwrapped(doc: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in doc.split("\n\n"))


if __name__ == "__main__":
    FILE.write_text(as_text(describe()), encoding="utf-8")
