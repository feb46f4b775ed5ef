"""decide as a table, and what must hold whatever a citizen writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.base import (
    Draft,
    HandOver,
    Lookup,
    RaiseAlarm,
    Say,
    ServiceId,
    TicketStatus,
    Withdraw,
)
from actions.withdraw import NO, YES
from bot.dialogue import Policy, decide
from bot.dialogue.speech import language_of
from bot.dialogue.tickets import lookup_in
from bot.dialogue.types import Decision, Guess, Heard, State, Understanding
from channels.base import Choice
from tests.unit import fake_reader
from tests.unit.fake_desk import NOW
from tests.unit.transcripts import catalogue, remember


def hear(text: str, state: State | None = None, **heard: object) -> Decision:
    understanding = fake_reader.read(text) if text else None
    return decide(
        state or State(),
        Heard(NOW, text=text, understanding=understanding, **heard),  # type: ignore[arg-type]  # by name
        catalogue(),
    )


def guesses(*pairs: tuple[str, float]) -> tuple[Guess, ...]:
    return tuple(Guess(name, confidence) for name, confidence in pairs)


def said(decision: Decision) -> list[str]:
    return [step.key for step in decision.steps if isinstance(step, Say)]


def understood(text: str, services: tuple[Guess, ...], **more: object) -> Heard:
    return Heard(NOW, text=text, understanding=Understanding(text, services, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("services", "first"),
    [
        (guesses(("heating", 0.9)), "begin"),
        (guesses(("heating", 0.46), ("gas_supply", 0.2)), "begin"),
        (guesses(("heating", 0.46), ("gas_supply", 0.42)), "which"),  # the gap rule
        (guesses(("heating", 0.3), ("gas_supply", 0.1)), "which"),  # below the threshold
        (guesses(("heating", 0.05)), "unclear-again"),
        (guesses(("not_a_service", 0.99)), "unclear-again"),
        ((), "unclear-again"),
    ],
)
def test_confidence_decides_between_taking_offering_and_asking(
    services: tuple[Guess, ...], first: str
) -> None:
    decision = decide(State(), understood("家里出了点状况", services), catalogue())
    assert said(decision)[0] == first


def test_beside_a_likely_service_less_likely_ones_are_offered_too() -> None:
    likely = guesses(("heating", 0.3), ("gas_supply", 0.2), ("water_supply", 0.04), ("parking", 0.01))
    decision = decide(State(), understood("家里出了点状况", likely), catalogue())
    asked = next(step for step in decision.steps if isinstance(step, Say) and step.key == "which")
    offered = [choice.payload for choice in asked.choices if choice.payload != "service:none"]
    assert offered == ["service:heating", "service:gas_supply", "service:water_supply"]


def test_the_policy_sets_the_threshold() -> None:
    heard = understood("家里出了点状况", guesses(("heating", 0.5), ("gas_supply", 0.1)))
    assert said(decide(State(), heard, catalogue(), Policy(threshold=0.6)))[0] == "which"
    assert said(decide(State(), heard, catalogue(), Policy(threshold=0.4)))[0] == "begin"


def test_a_stock_server_without_heads_is_enough() -> None:
    ranking = guesses(("ask_progress", 0.9), ("heating", 0.05))
    decision = decide(State(), understood("我反映的那件事到哪一步了", ranking), catalogue())
    assert decision.steps == (TicketStatus(Lookup()),)
    decision = decide(State(), understood("请问暖气费怎么交", guesses(("heating", 0.9))), catalogue())
    assert decision.state.draft is not None
    assert decision.state.draft.kind == "question"


def test_an_emergency_intent_without_a_safety_head_calls_a_person() -> None:
    decision = decide(State(), understood("快来啊", guesses(("emergency", 0.9))), catalogue())
    [step] = decision.steps
    assert isinstance(step, HandOver)
    assert (step.reason, step.urgency) == ("emergency", "emergency")


def test_an_alarm_comes_before_everything() -> None:
    draft = Draft(ServiceId("heating"), "complaint", "暖气不热", {"place": "幸福里小区3栋"})
    for asked in ("place", "confirm", "service", "answered", "change", "ticket:withdraw", ""):
        state = State(draft=draft, asked=asked, pending=("路灯不亮",))
        heard = understood("着火了", (), alarms=("fire",), conduct=guesses(("abuse", 0.99)))
        decision = decide(state, heard, catalogue())
        assert isinstance(decision.steps[0], RaiseAlarm), asked
        assert decision.steps[0].draft.urgency == "emergency"
        assert decision.state.draft is not None, "what was being collected is kept"
        assert decision.state.pending == ("路灯不亮",)


def test_a_new_danger_raises_anew() -> None:
    first = decide(State(), understood("着火了", (), alarms=("fire",)), catalogue())
    second = decide(first.state, understood("我妈晕倒了", (), alarms=("medical",)), catalogue())
    assert isinstance(second.steps[0], RaiseAlarm)
    assert not second.steps[0].already


def test_an_open_request_listens_for_silence_and_a_closed_one_does_not() -> None:
    asked = hear("暖气不热")
    assert asked.wake_after == Policy().silence_seconds
    assert hear("算了", asked.state).wake_after is None
    assert hear("", asked.state, event="silence").wake_after is None
    assert hear("你好").wake_after is None


def test_waiting_changes_nothing_but_that_it_was_said() -> None:
    state = State(draft=Draft(ServiceId("heating"), "help", "暖气不热"), asked="matter", questions=1)
    heard = Heard(NOW, text="不知道怎么说", understanding=Understanding("x", failure="TimeoutError"))
    decision = decide(state, replace(heard, text="屋里很冷很冷"), catalogue())
    assert decision.wait
    assert decision.state == replace(state, told_waiting=True)


@pytest.mark.parametrize(
    ("text", "number", "code"),
    [
        ("LJ2511260001 C0DE01", "LJ2511260001", "C0DE01"),
        ("工单lj2511260001，查询码是abc234，办得怎么样了", "LJ2511260001", "ABC234"),
        ("编号LJ251126-0001密码234567", "LJ2511260001", "234567"),
        ("催一下LJ2511260001", "LJ2511260001", ""),
        ("ＬＪ２５１１２６０００１　Ａ２Ｂ３Ｃ４", "LJ2511260001", "A2B3C4"),
        ("我的电话是13900001111", "", ""),
        ("京A12345违停", "", ""),
    ],
)
def test_number_and_code_are_found_in_the_words(text: str, number: str, code: str) -> None:
    assert lookup_in(text) == Lookup(number, code)


def test_withdrawing_with_number_and_code_is_confirmed_first() -> None:
    asked = hear("撤回LJ2511260001 查询码C0DE01")
    ticket = Lookup("LJ2511260001", "C0DE01")
    assert asked.steps == (Withdraw(ticket, "撤回LJ2511260001 查询码C0DE01"),)
    shown = remember(asked.state, [Say("withdraw-sure", {}, (YES, NO))])
    assert hear("是的", shown).steps == (Withdraw(ticket, "撤回LJ2511260001 查询码C0DE01", sure=True),)
    nothing_found = hear("是的", asked.state)
    assert not [step for step in nothing_found.steps if isinstance(step, Withdraw)]


@pytest.mark.parametrize(
    ("text", "given", "before", "language"),
    [
        ("Hello", None, "zh", "en"),
        ("My water is off since Monday", None, "zh", "en"),
        ("停水了 no water", None, "en", "zh"),
        ("13900001111", None, "en", "en"),
        ("KTV", None, "zh", "zh"),
        ("ok", None, "zh", "zh"),
        ("English", None, "zh", "en"),
        ("中文", None, "en", "zh"),
        ("", "en", "zh", "en"),
    ],
)
def test_the_language_is_that_of_the_words(text: str, given: str | None, before: str, language: str) -> None:
    state = State(language=before, asked="phone")  # type: ignore[arg-type]  # listed above
    assert language_of(state, Heard(NOW, text=text, language=given)) == language  # type: ignore[arg-type]


def test_a_choice_is_meant_by_number_ordinal_label_or_payload() -> None:
    state = State(offered=(Choice("停车", "service:parking"), Choice("@choice-person", "person")))
    for text in ("2", "第二个", "选2", "②", "转人工"):
        assert isinstance(hear(text, state).steps[0], HandOver), text
    assert isinstance(hear("", state, payload="person").steps[0], HandOver)


def test_a_number_that_answers_a_question_is_no_choice() -> None:
    draft = Draft(
        ServiceId("unpaid_wages"), "complaint", "老板欠我们工资", {"employer": "宏远公司", "amount": "2万"}
    )
    state = State(draft=draft, asked="people", tried=("people",), offered=(Choice("跳过", "skip"),))
    decision = hear("1", state)
    assert decision.state.draft is not None
    assert decision.state.draft.details["people"] == "1"


def test_words_of_an_action_are_remembered() -> None:
    words = [
        Say("answer", {"article": "a1"}, (Choice("@choice-helped", "helped:yes:a1"),)),
        Say("receipt", {"number": "LJ1"}),
    ]
    state = remember(State(), words)
    assert (state.article, state.ticket) == ("a1", "LJ1")
    assert state.offered == (Choice("有用", "helped:yes:a1"),)


def test_what_is_read_again_after_a_refusal_is_not_taken_for_anger() -> None:
    heard = Understanding("垃圾三天没人收了", guesses(("refuse", 0.9)), conduct=guesses(("abuse", 0.7)))
    state = State(refused=("refuse",))
    again = decide(state, Heard(NOW, text=heard.text, understanding=heard, queued=True), catalogue())
    assert [step.key for step in again.steps if isinstance(step, Say)][-1] == "which-again"
    fresh = decide(
        State(), Heard(NOW, text="呸", understanding=replace(heard, text="呸", services=())), catalogue()
    )
    assert [step.key for step in fresh.steps if isinstance(step, Say)] == ["calm"]
