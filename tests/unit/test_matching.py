"""Who is offered what, as a table: urgency, waiting time, load, skills, and what waives them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.seats.matching import Free, Waits, able, match

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def seat(operator: int, load: int = 0, capacity: int = 3, idle: int = 0, **more: object) -> Free:
    return Free(operator, load, capacity, NOW - timedelta(minutes=idle), **more)  # type: ignore[arg-type]


def waits(handover: int, seconds: int = 10, rank: int = 0, **more: object) -> Waits:
    return Waits(handover, rank, NOW - timedelta(seconds=seconds), **more)  # type: ignore[arg-type]


def matched(waiting: list[Waits], seats: list[Free], patience: float = 60) -> list[tuple[int, int]]:
    return match(waiting, seats, NOW, patience)


def test_the_least_loaded_comes_first_then_who_was_idle_longest() -> None:
    assert matched([waits(1)], [seat(1, 2), seat(2, 1), seat(3, 1, idle=5)]) == [(1, 3)]
    assert matched([waits(1)], [seat(1, 2, capacity=10), seat(2, 1, capacity=2)]) == [(1, 1)]


def test_one_at_a_time_in_the_order_of_the_queue() -> None:
    assert matched([waits(1), waits(2), waits(3)], [seat(1), seat(2)]) == [(1, 1), (2, 2)]


def test_who_is_full_or_asked_already_is_not_asked() -> None:
    assert matched([waits(1)], [seat(1, 3), seat(2, asked=True)]) == []


def test_a_skill_binds_and_who_has_none_takes_everything() -> None:
    heating = {"service": "heating", "category": "utilities", "language": "zh", "channel": "web"}
    wages = seat(1, skills={"service": {"unpaid_wages"}})
    utilities = seat(2, 2, skills={"category": {"utilities"}})
    english = seat(3, skills={"language": {"en"}})
    assert [able(one, heating) for one in (wages, utilities, english, seat(4))] == [False, True, False, True]
    assert matched([waits(1, wants=heating)], [wages, utilities, english]) == [(1, 2)]
    assert able(wages, {"service": "", "language": "zh"})  # nobody knows yet what it is about


def test_a_skill_that_is_there_but_full_is_waited_for_until_patience_ends() -> None:
    english = {"language": "en"}
    seats = [seat(1, 3, skills={"language": {"en"}}), seat(2, skills={"language": {"zh"}})]
    assert matched([waits(1, 30, wants=english)], seats) == []
    assert matched([waits(1, 61, wants=english)], seats) == [(1, 2)]
    assert matched([waits(1, 30, rank=2, wants=english)], seats) == [(1, 2)]


def test_a_skill_that_nobody_there_has_is_not_waited_for() -> None:
    assert matched([waits(1, wants={"language": "en"})], [seat(2, skills={"language": {"zh"}})]) == [(1, 2)]


def test_a_wanted_person_is_waited_for_and_passed_over_once_they_refuse() -> None:
    seats = [seat(1), seat(2, 3)]
    assert matched([waits(1, person=2)], seats) == []
    assert matched([waits(1, person=2, refused={2})], seats) == [(1, 1)]
    assert matched([waits(1, 61, person=2)], seats) == [(1, 1)]
    assert matched([waits(1, person=9)], seats) == [(1, 1)]


def test_a_wanted_group_comes_first_while_one_of_it_is_there() -> None:
    seats = [seat(1), seat(2, 1, groups={7})]
    assert matched([waits(1, group=7)], seats) == [(1, 2)]
    assert matched([waits(1, group=8)], seats) == [(1, 1)]


def test_who_left_it_a_moment_ago_is_not_asked_again() -> None:
    assert matched([waits(1, refused={1}), waits(2)], [seat(1)]) == [(2, 1)]
