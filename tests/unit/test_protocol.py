"""What is a frame, and what is not? `parse` answers with a structure or a refusal, and with nothing else."""

from __future__ import annotations

import json
import random
import unicodedata

import pytest

from chat_db.texts import WHITE_SPACE
from chat_ws import protocol
from chat_ws.events import refusal_frame
from chat_ws.protocol import clean_message, parse, parse_id
from chat_ws.refusals import Refusal

MESSAGE = '{"type":"send_message","chat_id":1,"message":"hi","client_id":"c1"}'


def refusal_of(text: str | bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(text)
    return caught.value


def test_a_frame_becomes_a_structure() -> None:
    assert parse(MESSAGE) == protocol.SendMessage(chat_id=1, message="hi", client_id="c1")
    assert parse('{"type":"ping"}') == protocol.Ping()


def test_unknown_fields_are_ignored() -> None:
    assert parse('{"later":{"a":[1,null]},"type":"ping","x":1e400}') == protocol.Ping()


def test_a_field_that_is_null_counts_as_left_out() -> None:
    assert parse(MESSAGE.replace('"c1"', "null")) == protocol.SendMessage(chat_id=1, message="hi")


def code_of(text: str) -> str | None:
    """Return the code of the refusal, None where it is a frame."""
    try:
        parse(text)
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("identity", ["1", '"1"', "4294967295", '"4294967295"'])
def test_an_id_is_a_number_or_its_decimal_text(identity: str) -> None:
    frame = parse(f'{{"type":"delivered","chat_id":{identity},"seq":0}}')
    assert isinstance(frame, protocol.Delivered)
    assert parse_id(frame.chat_id) == int(json.loads(identity))


@pytest.mark.parametrize(
    "identity",
    [
        *("0", "-1", "1.0", "1e3", "true", "false", "null", "[1]", '{"id":1}', "4294967296", "9" * 400),
        *('""', '"0"', '"01"', '"-1"', '"+1"', '" 1"', '"1 "', '"1\\n"', '"1.0"', '"1e3"', '"0x1"', '"1 or 1=1"'),
        *('"１"', '"١"', '"12345678901"', '"99999999999999999999"'),
    ],
)
def test_nothing_else_is_an_id(identity: str) -> None:
    assert refusal_of(f'{{"type":"delivered","chat_id":{identity},"seq":0}}').code == "bad_frame"


def test_an_id_as_text_beyond_32_bits_is_a_bad_frame() -> None:
    frame = parse('{"type":"delivered","chat_id":"4294967296","seq":0}')
    assert isinstance(frame, protocol.Delivered)
    with pytest.raises(Refusal) as caught:
        parse_id(frame.chat_id)
    assert caught.value.code == "bad_frame"


@pytest.mark.parametrize("seq", ["-1", "1.5", "1.0", "true", "null", '"1"', "9007199254740992", "1e400", "[]", "{}"])
def test_a_seq_is_a_whole_number(seq: str) -> None:
    assert refusal_of(f'{{"type":"read","chat_id":1,"seq":{seq}}}').code == "bad_frame"


@pytest.mark.parametrize("client_id", ["a", "A-Z.a:z_0-9", "x" * 64])
def test_a_client_id_has_64_harmless_characters(client_id: str) -> None:
    assert parse(MESSAGE.replace("c1", client_id)) == protocol.SendMessage(1, "hi", client_id)


@pytest.mark.parametrize("client_id", ["", "x" * 65, "a b", "a/b", "é", "a\\n", "%", "a'b", "\\u0000", "ａ"])
def test_no_other_client_id_is_accepted_or_repeated(client_id: str) -> None:
    refusal = refusal_of(MESSAGE.replace("c1", client_id))
    assert (refusal.code, refusal.client_id) == ("bad_frame", None)


def test_a_refusal_names_the_message_it_is_about() -> None:
    assert refusal_of('{"type":"send_message","client_id":"c1"}').client_id == "c1"
    assert refusal_of('{"type":"send_message","client_id":"c1","chat_id":true,"message":"x"}').client_id == "c1"


@pytest.mark.parametrize("text", ["", " ", "x", "null", "true", "1", '"ping"', "[]", '["ping"]', "{", "{}", "NaN"])
def test_what_is_not_an_object_with_a_type_is_a_bad_frame(text: str) -> None:
    assert refusal_of(text).code == "bad_frame"


@pytest.mark.parametrize("kind", ["null", "1", "true", "[]", "{}", '["ping"]', "NaN"])
def test_a_type_is_text(kind: str) -> None:
    assert refusal_of(f'{{"type":{kind}}}').code == "bad_frame"


@pytest.mark.parametrize("kind", ["", "PING", "ping ", "message", "auth_ok", "__class__", "п"])
def test_a_type_that_nobody_knows_has_a_code_of_its_own(kind: str) -> None:
    assert refusal_of(json.dumps({"type": kind})).code == "unknown_type"


def test_a_binary_message_is_a_bad_frame() -> None:
    assert refusal_of(b'{"type":"ping"}').code == "bad_frame"


@pytest.mark.parametrize(
    "text",
    [
        MESSAGE.replace('"hi"', "NaN"),
        MESSAGE.replace("1,", "Infinity,"),
        '{"type":"ping","x":NaN}',
        '{"type":"ping","x":-Infinity}',
        MESSAGE.replace("hi", "\\ud800"),
        MESSAGE.replace("hi", "\\udc00\\ud800"),
        '{"type":"ping","\\udfff":1}',
        MESSAGE.replace("hi", "a\nb"),
        "{'type':'ping'}",
        '{"type":"ping",}',
        '{"type":"ping"} {"type":"ping"}',
        "\ufeff" + MESSAGE,
    ],
)
def test_what_is_not_json_is_a_bad_frame(text: str) -> None:
    assert refusal_of(text).code == "bad_frame"


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"nope","x":}',
        '{"type":"nope"} x',
        '{"type":"nope","x":"\\ud800"}',
        '{"type":"send_message","chat_id":[1],"message":"\\ud800","client_id":"c1"}',
        '{"type":"send_message","client_id":"c1","chat_id":true,"message":',
    ],
)
def test_a_wrong_field_before_broken_json_is_a_bad_frame_too(text: str) -> None:
    assert refusal_of(text).code == "bad_frame"


@pytest.mark.parametrize("deep", ["[" * 30_000, "[" * 30_000 + "]" * 30_000, '{"a":' * 10_000 + "1" + "}" * 10_000])
def test_nesting_that_exhausts_the_stack_is_a_bad_frame(deep: str) -> None:
    for text in (deep, f'{{"type":"ping","x":{deep}}}', f'{{"type":"nope","x":{deep}}}', f'{{"x":{deep},"type":1}}'):
        assert refusal_of(text).code == "bad_frame"


def test_whatever_comes_in_parse_raises_nothing_but_refusals() -> None:
    """Frames with a few characters changed, cut or doubled, at random but the same in every run."""
    chance = random.Random(20261122)
    alphabet = '{}[]",:\\u0d8 tfn1e.-\x00é\U0001f600'
    sources = [MESSAGE, '{"type":"sync","chats":{"1":2,"3":4}}', '{"type":"auth","user_id":"7","token":"abc"}']
    for _ in range(20_000):
        text = list(chance.choice(sources))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(text))
            text[place : place + chance.randint(0, 3)] = chance.choices(alphabet, k=chance.randint(0, 3)) or [""]
        assert code_of("".join(text)) in (None, "bad_frame", "unknown_type")


def test_white_space_around_a_message_goes_and_inside_it_stays() -> None:
    for around in WHITE_SPACE:
        inside = "" if around in "\v\f\r\x85" else around  # a control character goes everywhere
        assert clean_message(f"{around}a {around}b{around}{around}") == f"a {inside}b"


def test_characters_that_only_look_like_white_space_stay() -> None:
    for character in "\u200b\u200d\ufeff\u2060\u180e\u3164":
        assert clean_message(character) == character


def test_control_characters_go_but_line_feed_and_tab() -> None:
    controls = "".join(chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cc")
    assert clean_message(f"a{controls}b") == "a\t\nb"
    assert clean_message("one\r\ntwo\r") == "one\ntwo"
    assert clean_message("\x1b]0;title\x07text\x9b31m") == "]0;titletext31m"
    assert clean_message("a" * 8_000 + "\x00" * 8_000) == "a" * 8_000
    with pytest.raises(Refusal) as caught:
        clean_message("\x00 \x01")
    assert caught.value.code == "empty_message"


def test_a_message_of_white_space_is_empty() -> None:
    for text in ("", " ", WHITE_SPACE):
        with pytest.raises(Refusal) as caught:
            clean_message(text)
        assert caught.value.code == "empty_message"


@pytest.mark.parametrize("longest", ["a" * 8_000, "é" * 8_000, "😀" * 4_000, "a" * 7_998 + "😀", "e\u0301" * 4_000])
def test_a_message_has_8000_utf16_units_without_the_space_around_it(longest: str) -> None:
    assert clean_message(f" {longest}\n") == longest
    with pytest.raises(Refusal) as caught:
        clean_message(longest + "a")
    assert caught.value.code == "message_too_long"


def test_the_longest_message_fits_into_a_frame_fully_escaped() -> None:
    escaped = "".join(f"\\u{ord(unit):04x}" for unit in "é" * 8_000)
    frame = (
        f'{{"type":"send_message","chat_id":4294967295,"sender_id":4294967295,"receiver_id":4294967295,'
        f'"client_id":"{"x" * 64}","message":"{escaped}"}}'
    )
    assert len(frame) < protocol.MAX_FRAME
    assert isinstance(parse(frame), protocol.SendMessage)


def test_where_waiting_helps_the_wait_is_never_nothing() -> None:
    for seconds, told in ((2.0, 2.0), (0.2, 0.2), (0.0301, 0.031), (0.00001, 0.001)):
        refusal = Refusal("rate_limited", "", retry_after=seconds)
        assert refusal_frame(refusal).retry_after == told
