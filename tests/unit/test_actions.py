"""Every verb against a desk in memory: what is done, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from actions import (
    add_detail,
    answer_question,
    ask_redo,
    feedback,
    file_ticket,
    hand_over,
    raise_alarm,
    rate,
    ticket_status,
    urge,
    withdraw,
)
from actions.base import (
    AddDetail,
    AnswerQuestion,
    Article,
    AskRedo,
    Draft,
    Feedback,
    FileTicket,
    HandOver,
    Lookup,
    RaiseAlarm,
    Rate,
    Say,
    ServiceId,
    TicketStatus,
    Urge,
    Withdraw,
)
from bot.words import say
from channels.base import AttachmentId
from tests.unit.fake_desk import NOW, FakeDesk

DRAFT = Draft(ServiceId("street_lights"), "complaint", "路灯不亮", {"place": "解放路128号"})
OWN = Lookup()


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


async def with_tickets(desk: FakeDesk, count: int = 1) -> str:
    """The newest number of some filed tickets."""
    for _ in range(count):
        ticket = await desk.file(DRAFT)
    return ticket.number


def keys(said: list[Say]) -> list[str]:
    for words in said:  # whatever an action says can be said
        assert say("zh", words.key, **words.values)
        assert say("en", words.key, **words.values)
    return [words.key for words in said]


async def test_filing_tells_number_code_department_and_deadline(desk: FakeDesk) -> None:
    said = await file_ticket.run(desk, FileTicket(DRAFT))
    assert keys(said) == ["receipt"]
    text = say("zh", said[0].key, **said[0].values)
    for part in ("LJ2511260001", "C0DE01", "某局", "2025-12-01"):
        assert part in text
    assert said[0].template is not None
    assert said[0].template.name == "receipt"
    assert set(said[0].template.values) == {"number", "code", "service", "deadline"}
    assert desk.drafts["LJ2511260001"] == DRAFT


async def test_filing_in_silence_says_so(desk: FakeDesk) -> None:
    said = await file_ticket.run(desk, FileTicket(DRAFT, because_silent=True))
    assert keys(said) == ["receipt-silent"]


async def test_an_anonymous_receipt_asks_to_keep_the_code(desk: FakeDesk) -> None:
    said = await file_ticket.run(desk, FileTicket(replace(DRAFT, anonymous=True)))
    assert "请记好" in say("zh", said[0].key, **said[0].values)


async def test_status_of_ones_own_ticket_offers_to_urge(desk: FakeDesk) -> None:
    number = await with_tickets(desk)
    said = await ticket_status.run(desk, TicketStatus(OWN))
    assert keys(said) == ["status"]
    assert [choice.payload for choice in said[0].choices] == [f"urge:{number}"]
    assert said[0].template is not None
    assert said[0].template.name == "status"


async def test_status_of_a_late_ticket_admits_it(desk: FakeDesk) -> None:
    await with_tickets(desk)
    desk.now = NOW + timedelta(days=30)
    said = await ticket_status.run(desk, TicketStatus(OWN))
    assert "催办" in say("zh", said[0].key, **said[0].values)


async def test_status_of_an_answered_ticket_asks_whether_it_is_solved(desk: FakeDesk) -> None:
    number = await with_tickets(desk)
    desk.close(number, "answered", "已换灯泡")
    said = await ticket_status.run(desk, TicketStatus(OWN))
    assert "已换灯泡" in say("zh", said[0].key, **said[0].values)
    assert [choice.payload for choice in said[0].choices] == [f"solved:yes:{number}", f"solved:no:{number}"]


async def test_a_stranger_needs_number_and_code(desk: FakeDesk) -> None:
    number = await with_tickets(desk)
    desk.foreign.add(number)
    assert keys(await ticket_status.run(desk, TicketStatus(OWN))) == ["ticket-none"]
    assert keys(await ticket_status.run(desk, TicketStatus(Lookup(number)))) == ["ticket-unknown"]
    assert keys(await ticket_status.run(desk, TicketStatus(Lookup(number, "WRONG1")))) == ["ticket-unknown"]
    assert keys(await ticket_status.run(desk, TicketStatus(Lookup(number, "C0DE01")))) == ["status"]


async def test_with_several_tickets_it_is_asked_which(desk: FakeDesk) -> None:
    newest = await with_tickets(desk, 3)
    said = await urge.run(desk, Urge(OWN, "快点"))
    assert keys(said) == ["ticket-which"]
    assert said[0].choices[0].payload == f"urge:{newest}"
    assert len(said[0].choices) == 3
    assert desk.done("urge") == []


async def test_only_open_tickets_are_offered_for_urging(desk: FakeDesk) -> None:
    await with_tickets(desk, 2)
    desk.close("LJ2511260002")
    assert keys(await urge.run(desk, Urge(OWN))) == ["urged"]
    assert desk.done("urge") == [("LJ2511260001", "")]


async def test_urging_twice_or_too_late(desk: FakeDesk) -> None:
    number = await with_tickets(desk)
    assert keys(await urge.run(desk, Urge(OWN))) == ["urged"]
    assert keys(await urge.run(desk, Urge(OWN))) == ["urged-already"]
    desk.close(number)
    assert keys(await urge.run(desk, Urge(OWN))) == ["urge-closed"]


async def test_adding_goes_to_the_newest(desk: FakeDesk) -> None:
    newest = await with_tickets(desk, 2)
    said = await add_detail.run(desk, AddDetail(OWN, "东边第三根", (AttachmentId("a"),)))
    assert keys(said) == ["added"]
    assert desk.done("add") == [(newest, "东边第三根", "a")]
    desk.close(newest)
    assert keys(await add_detail.run(desk, AddDetail(OWN, "再说一句"))) == ["add-closed"]


async def test_nothing_to_add_to(desk: FakeDesk) -> None:
    assert keys(await add_detail.run(desk, AddDetail(OWN, "x"))) == ["ticket-none"]


async def test_withdrawing_and_too_late(desk: FakeDesk) -> None:
    assert keys(await withdraw.run(desk, Withdraw(OWN))) == ["ticket-none"]
    number = await with_tickets(desk)
    [asked] = await withdraw.run(desk, Withdraw(OWN, "修好了"))
    assert (asked.key, asked.values["number"]) == ("withdraw-sure", number)
    assert desk.done("withdraw") == []
    assert keys(await withdraw.run(desk, Withdraw(OWN, "修好了", sure=True))) == ["withdrawn"]
    assert desk.done("withdraw") == [(number, "修好了")]
    for sure in (False, True):
        assert keys(await withdraw.run(desk, Withdraw(OWN, sure=sure))) == ["withdraw-too-late"]


async def test_rating(desk: FakeDesk) -> None:
    number = await with_tickets(desk)
    assert keys(await rate.run(desk, Rate(OWN, 5))) == ["rate-too-early"]
    desk.close(number)
    assert keys(await rate.run(desk, Rate(OWN, None))) == ["ask-stars"]
    assert keys(await rate.run(desk, Rate(OWN, None, solved=True))) == ["ask-stars"]
    assert keys(await rate.run(desk, Rate(OWN, 5))) == ["rated"]
    assert keys(await rate.run(desk, Rate(OWN, 4))) == ["rated-already"]


async def test_a_bad_rating_offers_a_redo_and_a_person(desk: FakeDesk) -> None:
    number = await with_tickets(desk)
    desk.close(number)
    said = await rate.run(desk, Rate(OWN, 1))
    assert keys(said) == ["rated-sorry"]
    assert [choice.payload for choice in said[0].choices] == [f"redo:{number}", "person"]


async def test_stars_are_typed_as_their_number() -> None:
    assert [choice.payload for choice in rate.stars("LJ1")] == [f"rate:{n}:LJ1" for n in range(1, 6)]


async def test_not_solved_while_it_is_being_handled(desk: FakeDesk) -> None:
    await with_tickets(desk)
    assert keys(await rate.run(desk, Rate(OWN, None, solved=False))) == ["not-solved-open"]


async def test_which_ticket_keeps_the_stars(desk: FakeDesk) -> None:
    await with_tickets(desk, 2)
    said = await rate.run(desk, Rate(OWN, 2))
    assert said[0].choices[0].payload == "rate:2:LJ2511260002"


async def test_redo(desk: FakeDesk) -> None:
    number = await with_tickets(desk)
    assert keys(await ask_redo.run(desk, AskRedo(OWN))) == ["redo-still-open"]
    desk.close(number)
    assert keys(await ask_redo.run(desk, AskRedo(OWN, "还是不亮"))) == ["redo-started"]
    desk.close(number, "withdrawn")
    assert keys(await ask_redo.run(desk, AskRedo(OWN))) == ["redo-impossible"]


async def test_an_answer_comes_with_its_source_and_is_rated(desk: FakeDesk) -> None:
    desk.articles["户口"] = Article(
        "hukou-1", "户口", "去派出所", source="户籍办法", links=("https://a.example",)
    )
    said = await answer_question.run(desk, AnswerQuestion("户口怎么迁", None, draft=DRAFT))
    assert keys(said) == ["answer"]
    text = say("zh", said[0].key, **said[0].values)
    assert "去派出所" in text
    assert "户籍办法" in text
    assert "https://a.example" in text
    assert [choice.payload for choice in said[0].choices] == [
        "helped:yes:hukou-1",
        "helped:no:hukou-1",
        "file",
    ]
    assert desk.done("missed") == []


async def test_an_unknown_answer_is_logged_and_something_else_is_said(desk: FakeDesk) -> None:
    then = Say("answer-later")
    assert await answer_question.run(desk, AnswerQuestion("月亮多大", None, then)) == [then]
    assert await answer_question.run(desk, AnswerQuestion("月亮多大", None)) == []
    assert desk.done("missed") == [("月亮多大",)] * 2


async def test_feedback_is_noted(desk: FakeDesk) -> None:
    assert keys(await feedback.run(desk, Feedback("a1", True))) == ["feedback-yes"]
    assert keys(await feedback.run(desk, Feedback("", False))) == ["feedback-no"]
    assert desk.done("helped") == [("a1", "True")]


@pytest.mark.parametrize(
    "reason",
    ["asked", "misunderstood", "emergency", "anger", "model_down", "failed_turn", "unclear", "complex"],
)
async def test_every_hand_over_has_its_words(desk: FakeDesk, reason: str) -> None:
    said = await hand_over.run(desk, HandOver(reason, note="路灯"))  # type: ignore[arg-type]  # listed above
    assert keys(said)[1:] == ["person-queue"]
    assert desk.done("hand_over") == [(reason, "normal", "路灯")]
    assert said[-1].template is not None
    assert said[-1].template.name == "person"


async def test_off_duty_is_told(desk: FakeDesk) -> None:
    desk.staffed = False
    assert keys(await hand_over.run(desk, HandOver("asked"))) == ["person-asked", "person-off-duty"]


async def test_an_alarm_calls_files_and_rings(desk: FakeDesk) -> None:
    draft = replace(DRAFT, urgency="emergency", safety=("fire",))
    said = await raise_alarm.run(desk, RaiseAlarm(("fire", "medical"), draft))
    assert keys(said) == ["alarm", "receipt-urgent"], "the same number is not said twice"
    assert said[0].values["call"] == "110"
    assert desk.done("alarm") == [("fire", "medical", "LJ2511260001")]
    assert desk.tickets["LJ2511260001"].urgent


async def test_a_standing_alarm_only_gets_the_new_words(desk: FakeDesk) -> None:
    await raise_alarm.run(desk, RaiseAlarm(("fire",), DRAFT))
    more = replace(DRAFT, text="在三楼", details={"place": "幸福里小区"})
    assert keys(await raise_alarm.run(desk, RaiseAlarm(("fire",), more, already=True))) == ["alarm-added"]
    assert len(desk.tickets) == 1
    assert desk.done("add") == [("LJ2511260001", "在三楼 幸福里小区")]
    assert len(desk.done("alarm")) == 2
