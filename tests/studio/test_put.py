"""What is laid into the inbox: once per message, without personal data, gravest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.dialogue.types import Entity
from bot.store.conversations import Message
from bot.store.operators import Operator
from bot.store.teaching import Misread
from bot.studio import inbox
from bot.studio.teachable import Mark, teachable
from tests.conftest import Running
from tests.console.seat import citizen

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


async def lying(session: AsyncSession) -> Sequence[Misread]:
    return (await session.scalars(select(Misread).order_by(Misread.id))).all()


async def said(session: AsyncSession, conversation: int) -> Message:
    query = select(Message).where(Message.conversation_id == conversation, Message.author == "citizen")
    return (await session.scalars(query)).one()


async def test_a_message_lies_there_once_whatever_brought_it(running: Running) -> None:
    world = running.world
    key = await citizen(world)
    for source in ("unsure", "unsure", "rated"):
        async with world.session.begin() as session:
            await inbox.put(session, await said(session, key), source)
    async with world.session.begin() as session:
        (row,) = await lying(session)
        assert row.sources == ["unsure", "rated"]
        assert (row.service, row.status, row.model) == ("heating", "open", "m1")
        assert row.guesses[0] == ["heating", 0.91]
        assert "13812345678" not in row.words


async def test_a_correction_reopens_what_was_ignored(running: Running) -> None:
    world = running.world
    key = await citizen(world)
    async with world.session.begin() as session:
        await inbox.put(session, await said(session, key), "unsure")
        (row,) = await lying(session)
        row.status = "ignored"
    async with world.session.begin() as session:
        wang = (await session.scalars(select(Operator).where(Operator.login == "seat1"))).one()
        message = await said(session, key)
        await inbox.put(
            session, message, "corrected", service="water_supply", note="找13812345678", operator=wang
        )
    async with world.session.begin() as session:
        (row,) = await lying(session)
        assert (row.status, row.wanted, row.brought_by, row.urgency) == ("open", "water_supply", wang.id, 1)
        assert row.note == "找138****5678"


@pytest.mark.parametrize(
    ("text", "entities", "words", "marks"),
    [
        ("电话13912345678", (), "电话13800001234", ()),
        ("身份证320102199001011234查一下", (), "身份证查一下", ()),
        (
            "我叫赵小明，幸福里3栋1201没水",
            (
                Entity("person", "赵小明", 2, 5),
                Entity("estate", "幸福里", 6, 9),
                Entity("room", "3栋1201", 9, 15),
            ),
            "我叫张伟，幸福里1栋1001没水",
            (Mark(2, 4, "person"), Mark(5, 8, "estate"), Mark(8, 14, "room")),
        ),
        ("  幸福里\n没水", (Entity("estate", "幸福里", 2, 5),), "幸福里 没水", (Mark(0, 3, "estate"),)),
        ("没水", (Entity("estate", "没水", 5, 9),), "没水", ()),
        (
            "没水了 \n\n在幸福里",
            (Entity("estate", "幸福里", 7, 10),),
            "没水了 在幸福里",
            (Mark(5, 8, "estate"),),
        ),
    ],
)
def test_personal_data_is_made_up(
    text: str, entities: tuple[Entity, ...], words: str, marks: tuple[Mark, ...]
) -> None:
    assert teachable(text, entities) == (words, marks)
