"""Is every table with encrypted columns in the list that rotation, the start check and the spans go through?"""

from __future__ import annotations

from chat_db.encrypted_columns import ENCRYPTED
from chat_db.encrypted_spans import ENDINGS
from database import Database

NAMES = {table.name for table in ENCRYPTED}


def test_a_table_with_a_key_version_is_listed(database: Database) -> None:
    rows = database.query(
        "SELECT TABLE_NAME AS name FROM information_schema.COLUMNS"
        " WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_NAME = 'key_version'"
    )
    assert {row["name"] for row in rows} == NAMES


def test_what_is_listed_is_there_and_found_by_its_key_version(database: Database) -> None:
    for table in ENCRYPTED:
        columns = {row["Field"] for row in database.query(f"SHOW COLUMNS FROM {table.name}")}
        assert {"id", table.mark, *(column.name for column in table.columns)} <= columns
        keys = {(row["Key_name"], row["Seq_in_index"]): row for row in database.query(f"SHOW KEYS FROM {table.name}")}
        assert keys[f"{table.name}_key_version", 1]["Column_name"] == "key_version"


def test_each_has_spans_of_its_own() -> None:
    assert set(ENDINGS) == NAMES
    assert len(set(ENDINGS.values())) == len(NAMES)
