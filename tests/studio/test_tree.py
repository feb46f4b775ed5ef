"""The tree in the database: the same bytes come back, changes are revisions, and each can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.console.users import add_user
from bot.errors import Conflict, Invalid, NotFound
from bot.services import load_catalogue
from bot.store.teaching import PhraseRow
from bot.studio import data, index, phrases, tree
from bot.studio.data import Phrase, ServiceSpec

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "nlu_data"
HEATING = Phrase("heating", "三楼整层都是冰的暖气片")


def contents(folder: Path) -> dict[Path, bytes]:
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


async def test_the_whole_tree_comes_back_byte_for_byte(
    maker: async_sessionmaker[AsyncSession], tmp_path: Path
) -> None:
    async with maker.begin() as session:
        number = await data.snapshot(session, tmp_path)
    assert contents(tmp_path) == contents(DATA)
    assert number == 1


async def test_an_added_phrase_is_one_line_and_undo_takes_it_back(
    maker: async_sessionmaker[AsyncSession],
) -> None:
    async with maker.begin() as session:
        before = await tree.files(session, await tree.ready(session))
        made = await data.add_phrases(session, None, [HEATING], "test")
        after = await tree.files(session)
        [path] = [path for path in after if before[path] != after[path]]
        fresh = set(after[path].split("\n")) - set(before[path].split("\n"))
        assert (path, fresh) == ("services/heating.yml", {"    - 三楼整层都是冰的暖气片"})
        again = await data.add_phrases(session, None, [HEATING], "test")
        assert again.number == made.number
        await data.add_phrases(session, None, [Phrase("heating", "后来又加的一句")], "later")
        await data.undo(session, None, made.number)
        assert (await data.phrases_of(session, "heating", HEATING.text)).total == 0
        assert (await data.phrases_of(session, "heating", "后来又加的一句")).total == 1
        with pytest.raises(Conflict):
            await data.undo(session, None, made.number)


async def test_phrases_go_where_a_person_would_write_them(maker: async_sessionmaker[AsyncSession]) -> None:
    wanted = {
        Phrase("heating", "暖气费能不能按天退呢请教", kind="question"): "services/heating.yml",
        Phrase("heating", "你们这帮人暖气都不管", conduct="abuse"): "conduct/abuse.yml",
        Phrase("emergency", "阳台外面全是浓烟火苗", safety="fire"): "safety/fire.yml",
        Phrase("thank", "真是太谢谢小连啦"): "acts/thank.yml",
        Phrase("bus", "三十八路到幸福里不停", ((0, 4, "line"), (5, 8, "estate"))): "services/bus.yml",
    }
    async with maker.begin() as session:
        await data.add_phrases(session, None, list(wanted), "test")
        for phrase, path in wanted.items():
            [row] = (await data.phrases_of(session, phrase.intent, phrase.text)).rows
            assert row.path == path
            assert (row.safety, row.conduct) == (phrase.safety, phrase.conduct)
            assert not phrase.kind or row.kind == phrase.kind
        assert row.marked == "[三十八路](line)到[幸福里](estate)不停"
        assert (await session.get_one(PhraseRow, row.id)).axis == "service"


async def test_what_cannot_be_is_refused(maker: async_sessionmaker[AsyncSession]) -> None:
    wrong = [
        Phrase("no_such_service", "一句话"),
        Phrase("heating", " \n "),
        Phrase("heating", "话", kind="nonsense"),
        Phrase("heating", "一句话", ((0, 9, "estate"),)),
        Phrase("heating", "一句话", ((0, 2, "planet"),)),
        Phrase("heating", "着火", safety="fire"),
    ]
    for phrase in wrong:
        async with maker() as session:
            with pytest.raises(Invalid):
                await data.add_phrases(session, None, [phrase], "test")


async def test_a_new_service_loads_and_removing_brings_back_the_bytes(
    maker: async_sessionmaker[AsyncSession], tmp_path: Path
) -> None:
    spec = ServiceSpec(
        "shared_bikes", "共享单车", "Shared bikes", "乱停、坏车、收费", "交通运输", "transport", "ordinary",
        "complaint", phrases=(Phrase("", "单车堵在路口"), Phrase("", "单车怎么收费: #1", kind="question")),
    )  # fmt: skip
    async with maker.begin() as session:
        before = await tree.files(session, await tree.ready(session))
        made = await data.create_service(session, None, spec)
        await data.snapshot(session, tmp_path)
        assert load_catalogue(tmp_path).service("shared_bikes").title == "共享单车"
        assert (await data.phrases_of(session, "shared_bikes")).total == 2
        with pytest.raises(Conflict):
            await data.create_service(session, None, spec)
        await data.undo(session, None, made.number)
        assert await tree.files(session) == before
        with pytest.raises(NotFound):
            await data.undo(session, None, 999)


async def test_likeness_tells_what_is_there(maker: async_sessionmaker[AsyncSession]) -> None:
    async with maker.begin() as session:
        await data.add_phrases(session, None, [Phrase("heating", "三楼整层都是冰的暖气片没人修")], "")
        hints = await data.likeness(session, "三樓整層都是冰的暖气片，没人修！")
        assert [row.intent for row in hints.same] == ["heating"]
        near = await data.likeness(session, "三楼整层都是冰的暖气片没有人修")
        assert near.near and not near.same
        assert (await data.likeness(session, "今天天气不错适合放风筝去")).same == ()


async def test_rows_are_what_the_files_say(maker: async_sessionmaker[AsyncSession]) -> None:
    async with maker.begin() as session:
        await tree.ready(session)
        rows = await session.scalar(select(func.count(PhraseRow.id)))
        content = await tree.files(session)
        assert (
            rows == sum(len(list(index.rows(p, t))) for p, t in content.items() if index.taught(p)) > 10_000
        )


async def test_what_a_rasa_project_says_of_words_stays_with_them(
    maker: async_sessionmaker[AsyncSession],
) -> None:
    there = '[东湖苑]{"entity": "estate", "role": "to", "value": "东湖"}'
    said = '从[幸福里]{"entity": "estate", "role": "from"}到' + there + "的管道都漏着"
    block = f'version: "3.1"\nnlu:\n- intent: heating\n  examples: |\n    - {said}\n'
    async with maker.begin() as session:
        draft = await tree.begin(session)
        draft.write("imports/far.yml", block)
        await tree.commit(draft, None, "import", "far")
        admin = await add_user(session, "mover", "赵敏", "admin", "mover-password-1", 10)
        [row] = (await data.phrases_of(session, "heating", "的管道都漏着")).rows
        await phrases.move(session, admin, [row.id], {"intent": "water_supply", "kind": "help"})
        [row] = (await data.phrases_of(session, "water_supply", "的管道都漏着")).rows
        assert (row.marked, row.path) == (said, "services/water_supply.yml")
        words = "家门口东湖苑管道漏了"
        marks = ((3, 6, "estate"), (8, 10, "line"))
        await phrases.change(session, admin, row.id, Phrase("water_supply", words, marks, kind="help"))
        [row] = (await data.phrases_of(session, "water_supply", words)).rows
        assert row.marked == f"家门口{there}管道[漏了](line)"
