"""More than one model at a time: each request says who reads it, models arrive over HTTP, nothing waits."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from aiohttp import ClientSession

from nlu.reading.engine import ModelError
from nlu.serving import archive
from nlu.serving.models import Served
from tests.conftest import ROOT, _wait, some_port, until
from tests.nlu.small_model import write_model
from tests.nlu.test_serving import serving

TEXT = {"text": "暖气不热"}


async def test_each_request_says_which_model_reads_it(tmp_path: Path) -> None:
    write_model(tmp_path)
    write_model(tmp_path, "two", serve=False)
    async with serving(tmp_path) as client:
        for name, wanted in (("", "id-lianxin-one"), ("two", "id-two"), ("lianxin-one", "id-lianxin-one")):
            answer = await client.post("/model/parse", params={"model": name} if name else {}, json=TEXT)
            assert (await answer.json())["model_id"] == wanted
        batch = await client.post("/model/parse/batch", params={"model": "two"}, json=[TEXT, TEXT])
        assert {one["model_id"] for one in await batch.json()} == {"id-two"}


async def test_a_model_that_is_not_there_is_404_and_a_broken_one_409(tmp_path: Path) -> None:
    write_model(tmp_path)
    broken = write_model(tmp_path, "broken", serve=False)
    (broken / "reader" / "weights.npy").write_bytes(b"x")
    async with serving(tmp_path) as client:
        for name, status in (("three", 404), ("../lianxin-one", 200), ("broken", 409), ("..", 404)):
            answer = await client.post("/model/parse", params={"model": name}, json=TEXT)
            assert answer.status == status, name
        assert (await client.post("/model/parse", json=TEXT)).status == 200


async def test_a_model_travels(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for place in (here, there):
        place.mkdir()
        write_model(place)
    write_model(here, "two", serve=False)
    async with serving(here) as one, serving(there) as other:
        packed = await (await one.get("/models/two")).read()
        assert (await other.put("/models/two", data=packed)).status == 201
        assert (await other.put("/models/two", data=packed)).status == 204
        answer = await other.post("/model/parse", params={"model": "two"}, json=TEXT)
        assert (await answer.json())["model_id"] == "id-two"
        assert (await other.put("/held", json={"models": ["two"]})).status == 204
        assert (await other.delete("/models/two")).status == 400  # in use
        assert (await other.put("/held", json={"models": []})).status == 204
        assert (await other.delete("/models/two")).status == 204
        assert (await (await other.get("/models")).json())["stored"] == ["lianxin-one"]


def _roll(folder: Path) -> list[list[str]]:
    return [json.loads(p.read_text()) for p in (folder / ".loaded").iterdir() if not p.name.startswith(".")]


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if ".loaded" not in path.parts]


def _tar(**members: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"no archive",
        _tar(**{"model.json": b"{}"}),
        _tar(**{"../outside": b"x"}),
        _tar(**{"/etc/outside": b"x"}),
        _tar(**{"model.json": b"{}", "reader/../../x": b"x"}),
    ],
)
async def test_what_is_no_model_leaves_nothing_behind(tmp_path: Path, sent: bytes) -> None:
    write_model(tmp_path / "models")
    before = _files(tmp_path)
    async with serving(tmp_path / "models") as client:
        assert (await client.put("/models/two", data=sent)).status == 400
        assert (await client.post("/model/parse", json=TEXT)).status == 200
        assert _files(tmp_path) == before


async def test_half_a_model_is_refused(tmp_path: Path) -> None:
    write_model(tmp_path)
    packed = archive.pack(write_model(tmp_path / "other", "two"))
    async with serving(tmp_path) as client:
        assert (await client.put("/models/two", data=packed[: len(packed) // 2])).status == 400
        assert (await (await client.get("/models")).json())["stored"] == ["lianxin-one"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"models": 1}', b'{"models": [1]}'])
async def test_a_wrong_list_of_held_models_is_refused(tmp_path: Path, body: bytes) -> None:
    write_model(tmp_path)
    async with serving(tmp_path) as client:
        assert (await client.put("/held", data=body)).status == 400
        assert (await client.put("/held", json={"models": ["nobody"]})).status == 404


async def test_one_model_alone_takes_no_other(tmp_path: Path) -> None:
    served = Served(write_model(tmp_path))
    with pytest.raises(ModelError):
        served.hold(["two"])
    with pytest.raises(ModelError):
        await served.get("two")


async def test_every_process_holds_a_model_before_anybody_is_told(tmp_path: Path) -> None:
    """Two processes on one port: what `loaded` names, each of them answers with at once."""
    write_model(tmp_path)
    write_model(tmp_path, "two", serve=False)
    port = some_port()
    words = [sys.executable, "-m", "nlu.server", "--model", str(tmp_path), "--port", str(port)]
    process = subprocess.Popen(  # noqa: ASYNC220  # our own words
        [*words, "--processes", "2"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        _wait(f"http://127.0.0.1:{port}/status", process)
        async with ClientSession(f"http://127.0.0.1:{port}") as http:
            (await http.put("/held", json={"models": ["two"]})).raise_for_status()

            async def told() -> bool:
                async with http.get("/models") as answer:
                    return "two" in (await answer.json())["loaded"]

            await until(told)

            async def both() -> bool:
                return [("two" in one) for one in _roll(tmp_path)] == [True, True]

            await until(both)
    finally:
        process.terminate()
        process.wait(20)
