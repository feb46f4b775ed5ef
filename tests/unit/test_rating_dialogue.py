"""Stars for a person, and which of the words after them are a rating: a table of decisions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions import rate_seat
from actions.base import RateSeat, Say, Step
from bot.dialogue import decide
from bot.dialogue.types import Heard, State
from bot.words import say
from channels.base import Choice
from tests.unit import fake_reader
from tests.unit.fake_desk import NOW, FakeDesk
from tests.unit.test_dialogue import hear
from tests.unit.transcripts import catalogue

STARS = tuple(Choice(say("zh", f"choice-stars-{n}"), f"seat:{n}:7") for n in range(1, 6))
ASKED = State(offered=STARS)
RATED = State(asked="seat:7")


def rated(steps: tuple[Step, ...]) -> list[tuple[int, int | None, str]]:
    return [(step.handover, step.stars, step.words) for step in steps if isinstance(step, RateSeat)]


@pytest.mark.parametrize(("text", "stars"), [("5", 5), ("1", 1), ("非常满意", 5), ("第三个", 3)])
def test_a_digit_or_a_label_is_the_star(text: str, stars: int) -> None:
    decision = hear(text, ASKED)
    assert rated(decision.steps) == [(7, stars, "")]
    assert decision.state.asked == "seat:7"


def test_words_after_the_stars_are_kept_once() -> None:
    decision = hear("说话挺耐心的就是慢了点", RATED)
    assert rated(decision.steps) == [(7, None, "说话挺耐心的就是慢了点")]
    assert decision.state.asked == ""


@pytest.mark.parametrize(
    "text", ["我家暖气不热，从昨天开始的", "谢谢", "转人工", "我的工单办得怎么样了", "我不想活了"]
)
def test_what_is_no_rating_goes_its_usual_way(text: str) -> None:
    assert rated(hear(text, RATED).steps) == []


@pytest.mark.parametrize("payload", ["seat:9:7", "seat:5", "seat:5:x", f"seat:5:{'9' * 30}", "seat:"])
def test_a_broken_choice_is_no_star(payload: str) -> None:
    heard = Heard(NOW, text="满意", payload=payload, understanding=fake_reader.read("满意"))
    assert rated(decide(replace(ASKED, offered=()), heard, catalogue()).steps) == []


@pytest.mark.parametrize(
    ("step", "key"),
    [
        (RateSeat(7, 5), "seat-rated"),
        (RateSeat(7, 2), "seat-rated-sorry"),
        (RateSeat(7, None, "慢"), "seat-words-noted"),
        (RateSeat(0, 5), "nothing-open"),
    ],
)
async def test_what_is_answered(step: RateSeat, key: str) -> None:
    answers = await rate_seat.run(FakeDesk(), step)
    assert [answer.key for answer in answers if isinstance(answer, Say)] == [key]
