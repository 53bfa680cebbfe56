"""Does script/bench --growth still fill in what it says and measure every figure? Ratios are never asserted here."""

from __future__ import annotations

import io

from tests.bench.growth import LIMITS, Tries, measure_growth


def test_a_small_fill_goes_through_everything_that_the_large_one_does() -> None:
    result = measure_growth(messages=800, users=60, many_chats=20, tries=Tries(2, 2, 1), log=io.StringIO())
    figures = {row["figure"]: row for row in result["rows"]}
    assert result["messages_in_table"] >= 800
    assert figures.keys() >= LIMITS.keys()
    for name in LIMITS:
        assert figures[name]["empty"] > 0
        assert figures[name]["filled"] > 0
    assert all(isinstance(row["kept"], bool) for row in figures.values())
