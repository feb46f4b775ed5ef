"""Files in and out: foreign Rasa projects, past tickets, exports, and nothing lost on the way."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from bot.studio import exporting, foreign, tree, uploads
from tests.conftest import ROOT, Running
from tests.console.seat import Seat

DATA = "/api/studio/data"
FOREIGN = """# our pizza bot, translated
version: "3.1"
nlu:
- intent: hello
  examples: |
    - 哈喽呀机器人
    - 你们好，有人么

# what people complain of
- intent: heizung
  metadata:
    sentiment: negative
  examples: |
    - 暖气管道[三号楼]{"entity": "room", "role": "where", "value": "3"}漏得厉害
    - 我在[幸福里](estate)，[暖气片](device:radiator)没热过
- intent: pizza
  examples:
  - text: |
      来一个披萨
    metadata:
      size: big
  - text: 两份意面
- synonym: 暖气片
  examples: |
    - 散热器
- regex: phone
  examples: |
    - 1[3-9]\\d{9}
- lookup: device
  examples: |
    - 暖气片
    - 水管
"""
MAPPING = {"hello": "greet", "heizung": "heating", "pizza": ""}


async def send(seat: Seat, path: str, files: dict[str, bytes], status: int = 200, **options: Any) -> Any:
    form = aiohttp.FormData()
    for name, content in files.items():
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
    form.add_field("options", json.dumps(options))
    answer = await seat.client.post(path, data=form, headers={"X-CSRF-Token": seat.csrf})
    text = await answer.text()
    assert answer.status == status, text
    return json.loads(text)


async def project(seat: Seat, files: dict[str, bytes], status: int = 200, **options: Any) -> Any:
    return await send(seat, f"{DATA}/import/project", files, status, **options)


def test_a_foreign_file_keeps_all_but_the_names_of_its_intents() -> None:
    after = foreign.renamed("nlu.yml", FOREIGN, {"hello": "greet", "heizung": "heating", "pizza": "consumer"})
    assert after == FOREIGN.replace("intent: hello", "intent: greet").replace(
        "intent: heizung", "intent: heating"
    ).replace("intent: pizza", "intent: consumer")
    without = yaml.safe_load(foreign.renamed("nlu.yml", FOREIGN, MAPPING))["nlu"]
    wanted = [one for one in yaml.safe_load(FOREIGN)["nlu"] if one.get("intent") != "pizza"]
    assert [
        {**one, "intent": MAPPING[one["intent"]]} if "intent" in one else one for one in wanted
    ] == without


async def test_a_foreign_project_is_looked_at_and_then_stored(
    admin: Seat, tmp_path: Path, running: Running
) -> None:
    files = {"nlu.yml": FOREIGN.encode(), "domain.yml": b"version: '3.1'\nintents: [hello]\n", "a.md": b"# x"}
    seen = await project(admin, files)
    assert {one["name"]: (one["target"], one["count"]) for one in seen["intents"]} == {
        "hello": ("greet", 2),
        "heizung": ("", 2),
        "pizza": ("", 2),
    }
    assert (seen["synonyms"], seen["regexes"], seen["lookups"]) == (1, 1, 1)
    assert seen["passed"] == ["a.md", "domain.yml"] and seen["unknown_tags"] == ["device"]
    assert (await admin.get(f"{DATA}/phrases", search="漏得厉害"))["total"] == 0, "looking stores nothing"
    made = await project(admin, files, store=True, name="pizza", mapping=MAPPING)
    [row] = (await admin.get(f"{DATA}/phrases", search="漏得厉害"))["rows"]
    assert (row["intent"], row["path"]) == ("heating", "imports/pizza.yml")
    assert row["entities"] == [
        {"start": 4, "end": 7, "tag": "room", "role": "where", "group": "", "value": "3"}
    ]
    await project(admin, files, 409, store=True, name="pizza", mapping=MAPPING)
    await project(admin, files, 422, store=True, name="other", mapping={"hello": "moon"})
    await admin.post(f"{DATA}/revisions/{made['revision']}/undo")
    assert (await admin.get(f"{DATA}/phrases", search="漏得厉害"))["total"] == 0


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"version: '3.1'\nnlu:\n- intent: a\n  examples: |\n    - [x](y\n    - [\xe5\xb9\xb8](estate\n", ""),
        (b"nlu:\n- intent: greet\n  examples: |\n    - [\xe5\xb9\xb8](estate) [a](\n", "nlu.yml:4"),
        (b"nlu:\n- intent: greet\n   examples: x\n", "nlu.yml:3"),
        (b"nlu:\n- intent: greet\n  metadata: {category: x}\n  examples: |\n    - a\n", "nlu.yml:2"),
        (b"nlu: 7\n", "nlu.yml:1"),
        (b"- 1\n", "nlu.yml:1"),
        (b"nlu:\n- story: x\n", "nlu.yml:2"),
        ("nlu:\n- intent: greet\n  examples: |\n    - a\u2028- b\n".encode(), "nlu.yml:4"),
    ],
)
async def test_what_is_wrong_is_named_by_file_and_line(content: bytes, where: str, admin: Seat) -> None:
    seen = await project(admin, {"nlu.yml": content})
    assert [f"{one['path']}:{one['line']}" for one in seen["wrong"]][: bool(where)] == [where] * bool(where)
    if where:
        await project(admin, {"nlu.yml": content}, 422, store=True)


@pytest.mark.parametrize(
    "files",
    [{"x.zip": b"PK\x03\x04nonsense"}, {"nlu.md": b"## intent:greet"}, {"a.yml": b"\xff\x00\x81\xfe\xff"}],
)
async def test_what_cannot_be_read_is_refused(files: dict[str, bytes], admin: Seat) -> None:
    await project(admin, files, 422)


def test_an_archive_that_climbs_or_swells_is_harmless() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("../../etc/evil.yml", "nlu: []")
        packed.writestr("project/data/nlu.yml", "nlu: []")
        packed.writestr("project/domain.yml", "intents: []")
    assert set(uploads.texts({"a.zip": out.getvalue()})[0]) == {"data/nlu.yml", "domain.yml"}


async def test_an_export_comes_back_as_it_went(admin: Seat, running: Running, tmp_path: Path) -> None:
    packed = await (await admin.raw("GET", f"{DATA}/export.zip")).read()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = [name.removeprefix("nlu_data/") for name in archive.namelist()]
        assert {name: archive.read(f"nlu_data/{name}") for name in names} == {
            path.relative_to(ROOT / "nlu_data").as_posix(): path.read_bytes()
            for path in (ROOT / "nlu_data").rglob("*")
            if path.is_file()
        }
    assert (await project(admin, {"nlu_data.zip": packed}))["replaced"] == {}
    await project(admin, {"nlu_data.zip": packed}, 409, store=True)
    await admin.post(f"{DATA}/phrases", {"phrases": [{"intent": "tax", "text": "发票抬头开错了重开"}]})
    assert (await project(admin, {"nlu_data.zip": packed}))["replaced"] == {"services/tax.yml": "changed"}
    async with running.world.session.begin() as session:
        first = await exporting.to_folder(session, tmp_path)
        assert len(first.changed) == first.files
        assert (await exporting.to_folder(session, tmp_path)).changed == []
        draft = await tree.begin(session)
        draft.write("knowledge/others.yml", None)
        await tree.commit(draft, None, "edit", "")
        (tmp_path / "mine.yml").write_text("kept")
        assert (await exporting.to_folder(session, tmp_path)).removed == ["knowledge/others.yml"]
        assert (tmp_path / "mine.yml").exists()


CSV = """工单标题,内容,分类,姓名
暖气一直不热,家里供暖半个月都是凉的请处理,供暖不热,张三丰
公交不停站,三十八路司机甩站不停,公交,李四
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_past_tickets_in_every_encoding(encoding: str, admin: Seat) -> None:
    path = f"{DATA}/import/tickets"
    seen = await send(admin, path, {"t.csv": CSV.encode(encoding)})
    assert (seen["rows"], seen["accepted"]) == (2, 2), seen
    assert {one["service"] for one in seen["services"]} == {"heating", "bus"}
    if encoding == "gb18030":
        made = await send(admin, path, {"t.csv": CSV.encode(encoding)}, store=True, name="旧工单")
        [row] = (await admin.get(f"{DATA}/phrases?path=imports/旧工单.yml", intent="bus"))["rows"]
        assert "甩站" in row["text"] and made["accepted"] == 2
        again = await send(admin, path, {"t.csv": CSV.encode()})
        assert again["accepted"] == 0 and again["left"] == {"imported before": 2}
        await send(admin, path, {"t.csv": CSV.encode()}, 422, store=True, name="x")


async def test_whoever_imports_says_what_the_headers_do_not(admin: Seat) -> None:
    path, content = f"{DATA}/import/tickets", CSV.replace("工单标题,内容,分类,姓名", "甲,乙,丙,丁").encode()
    seen = await send(admin, path, {"t.csv": content})
    assert "accepted" not in seen
    assert [(one["name"], one["cells"][0][:5]) for one in seen["file"]["header"]] == [
        ("甲", "暖气一直不"), ("乙", "家里供暖半"), ("丙", "供暖不热"), ("丁", "张三丰"),
    ]  # fmt: skip
    columns = {"title": ["-"], "body": ["乙"], "category": ["丙"], "department": ["-"], "personal": ["丁"]}
    seen = await send(admin, path, {"t.csv": content}, columns=columns)
    assert (seen["accepted"], seen["file"]["columns"]["title"]) == (2, [])
    texts = [example["text"] for one in seen["services"] for example in one["examples"]]
    assert "暖气一直不热" not in str(texts) and "甩站" in str(texts)


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (b"", {}),
        (b"PK\x03\x04xlsx", {}),
        (b"a,b\n1,2\n", {"store": True}),
        (CSV.encode(), {"columns": {"title": ["--yes"]}}),
        (CSV.encode(), {"columns": {"moon": ["x"]}}),
        (CSV.encode(), {"labels": {"冬季": "moon"}}),
        (CSV.encode(), {"most": 0}),
        (CSV.encode(), {"name": "../x"}),
    ],
)
async def test_a_table_that_cannot_be_read_says_why(
    content: bytes, options: dict[str, Any], admin: Seat
) -> None:
    answer = await send(admin, f"{DATA}/import/tickets", {"t.csv": content}, 422, **options)
    assert answer["message"] and "lianxin-tickets" not in answer["message"]


async def test_imports_are_for_admins(supervisor: Seat) -> None:
    await project(supervisor, {"nlu.yml": FOREIGN.encode()}, 403)
    await supervisor.get(f"{DATA}/export.zip", 403)
