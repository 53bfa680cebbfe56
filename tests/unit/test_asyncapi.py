"""Is docs/asyncapi.json what the frames are? As fresh as the types, and complete."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import jsonschema_rs
import pytest

import contract_ws
from contract_file import as_text
from stack import ROOT

SPECIFICATION = ROOT / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"

DOCUMENT = contract_ws.describe()
SCHEMAS = DOCUMENT["components"]["schemas"]


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        found = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return found.union(*(references(value) for value in part.values()))
    return set().union(*(references(value) for value in part)) if isinstance(part, list) else set()


def test_the_file_is_what_the_frames_are() -> None:
    written = contract_ws.FILE.read_text(encoding="utf-8")
    assert written == as_text(DOCUMENT), "run script/contract"


def test_everything_that_is_referred_to_is_there() -> None:
    found = references(DOCUMENT)
    assert len(found) > 40
    for reference in found:
        part: Any = DOCUMENT
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_every_frame_is_part_of_an_operation_and_says_what_it_is() -> None:
    used = {reference.rpartition("/")[2] for reference in references(DOCUMENT["operations"])} - {"frames"}
    frames = {frame.__name__ for frame in (*contract_ws.INCOMING, *contract_ws.OUTGOING)}
    assert used == frames
    assert {frame for frame in frames if not SCHEMAS[frame].get("description")} == set()


def test_a_reader_of_a_frame_knows_which_fields_are_always_there() -> None:
    assert SCHEMAS["AuthSucceeded"]["required"] == ["type", "user_id", "username", "status", "message"]
    assert SCHEMAS["SyncDone"]["required"] == ["type", "chats"]
    assert SCHEMAS["Sync"]["required"] == ["type", "chats"]
    assert SCHEMAS["ErrorFrame"]["properties"]["code"]["enum"]


def test_patterns_are_regular_expressions_of_json_schema() -> None:
    patterns = re.findall(r'"pattern": "([^"]*)"', as_text(DOCUMENT))
    assert patterns
    assert all(re.fullmatch(r"\^.*\$", pattern) for pattern in patterns)


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="not run: npm packages are missing")
def test_the_file_is_valid_asyncapi() -> None:
    specification = jsonschema_rs.validator_for(json.loads(SPECIFICATION.read_text(encoding="utf-8")))
    specification.validate(DOCUMENT)
    damaged = copy.deepcopy(DOCUMENT)
    next(iter(damaged["operations"].values()))["action"] = "shout"
    assert not specification.is_valid(damaged)
