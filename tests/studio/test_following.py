"""The running house follows the data: answers at once, services with the model in service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from bot.errors import Invalid
from bot.store.models import ModelVersion, Publication
from bot.store.session import notify
from bot.studio import data, tree
from bot.studio.data import Phrase, ServiceSpec
from bot.world import World
from tests.conftest import until

BIKES = ServiceSpec(
    "shared_bikes", "共享单车", "Shared bikes", "乱停", "交通运输", "transport", "ordinary", "complaint",
    phrases=(Phrase("", "单车堵在路口"),),
)  # fmt: skip
NEWS = """version: 1
articles:
- id: bikes_parking
  questions: [共享单车停在哪里才算规范]
  answer: 停在白线框里就可以。
"""


async def write(world: World, change: Callable[[tree.Draft], Awaitable[None]]) -> int:
    async with world.session.begin() as session:
        draft = await tree.begin(session)
        await change(draft)
        made = await tree.commit(draft, None, "edit", "")
        assert made
        return made.number


async def test_an_article_is_said_without_a_restart(world: World) -> None:
    async def change(draft: tree.Draft) -> None:
        draft.write("knowledge/bikes.yml", NEWS)

    await write(world, change)

    async def said() -> bool:
        found = world.knowledge.search("共享单车停在哪里才算规范", None, "zh", date(2026, 1, 1))
        return bool(found) and found[0].id == "bikes_parking"

    await until(said)


async def test_a_departments_phone_changes_at_once(world: World) -> None:
    old = world.city.departments["street"].phone

    async def change(draft: tree.Draft) -> None:
        text = await draft.read("city/departments.yml")
        draft.write("city/departments.yml", text.replace(f"phone: {old}", "phone: 0999-1234567", 1))

    await write(world, change)

    async def changed() -> bool:
        return world.city.departments["street"].phone == "0999-1234567"

    await until(changed)


async def test_a_new_service_waits_for_its_model(world: World) -> None:
    async with world.session.begin() as session:
        made = await data.create_service(session, None, BIKES)

    async def change(draft: tree.Draft) -> None:
        draft.write("knowledge/bikes.yml", NEWS + "  service: shared_bikes\n")

    await write(world, change)

    async def answers() -> bool:
        return any(entry.service == "shared_bikes" for entry in world.knowledge.entries)

    await until(answers)
    assert world.catalogue.get("shared_bikes") is None

    async with world.session.begin() as session:
        version = ModelVersion(name="lianxin-test", revision=made.number)
        session.add(version)
        await session.flush()
        session.add(Publication(verb="publish", live_id=version.id))
        await notify(session, "models")

    async def known() -> bool:
        return world.catalogue.get("shared_bikes") is not None

    await until(known)


async def test_a_rule_for_danger_waits_for_the_model_that_was_judged_with_it(world: World) -> None:
    said = "阳台那边嘶啦嘶啦怪响"
    assert not world.net.match(said)

    async def change(draft: tree.Draft) -> None:
        text = await draft.read("safety/net.yml")
        start = text.index("    patterns:\n", text.index("  - id: gas_leak\n"))
        place = start + len("    patterns:\n")
        draft.write("safety/net.yml", f"{text[:place]}      - 嘶啦嘶啦怪响\n{text[place:]}")

    number = await write(world, change)
    assert not world.net.match(said)
    async with world.session.begin() as session:
        version = ModelVersion(name="lianxin-judged", revision=number)
        session.add(version)
        await session.flush()
        session.add(Publication(verb="publish", live_id=version.id))
        await notify(session, "models")

    async def heard() -> bool:
        return world.net.match(said) == ("gas_leak",)

    await until(heard)


async def test_rules_that_cannot_be_read_are_refused(world: World) -> None:
    async def change(draft: tree.Draft) -> None:
        draft.write("safety/net.yml", "version: 1\nlimits: {}\nclasses: []\n")

    with pytest.raises(Invalid):
        await write(world, change)
