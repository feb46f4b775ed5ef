"""The vectors on disk: nothing is encoded twice, and what is broken is made anew."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bot.knowledge import Entry
from tests.knowledge.sample import ENTRIES, Concepts, Make, ready


async def test_the_second_start_encodes_nothing(make: Make) -> None:
    await ready(make(Concepts()))
    encoder = Concepts()
    assert make(encoder).by_meaning
    assert encoder.seen == []


async def test_only_new_texts_are_encoded(make: Make) -> None:
    await ready(make(Concepts()))
    encoder = Concepts()
    changed = Entry("wages", ENTRIES[0].questions, "新答案。", "Call 12333.")
    more = (changed, *ENTRIES[1:], Entry("more", ("落户要几天",), "三天。"))
    await ready(make(encoder, more))
    assert encoder.seen == ["新答案。", "落户要几天", "三天。"]


async def test_another_encoder_starts_afresh(make: Make) -> None:
    first, second = Concepts(), Concepts("other")
    await ready(make(first))
    await ready(make(second))
    assert first.seen == second.seen


async def test_a_broken_file_is_made_anew(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "v" / "vectors.npz"
    file.parent.mkdir()
    for rubbish in (b"", b"PK\x03\x04 rubbish", b"\x93NUMPY rubbish"):
        file.write_bytes(rubbish)
        await ready(make(Concepts()))
        assert make(Concepts()).by_meaning


async def test_closing_while_computing_ends_soon_and_keeps_what_is_done(make: Make) -> None:
    many = [Entry(f"e{n}", (f"工资问题第{n}",), "答。") for n in range(48)]
    slow = Concepts(delay=0.01)
    knowledge = make(slow, many)
    await asyncio.sleep(0.2)
    began = time.monotonic()
    knowledge.close()
    assert time.monotonic() - began < 1
    assert 16 <= len(slow.seen) < 48
    rest = Concepts()
    await ready(make(rest, many))
    assert not set(rest.seen) & set(slow.seen)
    assert set(rest.seen) | set(slow.seen) == {"答。"} | {entry.questions[0] for entry in many}
