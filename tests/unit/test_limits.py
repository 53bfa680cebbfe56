"""How do buckets and gates count?"""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from chat_ws.limits import Bucket, Buckets, ConnectionLimiter


class Clock:
    """Time that only moves when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr("chat_ws.limits.time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_bucket_gives_its_burst_and_then_its_rate(clock: Clock) -> None:
    bucket = Bucket(burst=3, rate=2)
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() == pytest.approx(0.5)
    clock.now += 0.25
    assert bucket.take() == pytest.approx(0.25)
    clock.now += 0.25
    assert bucket.take() == 0
    assert bucket.take() == pytest.approx(0.5)


def test_a_bucket_never_holds_more_than_its_burst(clock: Clock) -> None:
    bucket = Bucket(burst=3, rate=2)
    clock.now += 3_600
    assert [bucket.take() > 0 for _ in range(4)] == [False, False, False, True]


def test_being_refused_costs_nothing(clock: Clock) -> None:
    bucket = Bucket(burst=1, rate=1)
    bucket.take()
    for _ in range(100):
        assert bucket.take() == pytest.approx(1)
    clock.now += 1
    assert bucket.take() == 0


def test_a_charge_goes_into_debt_and_time_pays_it_back(clock: Clock) -> None:
    bucket = Bucket(burst=2, rate=1)
    assert [bucket.charge() for _ in range(4)] == [1, 0, -1, -2]
    clock.now += 3
    assert bucket.charge() == 0


def test_a_rate_of_0_means_no_limit(clock: Clock) -> None:
    bucket = Bucket(burst=1, rate=0)
    assert {bucket.take() for _ in range(1_000)} == {0}
    assert all(bucket.charge() >= 0 for _ in range(1_000))


def test_one_key_does_not_use_up_anothers_bucket(clock: Clock) -> None:
    buckets = Buckets(burst=1, rate=1)
    assert buckets.take("ada") == 0
    assert buckets.take("ada") > 0
    assert buckets.take("bob") == 0


def test_only_full_buckets_are_forgotten(clock: Clock) -> None:
    buckets = Buckets(burst=1, rate=1, sweep_at=2)
    assert buckets.take("old") == 0
    clock.now += 60
    assert buckets.take("ada") == 0
    assert buckets.take("bob") == 0
    assert buckets.take("ada") > 0
    assert len(buckets._buckets) == 2


def test_a_gate_counts_all_and_each_address() -> None:
    gate = ConnectionLimiter(max_connections=3, max_per_address=2)
    assert [gate.enter("a"), gate.enter("a"), gate.enter("a")] == [True, True, False]
    assert gate.enter("b") is False
    for address in ("a", "a", "a", "b"):
        gate.leave(address)
    assert gate.enter("b") is True


def test_a_gate_that_is_stormed_stops_answering() -> None:
    gate = ConnectionLimiter(max_connections=1, max_per_address=1)
    addresses = [f"10.0.{number}.1" for number in range(1 + 256)]
    for address in addresses:
        gate.enter(address)
    assert not gate.is_overrun(addresses[0])
    gate.enter("a")
    assert gate.is_overrun("a")


def test_one_address_far_beyond_its_cap_is_not_answered() -> None:
    gate = ConnectionLimiter(1000, 1, (ip_network("10.0.0.2/32"),))
    for address in ("10.0.0.1", "10.0.0.2"):
        for _ in range(1 + 64):
            gate.enter(address)
        assert not gate.is_overrun(address)
        gate.enter(address)
    assert gate.is_overrun("10.0.0.1")
    assert not gate.is_overrun("10.0.0.2")  # a proxy's: everybody's
