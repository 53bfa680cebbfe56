"""How many large answers may be on their way to one user?"""

from __future__ import annotations

import gevent
import pytest

from chat_web import turns
from chat_web.refusals import Refusal
from chat_web.turns import AT_ONCE, MOST_WAITING, Turns

ADA, BOB = 1, 2


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)


def test_one_more_than_a_few_is_refused_until_one_is_taken() -> None:
    of_all = Turns()
    taken = [of_all.take(ADA) for _ in range(AT_ONCE)]
    with pytest.raises(Refusal) as refused:
        of_all.take(ADA)
    assert (refused.value.code, refused.value.status) == ("rate_limited", 429)
    taken.pop()()
    taken.append(of_all.take(ADA))


def test_nobody_else_waits_for_them() -> None:
    of_all = Turns()
    for _ in range(AT_ONCE):
        of_all.take(ADA)
    of_all.take(BOB)()


def test_who_wants_no_answers_takes_no_memory() -> None:
    of_all = Turns()
    for give_back in [of_all.take(ADA) for _ in range(AT_ONCE)]:
        give_back()
    assert of_all._by_user == {}


def test_of_one_user_only_some_wait() -> None:
    """Who held all turns and asked 400 times took every place of an address, for 5 s each."""
    of_all = Turns()
    given = [of_all.take(ADA) for _ in range(AT_ONCE)]
    waiting = [gevent.spawn(of_all.take, ADA) for _ in range(MOST_WAITING)]
    gevent.sleep(0)
    with pytest.raises(Refusal) as refused:
        of_all.take(ADA)
    assert refused.value.status == 429
    for give_back in given:
        give_back()
    gevent.joinall(waiting)
    assert [one.successful() for one in waiting].count(True) == AT_ONCE
